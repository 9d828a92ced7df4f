//! Azure's refusals, in eleven shapes, as the one OpenAI's clients know.
//!
//! [`shape`] finds the error in whatever came, [`verdict`] says what it is in OpenAI's words, [`retry`] when to come
//! again, [`scrub`] takes out what would tell a client where the upstream lives. [`own`] is for clients that are
//! Azure's.

pub mod own;

mod retry;
mod scrub;
mod shape;
mod verdict;

use serde_json::{Map, Value, json};

use crate::dialect::Refusal;
use crate::error::{Error, Kind};
use crate::headers::Headers;
use crate::pool::judgement::Scope;

use shape::Fault;
use verdict::Verdict;

/// The longest of a page, or of an upstream's words in the log.
const QUOTED: usize = 500;

/// A token was good, and its application may not do this.
const LACKS_ROLE: &str = "PermissionDenied";

/// An error is about one model name asked for in several ways; more is not worth reading.
const NAMES: usize = 8;
/// Azure's own names have 64 characters at most.
const NAME: usize = 100;

/// `is_ours`: the refused call carried a credential of the gateway's, not the client's own.
pub fn refusal(status: u16, headers: &Headers, body: &[u8], is_ours: bool) -> Refusal {
    refused(status, headers, body, is_ours, verdict::on)
}

fn refused(
    status: u16,
    headers: &Headers,
    body: &[u8],
    is_ours: bool,
    judge: fn(u16, &Fault) -> Verdict,
) -> Refusal {
    let mut fault = shape::read(body);
    if fault.code.is_none() {
        // Model inference names its code there too.
        fault.code = headers.get("x-ms-error-code").map(str::to_owned);
    }
    if is_ours && verdict::is_about_credential(status, &fault) {
        return unauthorised(status, &fault);
    }
    let verdict = judge(status, &fault);
    let waits = retry::headers(verdict.status, headers, fault.said());
    let mut refusal = Refusal::new(verdict.status, openai_body(status, fault, verdict, body));
    refusal.headers = waits;
    refusal
}

/// The status an error deserves that came under one of success; [`refusal`] takes it from there.
pub fn status_in_success(body: &[u8]) -> u16 {
    verdict::status_of(&shape::read(body))
}

/// Whether a token was good and its application has no role here: every new token would be refused as well.
pub fn lacks_role(body: &[u8]) -> bool {
    shape::read(body).code().eq_ignore_ascii_case(LACKS_ROLE)
}

/// If a refusal is about the credential: what that is of no use for. A role, a network or a setting may be lacking for
/// one deployment, or one operation.
pub fn refuses_credential(status: u16, body: &[u8]) -> Option<Scope> {
    let fault = shape::read(body);
    let is_of_key = status != 403 && !fault.code().eq_ignore_ascii_case(LACKS_ROLE);
    let scope = if is_of_key {
        Scope::Provider
    } else {
        Scope::Deployment
    };
    verdict::is_about_credential(status, &fault).then_some(scope)
}

/// Whether a refusal says that there is no such deployment, and another name may do.
pub fn is_missing_deployment(status: u16, body: &[u8]) -> bool {
    matches!(status, 400 | 404) && verdict::is_missing_deployment(status, &shape::read(body))
}

/// The last word when no name was a deployment's; `body` is Azure's to one of them.
pub fn not_found(tried: &[String], body: &[u8]) -> Refusal {
    let sentence = match scrub::text(shape::read(body).said()) {
        said if said.trim().is_empty() => "The model has no deployment.".to_owned(),
        said => cut(&said, QUOTED),
    };
    let quoted = |name: &String| format!("`{}`", cut(name, NAME));
    let mut names: Vec<String> = tried.iter().take(NAMES).map(quoted).collect();
    if tried.len() > NAMES {
        names.push(format!("{} more", tried.len() - NAMES));
    }
    let message = format!(
        "{sentence} Tried as a deployment's name: {}. Which deployment a model means can be set in \
         AZURE_OPENAI_MODEL_MAPPER, or in GATEWAY.providers.NAME.deployments.",
        names.join(", ")
    );
    let error = json!({
        "message": message,
        "type": "invalid_request_error",
        "param": "model",
        "code": "model_not_found",
    });
    Refusal::new(404, json!({ "error": error }).to_string().into_bytes())
}

/// The client's own key was fine: told 401 it would throw it away. What Azure said is for who runs the gateway.
fn unauthorised(status: u16, fault: &Fault) -> Refusal {
    let words = scrub::text(&format!("{status} {} {}", fault.code(), fault.said()));
    let words: Vec<&str> = words.split_whitespace().collect();
    let error = Error::new(
        Kind::BadGateway,
        "upstream_auth_error",
        "The upstream refused the gateway's own credential. Your request and your key are not at fault; whoever \
         runs the gateway finds the reason in its log.",
    );
    Refusal {
        status: error.status(),
        body: error.openai_body().into_bytes(),
        // The SDKs retry a 502 by themselves; no retry repairs a credential.
        headers: vec![("x-should-retry", "false".to_owned())],
        detail: Some(cut(&words.join(" "), QUOTED)),
    }
}

/// Members in OpenAI's order, then Azure's own. What was right already keeps every byte.
fn openai_body(status: u16, fault: Fault, verdict: Verdict, body: &[u8]) -> Vec<u8> {
    let message = match scrub::text(fault.said()) {
        message if message.trim().is_empty() => format!("HTTP {status} from upstream"),
        message => message,
    };
    let mut error = Map::new();
    error.insert("message".to_owned(), message.into());
    error.insert("type".to_owned(), verdict.kind.into());
    error.insert("param".to_owned(), fault.param);
    error.insert("code".to_owned(), verdict.code.into());
    for (name, mut value) in fault.extras {
        scrub::value(&mut value);
        error.entry(name).or_insert(value);
    }
    let whole = json!({ "error": error });
    match serde_json::from_slice::<Value>(body) {
        Ok(before) if before == whole => body.to_vec(),
        _ => whole.to_string().into_bytes(),
    }
}

fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}
