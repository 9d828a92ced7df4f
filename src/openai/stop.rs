//! Where an answer is to end: `stop`.

use crate::error::{Result, invalid};
use crate::json::Value;

/// The strings a request names: one, or a list of them.
pub fn sequences(stop: Option<Value<'_>>) -> Result<Vec<Value<'_>>> {
    let all: Vec<_> = match stop {
        Some(list) if list.is_array() => list.elements().collect(),
        one => one.into_iter().collect(),
    };
    if all.iter().all(|it| it.is_string()) {
        Ok(all)
    } else {
        Err(invalid("stop", "a string or an array of strings"))
    }
}
