//! What a failure is, and of what: the one table that says whether another target may do better, and how long the one
//! that failed is to be left alone.

mod case;

#[cfg(test)]
mod tests;

use crate::credentials::Whose;
use crate::headers::Headers;
use crate::openai::retry;

use case::Case;

/// A limit is a minute's, mostly: so long rests who does not say how long.
const LIMITED_MILLIS: u64 = 60_000;
/// Nobody pays a bill sooner; and whoever asks for more may well be wrong.
const LONGEST_REST_MILLIS: u64 = 600_000;

/// What came of one attempt.
#[derive(Clone, Copy)]
pub enum Outcome<'a> {
    /// A success, as far as it has come.
    Answered,
    /// A refusal, in OpenAI's words: what `Dialect::refusal` made of it.
    Refused(Refusal<'a>),
    /// No connection; a redirect; no token to be had where tokens are made.
    Unreachable,
    /// No response headers in time.
    Timeout,
    /// Headers, and no output in time.
    Silent,
    /// The answer was nonsense, or broke, before its first output.
    BrokeOff,
    /// The stream broke after its first output: the client has seen it.
    BrokeLate,
    /// A setting, what this target does not do, or an answer that is of no use to this request alone.
    Unfit,
    /// The upstream's filter holds the answer back.
    Withheld,
    /// An error of the client's own that would be the same everywhere.
    Clients,
}

#[derive(Clone, Copy)]
pub struct Refusal<'a> {
    /// In OpenAI's words, too: Google refuses a key with 400, Azure what is used up with 403.
    pub status: u16,
    /// With those that say in one word what the upstream said in several.
    pub headers: &'a Headers,
    /// `error.code`, `error.type` and `error.message`.
    pub code: &'a str,
    pub kind: &'a str,
    pub message: &'a str,
    pub whose: Whose,
    /// If it is about the credential: what that is of no use for.
    pub credential: Option<Scope>,
    /// Its limits are of one deployment, or one model; else of an account.
    pub is_counted_by_model: bool,
    /// The target has no such model.
    pub is_missing_model: bool,
    /// It serves nobody where this Worker runs.
    pub is_about_place: bool,
}

/// What a failure is of. One of several keys alone never comes here: another goes along before
/// (`Dialect::unusable_millis`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This request alone: it would fail everywhere, and says nothing of the target.
    Request,
    /// The model at this provider.
    Deployment,
    /// Everything at this provider.
    Provider,
}

/// What follows for the health of what failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Nothing,
    /// It is well.
    Well,
    /// To be left alone for so long, by its own word or, where it gave none, by ours.
    Rest {
        millis: u64,
        is_its_word: bool,
    },
    /// One failure more.
    Failure,
    /// It will not be well before somebody has changed something.
    Broken,
    /// The same, for who asks from where this Worker runs; from elsewhere it may be well.
    BrokenHere,
}

/// What another model may do better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    ContentFilter,
    ContextLength,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub scope: Scope,
    pub effect: Effect,
    /// Whether another target is worth a try.
    pub goes_on: bool,
    /// Whether another model would be, where one is configured.
    pub reason: Option<Reason>,
    /// When to come again, as far as it was said.
    pub wait_millis: Option<u64>,
}

/// Whether a status tells of something that may be over soon, or is not so elsewhere.
pub fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..)
}

/// The table.
///
/// A failure is the deployment's where others on the same host may do, which is nearly always: the provider is what is
/// not reached, what does not know our key, and what we owe money. What a client can bring about by what it asks is
/// nobody's failure.
pub fn judge(outcome: Outcome<'_>, now_millis: u64) -> Judgement {
    use Reason::{ContentFilter, ContextLength};
    use Scope::{Deployment, Provider, Request};
    const NEXT: bool = true;
    const ENDS: bool = false;

    let case = Case::of(&outcome);
    let said = said(&outcome, now_millis);
    let (scope, effect, goes_on, reason) = match case {
        Case::Served => (Deployment, Effect::Well, ENDS, None),
        Case::Clients => (Request, Effect::Nothing, ENDS, None),
        Case::Filtered => (Request, Effect::Nothing, ENDS, Some(ContentFilter)),
        Case::TooLong => (Request, Effect::Nothing, ENDS, Some(ContextLength)),
        Case::Unfit => (Request, Effect::Nothing, NEXT, None),
        Case::Limited => (Deployment, rest(said, LIMITED_MILLIS), NEXT, None),
        Case::UsedUp(scope) => (scope, rest(None, LONGEST_REST_MILLIS), NEXT, None),
        Case::Failed => (Deployment, rest_or_failure(said), NEXT, None),
        Case::FailedLate => (Deployment, Effect::Failure, ENDS, None),
        Case::Unreachable => (Provider, Effect::Failure, NEXT, None),
        Case::NoModel => (Deployment, Effect::Broken, NEXT, None),
        Case::Refused(scope) => (scope, Effect::Broken, NEXT, None),
        Case::WrongPlace => (Provider, Effect::BrokenHere, NEXT, None),
    };
    Judgement {
        scope,
        effect,
        goes_on,
        reason,
        wait_millis: said.filter(|_| goes_on && !matches!(case, Case::UsedUp(_))),
    }
}

fn rest(said_millis: Option<u64>, otherwise: u64) -> Effect {
    Effect::Rest {
        millis: said_millis.unwrap_or(otherwise).min(LONGEST_REST_MILLIS),
        is_its_word: said_millis.is_some(),
    }
}

/// Who says when it is back is not ill.
fn rest_or_failure(said_millis: Option<u64>) -> Effect {
    match said_millis {
        Some(_) => rest(said_millis, LIMITED_MILLIS),
        None => Effect::Failure,
    }
}

/// When to come again, by the most exact word there is: a header, the message, the time at which the limit is whole. No
/// time at all is none of them: Azure says 0 where it does not know.
fn said(outcome: &Outcome<'_>, now_millis: u64) -> Option<u64> {
    let Outcome::Refused(refusal) = outcome else {
        return None;
    };
    let is_some_time = |millis: &u64| *millis > 0;
    let by_header = retry::said_at(refusal.headers, now_millis).filter(is_some_time);
    let by_azure = || retry::said_by_azure(refusal.headers).filter(is_some_time);
    let is_limit = refusal.status == 429;
    // What failed may have been quoted from the request: no client may say for how long others do not get there.
    let in_words = || {
        let said = is_limit.then(|| retry::in_words(refusal.message))?;
        said.filter(is_some_time)
    };
    // Every answer counts the limits: of one that failed for another reason that says nothing.
    let by_limit = || is_limit.then(|| retry::reset(refusal.headers, refusal.kind, now_millis))?;
    by_header
        .or_else(by_azure)
        .or_else(in_words)
        .or_else(by_limit)
}
