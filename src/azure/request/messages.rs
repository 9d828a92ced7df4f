//! The messages of a chat. A message that stays as it is costs one walk over its members.

use crate::azure::family::Instructions;
use crate::azure::lessons::Lesson;
use crate::azure::request::brought::Brought;
use crate::azure::request::{Draft, content};
use crate::json::{self, Patch, Value};
use crate::platform::Edit;

/// What other programs keep in a message; strict servers: `Extra inputs are not permitted`.
const FOREIGN: [&str; 4] = [
    "reasoning_content",
    "thinking_blocks",
    "provider_specific_fields",
    "cache_control",
];

pub(super) fn repair(draft: &mut Draft<'_, '_>) {
    let rules = Rules::of(draft);
    for messages in draft.body.values("messages") {
        let mut brought = Brought::default();
        for message in messages.elements() {
            rules.repair(message, &mut brought, &mut draft.inside);
        }
        draft.inside.extend(brought.message());
    }
}

/// What holds for all messages of a request.
struct Rules {
    developer: Option<&'static str>,
    system: Option<&'static str>,
    is_strict: bool,
    /// A message that only calls tools has to have a content.
    needs_content: bool,
}

impl Rules {
    fn of(draft: &Draft<'_, '_>) -> Self {
        let instructions = instructions(draft);
        Self {
            developer: match instructions {
                Instructions::User => Some("user"),
                Instructions::System => Some("system"),
                Instructions::Developer | Instructions::Either => None,
            },
            system: match instructions {
                Instructions::User => Some("user"),
                // The same to these models, but not in one request.
                Instructions::Developer if says(draft, "developer") => Some("developer"),
                _ => None,
            },
            is_strict: draft.is_strict(),
            // `'content' is a required property`
            needs_content: draft.is_before(2024, 9, 1),
        }
    }

    fn repair(&self, message: Value<'_>, brought: &mut Brought, edits: &mut Vec<Edit>) {
        let mut has_foreign = false;
        let mut content = None;
        let mut is_tools = false;
        let mut calls_tools = false;
        for (key, value) in message.members() {
            match key.as_str().unwrap_or_default().as_ref() {
                "role" => {
                    is_tools = value.is("tool");
                    edits.extend(self.role(value));
                }
                "content" => content = Some(value),
                "tool_calls" => {
                    calls_tools = true;
                    if self.is_strict {
                        drop_indexes(value, edits);
                    }
                }
                name => has_foreign |= FOREIGN.contains(&name),
            }
        }
        if is_tools {
            brought.pass(message);
        } else {
            edits.extend(brought.message());
        }
        if let Some(content) = content {
            let taken = is_tools.then(|| brought.take(content, self.is_strict));
            match taken.flatten() {
                Some(edit) => edits.push(edit),
                None => content::repair(content, self.is_strict, edits),
            }
        }
        let lacks_content = self.needs_content && calls_tools && content.is_none();
        let has_too_much = self.is_strict && has_foreign;
        if lacks_content || has_too_much {
            let mut patch = Patch::of(message);
            if lacks_content {
                patch.set("content", "null");
            }
            if has_too_much {
                patch.retain(|name, _| !FOREIGN.contains(&name));
            }
            edits.extend(patch.edits());
        }
    }

    fn role(&self, role: Value<'_>) -> Option<Edit> {
        let other = match role.as_str()?.as_ref() {
            "developer" => self.developer,
            "system" => self.system,
            _ => None,
        };
        Some(json::replace(role, json::quoted(other?)))
    }
}

fn says(draft: &Draft<'_, '_>, role: &str) -> bool {
    let mut messages = draft.body.values("messages").flat_map(Value::elements);
    messages.any(|message| message.get("role").is_some_and(|it| it.is(role)))
}

/// Who gives the instructions to this model here.
fn instructions(draft: &Draft<'_, '_>) -> Instructions {
    if draft.lessons.has(Lesson::NoSystem) {
        return Instructions::User;
    }
    match draft.traits.instructions {
        Instructions::User => Instructions::User,
        _ if draft.lessons.has(Lesson::NoDeveloper) => Instructions::System,
        Instructions::Either if draft.is_before(2024, 12, 1) || draft.is_inference() => {
            Instructions::System
        }
        other => other,
    }
}

/// `unknown field: parameter index is not a valid field` (Mistral): what a client kept of a stream's deltas.
fn drop_indexes(calls: Value<'_>, edits: &mut Vec<Edit>) {
    for call in calls.elements() {
        if call.get("index").is_some() {
            let mut patch = Patch::of(call);
            patch.remove("index");
            edits.extend(patch.edits());
        }
    }
}
