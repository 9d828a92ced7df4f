//! What a fault is in OpenAI's words: its status, `type` and `code`.

use serde_json::Value;

use super::shape::Fault;

pub struct Verdict {
    pub status: u16,
    pub kind: String,
    pub code: Option<String>,
}

/// Where Azure has no code, or one of its own words, for what OpenAI's clients know under another.
const CODES: [(u16, &str, &[&str]); 6] = [
    (404, "not_found", &[]),
    (408, "timeout", &["timeout", "requesttimeout"]),
    (
        502,
        "service_unavailable",
        &["serviceunavailable", "badgateway"],
    ),
    (503, "service_unavailable", &["serviceunavailable"]),
    (504, "timeout", &["timeout", "gatewaytimeout"]),
    (529, "overloaded", &["overloaded_error"]),
];

/// The content filter refused, under its codes; what they become. Its sentences vary, down to the apostrophe.
const CONTENT: [(&str, &str); 5] = [
    ("content_filter", "content_filter"),
    ("ResponsibleAIPolicyViolation", "content_filter"),
    ("content_policy_violation", "content_policy_violation"),
    // Images, the old asynchronous form.
    ("contentFilter", "content_policy_violation"),
    ("moderation_blocked", "moderation_blocked"),
];

/// Codes that say no more than the status does.
const GENERIC: [&str; 4] = [
    "badrequest",
    "invalid_request",
    "invalid_request_error",
    "invalid input",
];

pub fn on(status: u16, fault: &Fault) -> Verdict {
    let of_content = content(fault);
    let code = match of_content {
        Some(code) => Some(code.to_owned()),
        None => code(status, fault),
    };
    let status = match of_content {
        Some(_) => 400,
        None => real_status(status, fault),
    };
    Verdict {
        kind: kind(status, fault, code.as_deref()),
        status,
        code,
    }
}

/// Of an error under a status of success.
pub fn status_of(fault: &Fault) -> u16 {
    let says = |number: Option<u64>| {
        let status = u16::try_from(number?).ok()?;
        (400..600).contains(&status).then_some(status)
    };
    let code = fault.code();
    let stated = fault.extras.get("status").and_then(Value::as_u64);
    if content(fault).is_some() || fault.kind.as_deref() == Some("invalid_request_error") {
        400
    } else if let Some(status) = says(stated).or_else(|| says(code.parse().ok())) {
        status
    } else if is_rate_limit(code) {
        429
    } else {
        500
    }
}

/// 401 and 403 are about who asks, unless the words say otherwise.
pub fn is_about_credential(status: u16, fault: &Fault) -> bool {
    match status {
        401 => true,
        403 => {
            let is_content = content(fault).is_some();
            !is_content && !is_quota(fault.code()) && real_status(status, fault) == 403
        }
        // Entra's own, from a gateway that asked it in our name.
        400 => fault.said().starts_with("AADSTS"),
        _ => false,
    }
}

/// `Resource not found` is about a path or a version, `Serverless endpoint not found` about a host.
pub fn is_missing_deployment(status: u16, fault: &Fault) -> bool {
    let said = fault.said();
    let by_code = ["DeploymentNotFound", "model_not_found", "unknown_model"];
    let names_model = ["The requested model", "The model "];
    by_code
        .iter()
        .any(|it| it.eq_ignore_ascii_case(fault.code()))
        || said.starts_with("Unknown model")
        || status == 404
            && (said.contains("API deployment for this resource does not exist")
                || said.contains("does not exist")
                    && names_model.iter().any(|it| said.starts_with(it)))
}

fn content(fault: &Fault) -> Option<&'static str> {
    let code = fault.code.as_deref().into_iter();
    code.chain(fault.inner_codes()).find_map(|code| {
        let (_, becomes) = CONTENT.iter().find(|(known, _)| *known == code)?;
        Some(*becomes)
    })
}

fn real_status(status: u16, fault: &Fault) -> u16 {
    if status != 403 {
        return status;
    }
    let said = fault.said().to_ascii_lowercase();
    if said.contains("streaming requests are not yet allowed") {
        400
    } else if said.contains("quota")
        && ["out of ", "exceeded", "replenish"]
            .iter()
            .any(|it| said.contains(it))
        && !is_quota(fault.code())
    {
        // API Management's quota policies: they end by themselves.
        429
    } else {
        403
    }
}

fn code(status: u16, fault: &Fault) -> Option<String> {
    let given = fault.code.as_deref();
    let own = given.filter(|code| *code != status.to_string());
    match real_status(status, fault) {
        401 => Some("invalid_api_key"),
        429 => Some(
            own.filter(|code| is_quota(code))
                .unwrap_or("rate_limit_exceeded"),
        ),
        400 | 413 | 422 if own.is_none_or(is_generic) && is_too_long(fault) => {
            Some("context_length_exceeded")
        }
        404 if is_missing_deployment(404, fault) => Some("model_not_found"),
        400 if own.is_none() && is_missing_deployment(400, fault) => Some("model_not_found"),
        400 if own.is_none() && given.is_some() => Some("bad_request"),
        status => translated(status, own),
    }
    .map(str::to_owned)
}

fn translated(status: u16, own: Option<&str>) -> Option<&str> {
    let Some((_, code, words)) = CODES.iter().find(|(known, ..)| *known == status) else {
        return own;
    };
    let is_word = |own: &str| words.iter().any(|word| word.eq_ignore_ascii_case(own));
    match own {
        Some(own) if !is_word(own) => Some(own),
        _ => Some(*code),
    }
}

fn kind(status: u16, fault: &Fault, code: Option<&str>) -> String {
    if let Some(kind) = &fault.kind {
        return kind.clone();
    }
    let said = fault.said().to_ascii_lowercase();
    match status {
        429 if code.is_some_and(is_quota) => "insufficient_quota",
        429 if said.contains("token rate limit") => "tokens",
        429 if said.contains("call rate limit") => "requests",
        429 => "rate_limit_error",
        408 | 424 | 500.. => "server_error",
        _ => "invalid_request_error",
    }
    .to_owned()
}

/// Money or an allowance is used up: waiting a little does not help.
fn is_quota(code: &str) -> bool {
    let code = code.to_ascii_lowercase();
    code.contains("quota") || code.contains("billing")
}

fn is_rate_limit(code: &str) -> bool {
    let known = [
        "ratelimitreached",
        "rate_limit_exceeded",
        "toomanyrequests",
        "too_many_requests",
        "nocapacity",
    ];
    is_quota(code) || known.iter().any(|it| it.eq_ignore_ascii_case(code))
}

fn is_generic(code: &str) -> bool {
    GENERIC.iter().any(|it| it.eq_ignore_ascii_case(code))
}

fn is_too_long(fault: &Fault) -> bool {
    let said = fault.said().to_ascii_lowercase();
    [
        "maximum context length",
        "context length exceeded",
        "context_length_exceeded",
        "context window",
    ]
    .iter()
    .any(|it| said.contains(it))
}
