//! OpenAI's clients, as far as they matter to a conversation.

use serde_json::{Value, json};

/// As OpenAI's SDKs put deltas together: texts are joined, items of lists go by their index.
pub(super) fn assembled(stream: &str) -> Value {
    let mut message = json!({});
    for line in stream
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("data: "))
    {
        if line != "[DONE]" {
            let chunk: Value = serde_json::from_str(line).expect("JSON");
            add(&mut message, &chunk["choices"][0]["delta"]);
        }
    }
    for call in message["tool_calls"].as_array_mut().into_iter().flatten() {
        call.as_object_mut().unwrap().remove("index");
    }
    message
}

fn add(sum: &mut Value, delta: &Value) {
    match (&mut *sum, delta) {
        (_, Value::Null) => {}
        (Value::String(sum), Value::String(delta)) if delta != "assistant" => sum.push_str(delta),
        (Value::Object(sum), Value::Object(delta)) => {
            for (name, value) in delta {
                add(sum.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(sum), Value::Array(delta)) => {
            for item in delta {
                match sum.iter_mut().find(|it| it["index"] == item["index"]) {
                    Some(known) => add(known, item),
                    None => sum.push(item.clone()),
                }
            }
        }
        (sum, delta) => *sum = delta.clone(),
    }
}

/// Leaves what OpenAI's message has.
pub(super) fn forget(message: &mut Value) {
    let keep = |object: &mut Value, names: &[&str]| {
        if let Some(object) = object.as_object_mut() {
            object.retain(|name, _| names.contains(&name.as_str()));
        }
    };
    keep(
        message,
        &["role", "content", "refusal", "tool_calls", "function_call"],
    );
    keep(&mut message["function_call"], &["name", "arguments"]);
    for call in message["tool_calls"].as_array_mut().into_iter().flatten() {
        keep(call, &["id", "type", "function", "custom"]);
    }
}
