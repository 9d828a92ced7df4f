//! What a failure is, and of what: the one table that says whether another target may do better, and how long the one
//! that failed is to be left alone.

use crate::headers::Headers;

/// What came of one attempt.
#[derive(Clone, Copy)]
pub enum Outcome<'a> {
    /// A success, as far as it has come.
    Answered,
    /// A refusal, in OpenAI's words: what `Dialect::refusal` made of it.
    Refused(Refusal<'a>),
    /// No connection, or it broke before an answer began; a status that means nothing; a redirect.
    Unreachable,
    /// No response headers in time.
    Timeout,
    /// Headers, and no output in time.
    Silent,
    /// The stream was an error, or broke, before its first output.
    BrokeOff,
    /// The stream broke after its first output: the client has seen it.
    BrokeLate,
    /// A setting, or what this target does not do: nothing was sent.
    Unfit,
    /// An error of the client's own that would be the same everywhere.
    Clients,
}

#[derive(Clone, Copy)]
pub struct Refusal<'a> {
    pub status: u16,
    pub headers: &'a Headers,
    /// `error.code`, `error.type` and `error.message`.
    pub code: &'a str,
    pub kind: &'a str,
    pub message: &'a str,
    /// A credential of ours went along.
    pub is_ours: bool,
    /// The target has no such model.
    pub is_missing_model: bool,
    /// It serves nobody where this Worker runs.
    pub is_about_place: bool,
}

/// What a failure is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This request alone: it would fail everywhere, and says nothing of the target.
    Request,
    /// One of several keys; another may do.
    Key,
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

pub fn judge(outcome: Outcome<'_>, now_millis: u64) -> Judgement {
    let _ = now_millis;
    let (scope, effect, goes_on) = match outcome {
        Outcome::Answered => (Scope::Deployment, Effect::Well, false),
        Outcome::Refused(refusal) => {
            let goes_on = is_passing(refusal.status)
                || refusal.is_ours && matches!(refusal.status, 401 | 403)
                || refusal.is_missing_model
                || refusal.is_about_place;
            (Scope::Deployment, Effect::Nothing, goes_on)
        }
        Outcome::Unfit => (Scope::Request, Effect::Nothing, true),
        Outcome::Clients | Outcome::BrokeLate => (Scope::Request, Effect::Nothing, false),
        Outcome::Unreachable | Outcome::Timeout | Outcome::Silent | Outcome::BrokeOff => {
            (Scope::Provider, Effect::Failure, true)
        }
    };
    Judgement {
        scope,
        effect,
        goes_on,
        reason: None,
        wait_millis: None,
    }
}
