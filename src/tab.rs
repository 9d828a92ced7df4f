//! What one call has taken and not yet paid: reserved before it, settled once, by what it really used, when it is over;
//! also when its client has left, since dropping it settles it, too.

use std::rc::Rc;

use crate::condition::{Condition, Visit};
use crate::limits::estimate::Estimate;
use crate::limits::{Permit, Room};
use crate::pool::judgement::{self, Outcome};
use crate::usage::Usage;

/// Far above what a model reads and writes in one call.
const MOST_TOKENS: u64 = 1 << 30;

/// What a call owes.
#[derive(Default)]
pub struct Tab {
    /// To the client's limits, and to those of all.
    clients: Vec<Permit>,
    /// To the target that answers.
    target: Option<Debt>,
    /// Before anything is known.
    pub estimate: Estimate,
    usage: Option<Usage>,
    /// Whether tokens are counted, whoever asks for it.
    pub counts_tokens: bool,
    /// What is left of the limits that bound the caller.
    room: Room,
}

/// What is owed to one target.
struct Debt {
    permit: Option<Permit>,
    condition: Rc<Condition>,
    _visit: Visit,
}

impl Tab {
    pub fn open(estimate: Estimate) -> Self {
        Self {
            estimate,
            ..Self::default()
        }
    }

    /// What a limit that bounds the caller has granted.
    pub fn add(&mut self, permit: Permit) {
        self.room = self.room.within(permit.room());
        self.clients.push(permit);
    }

    pub fn room(&self) -> Room {
        self.room
    }

    /// The call goes to a target now.
    pub fn go_to(&mut self, permit: Option<Permit>, condition: Rc<Condition>, now_millis: u64) {
        let visit = condition.clone().visit(self.estimate.total(), now_millis);
        self.target = Some(Debt {
            permit,
            condition,
            _visit: visit,
        });
    }

    /// One for an attempt beside: it owes to that one's target alone.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self {
            estimate: self.estimate,
            counts_tokens: self.counts_tokens,
            ..Self::default()
        }
    }

    /// The answer is that of the attempt beside.
    pub fn take_over(&mut self, beside: &mut Self) {
        self.target = beside.target.take();
        self.usage = beside.usage.take();
    }

    /// Nothing was sent to that target.
    pub fn give_back_target(&mut self, now_millis: u64) {
        if let Some(permit) = self.target.take().and_then(|debt| debt.permit) {
            permit.release(now_millis);
        }
    }

    /// That target did not answer it, and has used so much of its share all the same.
    pub fn leave_target(&mut self, tokens: u64, now_millis: u64) {
        self.usage = None;
        if let Some(debt) = self.target.take() {
            debt.settle(tokens, now_millis);
        }
    }

    /// The target that answers broke off in the middle of it.
    pub fn break_off(&self, now_millis: u64) {
        if let Some(debt) = &self.target {
            let judgement = judgement::judge(Outcome::BrokeLate, now_millis);
            debt.condition
                .note(&judgement, "upstream_stream_broken", now_millis);
        }
    }

    /// What the answer said it took. One that says it took more than any call can is no witness: a month's budget
    /// would be gone with it.
    pub fn note(&mut self, usage: Usage) {
        if usage.total <= MOST_TOKENS {
            self.usage = Some(usage);
        }
    }

    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// The call is over. `output`: an estimate of what was generated, where nothing said it.
    pub fn close(mut self, output: Option<u64>, now_millis: u64) {
        self.settle(output, now_millis);
    }

    fn settle(&mut self, output: Option<u64>, now_millis: u64) {
        let estimate = Estimate {
            output: output.unwrap_or(self.estimate.output),
            ..self.estimate
        };
        let tokens = self.usage.map_or(estimate.total(), |usage| usage.total);
        for permit in self.clients.drain(..) {
            permit.settle(tokens, now_millis);
        }
        self.leave_target(tokens, now_millis);
    }
}

impl Debt {
    fn settle(self, tokens: u64, now_millis: u64) {
        self.condition.count(tokens, now_millis);
        if let Some(permit) = self.permit {
            permit.settle(tokens, now_millis);
        }
    }
}
