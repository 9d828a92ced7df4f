//! OpenAI's chat in Anthropic's Messages and back, rule by rule.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]
#![allow(
    clippy::too_many_lines,
    clippy::needless_pass_by_value,
    reason = "a table is as long as its rules, and made of values"
)]

mod answer;
mod content;
mod conversation;
mod errors;
mod fields;
mod stream;
mod thinking;
mod tools;

use isthmus::anthropic::request::{self, Encoded};
use isthmus::error::Error;
use serde_json::{Value, json};

fn encode_for(model: &str, request: &Value) -> Result<Encoded, Error> {
    request::encode(request.to_string().as_bytes(), model)
}

fn body_for(model: &str, request: &Value) -> Value {
    let encoded = encode_for(model, request).unwrap_or_else(|error| panic!("{request}: {error:?}"));
    serde_json::from_slice(&encoded.body).expect("JSON")
}

fn body(request: &Value) -> Value {
    body_for("claude-sonnet-4-5", request)
}

fn refusal(request: &Value) -> Error {
    match encode_for("claude-sonnet-4-5", request) {
        Err(error) => error,
        Ok(encoded) => panic!(
            "{request} became {}",
            String::from_utf8_lossy(&encoded.body)
        ),
    }
}

/// A request that says hello, with some more fields.
fn hello(more: Value) -> Value {
    let mut request = json!({"model": "m", "messages": [{"role": "user", "content": "hi"}]});
    let Value::Object(more) = more else {
        panic!("fields")
    };
    request.as_object_mut().unwrap().extend(more);
    request
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}
