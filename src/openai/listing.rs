//! `GET /v1/models` of servers that speak OpenAI's API, and what they add to it.

use crate::json::{Value, compact};
use crate::listed::Listed;

/// The models of a list, or a single one. Some servers answer with a bare array.
pub fn read(pages: &[Vec<u8>]) -> Option<Vec<Listed>> {
    let mut listed = Vec::new();
    for page in pages {
        let root = Value::first(page)?;
        let data = root.get("data").filter(|it| it.is_array());
        match data.or(Some(root).filter(|it| it.is_array())) {
            Some(list) => listed.extend(list.elements().filter_map(model)),
            None => listed.push(model(root)?),
        }
    }
    Some(listed)
}

fn model(item: Value<'_>) -> Option<Listed> {
    let id = item.get("id")?.as_str()?.into_owned();
    let others = item.members().filter(|(name, _)| !name.is("id"));
    let members = others.map(|(name, value)| compact(name.raw()) + ":" + &compact(value.raw()));
    let members: Vec<String> = members.collect();
    Some(Listed {
        id,
        members: members.join(","),
    })
}
