//! Errors that come as events, and the status each would have had as an answer.

use crate::json::Value;

use super::errors;

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

/// An event that is an error: the status it deserves, and its body as an answer of its own.
pub fn of_event(object: Value<'_>, name: &[u8]) -> Option<(u16, Vec<u8>)> {
    if let Some(error) = member(object) {
        return Some((status_of(error), whole(object, error)));
    }
    if object
        .get("type")
        .is_some_and(|it| it.is("response.failed"))
    {
        return Some(of_response(object));
    }
    let is_chunk = object.get("choices").is_some_and(|it| !it.is_null());
    let is_named = name == b"error" || object.get("type").is_some_and(|it| it.is("error"));
    if is_chunk || !(is_named || is_flat(object)) {
        return None;
    }
    Some((status_of(object), whole(object, object)))
}

/// What is an error besides OpenAI's `error`: vLLM's `"object":"error"`, and API Management's
/// `{"statusCode","message"}`.
pub fn is_flat(object: Value<'_>) -> bool {
    let is_kind = object.get("object").is_some_and(|it| it.is("error"));
    let has_status = object.get("statusCode").is_some();
    (is_kind || has_status) && object.get("message").is_some_and(Value::is_string)
}

/// The status that an error deserves.
pub fn status_of(error: Value<'_>) -> u16 {
    stated(error).or_else(|| meant(error)).unwrap_or(502)
}

/// The error in OpenAI's place for one, and not a null or something empty there.
fn member(object: Value<'_>) -> Option<Value<'_>> {
    let may_be_one = |it: &Value<'_>| it.is_object() || it.is_string();
    let error = object.get("error").filter(may_be_one);
    error.filter(|it| !it.is_empty())
}

/// The Responses API says within the response what went wrong.
fn of_response(object: Value<'_>) -> (u16, Vec<u8>) {
    match object.get("response").and_then(member) {
        Some(error) => {
            let body = [br#"{"error":"#, error.raw(), b"}"].concat();
            let status = status_of(error);
            (status, errors::reshape(status, body))
        }
        None => (502, errors::reshape(502, Vec::new())),
    }
}

/// What goes to the client: OpenAI's own shape as it came, others in it.
fn whole(object: Value<'_>, error: Value<'_>) -> Vec<u8> {
    errors::reshape(status_of(error), object.raw().to_vec())
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
