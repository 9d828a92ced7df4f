//! Google's dialect: what it sends Google takes, and what its answers hold comes back to Google.

mod asked;
mod client;
mod requests;
mod rules;
mod talk;
mod there_and_back;

use isthmus::error::Error;
use isthmus::gemini::lessons::Lessons;
use isthmus::gemini::{self, Encoded, Manner, Request};
use isthmus::surface::Operation;
use serde_json::Value;

fn encode(manner: &Manner, model: &str, request: &Value) -> Result<Encoded, Error> {
    let text = request.to_string();
    gemini::encode(
        manner,
        &Request {
            operation: Operation::Chat,
            text: text.as_bytes(),
            content_type: "application/json",
            asked: model,
            model,
            lessons: Lessons::default(),
            fetched: &[],
        },
    )
}

fn body(encoded: &Encoded) -> Value {
    let body = &encoded.requests.first().expect("a request").body;
    serde_json::from_slice(body)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(body)))
}
