//! Which targets a call may go to, and in which order: what the pure decision needs to know, gathered.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::condition::{Conditions, Standing};
use crate::exchange::course::Course;
use crate::exchange::{Exchange, conversation};
use crate::limits::{self, Amount, Denial, Limited, Permit};
use crate::platform::{ClientBody, Platform};
use crate::pool::order::{self, Candidate, Circumstances, Order};
use crate::pool::{Fallback, Pool, Strategy, Target, TargetModel};
use crate::surface::BodyKind;

/// Whether there is nothing to choose, to count, or to try again: such a pool pays for none of it.
pub(super) fn is_plain(pool: &Pool) -> bool {
    let rules = pool.rules();
    let [target] = pool.targets() else {
        return false;
    };
    target.share.limits.is_none()
        && !rules.counts_tokens
        && rules.attempts.is_none_or(|most| most <= 1)
        && rules.fallback == Fallback::default()
}

impl<P: Platform> Exchange<'_, P> {
    /// What the targets are called where they are told of.
    pub(super) fn called(&self, pool: &Pool) -> Vec<String> {
        let asked = self.call.model.as_deref();
        let targets = pool.targets().iter();
        targets
            .map(|target| target.called(target.model(asked)))
            .collect()
    }

    /// In which order the targets are tried in this round.
    pub(super) fn order(&self, course: &Course<'_, P::UpstreamBody>) -> Order {
        self.order_of(course.pool, course.names, course.round)
    }

    fn order_of(&self, pool: &Pool, names: &[String], round: u32) -> Order {
        if !pool.has_alternatives() && round == 0 {
            // Whatever is known of it: nobody else could be asked.
            return Order {
                tried: vec![0],
                ..Order::default()
            };
        }
        let now_millis = self.platform.now_millis();
        let conditions = self.platform.memory().conditions();
        let candidates = pool.targets().iter().zip(names);
        let candidates: Vec<Candidate<'_>> = candidates
            .map(|(target, name)| candidate(target, name, conditions, now_millis))
            .collect();
        let is_bound = pool.rules().strategy == Strategy::Affinity;
        let given = Circumstances {
            now_millis,
            tokens: self.tab.estimate.total(),
            dice: self.dice(round),
            conversation: is_bound.then(|| conversation::digest(&self.call)).flatten(),
        };
        order::order(pool.rules(), &candidates, &given)
    }

    /// Who comes next of those that are left. Behind an attempt, which took its time, it counts how they stand by then: who
    /// has said when to come again is passed over, who fails comes behind the others, and last what is at a provider of
    /// which everything failed.
    pub(super) fn next(&self, course: &mut Course<'_, P::UpstreamBody>) -> Option<usize> {
        if course.attempts == 0 {
            return course.queue.pop_front();
        }
        let (pool, names) = (course.pool, course.names);
        let now_millis = self.platform.now_millis();
        let failures = &mut course.failures;
        course.queue.retain(|at| {
            let rests_for = self.stands(*at, pool, names).and_then(by_its_word);
            failures.wait(rests_for, now_millis);
            rests_for.is_none()
        });
        let has_failed = |at: usize| {
            let provider = pool.targets().get(at).map(|it| it.provider.name.as_str());
            provider.is_some_and(|name| course.failed_providers.contains(&name))
        };
        let fails = |at: usize| !self.stands(at, pool, names).is_some_and(may_be_asked);
        let queue = course.queue.iter().enumerate();
        let (first, _) = queue.min_by_key(|(_, at)| (has_failed(**at), fails(**at)))?;
        course.queue.remove(first)
    }

    /// How the target at a place of the pool stands now.
    pub(super) fn stands(&self, at: usize, pool: &Pool, names: &[String]) -> Option<Standing> {
        let (target, name) = (pool.targets().get(at)?, names.get(at)?);
        let now_millis = self.platform.now_millis();
        let conditions = self.platform.memory().conditions();
        let condition = conditions.of(name, &target.provider.name);
        Some(condition.standing(now_millis))
    }

    /// The places of all targets, in the order in which a call of now would try them.
    pub(in crate::exchange) fn places(&self, pool: &Pool) -> Vec<usize> {
        let order = self.order_of(pool, &self.called(pool), 0);
        let mut places = [order.tried, order.last_resorts].concat();
        // Who is left alone comes when it may be asked again.
        let others = 0..pool.targets().len();
        let others: Vec<usize> = others.filter(|at| !places.contains(at)).collect();
        places.extend(others);
        places
    }

    /// Chance without a question to the runtime: the ids of requests are random.
    pub(super) fn dice(&self, round: u32) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.report.request_id, round).hash(&mut hasher);
        hasher.finish()
    }

    /// What a target's own limits grant.
    pub(super) async fn permit(
        &self,
        target: &Target,
        name: &str,
    ) -> Result<Option<Permit>, Denial> {
        let share = &target.share;
        if share.limits.is_none() {
            return Ok(None);
        }
        let provider = &target.provider.name;
        let name = if share.is_providers {
            format!("target:{provider}")
        } else if target.model == TargetModel::AsAsked {
            // Each name that a client makes up would have an allowance of its own.
            format!("target:{provider}/*")
        } else {
            format!("target:{name}")
        };
        let limited = Limited {
            name,
            limits: share.limits,
            mode: self.config.limits_mode,
        };
        let amount = Amount {
            requests: 1,
            tokens: self.tab.estimate.total(),
        };
        let permit = limits::reserve(self.platform, &limited, amount).await;
        permit.map(Some)
    }

    /// A form is read to its end where it may have to be sent again. One that says it is too large to be held is not,
    /// and one that turns out to be goes on as a stream; both go to the first target only. A body of no known kind may be
    /// of any size, and is a job, a file: nothing to be sent twice.
    pub(in crate::exchange) async fn hold_form(&mut self) {
        let is_form = self.call.wanted.operation.body_kind() == BodyKind::Multipart;
        if is_form && !self.call.body.is_replayable() && !self.is_too_large() {
            self.hold().await;
        }
    }
}

pub(super) fn may_be_asked(standing: Standing) -> bool {
    matches!(standing, Standing::Well | Standing::ToBeTried)
}

/// For how long a target asked to be left alone.
fn by_its_word(standing: Standing) -> Option<u64> {
    match standing {
        Standing::Resting {
            millis,
            is_its_word: true,
        } => Some(millis),
        _ => None,
    }
}

fn candidate<'a>(
    target: &Target,
    name: &'a str,
    conditions: &Conditions,
    now_millis: u64,
) -> Candidate<'a> {
    Candidate {
        key: name,
        priority: target.share.priority,
        weight: target.share.weight,
        tpm: target.share.tpm(),
        is_providers: target.share.is_providers,
        snapshot: conditions
            .of(name, &target.provider.name)
            .compared(now_millis),
    }
}
