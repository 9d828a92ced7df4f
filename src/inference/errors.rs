//! Errors as these clients know them: `{"error": {"code", "message", "status", "param"}}`, and the code in the header
//! `x-ms-error-code`. What a validator complains of in detail stands beside the error, as the service has it.

use serde_json::{Map, Value};

use crate::dialect::Refusal;
use crate::error::{Error, Kind};
use crate::inference::request::ABOUT_EXTRA;
use crate::inference::version;

pub const HEADER: &str = "x-ms-error-code";

const UNKNOWN_MODEL: &str = "unknown_model";
const UNAUTHORIZED: &str = "unauthorized";
const TOO_MANY: &str = "too_many_requests";

/// A code is a word; a server that puts more there has not understood.
const CODE: usize = 128;

/// The code of an error of ours.
pub fn code(error: &Error) -> &'static str {
    match (error.kind, error.code) {
        (Kind::Unauthorized, _) => UNAUTHORIZED,
        (Kind::RateLimited { .. } | Kind::OverLimit { .. }, _) => TOO_MANY,
        // As the project calls them whose clients these were.
        (Kind::BadGateway, _) => "UpstreamApi",
        (_, "invalid_json") => "InternalProxyParsing",
        (_, "model_not_found") => UNKNOWN_MODEL,
        (_, "") => by_status(error.status()),
        (_, code) => code,
    }
}

/// The body of an error of ours.
pub fn body(error: &Error) -> String {
    let code = code(error);
    let mut rest = Map::new();
    // Of these two the very text is known.
    if ![version::MISSING, version::UNSUPPORTED].contains(&code) {
        rest.insert("status".to_owned(), error.status().into());
        let param = error.param.map(|param| ("param".to_owned(), param.into()));
        rest.extend(param);
    }
    let is_about_extra = ABOUT_EXTRA.contains(&code);
    let message = Value::from(error.message.as_ref());
    let detail = is_about_extra.then(|| message.clone());
    whole(code, message, rest, detail)
}

/// A refusal that is in OpenAI's shape.
pub fn reshaped(refusal: Refusal) -> Refusal {
    let (code, body) = code_and_body(refusal.status, &refusal.body);
    let mut headers = refusal.headers;
    headers.push((HEADER, code));
    Refusal {
        body,
        headers,
        ..refusal
    }
}

fn code_and_body(status: u16, openais: &[u8]) -> (String, Vec<u8>) {
    let mut error = serde_json::from_slice(openais)
        .ok()
        .and_then(error_in)
        .unwrap_or_default();
    let code = code_of(status, error.shift_remove("code"));
    let message = error.shift_remove("message");
    let message = message.filter(Value::is_string).unwrap_or_else(|| {
        format!("The upstream answered {status} and nothing that could be read.").into()
    });
    let detail = error.shift_remove("detail").filter(|it| !it.is_null());
    error.shift_remove("type");
    error.insert("status".to_owned(), status.into());
    error.retain(|_, value| !value.is_null());
    let body = whole(&code, message, error, detail);
    (code, body.into_bytes())
}

fn error_in(body: Value) -> Option<Map<String, Value>> {
    let Value::Object(mut whole) = body else {
        return None;
    };
    match whole.shift_remove("error") {
        Some(Value::Object(error)) => Some(error),
        _ => None,
    }
}

fn whole(code: &str, message: Value, rest: Map<String, Value>, detail: Option<Value>) -> String {
    let mut error = Map::new();
    error.insert("code".to_owned(), code.into());
    error.insert("message".to_owned(), message);
    error.extend(rest);
    let mut whole = Map::new();
    whole.insert("error".to_owned(), error.into());
    whole.extend(detail.map(|detail| ("detail".to_owned(), detail)));
    Value::from(whole).to_string()
}

/// What an upstream calls it, save for a model that is not there, which has several names.
fn code_of(status: u16, code: Option<Value>) -> String {
    let said = match code {
        Some(Value::String(code)) => code,
        Some(Value::Number(code)) => code.to_string(),
        _ => String::new(),
    };
    match said.trim() {
        "" => by_status(status).to_owned(),
        "model_not_found" | "DeploymentNotFound" => UNKNOWN_MODEL.to_owned(),
        said => said.chars().take(CODE).collect(),
    }
}

fn by_status(status: u16) -> &'static str {
    match status {
        401 => UNAUTHORIZED,
        403 => "forbidden",
        404 => "not_found",
        408 | 504 => "timeout",
        413 => "request_too_large",
        422 => "unprocessable_entity",
        429 => TOO_MANY,
        500.. => "internal_server_error",
        _ => "bad_request",
    }
}
