//! The course of a call over the targets of its pool: in which order, until when, and what it comes to if none does.

use std::rc::Rc;

use crate::condition::Condition;
use crate::error::{Error, Kind, Result};
use crate::exchange::{Exchange, Reply, may_go_to_another_target};
use crate::limits::{self, Amount, Limited, Permit};
use crate::platform::{ClientBody, Platform};
use crate::pool::judgement::{self, Judgement, Outcome, Reason};
use crate::pool::order::{self, Candidate, Circumstances, Order};
use crate::pool::{Pool, Target};

/// To the targets of one pool at most, where its owner says nothing: a Worker may ask fifty times a request.
const MOST_ATTEMPTS: usize = 5;

/// What has come of the attempts so far.
struct Course<UpstreamBody> {
    attempts: usize,
    /// Each target that failed, with the words of it.
    failures: Vec<String>,
    /// What the client gets if nothing better comes.
    best: Option<Result<Reply<UpstreamBody>>>,
    /// The shortest time after which one of those that are busy may serve again.
    wait_millis: Option<u64>,
    /// Nothing failed but for want of room.
    is_all_busy: bool,
}

/// What became of one target.
enum Step<UpstreamBody> {
    /// It is what the client gets.
    Done(Result<Reply<UpstreamBody>>),
    /// Another model may do what this one refused to.
    Instead(Reason, Result<Reply<UpstreamBody>>),
}

impl<P: Platform> Exchange<'_, P> {
    pub(super) async fn course(&mut self, pool: &Pool) -> Result<Reply<P::UpstreamBody>> {
        if let Some(millis) = pool.rules().keep_alive_millis
            && self.call.stream
        {
            self.platform.keep_alive(millis);
        }
        match self.among(pool).await {
            Step::Done(outcome) => outcome,
            Step::Instead(reason, refused) => self.fall_back(pool, reason, refused).await,
        }
    }

    /// Once: what the other model says counts.
    async fn fall_back(
        &mut self,
        pool: &Pool,
        reason: Reason,
        refused: Result<Reply<P::UpstreamBody>>,
    ) -> Result<Reply<P::UpstreamBody>> {
        let fallback = &pool.rules().fallback;
        let model = match reason {
            Reason::ContentFilter => fallback.content_filter.as_ref(),
            Reason::ContextLength => fallback.context_length.as_ref(),
        };
        let Some(model) = model.filter(|_| self.call.body.is_replayable()) else {
            return refused;
        };
        let (_, other) = self.config.serving(&self.call.wanted, Some(model))?;
        self.call.model = Some(model.clone());
        match self.among(&other).await {
            Step::Done(outcome) | Step::Instead(_, outcome) => outcome,
        }
    }

    async fn among(&mut self, pool: &Pool) -> Step<P::UpstreamBody> {
        let mut course = Course {
            attempts: 0,
            failures: Vec::new(),
            best: None,
            wait_millis: None,
            is_all_busy: true,
        };
        let order = self.order(pool);
        course.wait(order.wait_millis);
        let Order {
            tried,
            last_resorts,
            ..
        } = order;
        for at in tried {
            if let Some(step) = self.visit(pool, at, &mut course).await {
                return step;
            }
        }
        if course.attempts == 0 {
            for at in last_resorts {
                if let Some(step) = self.visit(pool, at, &mut course).await {
                    return step;
                }
            }
        }
        Step::Done(course.outcome())
    }

    /// Tries the target at a place of the pool; None: on to the next.
    async fn visit(
        &mut self,
        pool: &Pool,
        at: usize,
        course: &mut Course<P::UpstreamBody>,
    ) -> Option<Step<P::UpstreamBody>> {
        let target = pool.targets().get(at)?;
        let most = pool.rules().attempts.unwrap_or(MOST_ATTEMPTS);
        let now = self.platform.now_millis();
        let is_late = now.saturating_sub(self.report.arrived_millis)
            >= u64::from(pool.rules().deadline_millis);
        if course.attempts >= most || course.attempts > 0 && is_late {
            return None;
        }
        let permit = match self.permit(target).await {
            Ok(permit) => permit,
            Err(wait_millis) => {
                course.wait(wait_millis);
                return None;
            }
        };
        course.attempts += 1;
        let (name, condition) = self.condition(target);
        self.tab.go_to(permit, condition.clone(), now);
        let outcome = self.search(target).await;
        let judgement = self.judged(&outcome);
        self.note(&outcome, &judgement, &condition);
        let words = words(&outcome);
        if pool.has_alternatives() {
            self.report.outcomes.push(format!("{name} {words}"));
        }
        if let Some(reason) = judgement.reason {
            return Some(Step::Instead(reason, outcome));
        }
        let is_lost = outcome.is_err() && self.has_left_something();
        let is_last = !pool.has_alternatives() || !self.call.body.is_replayable();
        if !judgement.goes_on || is_lost || is_last {
            return Some(Step::Done(outcome));
        }
        self.tab.leave_target(0, self.platform.now_millis());
        course.failures.push(format!("{name}: {words}"));
        course.wait(judgement.wait_millis);
        course.is_all_busy &= matches!(&outcome, Ok(Reply::Refused(it)) if it.status == 429);
        let is_answer = outcome.is_ok();
        if is_answer || !matches!(course.best, Some(Ok(_))) {
            course.best = Some(outcome);
        }
        None
    }

    /// In which order the targets are tried.
    pub(super) fn order(&self, pool: &Pool) -> Order {
        if !pool.has_alternatives() {
            // Whatever is known of it: nobody else could be asked.
            return Order {
                tried: vec![0],
                ..Order::default()
            };
        }
        let now_millis = self.platform.now_millis();
        let conditions = self.platform.memory().conditions();
        let asked = self.call.model.as_deref();
        let names: Vec<String> = pool
            .targets()
            .iter()
            .map(|target| target.called(target.model(asked)))
            .collect();
        let candidates: Vec<Candidate<'_>> = pool
            .targets()
            .iter()
            .zip(&names)
            .map(|(target, name)| Candidate {
                key: name,
                priority: target.share.priority,
                weight: target.share.weight,
                tpm: target.share.tpm(),
                is_providers: target.share.is_providers,
                snapshot: conditions
                    .of(name, &target.provider.name)
                    .compared(now_millis),
            })
            .collect();
        let given = Circumstances {
            now_millis,
            tokens: self.tab.estimate.total(),
            dice: 0,
            conversation: None,
        };
        order::order(pool.rules(), &candidates, &given)
    }

    fn condition(&self, target: &Target) -> (String, Rc<Condition>) {
        let name = target.called(target.model(self.call.model.as_deref()));
        let conditions = self.platform.memory().conditions();
        let condition = conditions.of(&name, &target.provider.name);
        (name, condition)
    }

    /// What a target's own limits grant; else how long to wait, if that is known.
    async fn permit(&self, target: &Target) -> std::result::Result<Option<Permit>, Option<u64>> {
        let share = &target.share;
        if share.limits.is_none() {
            return Ok(None);
        }
        let name = if share.is_providers {
            target.provider.name.clone()
        } else {
            target.called(target.model(self.call.model.as_deref()))
        };
        let limited = Limited {
            name: format!("target:{name}"),
            limits: share.limits,
            mode: self.config.limits_mode,
        };
        let amount = Amount {
            requests: 1,
            tokens: self.tab.estimate.total(),
        };
        let permit = limits::reserve(self.platform, &limited, amount).await;
        permit.map(Some).map_err(|denial| denial.wait_millis)
    }

    fn judged(&self, outcome: &Result<Reply<P::UpstreamBody>>) -> Judgement {
        let now = self.platform.now_millis();
        match outcome {
            Ok(Reply::Refused(refused)) => {
                let refusal = refused
                    .dialect
                    .refusal(refused.clone(), crate::surface::Surface::OpenAi);
                let told = refusal.told();
                judgement::judge(
                    Outcome::Refused(judgement::Refusal {
                        status: refused.status,
                        headers: &refused.headers,
                        code: &told.code,
                        kind: &told.kind,
                        message: &told.message,
                        is_ours: refused.is_ours,
                        is_missing_model: refused.is_missing_model(),
                        is_about_place: refused.is_about_place(),
                    }),
                    now,
                )
            }
            Ok(_) => judgement::judge(Outcome::Answered, now),
            Err(error) => judgement::judge(of_error(error), now),
        }
    }

    fn note(
        &self,
        outcome: &Result<Reply<P::UpstreamBody>>,
        judgement: &Judgement,
        condition: &Condition,
    ) {
        let now = self.platform.now_millis();
        if let Some(headers) = outcome.as_ref().ok().and_then(Reply::headers) {
            condition.learn(headers, now);
        }
        if let (Ok(_), Some(millis)) = (outcome, self.report.waited_millis) {
            condition.time(millis, now);
        }
        condition.note(judgement, &words(outcome), now);
    }
}

impl<UpstreamBody> Course<UpstreamBody> {
    fn wait(&mut self, millis: Option<u64>) {
        if let Some(millis) = millis {
            let shortest = self.wait_millis.map_or(millis, |other| other.min(millis));
            self.wait_millis = Some(shortest);
        }
    }

    /// What the client gets where no target served it.
    fn outcome(self) -> Result<Reply<UpstreamBody>> {
        let wait_millis = self.wait_millis.filter(|_| self.is_all_busy);
        match (self.best, wait_millis) {
            (Some(Ok(Reply::Refused(mut refused))), Some(millis)) => {
                let seconds = millis.div_ceil(1000).max(1);
                refused.headers.set("retry-after", &seconds.to_string());
                refused.headers.set("retry-after-ms", &millis.to_string());
                Ok(Reply::Refused(refused))
            }
            (Some(Ok(reply)), _) => Ok(reply),
            (Some(Err(error)), _) if self.attempts == 1 => Err(error),
            (None, Some(millis)) => Err(all_busy(millis)),
            (_, _) => Err(all_failed(&self.failures)),
        }
    }
}

fn of_error(error: &Error) -> Outcome<'static> {
    match error.kind {
        Kind::Timeout if error.code == "upstream_silent" => Outcome::Silent,
        Kind::Timeout => Outcome::Timeout,
        Kind::BadGateway if error.code == "upstream_stream_interrupted" => Outcome::BrokeOff,
        Kind::BadGateway => Outcome::Unreachable,
        _ if may_go_to_another_target(error) => Outcome::Unfit,
        _ => Outcome::Clients,
    }
}

/// For the log, the status page and an error that lists them: nothing an upstream said.
fn words<UpstreamBody>(outcome: &Result<Reply<UpstreamBody>>) -> String {
    match outcome {
        Ok(Reply::Refused(refused)) => refused.status.to_string(),
        Ok(Reply::Native { inbound, .. } | Reply::Stream { inbound, .. }) => {
            inbound.status.to_string()
        }
        Ok(Reply::Whole { status, .. }) => status.to_string(),
        Ok(Reply::Demo(_)) => "200".to_owned(),
        Err(error) => error.word().to_owned(),
    }
}

fn all_busy(millis: u64) -> Error {
    let retry_after_secs = millis.div_ceil(1000).max(1);
    let message = format!(
        "All upstreams of this model are at their limits. Try again in {retry_after_secs} s."
    );
    Error::new(
        Kind::RateLimited { retry_after_secs },
        "rate_limit_exceeded",
        message,
    )
}

fn all_failed(failures: &[String]) -> Error {
    let failures = failures.join("; ");
    let message = format!("All upstreams of this model failed: {failures}.");
    Error::new(Kind::Unavailable, "all_targets_failed", message)
}
