//! Errors that come as events, and the status each would have had as an answer.

use crate::json::Value;
use crate::openai;

use super::chunk::Chunk;

/// The first that fits counts: words of the message, the code or the type, in small letters.
const STATUS_OF: [(&str, u16); 15] = [
    ("content_filter", 400),
    ("responsibleaipolicyviolation", 400),
    ("context_length", 400),
    ("invalid_request", 400),
    ("badrequest", 400),
    ("overloaded", 503),
    ("serviceunavailable", 503),
    ("service_unavailable", 503),
    ("rate limit", 429),
    ("rate_limit", 429),
    ("ratelimit", 429),
    ("too_many_requests", 429),
    ("insufficient_quota", 429),
    ("server_error", 500),
    ("server had an error", 500),
];

/// The status of an error; None where the event is none. Besides OpenAI's `error` these are known: an event named
/// so, vLLM's `"object":"error"`, and API Management's `{"statusCode","message"}`.
pub fn status(chunk: &Chunk<'_>, object: Value<'_>, name: &[u8]) -> Option<u16> {
    let error = match chunk.error() {
        Some(error) => error,
        None if chunk.has_choices() => return None,
        None if name == b"error" || is_flat(object) => object,
        None => return None,
    };
    Some(stated(error).or_else(|| meant(error)).unwrap_or(502))
}

/// What goes to the client: OpenAI's own shape as it came, others in it.
pub fn body(chunk: &Chunk<'_>, status: u16, data: &[u8]) -> Vec<u8> {
    match chunk.error() {
        Some(error) if error.is_object() => data.to_vec(),
        _ => openai::errors::reshape(status, data.to_vec()),
    }
}

fn is_flat(object: Value<'_>) -> bool {
    let is_kind = object.get("object").is_some_and(|it| it.is("error"));
    let has_status = object.get("statusCode").is_some();
    (is_kind || has_status) && object.get("message").is_some_and(Value::is_string)
}

/// A number, or digits in quotes, that is the status of an error.
fn stated(error: Value<'_>) -> Option<u16> {
    ["status", "statusCode", "code"].iter().find_map(|name| {
        let value = error.get(name)?;
        let text = value.as_str();
        let digits = text.as_deref().map_or(value.raw(), str::as_bytes);
        let status = std::str::from_utf8(digits).ok()?.parse().ok()?;
        (400..600).contains(&status).then_some(status)
    })
}

fn meant(error: Value<'_>) -> Option<u16> {
    let said = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
    let text = if error.is_string() {
        error.as_str().unwrap_or_default().into_owned()
    } else {
        [said("code"), said("type"), said("message")].join("\n")
    };
    let text = text.to_ascii_lowercase();
    let mut known = STATUS_OF.iter().filter(|(words, _)| text.contains(words));
    known.next().map(|(_, status)| *status)
}
