//! What has to be fetched before a conversation can be told.

use super::media;
use crate::json::{Fields, Value};

/// A request may only cause so many of ours.
const MOST: usize = 16;

/// The addresses in the conversation that have to be fetched here, each once.
pub fn remote(messages: Option<Value<'_>>) -> Vec<String> {
    let mut found = Vec::new();
    let messages = messages.into_iter().flat_map(Value::elements);
    let contents = messages.filter_map(|message| message.get("content"));
    for part in contents.flat_map(Value::elements) {
        let address = media::web_address(&Fields::of(part));
        let new = address.filter(|address| !found.iter().any(|it| it == address));
        found.extend(new.map(std::borrow::Cow::into_owned));
        if found.len() == MOST {
            break;
        }
    }
    found
}
