//! Errors as OpenAI's clients know them: `{"error": {"message", "type", "param", "code"}}`.

use serde_json::{Map, Value, json};

use crate::surface::Operation;

/// Enough of a page that is not JSON to see what it was; a proxy's error page can be long.
const QUOTED: usize = 2000;

/// Brings an upstream's refusal into OpenAI's shape. One that has it already stays as it is, to the byte; one
/// that lacks a field gets it; other shapes (`{"detail"}`, `{"message"}`, a string, a page) are wrapped.
pub fn reshape(status: u16, body: Vec<u8>) -> Vec<u8> {
    let Ok(Value::Object(mut whole)) = serde_json::from_slice::<Value>(&body) else {
        return wrap(status, &quote(&body), Map::new());
    };
    match whole.get_mut("error") {
        Some(Value::Object(error)) if error.get("message").is_some_and(Value::is_string) => {
            if complete(status, error) {
                return Value::Object(whole).to_string().into_bytes();
            }
            body
        }
        Some(Value::String(message)) => {
            let message = std::mem::take(message);
            whole.remove("error");
            wrap(status, &message, whole)
        }
        _ => {
            let message = ["message", "detail", "error", "errors"]
                .iter()
                .find_map(|key| whole.get(*key))
                .map_or_else(|| quote(&body), text);
            wrap(status, &message, whole)
        }
    }
}

/// Adds the fields an error object lacks; says whether it lacked any.
fn complete(status: u16, error: &mut Map<String, Value>) -> bool {
    let before = error.len();
    if !error.contains_key("type") {
        error.insert("type".to_owned(), error_type(status).into());
    }
    for key in ["param", "code"] {
        error.entry(key).or_insert(Value::Null);
    }
    error.len() != before
}

/// Whatever the upstream said beside its message travels inside the error.
fn wrap(status: u16, message: &str, rest: Map<String, Value>) -> Vec<u8> {
    let message = match message.trim() {
        "" => format!("The upstream answered {status} and nothing else."),
        message => message.to_owned(),
    };
    let mut error = Map::new();
    error.insert("message".to_owned(), message.into());
    error.insert("type".to_owned(), error_type(status).into());
    for key in ["param", "code"] {
        error.insert(
            key.to_owned(),
            rest.get(key).cloned().unwrap_or(Value::Null),
        );
    }
    for (key, value) in rest {
        error.entry(key).or_insert(value);
    }
    json!({ "error": error }).to_string().into_bytes()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn quote(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.trim().chars().take(QUOTED).collect()
}

fn error_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

/// What a client is told when a stream breaks. The blank line in front ends whatever was cut; the Responses
/// API names its events and has an error event of its own.
pub fn broken_stream(operation: Operation) -> &'static str {
    match operation {
        Operation::Responses => concat!(
            "\n\nevent: error\n",
            r#"data: {"type":"error","code":"upstream_stream_broken","#,
            r#""message":"The upstream's stream broke before its end.","param":null,"sequence_number":0}"#,
            "\n\ndata: [DONE]\n\n"
        ),
        _ => concat!(
            "\n\n",
            r#"data: {"error":{"message":"The upstream's stream broke before its end.","#,
            r#""type":"server_error","param":null,"code":"upstream_stream_broken"}}"#,
            "\n\ndata: [DONE]\n\n"
        ),
    }
}
