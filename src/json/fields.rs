//! The members of an object that many questions are put to.

use std::borrow::Cow;

use super::Value;

/// Found in one walk: to look for one of them alone is to pass over the whole conversation.
pub struct Fields<'t>(Vec<(Cow<'t, str>, Value<'t>)>);

impl<'t> Fields<'t> {
    pub fn of(object: Value<'t>) -> Self {
        let named = object.members().map(|(key, value)| {
            let name = key.as_str().unwrap_or_default();
            (name, value)
        });
        Self(named.collect())
    }

    /// One that is there and not null; of several of one name the last counts.
    pub fn get(&self, name: &str) -> Option<Value<'t>> {
        let (_, value) = self.0.iter().rev().find(|(key, _)| key == name)?;
        Some(*value).filter(|value| !value.is_null())
    }
}
