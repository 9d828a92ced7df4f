//! One choice of a chunk.

use crate::gemini::compat::calls::{Calls, Owner};
use crate::gemini::compat::{is_blank, reason};
use crate::json::{Patch, Value};
use crate::platform::Edit;

const ASSISTANT: &str = r#""assistant""#;

/// What a choice has come to.
pub(super) struct Seen {
    pub index: u64,
    /// Its first delta, which has the role, went out.
    has_begun: bool,
    pub is_finished: bool,
    calls: Calls,
}

impl Seen {
    pub fn new(index: u64) -> Self {
        Self {
            index,
            has_begun: false,
            is_finished: false,
            calls: Calls::default(),
        }
    }
}

/// A choice's number, or else its place.
pub(super) fn index(choice: Value<'_>, position: usize) -> u64 {
    let index = choice.get("index").and_then(Value::as_u64);
    index.unwrap_or(u64::try_from(position).unwrap_or(u64::MAX))
}

pub(super) fn repair(choice: Value<'_>, seen: &mut Seen, id: &str, edits: &mut Vec<Edit>) {
    if !choice.is_object() {
        return;
    }
    let mut patch = Patch::of(choice);
    if patch.get("index").and_then(Value::as_u64).is_none() {
        patch.set("index", &seen.index.to_string());
    }
    let an_object = |name: &str| patch.get(name).filter(|it| it.is_object());
    match (an_object("delta"), an_object("message")) {
        (Some(delta), _) => repair_delta(delta, seen, id, edits),
        // A whole message, where streaming is only played at.
        (None, Some(message)) => {
            patch.remove("delta");
            patch.rename("message", "delta");
            repair_delta(message, seen, id, edits);
        }
        (None, None) if seen.has_begun => patch.set("delta", "{}"),
        (None, None) => patch.set("delta", &format!(r#"{{"role":{ASSISTANT}}}"#)),
    }
    seen.has_begun = true;
    if let Some(finish) = patch.get("finish_reason").filter(|it| !it.is_null()) {
        repair_finish(finish, seen, &mut patch);
    }
    edits.extend(patch.edits());
}

fn repair_finish(finish: Value<'_>, seen: &mut Seen, choice: &mut Patch<'_>) {
    if is_blank(Some(finish)) {
        return choice.set("finish_reason", "null");
    }
    seen.is_finished = true;
    if let Some(reason) = reason::instead(finish, seen.calls.are_there()) {
        choice.set("finish_reason", reason);
    }
}

fn repair_delta(delta: Value<'_>, seen: &mut Seen, id: &str, edits: &mut Vec<Edit>) {
    let mut patch = Patch::of(delta);
    let role = patch.get("role");
    let has_role = !is_blank(role);
    if has_role && role.is_some_and(|it| !it.is("assistant")) || !has_role && !seen.has_begun {
        patch.set("role", ASSISTANT);
    } else if !has_role {
        patch.remove("role");
    }
    patch.retain(|name, value| name != "tool_calls" || !(value.is_null() || value.is_empty()));
    edits.extend(patch.edits());
    let owner = Owner {
        id,
        choice: seen.index,
    };
    let calls = delta.get("tool_calls").into_iter();
    for call in calls.flat_map(Value::elements) {
        seen.calls.repair(call, owner, edits);
    }
}
