//! Whether an event holds what a client would show, or act on. What is not understood does: it is never held back.

use crate::json::Value;

/// Chunks of a chat, and of legacy completions.
const CHUNKS: [&str; 2] = ["chat.completion.chunk", "text_completion"];

pub fn is_in(object: Value<'_>) -> bool {
    if let Some(choices) = object.get("choices").filter(|it| it.is_array()) {
        // None at all: the filter's findings in the prompt, or the usage.
        return choices.elements().any(is_in_choice);
    }
    if let Some(kind) = object.get("type").and_then(Value::as_str) {
        return !is_quiet(&kind, object);
    }
    let kind = object.get("object").and_then(Value::as_str);
    !kind.is_some_and(|kind| CHUNKS.contains(&kind.as_ref()))
}

fn is_in_choice(choice: Value<'_>) -> bool {
    choice
        .members()
        .any(|(name, value)| match name.as_str().as_deref() {
            Some("delta") if value.is_object() => is_in_delta(value),
            Some("delta" | "text" | "message" | "finish_reason") => is_something(value),
            // A number, probabilities, what a filter found.
            _ => false,
        })
}

/// Whoever speaks has said nothing by that. All else is said: text, a refusal, reasoning under its several names, calls
/// of tools, sound.
fn is_in_delta(delta: Value<'_>) -> bool {
    let mut members = delta.members();
    members.any(|(name, value)| !name.is("role") && is_something(value))
}

/// Events of the Responses API that say no more than that it works, and those of servers that keep a connection open.
fn is_quiet(kind: &str, event: Value<'_>) -> bool {
    match kind {
        "response.created" | "response.queued" | "response.in_progress" | "keepalive" | "ping" => {
            true
        }
        "response.output_item.added" => event.get("item").is_some_and(is_empty_item),
        "response.content_part.added" | "response.reasoning_summary_part.added" => {
            let text = event.get("part").and_then(|part| part.get("text"));
            text.is_some_and(Value::is_empty)
        }
        _ => false,
    }
}

/// A message or a train of thought that has yet to begin. A call of a tool has a name already.
fn is_empty_item(item: Value<'_>) -> bool {
    let is_of_words = item
        .get("type")
        .is_some_and(|kind| kind.is("message") || kind.is("reasoning"));
    let is_said = |name: &str| item.get(name).is_some_and(is_something);
    is_of_words && !is_said("content") && !is_said("summary")
}

fn is_something(value: Value<'_>) -> bool {
    !value.is_null() && !value.is_empty()
}
