//! What a fault is in OpenAI's words: its status, `type`, `code` and `param`.

use std::borrow::Cow;

use super::shape::{Fault, Form};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub status: u16,
    pub kind: Cow<'static, str>,
    pub code: Option<String>,
    pub param: Option<String>,
    /// Coming again is of no use, whatever the SDKs think of the status.
    pub is_final: bool,
}

/// What a fault is about, where the status alone does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The credential: another may do.
    Credential,
    /// It is good, and may not do this.
    Permission,
    /// Where the request came from.
    Location,
    /// The day's quota is used up, or there is none for this account.
    Quota,
    Rate,
    Context,
    Size,
    Other,
}

/// Canonical errors and what they are in HTTP.
/// <https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto>
const STATUSES: [(&str, u16); 16] = [
    ("INVALID_ARGUMENT", 400),
    ("FAILED_PRECONDITION", 400),
    ("OUT_OF_RANGE", 400),
    ("UNAUTHENTICATED", 401),
    ("PERMISSION_DENIED", 403),
    ("NOT_FOUND", 404),
    ("ABORTED", 409),
    ("ALREADY_EXISTS", 409),
    ("RESOURCE_EXHAUSTED", 429),
    ("CANCELLED", 499),
    ("INTERNAL", 500),
    ("UNKNOWN", 500),
    ("DATA_LOSS", 500),
    ("UNIMPLEMENTED", 501),
    ("UNAVAILABLE", 503),
    ("DEADLINE_EXCEEDED", 504),
];

/// How messages speak of what a request names beside the model.
const OF_CLIENTS: [&str; 7] = [
    "cachedContent",
    "CachedContent",
    "cached content",
    "files/",
    "File ",
    "gs://",
    "storage.objects",
];

/// And of models that are somebody's own.
const OF_OWNERS: [&str; 3] = ["tuned model", "tunedModels/", "/endpoints/"];

const INVALID: &str = "invalid_request_error";
const SERVER: &str = "server_error";

pub fn on(status: u16, fault: &Fault) -> Verdict {
    match cause(status, fault) {
        Cause::Credential => verdict(401, INVALID, Some("invalid_api_key")),
        Cause::Permission => verdict(403, INVALID, Some("permission_denied")),
        Cause::Location => {
            let code = "unsupported_country_region_territory";
            verdict(403, "request_forbidden", Some(code))
        }
        Cause::Quota => Verdict {
            is_final: true,
            ..verdict(429, "insufficient_quota", Some("insufficient_quota"))
        },
        Cause::Rate => verdict(429, rate_of(fault), Some("rate_limit_exceeded")),
        Cause::Context => Verdict {
            param: Some("messages".to_owned()),
            ..verdict(400, INVALID, Some("context_length_exceeded"))
        },
        Cause::Size => verdict(413, INVALID, Some("request_too_large")),
        Cause::Other if fault.form == Form::Page => {
            let status = if status >= 500 { status } else { 502 };
            verdict(status, SERVER, Some("bad_gateway"))
        }
        Cause::Other if fault.form == Form::OpenAi => Verdict {
            status: if status >= 400 { status } else { 502 },
            kind: fault.kind.clone().into(),
            code: fault.word.clone(),
            param: fault.field.clone(),
            is_final: false,
        },
        Cause::Other => by_status(status, fault),
    }
}

pub fn cause(status: u16, fault: &Fault) -> Cause {
    if status == 413 {
        return Cause::Size;
    }
    match (fault.form, status) {
        (Form::Page, _) => Cause::Other,
        (_, 400 | 403) if fault.says("location is not supported") => Cause::Location,
        (_, 400 | 403) if is_about_key(fault) => Cause::Credential,
        (_, 400) if fault.says("Request payload size exceeds the limit") => Cause::Size,
        (_, 400) if is_too_long(fault) => Cause::Context,
        (_, 401) => Cause::Credential,
        (_, 403) => Cause::Permission,
        (_, 429) if is_used_up(fault) => Cause::Quota,
        (_, 429) => Cause::Rate,
        _ => Cause::Other,
    }
}

/// Of an error that came without a status of HTTP's.
pub fn status_of(fault: &Fault) -> u16 {
    let code = fault.code.filter(|code| (400..600).contains(code));
    let named = || {
        let mut named = STATUSES.iter();
        Some(named.find(|(name, _)| *name == fault.status)?.1)
    };
    code.or_else(named).unwrap_or(match fault.form {
        Form::Page => 502,
        Form::Service | Form::OpenAi | Form::Token => 500,
    })
}

/// Whether what is not there is something else than a model.
pub fn is_of_something_named(fault: &Fault) -> bool {
    OF_CLIENTS.iter().any(|name| fault.message.contains(name))
}

/// Whether what may not be used is something the request named, and not everybody's: another request may be served.
pub fn is_of_somebody(fault: &Fault) -> bool {
    let names_own = OF_OWNERS.iter().any(|name| fault.message.contains(name));
    names_own || is_of_something_named(fault)
}

fn verdict(status: u16, kind: &'static str, code: Option<&str>) -> Verdict {
    Verdict {
        status,
        kind: kind.into(),
        code: code.map(str::to_owned),
        param: None,
        is_final: false,
    }
}

fn by_status(status: u16, fault: &Fault) -> Verdict {
    match status {
        400..500 => of_request(status, fault),
        500.. => of_server(status, fault),
        // An error under a status that is none.
        _ => verdict(502, SERVER, Some("bad_gateway")),
    }
}

fn of_request(status: u16, fault: &Fault) -> Verdict {
    let own = word(&fault.status);
    match status {
        400 if fault.status == "FAILED_PRECONDITION" => verdict(400, INVALID, own.as_deref()),
        400 => Verdict {
            param: fault.field.clone(),
            ..verdict(400, INVALID, None)
        },
        404 if is_of_something_named(fault) => verdict(404, INVALID, Some("not_found")),
        404 => Verdict {
            param: Some("model".to_owned()),
            ..verdict(404, INVALID, Some("model_not_found"))
        },
        408 => verdict(408, SERVER, Some("timeout")),
        409 => verdict(409, INVALID, own.as_deref().or(Some("aborted"))),
        412 => verdict(412, INVALID, own.as_deref().or(Some("failed_precondition"))),
        499 => verdict(499, SERVER, Some("cancelled")),
        _ => verdict(status, INVALID, own.as_deref()),
    }
}

fn of_server(status: u16, fault: &Fault) -> Verdict {
    let own = word(&fault.status);
    let code = match status {
        500 => "internal",
        501 => "unimplemented",
        502 => "bad_gateway",
        503 => "unavailable",
        504 => "deadline_exceeded",
        _ => own.as_deref().unwrap_or("internal"),
    };
    verdict(status, SERVER, Some(code))
}

/// Google's word for an error as OpenAI writes such words.
fn word(status: &str) -> Option<String> {
    let is_word = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
    let is_one = !status.is_empty() && status.len() <= 40 && status.bytes().all(is_word);
    is_one.then(|| status.to_ascii_lowercase())
}

fn is_about_key(fault: &Fault) -> bool {
    let reasons = ["API_KEY_INVALID", "API_KEY_EXPIRED", "keyInvalid"];
    fault.form == Form::Token
        || reasons.iter().any(|reason| fault.has_reason(reason))
        || fault.says("API key not valid")
        || fault.says("API key expired")
}

/// "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."; Vertex AI: "the input token
/// count is 1200000 but the model supports only up to 1048576".
fn is_too_long(fault: &Fault) -> bool {
    let exceeds = ["exceeds", "only supports up to", "supports only up to"];
    fault.says("input token count") && exceeds.iter().any(|words| fault.message.contains(words))
}

/// A wait that is said beside is of no use then: a day's quota may say 38 seconds.
fn is_used_up(fault: &Fault) -> bool {
    let of_a_day = |quota: &String| quota.contains("PerDay") || quota.contains("per_day");
    fault.is_none_allowed || fault.quotas.iter().any(of_a_day) || has_limit_of_none(&fault.message)
}

/// "Quota exceeded for metric: ..., limit: 0, model: gemini-3.1-pro"; not `limit: 05` or `limit: 0.5`.
fn has_limit_of_none(message: &str) -> bool {
    message.split("limit: 0").skip(1).any(|rest| {
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        !rest.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// Where there are no details the message names what is counted: "Quota exceeded for metric:
/// `generativelanguage.googleapis.com/generate_content_free_tier_input_token_count`, limit: 250000".
fn rate_of(fault: &Fault) -> &'static str {
    let words = fault.message.split_whitespace();
    let metrics = words.filter(|word| word.contains(".googleapis.com/"));
    let mut counted = metrics.chain(fault.quotas.iter().map(String::as_str));
    if counted.any(|name| name.to_ascii_lowercase().contains("token")) {
        "tokens"
    } else {
        "requests"
    }
}
