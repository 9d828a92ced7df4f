//! `GET /v1/models` of servers that speak OpenAI's API, and what they add to it.

mod item;
pub mod time;
mod words;

use crate::json::Value;
use crate::listed::{Listed, MOST};

pub use item::{Item, finish, head};
pub use time::seconds;

/// A list of ten thousand models that says more is cut to what is known to be read.
const MAX_MEMBERS: usize = 6 << 20;

/// How much of an item travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    All,
    /// What is known to be read.
    Known,
}

/// Reads the items of one kind of server.
pub struct Reader {
    /// Whether a list shows it. What is asked for by name is told whatever it is.
    pub is_shown: fn(&Item<'_>) -> bool,
    pub read: fn(&Item<'_>, Keep) -> Option<Listed>,
}

/// The models of a list, or a single one.
pub fn read(pages: &[Vec<u8>]) -> Option<Vec<Listed>> {
    const PLAIN: Reader = Reader {
        is_shown: |_| true,
        read: |item, keep| {
            let id = item.id()?;
            let owner = item.owner().unwrap_or("unknown".into());
            Some(item.listed(id, &owner, keep))
        },
    };
    read_as(&PLAIN, pages)
}

/// The same, by whoever knows how the items are written.
pub fn read_as(reader: &Reader, pages: &[Vec<u8>]) -> Option<Vec<Listed>> {
    let listed = items(reader, pages, Keep::All)?;
    let size: usize = listed.iter().map(|it| it.members.len()).sum();
    if size > MAX_MEMBERS {
        return items(reader, pages, Keep::Known);
    }
    Some(listed)
}

fn items(reader: &Reader, pages: &[Vec<u8>], keep: Keep) -> Option<Vec<Listed>> {
    let mut listed = Vec::new();
    for page in pages {
        let root = Value::first(page)?;
        if let Some(list) = list(root) {
            let items = list.elements().filter(|it| it.is_object()).map(Item::of);
            let shown = items.filter(|item| (reader.is_shown)(item));
            let read = shown.filter_map(|item| (reader.read)(&item, keep));
            listed.extend(read.take((MOST + 1).saturating_sub(listed.len())));
        } else {
            listed.push((reader.read)(&Item::of(root), keep)?);
        }
    }
    Some(listed)
}

/// OpenAI's `data`, Microsoft's `value`, others' `models`, or nothing around it; None for what is no list.
fn list(root: Value<'_>) -> Option<Value<'_>> {
    if root.is_array() {
        return Some(root);
    }
    let names = ["data", "value", "models"].into_iter();
    let mut members = names.filter_map(|name| root.get(name));
    // Servers written in Go say null for an empty one.
    let is_empty = |data: &Value<'_>| data.is_null();
    members
        .find(|it| it.is_array())
        .or_else(|| root.get("data").filter(is_empty))
}
