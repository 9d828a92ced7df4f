//! A whole answer as the events of a stream, for a client that asked for one where the upstream gave none:
//! early reasoning models, and API Management when it buffers.

use crate::json::{Patch, Value, apply, compact, quoted, sort};
use crate::sse;

/// Members that each chunk repeats.
const HEAD: [&str; 5] = [
    "id",
    "created",
    "model",
    "system_fingerprint",
    "service_tier",
];

/// Azure's members of an answer that its first chunk carries, as Azure's own streams do.
const FIRST: [&str; 2] = ["prompt_filter_results", "prompt_annotations"];

/// Of an answer that a dialect has [decoded](crate::dialect::Dialect::decode); None if it is no completion. The usage is a chunk of its own,
/// for who asked for it.
pub fn as_events(text: &[u8], include_usage: bool) -> Option<Vec<u8>> {
    let root = Value::first(text)?;
    let choices = root.get("choices").filter(|it| it.is_array())?;
    let chunks = Chunks::of(root, choices);
    let mut first = picked(root, &FIRST);
    let mut out = String::new();
    for choice in choices.elements() {
        let index = choice.get("index").map_or(&b"0"[..], Value::raw);
        let index = String::from_utf8_lossy(index);
        let (body, end) = if chunks.is_chat {
            (delta(choice), r#""delta":{}"#)
        } else {
            (String::new(), r#""text":"""#)
        };
        let content = format!(
            r#"{{"index":{index}{body}{},"finish_reason":null}}"#,
            rest(choice)
        );
        chunks.write(&mut out, &content, &std::mem::take(&mut first));
        let reason = choice.get("finish_reason").filter(|it| !it.is_null());
        let reason = reason.map_or(&br#""stop""#[..], Value::raw);
        let reason = String::from_utf8_lossy(reason);
        let content = format!(r#"{{"index":{index},{end},"finish_reason":{reason}}}"#);
        chunks.write(&mut out, &content, "");
    }
    if include_usage {
        chunks.write(&mut out, "", &(first + &picked(root, &["usage"])));
    }
    sse::write_done(&mut out);
    Some(out.into_bytes())
}

/// A whole response as the event that ends its stream, which holds all of it; None if it is no response.
pub fn as_last_event(text: &[u8]) -> Option<Vec<u8>> {
    let root = Value::first(text)?;
    if !root.get("object").is_some_and(|it| it.is("response")) {
        return None;
    }
    let status = root.get("status").and_then(Value::as_str);
    let unfinished = |it: &&str| ["failed", "incomplete", "queued", "in_progress"].contains(it);
    let kind = status.as_deref().filter(unfinished).unwrap_or("completed");
    let response = compact(root.raw());
    let mut out = String::new();
    let data = format!(r#"{{"type":"response.{kind}","sequence_number":0,"response":{response}}}"#);
    sse::write_named(&mut out, &format!("response.{kind}"), &data);
    Some(out.into_bytes())
}

/// What all chunks of an answer share.
struct Chunks {
    is_chat: bool,
    head: String,
}

impl Chunks {
    fn of(root: Value<'_>, choices: Value<'_>) -> Self {
        let is_chat = choices.elements().all(|it| it.get("text").is_none());
        let object = if is_chat {
            "chat.completion.chunk"
        } else {
            "text_completion"
        };
        let head = format!(r#""object":{}{}"#, quoted(object), picked(root, &HEAD));
        Self { is_chat, head }
    }

    fn write(&self, out: &mut String, choices: &str, more: &str) {
        let chunk = format!(r#"{{{},"choices":[{choices}]{more}}}"#, self.head);
        // In one line: not every client joins the lines of an event.
        sse::write_data(out, &compact(chunk.as_bytes()));
    }
}

/// The message as a delta: nulls go, as in a stream, except the one that says there is no text.
fn delta(choice: Value<'_>) -> String {
    let Some(message) = choice.get("message").filter(|it| it.is_object()) else {
        return r#","delta":{}"#.to_owned();
    };
    // As a text of its own: its edits are counted from its beginning.
    let text = message.raw();
    let Some(message) = Value::first(text) else {
        return String::new();
    };
    let mut patch = Patch::of(message);
    patch.retain(|name, value| name == "content" || !value.is_null());
    if patch
        .get("role")
        .is_none_or(|it| it.is_null() || it.is_empty())
    {
        patch.set("role", &quoted("assistant"));
    }
    let mut edits = patch.edits();
    let calls = message.get("tool_calls");
    let calls = calls.iter().flat_map(|calls| calls.elements());
    for (index, call) in calls.filter(|it| it.is_object()).enumerate() {
        let mut patch = Patch::of(call);
        patch.set("index", &index.to_string());
        edits.extend(patch.edits());
    }
    sort(&mut edits);
    format!(
        r#","delta":{}"#,
        String::from_utf8_lossy(&apply(text, &edits))
    )
}

/// All else a choice says: its text, its probabilities, the content filter's annotations.
fn rest(choice: Value<'_>) -> String {
    let is_written = |name: &str| matches!(name, "index" | "message" | "finish_reason");
    members(choice, |name| !is_written(name))
}

fn picked(root: Value<'_>, names: &[&str]) -> String {
    members(root, |name| names.contains(&name))
}

/// Members as they stand, each with a comma in front.
fn members(of: Value<'_>, wanted: impl Fn(&str) -> bool) -> String {
    let mut out = String::new();
    for (name, value) in of.members() {
        if name.as_str().is_some_and(|it| wanted(&it)) {
            out.push(',');
            out.push_str(&String::from_utf8_lossy(name.raw()));
            out.push(':');
            out.push_str(&String::from_utf8_lossy(value.raw()));
        }
    }
    out
}
