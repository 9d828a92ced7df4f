//! The course of a call over the targets of its pool: in which order, how often, until when, and what it comes to if none
//! serves it.

mod choice;
mod deadline;
mod hedge;
mod outcome;

use std::collections::VecDeque;
use std::rc::Rc;

use crate::condition::Condition;
use crate::error::Result;
use crate::exchange::{Exchange, Reply};
use crate::later;
use crate::limits::Denial;
use crate::platform::{ClientBody, Platform};
use crate::pool::judgement::{Effect, Judgement, Reason, Scope};
use crate::pool::order::Order;
use crate::pool::wait::backoff_millis;
use crate::pool::{Fallback, Pool, Target};

use outcome::{Failures, is_answer, judged, words};

/// To the targets of one pool at most, where its owner says nothing: a Worker may ask fifty times a request.
const MOST_ATTEMPTS: usize = 5;

/// What one attempt, or all of them, came to.
type Came<P> = Result<Reply<<P as Platform>::UpstreamBody>>;

/// Where a call stands on its way over a pool. `attempts <= most`.
struct Course<'p, UpstreamBody> {
    pool: &'p Pool,
    /// What the targets are called, in the pool's order.
    names: &'p [String],
    /// How often the call is sent at most.
    most: usize,
    attempts: usize,
    /// How often all that could be tried were tried already.
    round: u32,
    /// The places of those still to be tried in this round.
    queue: VecDeque<usize>,
    /// And of those that would fail the same way again.
    given_up: Vec<usize>,
    /// The names of the providers of which everything failed.
    failed_providers: Vec<&'p str>,
    failures: Failures<UpstreamBody>,
}

/// A call at one target.
struct Turn<'p> {
    at: usize,
    target: &'p Target,
    name: &'p str,
    condition: Rc<Condition>,
    begun_millis: u64,
    /// How many requests had gone out for the call before it.
    sent: u32,
}

/// What ends a course.
enum Step<UpstreamBody> {
    /// It is what the client gets.
    Done(Result<Reply<UpstreamBody>>),
    /// Another model may do what this one refused to.
    Instead(Reason, Result<Reply<UpstreamBody>>),
}

impl<P: Platform> Exchange<'_, P> {
    pub(super) async fn course(&mut self, pool: &Pool) -> Came<P> {
        self.keep_alive(pool);
        match self.among(pool).await {
            Step::Done(came) => came,
            Step::Instead(reason, refused) => self.fall_back(pool, reason, refused).await,
        }
    }

    /// Once. What another model cannot do better leaves the first one's refusal as the answer: it is that of the model
    /// the client asked for.
    async fn fall_back(&mut self, pool: &Pool, reason: Reason, refused: Came<P>) -> Came<P> {
        let Some(model) = instead(&pool.rules().fallback, reason) else {
            return refused;
        };
        let serving = self.config.serving(&self.call.wanted, Some(model));
        let Ok((_, other)) = serving else {
            return refused;
        };
        let source = self.report.source();
        let asked = self.call.model.replace(model.to_owned());
        match self.among(&other).await {
            Step::Done(came) if is_answer(&came) => came,
            _ => {
                self.call.model = asked;
                self.report.come_from(source);
                refused
            }
        }
    }

    async fn among(&mut self, pool: &Pool) -> Step<P::UpstreamBody> {
        if let [target] = pool.targets()
            && choice::is_plain(pool)
        {
            self.gated = false;
            self.first_output_millis = pool.rules().first_output_millis;
            return Step::Done(self.search(target).await);
        }
        let names = self.called(pool);
        let mut course = Course::new(pool, &names);
        if let Some(hedge) = &pool.rules().hedge {
            pool.rules().hedges.earn(hedge.percent);
        }
        if course.most > 1 {
            self.hold_form().await;
        }
        loop {
            if let Some(step) = self.round(&mut course).await {
                return step;
            }
            let Some(millis) = self.pause(&course) else {
                return Step::Done(self.outcome(course.failures));
            };
            self.platform.sleep(millis).await;
            course.round += 1;
        }
    }

    /// Tries those that can serve it, one after the other, and the last resorts only if none of them was there.
    async fn round(
        &mut self,
        course: &mut Course<'_, P::UpstreamBody>,
    ) -> Option<Step<P::UpstreamBody>> {
        let Order {
            tried,
            last_resorts,
            wait_millis,
        } = self.order(course);
        course
            .failures
            .begin_round(wait_millis, self.platform.now_millis());
        let before = course.attempts;
        let step = self.visit_all(tried, course).await;
        if step.is_some() || course.attempts > before {
            return step;
        }
        self.visit_all(last_resorts, course).await
    }

    async fn visit_all(
        &mut self,
        places: Vec<usize>,
        course: &mut Course<'_, P::UpstreamBody>,
    ) -> Option<Step<P::UpstreamBody>> {
        course.queue = places.into();
        course.queue.retain(|at| !course.given_up.contains(at));
        while self.may_go_on(course)
            && let Some(at) = self.next(course)
        {
            let step = self.visit(at, course).await;
            if step.is_some() {
                return step;
            }
        }
        None
    }

    /// Whether one attempt more may begin.
    fn may_go_on(&self, course: &Course<'_, P::UpstreamBody>) -> bool {
        let is_first = course.attempts == 0;
        course.attempts < course.most && (is_first || self.may_repeat(course.pool.rules()))
    }

    /// Tries the target at a place of the pool; None: on to the next.
    async fn visit(
        &mut self,
        at: usize,
        course: &mut Course<'_, P::UpstreamBody>,
    ) -> Option<Step<P::UpstreamBody>> {
        let turn = match self.enter(at, course.pool, course.names).await? {
            Ok(turn) => turn,
            Err((name, denial)) => {
                self.tell(course, name, "limited");
                let now_millis = self.platform.now_millis();
                course.failures.deny(name, denial, now_millis);
                return None;
            }
        };
        self.gate(course);
        if let Some(plan) = self.plan_of_rival(&turn, course) {
            return self.race(&turn, plan, course).await;
        }
        let came = self.search(turn.target).await;
        self.conclude(&turn, came, course)
    }

    /// The call goes to a target now, if that one's own limits let it.
    async fn enter<'p>(
        &mut self,
        at: usize,
        pool: &'p Pool,
        names: &'p [String],
    ) -> Option<std::result::Result<Turn<'p>, (&'p str, Denial)>> {
        let (target, name) = (pool.targets().get(at)?, names.get(at)?.as_str());
        let permit = match self.permit(target, name).await {
            Ok(permit) => permit,
            Err(denial) => return Some(Err((name, denial))),
        };
        let begun_millis = self.platform.now_millis();
        let conditions = self.platform.memory().conditions();
        let condition = conditions.of(name, &target.provider.name);
        self.tab.go_to(permit, condition.clone(), begun_millis);
        Some(Ok(Turn {
            at,
            target,
            name,
            condition,
            begun_millis,
            sent: self.report.attempts,
        }))
    }

    /// A stream is held back as long as another target may take over from it.
    fn gate(&mut self, course: &Course<'_, P::UpstreamBody>) {
        let is_last_place = course.queue.is_empty() && !course.has_more_rounds();
        let is_last = is_last_place || course.attempts + 1 >= course.most;
        self.gated = !is_last && self.may_repeat(course.pool.rules());
        self.first_output_millis = course.pool.rules().first_output_millis;
    }

    /// What follows from an attempt; None: on to the next.
    fn conclude<'p>(
        &mut self,
        turn: &Turn<'p>,
        came: Came<P>,
        course: &mut Course<'p, P::UpstreamBody>,
    ) -> Option<Step<P::UpstreamBody>> {
        let judgement = self.weigh(turn, &came, course);
        let fallback = &course.pool.rules().fallback;
        if let Some(reason) = judgement.reason
            && instead(fallback, reason).is_some()
            && self.call.body.is_replayable()
        {
            self.leave(turn, &came);
            return Some(Step::Instead(reason, came));
        }
        // What one upstream has stored or begun, another would store or begin once more.
        let is_lost = came.is_err() && self.has_left_something();
        if judgement.goes_on && !is_lost {
            self.fail(turn, came, &judgement, course);
            return None;
        }
        if !is_answer(&came) {
            self.leave(turn, &came);
        }
        Some(Step::Done(came))
    }

    /// Judges an attempt, and writes down what it tells: of the target, and in the log.
    fn weigh(
        &mut self,
        turn: &Turn<'_>,
        came: &Came<P>,
        course: &mut Course<'_, P::UpstreamBody>,
    ) -> Judgement {
        let judgement = judged(came, self.platform.now_millis());
        self.note(turn, came, &judgement);
        self.tell(course, turn.name, &words(came));
        // What was never sent is no attempt.
        course.attempts += usize::from(self.has_sent(turn));
        judgement
    }

    /// For the log: what became of each target whose turn it was, where there is more than one turn.
    fn tell(&mut self, course: &Course<'_, P::UpstreamBody>, name: &str, words: &str) {
        if course.most > 1 || course.pool.has_alternatives() {
            self.report.outcomes.push(format!("{name} {words}"));
        }
    }

    /// Another target is to do what this one did not.
    fn fail<'p>(
        &mut self,
        turn: &Turn<'p>,
        came: Came<P>,
        judgement: &Judgement,
        course: &mut Course<'p, P::UpstreamBody>,
    ) {
        self.leave(turn, &came);
        let is_broken = matches!(judgement.effect, Effect::Broken | Effect::BrokenHere);
        if judgement.scope == Scope::Request || is_broken {
            course.given_up.push(turn.at);
        }
        if judgement.scope == Scope::Provider {
            course.failed_providers.push(&turn.target.provider.name);
        }
        let now_millis = self.platform.now_millis();
        let failures = &mut course.failures;
        failures.wait(judgement.wait_millis, now_millis);
        failures.add(turn.name, came, judgement, self.report.source());
        // The call may go on for long; others had better know now.
        later::tidy_up(self.platform);
    }

    /// How long to wait before all of them are asked once more; None: that is all.
    fn pause(&self, course: &Course<'_, P::UpstreamBody>) -> Option<u32> {
        let now_millis = self.platform.now_millis();
        let said_millis = course.failures.wait_millis(now_millis);
        let is_hopeless = course.given_up.len() >= course.pool.targets().len()
            || course.attempts == 0 && said_millis.is_none();
        if is_hopeless || !course.has_more_rounds() || course.attempts >= course.most {
            return None;
        }
        let millis = backoff_millis(course.round, self.dice(course.round), said_millis);
        self.may_wait(course.pool.rules(), millis)
    }
}

impl<'p, UpstreamBody> Course<'p, UpstreamBody> {
    fn new(pool: &'p Pool, names: &'p [String]) -> Self {
        let most = pool.rules().attempts;
        let most = most.unwrap_or_else(|| names.len().min(MOST_ATTEMPTS));
        Self {
            pool,
            names,
            most: most.max(1),
            attempts: 0,
            round: 0,
            queue: VecDeque::new(),
            given_up: Vec::new(),
            failed_providers: Vec::new(),
            failures: Failures::default(),
        }
    }

    /// Only where more attempts are allowed than there are targets. Each round is one attempt at least, or a wait: there
    /// are never more of them than attempts.
    fn has_more_rounds(&self) -> bool {
        let rounds = usize::try_from(self.round).unwrap_or(usize::MAX);
        self.most > self.names.len() && rounds.saturating_add(1) < self.most
    }
}

/// The model that may do what a refusal is about.
fn instead(fallback: &Fallback, reason: Reason) -> Option<&str> {
    match reason {
        Reason::ContentFilter => fallback.content_filter.as_deref(),
        Reason::ContextLength => fallback.context_length.as_deref(),
    }
}
