//! Fragments of tool calls, which serverless models send whole and without their numbers.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::json::{self, Value};

use super::changes::{Changes, is_blank};
use super::choice::Findings;

/// More than any model calls at once; what comes beyond shares the last number.
const MAX_CALLS: usize = 1024;

/// The calls of one choice in the order of their appearance, each as a digest of its id.
/// Always `ids.len() <= MAX_CALLS`.
#[derive(Default)]
pub struct Calls {
    ids: Vec<u64>,
    /// Of the last fragment: one without an id goes on with it.
    last: usize,
}

impl Calls {
    fn number(&mut self, id: Option<&str>, begins: bool) -> usize {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let digest = hasher.finish();
        let known = match id {
            Some(_) => self.ids.iter().position(|it| *it == digest),
            None => (!begins && !self.ids.is_empty()).then_some(self.last),
        };
        if known.is_none() && self.ids.len() < MAX_CALLS {
            self.ids.push(digest);
        }
        self.last = known.unwrap_or(self.ids.len().saturating_sub(1));
        self.last
    }
}

/// Gives a fragment its number and its type, and its arguments as text.
pub fn repair(call: Value<'_>, calls: &mut Calls, found: &mut Findings) {
    let (mut index, mut id, mut kind, mut function) = (None, None, None, None);
    for (key, value) in call.members().filter(|(_, value)| !value.is_null()) {
        match key.as_str().as_deref() {
            Some("index") => index = Some(value),
            Some("id") => id = Some(value),
            Some("type") => kind = Some(value),
            Some("function") => function = Some(value),
            _ => {}
        }
    }
    if !call.is_object() {
        return;
    }
    let id = id.and_then(Value::as_str).filter(|it| !it.is_empty());
    let mut changes = Changes::of(call);
    if index.is_none() {
        found.is_single = true;
        let begins = function.is_some_and(|it| !is_blank(it.get("name")));
        let number = calls.number(id.as_deref(), begins);
        changes.set("index", &number.to_string());
    }
    if id.is_some() && is_blank(kind) {
        changes.set("type", "\"function\"");
    }
    found.edits.extend(changes.edits());
    if let Some(function) = function {
        write_arguments(function, found);
    }
}

/// Arguments that came as an object, as the text OpenAI's clients put together and parse.
pub fn write_arguments(function: Value<'_>, found: &mut Findings) {
    let Some(arguments) = function.get("arguments") else {
        return;
    };
    if arguments.is_string() {
        return found.text(arguments);
    }
    let text = match arguments.raw() {
        b"null" => String::new(),
        raw => json::compact(raw),
    };
    let text = json::quoted(&text);
    found.edits.push(json::replace(arguments, text));
}
