//! A whole answer of a chat.

use crate::dialect::Decoded;
use crate::gemini::errors;
use crate::json::{Patch, Value, apply, sort};
use crate::platform::Edit;
use crate::surface::Operation;

use super::calls::{Owner, repair_whole};
use super::names::{Defaults, Names};
use super::{error_in, reason};

pub fn repair(operation: Operation, body: &[u8], defaults: &Defaults) -> Decoded {
    let Some(root) = Value::first(body).filter(|_| operation == Operation::Chat) else {
        return Decoded::AsItIs;
    };
    if let Some(error) = error_in(root) {
        let (status, _) = errors::of_event(error.raw());
        return Decoded::Refused { status };
    }
    let Some(choices) = root.get("choices").filter(|it| it.is_array()) else {
        return Decoded::AsItIs;
    };
    let mut patch = Patch::of(root);
    Names::of(defaults).fill(&mut patch, "chat.completion");
    let mut edits = patch.edits();
    for (position, choice) in choices.elements().enumerate() {
        repair_choice(choice, position, &defaults.id, &mut edits);
    }
    if edits.is_empty() {
        return Decoded::AsItIs;
    }
    sort(&mut edits);
    Decoded::json(apply(body, &edits))
}

fn repair_choice(choice: Value<'_>, position: usize, id: &str, edits: &mut Vec<Edit>) {
    if !choice.is_object() {
        return;
    }
    let mut patch = Patch::of(choice);
    let index = patch.get("index").and_then(Value::as_u64);
    let position = u64::try_from(position).unwrap_or(u64::MAX);
    if index.is_none() {
        patch.set("index", &position.to_string());
    }
    let message = patch.get("message").filter(|it| it.is_object());
    let calls = message.and_then(|it| it.get("tool_calls"));
    let has_calls = calls.is_some_and(|it| it.elements().next().is_some());
    let finish = patch.get("finish_reason");
    if let Some(reason) = reason::of_whole(finish, has_calls) {
        patch.set("finish_reason", reason);
    }
    let is_filtered = finish.is_some_and(|it| {
        it.as_str()
            .is_some_and(|it| it.starts_with("content_filter"))
    });
    let nothing = if has_calls || is_filtered {
        "null"
    } else {
        r#""""#
    };
    // So it comes where thinking took all of `max_tokens`.
    if message.is_none() {
        let empty = format!(r#"{{"role":"assistant","content":{nothing},"refusal":null}}"#);
        patch.set("message", &empty);
    }
    edits.extend(patch.edits());
    if let Some(message) = message {
        repair_message(message, nothing, edits);
        let choice = index.unwrap_or(position);
        for (number, call) in calls.into_iter().flat_map(Value::elements).enumerate() {
            repair_whole(call, Owner { id, choice }, number, edits);
        }
    }
}

/// OpenAI's schema wants the role and the content; `nothing` is what a message without text has for one.
fn repair_message(message: Value<'_>, nothing: &str, edits: &mut Vec<Edit>) {
    let mut patch = Patch::of(message);
    if patch.get("role").is_none_or(|it| !it.is("assistant")) {
        patch.set("role", r#""assistant""#);
    }
    if !patch.has("content") {
        patch.set("content", nothing);
    }
    patch.retain(|name, value| name != "tool_calls" || !(value.is_null() || value.is_empty()));
    edits.extend(patch.edits());
}
