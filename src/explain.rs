//! An explanation: where a request would go and what would be sent, as JSON. Nothing is sent for it.
//!
//! [`crate::exchange::explain`] makes that of a call, [`crate::catalogue::Catalogue::explain`] that of a list, both by the
//! code that sends: up to the credentials, in whose place there are words, and no further.

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::clients::Caller;
use crate::error::{Error, Kind, Result};
use crate::headers::Headers;

/// How a client asks for one.
const HEADER: &str = "x-isthmus-explain";

pub(crate) const OBJECT: &str = "isthmus.explanation";
/// What is said where nobody else would be asked.
pub(crate) const HERE: &str = "answered here";

/// Whether a caller wants an explanation instead of an answer, and may have it: it tells of addresses and deployments,
/// which are nobody's business but the owner's and his clients'.
pub fn is_wanted(headers: &Headers, caller: &Caller) -> Result<bool> {
    let Some(value) = headers.get(HEADER) else {
        return Ok(false);
    };
    match value.trim().to_ascii_lowercase().as_str() {
        "" | "0" | "false" | "no" => Ok(false),
        "1" | "true" | "yes" if caller.has_key() => Ok(true),
        "1" | "true" | "yes" => Err(Error::new(
            Kind::Forbidden,
            "explain_not_allowed",
            "Only a caller with a client key of this gateway may ask for an explanation. Send one, or run \
             `isthmus check --model NAME` on the owner's machine.",
        )),
        // Whoever wrote something else meant something by it, and an answer costs money.
        _ => Err(Error::bad_request(
            "invalid_header",
            "The header x-isthmus-explain should be 1 or 0.",
        )),
    }
}

/// An explanation as it goes to the client. It may change with the next refusal.
pub fn answer<Body>(explanation: &Value) -> Answer<Body> {
    let mut answer = Answer::json(200, explanation.to_string());
    answer.headers.push("cache-control", "no-store");
    answer
}

/// The head of a request that would be sent.
pub(crate) fn request(method: &str, url: &str, headers: &Headers) -> Map<String, Value> {
    let mut shown = Map::new();
    for (name, value) in headers.iter() {
        match shown.get_mut(name) {
            Some(Value::String(values)) => *values = format!("{values}, {value}"),
            _ => {
                shown.insert(name.to_owned(), value.into());
            }
        }
    }
    let mut request = Map::new();
    request.insert("method".to_owned(), method.into());
    request.insert("url".to_owned(), url.into());
    request.insert("headers".to_owned(), shown.into());
    request
}

/// Why nothing would be sent, as the client would read it.
pub(crate) fn problem(error: &Error) -> Value {
    json!(format!("{}: {}", error.word(), error.message))
}
