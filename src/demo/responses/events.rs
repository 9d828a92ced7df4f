//! The stream of a response: named events, each with the next `sequence_number`.

use serde_json::{Map, Value, json};

use crate::sse;

use super::{Answer, part};

/// OpenAI ends this stream with its last event; ours all end with `[DONE]`, which its SDKs accept.
pub(super) fn stream(answer: &Answer<'_>) -> String {
    let mut events = Events::default();
    let started = answer.started();
    let text = answer.spoken.text();
    events.send("response.created", &json!({"response": started}));
    events.send("response.in_progress", &json!({"response": started}));
    let item = answer.item("in_progress", None);
    let item = json!({"output_index": 0, "item": item});
    events.send("response.output_item.added", &item);
    match &answer.call {
        Some(call) => events.send_arguments(answer, &call.name, &text),
        None => events.send_text(answer, &text),
    }
    let item = answer.item(answer.status(), Some(&text));
    let item = json!({"output_index": 0, "item": item});
    events.send("response.output_item.done", &item);
    let last = format!("response.{}", answer.status());
    events.send(&last, &json!({"response": answer.finished()}));
    events.stream
}

#[derive(Default)]
struct Events {
    stream: String,
    sequence: u64,
}

impl Events {
    fn send_text(&mut self, answer: &Answer<'_>, text: &str) {
        let place = json!({"item_id": answer.item_id(), "output_index": 0, "content_index": 0});
        let at_place = |rest: Value| join(&place, rest);
        let added = at_place(json!({"part": part("")}));
        self.send("response.content_part.added", &added);
        for piece in &answer.spoken.pieces {
            let delta = at_place(json!({"delta": piece, "logprobs": []}));
            self.send("response.output_text.delta", &delta);
        }
        let done = at_place(json!({"text": text, "logprobs": []}));
        self.send("response.output_text.done", &done);
        let done = at_place(json!({"part": part(text)}));
        self.send("response.content_part.done", &done);
    }

    fn send_arguments(&mut self, answer: &Answer<'_>, name: &str, arguments: &str) {
        let place = json!({"item_id": answer.item_id(), "output_index": 0});
        for piece in &answer.spoken.pieces {
            let delta = join(&place, json!({"delta": piece}));
            self.send("response.function_call_arguments.delta", &delta);
        }
        let done = join(&place, json!({"name": name, "arguments": arguments}));
        self.send("response.function_call_arguments.done", &done);
    }

    fn send(&mut self, kind: &str, fields: &Value) {
        let head = json!({"type": kind, "sequence_number": self.sequence});
        let event = join(&head, fields.clone());
        sse::write_named(&mut self.stream, kind, &event.to_string());
        self.sequence += 1;
    }
}

/// The fields of both objects, in this order.
fn join(first: &Value, second: Value) -> Value {
    let mut all = first.as_object().cloned().unwrap_or_default();
    let second = match second {
        Value::Object(second) => second,
        _ => Map::new(),
    };
    all.extend(second);
    Value::Object(all)
}
