//! What came of attempts, in words, and what the client gets where none served it.

use std::borrow::Cow;

use crate::error::{Error, Kind, Result};
use crate::exchange::course::{Came, Turn};
use crate::exchange::{Exchange, Reply, judged};
use crate::headers::Headers;
use crate::limits::estimate::Estimate;
use crate::limits::{self, Amount, Denial, Room};
use crate::platform::Platform;
use crate::pool::judgement::{Effect, Judgement, Outcome, Scope, is_passing, judge};
use crate::report::Source;

const AZURES_WAIT: &str = "x-ms-retry-after-ms";

/// What is kept of the attempts that failed.
pub(super) struct Failures<UpstreamBody> {
    /// Each target, with the words of it.
    told: Vec<String>,
    /// What the client gets if nothing better comes.
    best: Option<Best<UpstreamBody>>,
    /// When the first of those that are busy may serve again.
    free_at_millis: Option<u64>,
    /// Of those that could serve nothing failed but for want of room.
    are_all_busy: bool,
    /// That of the limit of ours that is soonest over.
    denial: Option<Denial>,
}

struct Best<UpstreamBody> {
    came: Result<Reply<UpstreamBody>>,
    source: Source,
    worth: Worth,
}

/// How much a failure tells the client: the last of the most telling ones is what it gets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// Nothing was sent, for what is that target's alone.
    Unfit,
    /// A refusal that only the owner can do something about: a key, a deployment that is not there, a region.
    Owners,
    /// No answer at all.
    Lost,
    /// An upstream's word on its state.
    Refused,
    /// The client's own mistake.
    Clients,
}

impl<UpstreamBody> Default for Failures<UpstreamBody> {
    fn default() -> Self {
        Self {
            told: Vec::new(),
            best: None,
            free_at_millis: None,
            are_all_busy: true,
            denial: None,
        }
    }
}

impl<UpstreamBody> Failures<UpstreamBody> {
    /// What was said in the round before has been waited for, or is said again.
    pub(super) fn begin_round(&mut self, wait_millis: Option<u64>, now_millis: u64) {
        self.free_at_millis = None;
        self.wait(wait_millis, now_millis);
    }

    pub(super) fn wait(&mut self, millis: Option<u64>, now_millis: u64) {
        let Some(at) = millis.map(|millis| now_millis.saturating_add(millis)) else {
            return;
        };
        let soonest = self.free_at_millis.map_or(at, |other| other.min(at));
        self.free_at_millis = Some(soonest);
    }

    /// The shortest time after which a target may serve again.
    pub(super) fn wait_millis(&self, now_millis: u64) -> Option<u64> {
        let at = self.free_at_millis?;
        Some(at.saturating_sub(now_millis))
    }

    /// A target's own limits have nothing left for the call.
    pub(super) fn deny(&mut self, name: &str, denial: Denial, now_millis: u64) {
        self.told.push(format!("{name}: limited"));
        self.wait(denial.wait_millis, now_millis);
        let never = |it: &Denial| it.wait_millis.unwrap_or(u64::MAX);
        if self
            .denial
            .as_ref()
            .is_none_or(|it| never(&denial) < never(it))
        {
            self.denial = Some(denial);
        }
    }

    pub(super) fn add(
        &mut self,
        name: &str,
        came: Result<Reply<UpstreamBody>>,
        judgement: &Judgement,
        source: Source,
    ) {
        self.told.push(format!("{name}: {}", words(&came)));
        let worth = Worth::of(&came, judgement);
        let is_busy = matches!(judgement.effect, Effect::Rest { .. });
        self.are_all_busy &= is_busy || worth <= Worth::Owners;
        if self.best.as_ref().is_none_or(|best| worth >= best.worth) {
            self.best = Some(Best {
                came,
                source,
                worth,
            });
        }
    }
}

impl Worth {
    fn of<UpstreamBody>(came: &Result<Reply<UpstreamBody>>, judgement: &Judgement) -> Self {
        // Azure has 403 for a volume that is used up, and says when it is there again.
        let says_when = matches!(
            judgement.effect,
            Effect::Rest {
                is_its_word: true,
                ..
            }
        );
        match came {
            Ok(_) if says_when => Self::Refused,
            Ok(Reply::Refused(refused)) if !is_passing(refused.status) => Self::Owners,
            Ok(_) => Self::Refused,
            Err(_) if !judgement.goes_on => Self::Clients,
            Err(_) if judgement.scope == Scope::Request => Self::Unfit,
            Err(_) => Self::Lost,
        }
    }
}

pub(super) fn judged<UpstreamBody>(
    came: &Result<Reply<UpstreamBody>>,
    now_millis: u64,
) -> Judgement {
    match came {
        Ok(Reply::Refused(refused)) => refused.judged(now_millis),
        Ok(_) => judge(Outcome::Answered, now_millis),
        Err(error) => judge(judged::of_error(error), now_millis),
    }
}

impl<P: Platform> Exchange<'_, P> {
    /// What an attempt tells of its target.
    pub(super) fn note(&self, turn: &Turn<'_>, came: &Came<P>, judgement: &Judgement) {
        let now_millis = self.platform.now_millis();
        if let Some(headers) = came.as_ref().ok().and_then(Reply::headers) {
            turn.condition.learn(headers, now_millis);
        }
        if is_answer(came) {
            // To where it can be used: a stream behind a gate has brought its first output.
            let millis = now_millis.saturating_sub(turn.begun_millis);
            turn.condition.time(millis, now_millis);
        }
        turn.condition.note(judgement, &words(came), now_millis);
    }

    /// A target that did not answer is done with. It has read the request unless it refused it, or never got it.
    pub(super) fn leave(&mut self, turn: &Turn<'_>, came: &Came<P>) {
        let now_millis = self.platform.now_millis();
        if !self.has_sent(turn) {
            return self.tab.give_back_target(now_millis);
        }
        let is_accepted = matches!(self.report.upstream_status, Some(200..300));
        let error = came.as_ref().err();
        let has_read = error.is_some_and(|error| is_accepted || error.kind == Kind::Timeout);
        let tokens = if has_read { self.tab.estimate.input } else { 0 };
        self.tab.leave_target(tokens, now_millis);
    }

    /// A setting, or what that target does not do, keeps a call from being sent at all.
    pub(super) fn has_sent(&self, turn: &Turn<'_>) -> bool {
        self.report.attempts > turn.sent
    }

    /// What the client gets where no target served it.
    pub(super) fn outcome(&mut self, failures: Failures<P::UpstreamBody>) -> Came<P> {
        let wait_millis = failures.wait_millis(self.platform.now_millis());
        let busy_millis = wait_millis.filter(|_| failures.are_all_busy);
        let is_told = |best: &Best<_>| busy_millis.is_none() || best.worth == Worth::Refused;
        let Some(best) = failures.best.filter(is_told) else {
            return Err(match (&failures.denial, busy_millis) {
                (Some(denial), _) if failures.told.len() == 1 => {
                    too_much(denial, self.tab.estimate)
                }
                (_, Some(millis)) => all_busy(millis),
                (Some(denial), None) => too_much(denial, self.tab.estimate),
                (None, None) => all_failed(&failures.told),
            });
        };
        if best.worth == Worth::Lost && failures.told.len() > 1 {
            return Err(all_failed(&failures.told));
        }
        self.report.come_from(best.source);
        let mut came = best.came;
        if let (Ok(Reply::Refused(refused)), Some(millis)) = (&mut came, busy_millis) {
            say_when(millis, &mut refused.headers);
        }
        came
    }
}

/// For the log, the status page and an error that lists them: nothing an upstream said.
pub(super) fn words<UpstreamBody>(came: &Result<Reply<UpstreamBody>>) -> Cow<'static, str> {
    let status = match came {
        Ok(Reply::Refused(refused)) => refused.status,
        Ok(Reply::Native { inbound, .. } | Reply::Stream { inbound, .. }) => inbound.status,
        Ok(Reply::Whole { status, .. }) => *status,
        Ok(Reply::Demo(_)) => 200,
        Err(error) => return error.word().into(),
    };
    status.to_string().into()
}

pub(super) fn is_answer<UpstreamBody>(came: &Result<Reply<UpstreamBody>>) -> bool {
    !matches!(came, Ok(Reply::Refused(_)) | Err(_))
}

/// The SDKs of OpenAI look at milliseconds first, Azure's at their own, others at whole seconds.
fn say_when(millis: u64, headers: &mut Headers) {
    headers.set("retry-after", &seconds(millis).to_string());
    headers.set("retry-after-ms", &millis.to_string());
    if headers.get(AZURES_WAIT).is_some() {
        headers.set(AZURES_WAIT, &millis.to_string());
    }
}

fn seconds(millis: u64) -> u64 {
    millis.div_ceil(1000).max(1)
}

fn all_busy(millis: u64) -> Error {
    let retry_after_secs = seconds(millis);
    let message = format!(
        "All upstreams of this model are at their limits. Try again in {retry_after_secs} s."
    );
    let kind = Kind::RateLimited { retry_after_secs };
    let mut error = Error::new(kind, "rate_limit_exceeded", message);
    let millis = millis.max(1).to_string();
    error.headers.push(("retry-after-ms", millis));
    error
}

/// The one target there is has a limit of ours, or the call is larger than that of any.
fn too_much(denial: &Denial, estimate: Estimate) -> Error {
    let amount = Amount {
        requests: 1,
        tokens: estimate.total(),
    };
    limits::error::refusal(
        "the upstream of this model",
        denial,
        amount,
        Room::default(),
    )
}

fn all_failed(told: &[String]) -> Error {
    let message = if told.is_empty() {
        "No upstream of this model can be asked now: all of them failed lately.".to_owned()
    } else {
        format!("All upstreams of this model failed: {}.", told.join("; "))
    };
    Error::new(Kind::Unavailable, "all_targets_failed", message)
}
