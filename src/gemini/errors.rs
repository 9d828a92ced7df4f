//! Google's refusals as OpenAI's.
//!
//! [`shape`] finds the error in whatever came, [`verdict`] says what it is in OpenAI's words, [`wait`] when to come again,
//! [`scrub`] takes out what looks like a key.

mod scrub;
pub(super) mod shape;
mod verdict;
mod wait;

use crate::dialect::Refusal;
use crate::headers::Headers;
use crate::json::Writer;
use crate::openai::retry;
use crate::pool::judgement::Scope;

use shape::{Fault, Form};
use verdict::{Cause, Verdict};

/// Nobody repairs a key sooner.
const REFUSED_KEY: u64 = 10 * 60 * 1000;

/// A day's quota may begin anew at any time; to ask once an hour costs nothing.
const USED_UP: u64 = 60 * 60 * 1000;

/// Where a limit does not say when it is over: half of the minute it counts.
const LIMITED: u64 = 30 * 1000;

/// A refusal of Google's, as the client gets it.
pub fn refusal(status: u16, headers: &Headers, body: &[u8]) -> Refusal {
    let fault = shape::read(body);
    let verdict = verdict::on(status, &fault);
    let mut refusal = Refusal::new(verdict.status, openai_body(status, &fault, &verdict));
    refusal.headers = if verdict.is_final {
        // What is said of a wait is not true then.
        vec![("x-should-retry", "false".to_owned())]
    } else {
        retry::headers(headers, || wait::millis(&fault))
    };
    refusal
}

/// An error that came as an event: its status, and OpenAI's body for it.
pub fn of_event(error: &[u8]) -> (u16, Vec<u8>) {
    let fault = shape::read(error);
    let status = verdict::status_of(&fault);
    let verdict = verdict::on(status, &fault);
    (verdict.status, openai_body(status, &fault, &verdict))
}

/// The status of an error that came as an answer; None if it is none.
pub fn status_of_answer(body: &[u8]) -> Option<u16> {
    let fault = shape::read(body);
    (fault.form != Form::Page).then(|| verdict::status_of(&fault))
}

/// Whether a refusal is about the key alone, so that another may do; for how long it is of no use then.
pub fn unusable_millis(status: u16, headers: &Headers, body: &[u8]) -> Option<u64> {
    let fault = shape::read(body);
    match verdict::cause(status, &fault) {
        // Any key would be refused what is somebody else's.
        Cause::Permission if verdict::is_of_somebody(&fault) => None,
        Cause::Credential | Cause::Permission => Some(REFUSED_KEY),
        Cause::Quota => Some(USED_UP),
        Cause::Rate => {
            let said = retry::said(headers).or_else(|| wait::millis(&fault));
            Some(said.unwrap_or(LIMITED).min(USED_UP))
        }
        Cause::Location | Cause::Context | Cause::Size | Cause::Other => None,
    }
}

/// If a refusal is about the credential: what that is of no use for. A project may do one thing and not another.
pub fn refuses_credential(status: u16, body: &[u8]) -> Option<Scope> {
    let fault = shape::read(body);
    match verdict::cause(status, &fault) {
        Cause::Credential => Some(Scope::Provider),
        // Any credential would be refused what is somebody else's.
        Cause::Permission if !verdict::is_of_somebody(&fault) => Some(Scope::Deployment),
        _ => None,
    }
}

/// Whether a refusal is about where the request came from: which of the runtime's places sent it.
pub fn is_about_place(status: u16, body: &[u8]) -> bool {
    verdict::cause(status, &shape::read(body)) == Cause::Location
}

/// Whether a refusal says that the model is not there. A page says that the path is not.
pub fn is_missing_model(status: u16, body: &[u8]) -> bool {
    if status != 404 {
        return false;
    }
    let fault = shape::read(body);
    matches!(fault.form, Form::Service | Form::OpenAi) && !verdict::is_of_something_named(&fault)
}

/// `status` is the upstream's own.
fn openai_body(status: u16, fault: &Fault, verdict: &Verdict) -> Vec<u8> {
    let message = match scrub::text(&fault.message) {
        said if said.trim().is_empty() => format!("Google answered {status} and nothing else."),
        said => said,
    };
    let mut out = Writer::default();
    out.open();
    out.open_member("error");
    out.string("message", &message);
    out.word("type", &verdict.kind);
    string_or_null(&mut out, "param", verdict.param.as_deref());
    string_or_null(&mut out, "code", verdict.code.as_deref());
    out.close();
    out.close();
    out.into_bytes()
}

fn string_or_null(out: &mut Writer, name: &str, value: Option<&str>) {
    match value {
        Some(value) => out.string(name, value),
        None => out.raw(name, b"null"),
    }
}
