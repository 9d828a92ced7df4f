//! The error in a body, whichever of the shapes it has.
//!
//! `{"error": {...}}` of the service, of its gateway and of Azure's libraries; `{"statusCode", "message"}` of API
//! Management; flat `{"status", "code", "message", "detail"}` of model inference; `{"detail"}` of `FastAPI`;
//! `{"error": "..."}` of Entra; JSON inside a message (litellm#11696); `{"status": "..."}`; pages and nothing.

use serde_json::{Map, Value};

use crate::json::without_mark;

use super::{QUOTED, cut};

/// What a body says is wrong. Null, empty and missing are the same.
#[derive(Default)]
pub struct Fault {
    pub message: Option<String>,
    /// OpenAI's `type`.
    pub kind: Option<String>,
    pub param: Value,
    pub code: Option<String>,
    /// Azure's own members, under their own names.
    pub extras: Map<String, Value>,
}

/// Both spellings are in use.
const INNER: [&str; 2] = ["innererror", "inner_error"];

/// Of a body that is the error itself, what clients know; the rest is an envelope's.
const KNOWN_EXTRAS: [&str; 6] = [
    "status",
    "innererror",
    "inner_error",
    "content_filters",
    "target",
    "details",
];

/// Where it happened is not the client's to know.
const TOPOLOGY: [&str; 2] = ["environment", "location"];

impl Fault {
    pub fn said(&self) -> &str {
        self.message.as_deref().unwrap_or_default()
    }

    pub fn code(&self) -> &str {
        self.code.as_deref().unwrap_or_default()
    }

    /// The codes further inside, outermost first.
    pub fn inner_codes(&self) -> impl Iterator<Item = &str> {
        let mut next = inner(&self.extras);
        std::iter::from_fn(move || {
            let current = next?;
            next = inner(current);
            Some(
                current
                    .get("code")
                    .and_then(Value::as_str)
                    .unwrap_or_default(),
            )
        })
    }
}

fn inner(of: &Map<String, Value>) -> Option<&Map<String, Value>> {
    INNER.iter().find_map(|name| of.get(*name)?.as_object())
}

pub fn read(body: &[u8]) -> Fault {
    let body = without_mark(body);
    match serde_json::from_slice(body) {
        Ok(Value::Object(whole)) => of_object(whole, body),
        Ok(Value::String(message)) => saying(filled(&message)),
        _ => saying(page(body)),
    }
}

fn saying(message: Option<String>) -> Fault {
    Fault {
        message,
        ..Fault::default()
    }
}

fn of_object(mut whole: Map<String, Value>, body: &[u8]) -> Fault {
    match whole.shift_remove("error") {
        Some(Value::Object(error)) => nested(error),
        Some(Value::String(word)) if !word.is_empty() => {
            let message = text(&whole, &["error_description", "message"]).unwrap_or(word);
            Fault {
                message: Some(message),
                ..flat(whole)
            }
        }
        _ => {
            let fault = flat(whole);
            let message = fault.message.or_else(|| page(body));
            Fault { message, ..fault }
        }
    }
}

fn nested(mut error: Map<String, Value>) -> Fault {
    let mut fault = members(&error);
    error.retain(|name, _| !TOPOLOGY.contains(&name.as_str()));
    for name in ["message", "type", "param", "code"] {
        error.shift_remove(name);
    }
    fault.extras = error;
    fault
}

/// The body is the error. A `status` in words is all that some gateways say.
fn flat(mut whole: Map<String, Value>) -> Fault {
    let mut fault = members(&whole);
    if fault.message.is_none() {
        fault.message = text(&whole, &["status", "title"]);
    } else if whole.contains_key("message") {
        // What is wrong in detail is kept beside a message of its own.
        fault.extras.extend(whole.shift_remove_entry("detail"));
    }
    whole.retain(|name, value| {
        KNOWN_EXTRAS.contains(&name.as_str()) && !(name == "status" && value.is_string())
    });
    fault.extras.extend(whole);
    fault
}

fn members(error: &Map<String, Value>) -> Fault {
    let own = text(error, &["message", "Message"]);
    let inside = own.as_deref().and_then(object);
    let detail = inside
        .as_ref()
        .and_then(|inside| inside.get("detail"))
        .or_else(|| error.get("detail"));
    let from_inside = inside.as_ref().and_then(|inside| {
        let error = inside.get("error").and_then(Value::as_object);
        let flat = inside.get("detail").and_then(flatten);
        flat.or_else(|| text(error.unwrap_or(inside), &["message"]))
    });
    Fault {
        message: from_inside
            .or(own)
            .or_else(|| detail.and_then(flatten))
            .or_else(|| further_inside(error)),
        // The name of an event, or the address of a problem's description (RFC 9457), is no kind of error.
        kind: text(error, &["type"]).filter(|kind| kind != "error" && !kind.contains(':')),
        param: match error.get("param") {
            None | Some(Value::Null) => detail.and_then(place).into(),
            Some(param) => param.clone(),
        },
        code: error.get("code").and_then(Value::as_str).and_then(filled),
        extras: Map::new(),
    }
}

/// What Azure's libraries put into `details` and `innererror`.
fn further_inside(error: &Map<String, Value>) -> Option<String> {
    let details = error.get("details").and_then(Value::as_array);
    let first = details.and_then(|details| details.first()?.as_object());
    [first, inner(error)]
        .into_iter()
        .flatten()
        .find_map(|it| text(it, &["message"]))
}

/// What a validator complains of: `where: what`, of each, or a sentence.
fn flatten(detail: &Value) -> Option<String> {
    match detail {
        Value::String(detail) => filled(detail),
        Value::Array(items) => {
            let lines: Vec<String> = items.iter().filter_map(flatten).collect();
            filled(&lines.join("; "))
        }
        Value::Object(item) => {
            let said = text(item, &["msg", "message"])?;
            Some(match place(detail) {
                Some(place) => format!("{place}: {said}"),
                None => said,
            })
        }
        _ => None,
    }
}

/// The field at fault, below the body: `messages.0.content`.
fn place(detail: &Value) -> Option<String> {
    let item = match detail {
        Value::Array(items) => items.iter().find(|item| item.get("loc").is_some())?,
        item => item,
    };
    let steps = item.get("loc")?.as_array()?.iter();
    let steps: Vec<String> = steps.map(words).collect();
    let below = match steps.split_first() {
        Some((first, below)) if first == "body" => below,
        _ => steps.as_slice(),
    };
    filled(&below.join("."))
}

fn text(of: &Map<String, Value>, names: &[&str]) -> Option<String> {
    let said = |name: &&str| match of.get(*name)? {
        Value::Null | Value::Number(_) | Value::Bool(_) => None,
        value => filled(&words(value)),
    };
    names.iter().find_map(said)
}

fn words(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn filled(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

fn object(text: &str) -> Option<Map<String, Value>> {
    if !text.starts_with('{') {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// Of a page its title, of anything else its beginning.
fn page(body: &[u8]) -> Option<String> {
    let body = String::from_utf8_lossy(body);
    let body = body.trim();
    if !body.contains(char::is_alphanumeric) {
        return None;
    }
    if !body.starts_with('<') {
        return filled(&cut(body, QUOTED));
    }
    let lower = body.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let length = lower.get(start..)?.find("</title>")?;
    filled(&cut(body.get(start..start + length)?, QUOTED))
}
