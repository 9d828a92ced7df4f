//! A second attempt beside one that is slow: who has an answer first counts, the other is cancelled.

use futures_util::future::{Either, select};

use crate::exchange::Exchange;
use crate::exchange::course::choice::may_be_asked;
use crate::exchange::course::outcome::judged;
use crate::exchange::course::{Came, Course, Step, Turn};
use crate::json::Value;
use crate::platform::{ClientBody, Lane, Platform};
use crate::pool::Pool;
use crate::report::Report;
use crate::surface::{Call, Operation, Surface};
use crate::tab::Tab;

/// Who would be asked beside, and when.
pub(super) struct Plan {
    at: usize,
    delay_millis: u32,
}

/// Which of two was ready first.
enum Ahead<T, U> {
    First(T),
    Second(U),
}

async fn ahead<T: Future + Unpin, U: Future + Unpin>(
    first: T,
    second: U,
) -> Ahead<T::Output, U::Output> {
    match select(first, second).await {
        Either::Left((value, _)) => Ahead::First(value),
        Either::Right((value, _)) => Ahead::Second(value),
    }
}

/// Both, until one of them decides the matter; what is not there then is dropped.
async fn both<T, First, Second>(
    mut first: First,
    mut second: Second,
    decides: impl Fn(&T) -> bool,
) -> (Option<T>, Option<T>)
where
    First: Future<Output = T> + Unpin,
    Second: Future<Output = T> + Unpin,
{
    match ahead(&mut first, &mut second).await {
        Ahead::First(value) if decides(&value) => (Some(value), None),
        Ahead::First(value) => (Some(value), Some(second.await)),
        Ahead::Second(value) if decides(&value) => (None, Some(value)),
        Ahead::Second(value) => (Some(first.await), Some(value)),
    }
}

/// Whether nobody need wait for the other one. What went wrong on our side, with nothing sent or nothing heard, may not
/// go wrong there.
fn decides<P: Platform>(came: &Came<P>, now_millis: u64) -> bool {
    came.is_ok() && !judged(came, now_millis).goes_on
}

/// What an attempt beside has of its own. Dropped while it runs, because the client has left, it is accounted for.
struct Beside<'a, P: Platform> {
    platform: &'a P,
    report: Report,
    tab: Tab,
}

impl<P: Platform> Drop for Beside<'_, P> {
    fn drop(&mut self) {
        let tokens = self.tab.estimate.input;
        self.tab.leave_target(tokens, self.platform.now_millis());
    }
}

impl<'a, P: Platform> Exchange<'a, P> {
    /// A rival for a call's first attempt, where there is another target for it and the budget allows one. Without
    /// knowing how slow a target sometimes is nobody can say that it is slow now.
    pub(super) fn plan_of_rival(
        &self,
        turn: &Turn<'_>,
        course: &Course<'_, P::UpstreamBody>,
    ) -> Option<Plan> {
        let rules = course.pool.rules();
        let hedge = rules.hedge?;
        let at = *course.queue.front()?;
        let is_first = course.attempts == 0 && course.most > 1;
        if !is_first || !self.may_repeat(rules) || !may_run_twice(&self.call) {
            return None;
        }
        if !rules.hedges.is_enough() {
            return None;
        }
        let now_millis = self.platform.now_millis();
        let slow_millis = turn.condition.snapshot(now_millis).slow_first_byte_millis?;
        let delay_millis = u32::try_from(slow_millis).ok()?.max(hedge.least_millis);
        Some(Plan { at, delay_millis })
    }

    /// A target's turn, and the next one's beside it if it takes too long.
    pub(super) async fn race<'p>(
        &mut self,
        turn: &Turn<'p>,
        plan: Plan,
        course: &mut Course<'p, P::UpstreamBody>,
    ) -> Option<Step<P::UpstreamBody>> {
        let (platform, pool, names) = (self.platform, course.pool, course.names);
        let mut beside = Beside {
            platform,
            report: self.report.beside(),
            tab: self.tab.beside(),
        };
        let mut rival = self.rival(&mut beside);
        let mut first = Box::pin(self.search(turn.target));
        let starting = Box::pin(async {
            platform.sleep(plan.delay_millis).await;
            rival.begin_beside(plan.at, pool, names).await
        });
        let other = match ahead(&mut first, starting).await {
            Ahead::Second(Some(other)) => other,
            Ahead::Second(None) => {
                let came = first.await;
                return self.conclude(turn, came, course);
            }
            Ahead::First(came) => {
                drop(first);
                return self.conclude(turn, came, course);
            }
        };
        course.queue.pop_front();
        let second = Box::pin(rival.search(other.target));
        let decides = |came: &Came<P>| decides::<P>(came, platform.now_millis());
        let (step, is_rivals) = match both(first, second, decides).await {
            (Some(came), others) if others.is_none() || decides(&came) => {
                match others {
                    Some(others) => rival.set_aside(&other, others, course),
                    None => rival.cancel(&other),
                }
                (self.conclude(turn, came, course), false)
            }
            (came, Some(others)) => {
                match came {
                    Some(came) => self.set_aside(turn, came, course),
                    None => self.cancel(turn),
                }
                (rival.conclude(&other, others, course), true)
            }
            _ => (None, false),
        };
        self.join(&mut beside, is_rivals && step.is_some());
        step
    }

    /// The same call in the other lane.
    fn rival<'b>(&self, beside: &'b mut Beside<'a, P>) -> Exchange<'b, P>
    where
        'a: 'b,
    {
        Exchange {
            platform: self.platform,
            config: self.config,
            caller: self.caller,
            call: self.call.again(),
            lane: Lane::Second,
            gated: true,
            first_output_millis: self.first_output_millis,
            report: &mut beside.report,
            tab: &mut beside.tab,
        }
    }

    /// The rival's turn begins, if it may be sent, there is still time and budget, its target is still well and has room.
    async fn begin_beside<'p>(
        &mut self,
        at: usize,
        pool: &'p Pool,
        names: &'p [String],
    ) -> Option<Turn<'p>> {
        let hedges = &pool.rules().hedges;
        let is_of_use = self.may_repeat(pool.rules())
            && self.stands(at, pool, names).is_some_and(may_be_asked)
            && leaves_nothing(&self.call);
        if !is_of_use || !hedges.spend() {
            return None;
        }
        let Some(Ok(turn)) = self.enter(at, pool, names).await else {
            hedges.give_back();
            return None;
        };
        let waited = turn.begun_millis.saturating_sub(self.report.arrived_millis);
        self.report.upstream_millis = waited;
        Some(turn)
    }

    /// It failed, whatever else it says: the other attempt's word counts.
    fn set_aside<'p>(
        &mut self,
        turn: &Turn<'p>,
        came: Came<P>,
        course: &mut Course<'p, P::UpstreamBody>,
    ) {
        let judgement = self.weigh(turn, &came, course);
        self.fail(turn, came, &judgement, course);
    }

    /// The other one was quicker. It says nothing against the target but that it takes at least so long.
    fn cancel(&mut self, turn: &Turn<'_>) {
        self.platform.abandon(self.lane);
        let now_millis = self.platform.now_millis();
        let millis = now_millis.saturating_sub(turn.begun_millis);
        turn.condition.time(millis, now_millis);
        self.report
            .outcomes
            .push(format!("{} cancelled", turn.name));
        self.tab.leave_target(self.tab.estimate.input, now_millis);
    }

    /// What both have done was done for one call.
    fn join(&mut self, beside: &mut Beside<'_, P>, is_its_answer: bool) {
        self.report.join(&beside.report, is_its_answer);
        if is_its_answer {
            self.tab.take_over(&mut beside.tab);
        }
    }
}

/// Whether nothing of what such a call does lasts, as far as its path tells. A call of Azure AI Model Inference is
/// written anew for each target, in the place of the client's one body.
fn may_run_twice<Body>(call: &Call<Body>) -> bool {
    let operation = call.wanted.operation;
    call.wanted.surface != Surface::Inference
        && matches!(
            operation,
            Operation::Chat | Operation::Completions | Operation::Embeddings | Operation::Responses
        )
}

/// The same, as far as its body does: a response is stored unless it says otherwise, a chat only if it does.
fn leaves_nothing(call: &Call<impl ClientBody>) -> bool {
    let stores = match call.wanted.operation {
        Operation::Chat => false,
        Operation::Responses => true,
        _ => return true,
    };
    let body = call.body.whole();
    let said = Value::first(&body).and_then(|body| body.get("store"));
    !said.and_then(Value::as_bool).unwrap_or(stores)
}
