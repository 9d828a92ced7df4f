//! Anthropic's refusals, `{"type":"error","error":{"type","message"},"request_id"}`, and those of what stands before
//! it at Azure, in OpenAI's shape.

use crate::dialect::Refusal;
use crate::headers::Headers;
use crate::json::{Value, Writer, is_json, member};
use crate::openai::retry;

/// Enough of a page that is not JSON to see what it was.
const QUOTED: usize = 2000;

/// `is_ours`: the refused call carried a credential of the gateway's, not the client's own.
pub fn refusal(status: u16, headers: &Headers, body: &[u8], is_ours: bool) -> Refusal {
    let said = Said::read(body);
    if is_ours && matches!(status, 401 | 403) {
        return Refusal {
            detail: Some(said.message),
            ..Refusal::new(502, body_of_a_refused_credential())
        };
    }
    let mut refusal = Refusal::new(status, said.body(status));
    if status == 429 && headers.get("retry-after").is_none() {
        // API Management says it in words alone: "Rate limit is exceeded. Try again in 12 seconds."
        let wait = retry::in_words(&said.message).map(|millis| millis.div_ceil(1000));
        let wait = wait.map(|secs| ("retry-after", secs.to_string()));
        refusal.headers.extend(wait);
    }
    let id = said
        .request_id
        .as_deref()
        .or_else(|| headers.get("request-id"));
    let id = id.filter(|_| headers.get("x-request-id").is_none());
    refusal
        .headers
        .extend(id.map(|id| ("x-request-id", id.to_owned())));
    refusal
}

/// The error event of a stream, as an answer of its own. A credential that a stream could begin with is not the
/// client's to change.
pub(super) fn of_event(event: Value<'_>) -> (u16, Vec<u8>) {
    let said = Said::of(event);
    match status(&said.kind) {
        401 | 403 => (502, body_of_a_refused_credential()),
        status => (status, said.body(status)),
    }
}

/// <https://docs.anthropic.com/en/api/errors>
fn status(kind: &str) -> u16 {
    match kind {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    }
}

fn body_of_a_refused_credential() -> Vec<u8> {
    let message = "The upstream refused the gateway's credential.";
    write(message, "server_error", Some("upstream_auth_error"))
}

fn write(message: &str, kind: &str, code: Option<&str>) -> Vec<u8> {
    let mut out = Writer::default();
    out.open();
    out.open_member("error");
    out.string("message", message);
    out.word("type", kind);
    out.raw("param", b"null");
    match code {
        Some(code) => out.string("code", code),
        None => out.raw("code", b"null"),
    }
    out.close();
    out.close();
    out.into_bytes()
}

/// What there is to know of a refusal.
struct Said {
    message: String,
    /// Anthropic's `type`.
    kind: String,
    /// Azure's.
    code: Option<String>,
    request_id: Option<String>,
}

impl Said {
    fn read(body: &[u8]) -> Self {
        match Value::first(body).filter(|it| it.is_object() && is_json(body)) {
            Some(whole) => Self::of(whole),
            None => Self {
                message: quote(body),
                kind: String::new(),
                code: None,
                request_id: None,
            },
        }
    }

    fn of(whole: Value<'_>) -> Self {
        let error = member(whole, "error").unwrap_or(whole);
        let text = |from: Value<'_>, name| Some(member(from, name)?.as_str()?.into_owned());
        let message = text(error, "message").or_else(|| error.as_str().map(Into::into));
        let message = message.or_else(|| text(whole, "message"));
        let message = message.or_else(|| text(whole, "detail"));
        Self {
            message: message.unwrap_or_else(|| quote(whole.raw())),
            kind: text(error, "type").unwrap_or_default(),
            code: text(error, "code"),
            request_id: text(whole, "request_id"),
        }
    }

    /// `status` is the upstream's own.
    fn body(&self, status: u16) -> Vec<u8> {
        let message = match self.message.trim() {
            "" => [
                "The upstream answered ",
                &status.to_string(),
                " and nothing else.",
            ]
            .concat(),
            message => message.to_owned(),
        };
        let kind = match status {
            429 => "rate_limit_error",
            408 | 500.. => "server_error",
            _ => "invalid_request_error",
        };
        write(&message, kind, self.openai_code(status))
    }

    /// A word a program can match on: OpenAI's where it has one, else what was said that is more than a number.
    fn openai_code(&self, status: u16) -> Option<&str> {
        let says = |words: &[&str]| words.iter().any(|word| self.message.contains(word));
        let code = self.code.as_deref();
        match (status, self.kind.as_str()) {
            // "prompt is too long: 203942 tokens > 200000 maximum", "input length and `max_tokens` exceed context
            // limit: 189000 + 20000 > 200000".
            (400, _) if says(&["prompt is too long", "exceed context limit"]) => {
                Some("context_length_exceeded")
            }
            (401, _) => Some("invalid_api_key"),
            (402, _) | (_, "billing_error") => Some("insufficient_quota"),
            (404, "not_found_error") if says(&["model"]) => Some("model_not_found"),
            (404, _) if code == Some("DeploymentNotFound") => Some("model_not_found"),
            (404, _) => Some("not_found"),
            (408 | 504, _) => Some("timeout"),
            (429, _) => Some("rate_limit_exceeded"),
            (529, _) | (503, "overloaded_error") => Some("overloaded"),
            (502 | 503, _) => Some("service_unavailable"),
            (_, kind) => code
                .filter(|code| !code.bytes().all(|byte| byte.is_ascii_digit()))
                .or((!kind.is_empty()).then_some(kind)),
        }
    }
}

fn quote(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.trim().chars().take(QUOTED).collect()
}
