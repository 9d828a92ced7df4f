//! A model as a list names it.

use crate::json::{Value, quoted};

/// Of one upstream; the largest marketplaces list hundreds. Who reads a list reads one more: a longer one is refused.
pub const MOST: usize = 20_000;

/// One model of an upstream's list, in OpenAI's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What the upstream calls it.
    pub id: String,
    /// Its other members, as they stand between the braces: `"object":"model","created":0,"owned_by":"x"` and whatever
    /// more is known. JSON without a line break.
    pub members: String,
}

impl Listed {
    /// The item of a list, under a name of ours.
    pub fn under(&self, id: &str) -> String {
        item(id, &self.members)
    }
}

/// An item of OpenAI's list.
pub fn item(id: &str, members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    ["{\"id\":", &quoted(id), comma, members, "}"].concat()
}

/// The members alone as an object.
pub fn object(members: &str) -> String {
    ["{", members, "}"].concat()
}

/// One member of such.
pub fn member<T>(members: &str, name: &str, read: impl Fn(Value<'_>) -> Option<T>) -> Option<T> {
    let object = object(members);
    let value = Value::first(object.as_bytes())?.get(name)?;
    (!value.is_null()).then(|| read(value)).flatten()
}
