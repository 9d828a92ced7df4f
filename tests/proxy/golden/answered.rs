//! What a client got, beside what was recorded.

use isthmus::sse::Decoder;
use serde_json::Value;

use crate::fake::Got;
use crate::golden::matching::differs;

pub fn status(got: &Got, wanted: &Value) -> Result<(), String> {
    let status = Value::from(got.status());
    differs(&wanted["status"], Some(&status), "status")
        .map_err(|problem| format!("{problem}: {}", String::from_utf8_lossy(got.bytes())))
}

/// The `body` as JSON, and the `events`.
pub fn content(got: &Got, wanted: &Value) -> Result<(), String> {
    if !wanted["body"].is_null() {
        let body = serde_json::from_slice(got.bytes()).ok();
        differs(&wanted["body"], body.as_ref(), "body")?;
    }
    if !wanted["events"].is_null() {
        let events = Decoder::default().push(got.bytes()).unwrap().into_iter();
        let data = events
            .map(|event| serde_json::from_str(&event.data).unwrap_or(Value::String(event.data)));
        let events: Value = data.collect();
        differs(&wanted["events"], Some(&events), "events")?;
    }
    Ok(())
}
