//! The conversation, as far as Google's endpoints stumble over it.

use crate::gemini::model::{Family, Model};
use crate::json::{Patch, Value, member};

use super::{Draft, keep};

/// What AI Studio's endpoint knows of a message. Clients send back what an answer had: reasoning, annotations.
const OF_A_MESSAGE: [&str; 9] = [
    "role",
    "content",
    "name",
    "tool_calls",
    "tool_call_id",
    "function_call",
    "refusal",
    "audio",
    "extra_content",
];
const OF_A_CALL: [&str; 4] = ["id", "type", "function", "extra_content"];

/// Gemini 3 refuses to go on from a call without its signature; this stands for one that the client lost.
const UNSIGNED: &str = r#"{"google":{"thought_signature":"skip_thought_signature_validator"}}"#;

pub(super) fn repair(draft: &mut Draft<'_, '_>) {
    let family = Model::of(draft.model, draft.host).family;
    let signs = matches!(family, Family::Gemini(major, _) if major >= 3);
    let messages = draft.get("messages").into_iter();
    for message in messages.flat_map(Value::elements) {
        if message.is_object() {
            repair_message(message, signs, draft);
        }
    }
}

fn repair_message(message: Value<'_>, signs: bool, draft: &mut Draft<'_, '_>) {
    let mut patch = Patch::of(message);
    // Theirs are system, user, assistant, tool and function.
    let role = patch.get("role").filter(|it| it.is("developer"));
    if role.is_some() {
        patch.set("role", r#""system""#);
    }
    let calls = patch.get("tool_calls");
    if draft.is_strict() {
        keep(&mut patch, &OF_A_MESSAGE);
    }
    draft.inside.extend(patch.edits());
    let calls = calls.into_iter().flat_map(Value::elements);
    for (number, call) in calls.filter(|it| it.is_object()).enumerate() {
        repair_call(call, signs && number == 0, draft);
    }
}

/// Of calls that were made together the first is signed.
fn repair_call(call: Value<'_>, must_be_signed: bool, draft: &mut Draft<'_, '_>) {
    let mut patch = Patch::of(call);
    if must_be_signed && !is_signed(call) {
        patch.set("extra_content", UNSIGNED);
    }
    if draft.is_strict() {
        keep(&mut patch, &OF_A_CALL);
    }
    draft.inside.extend(patch.edits());
}

fn is_signed(call: Value<'_>) -> bool {
    let Some(extra) = member(call, "extra_content") else {
        return false;
    };
    let by = |host: &str| {
        let signature = member(extra, host).and_then(|it| member(it, "thought_signature"));
        signature.is_some_and(|it| it.is_string() && !it.is_empty())
    };
    by("google") || by("vertex")
}
