//! What a call takes of a thing, and gives back.

use std::rc::Rc;

use super::{
    DENIED_MILLIS, DOWN_MILLIS, Denied, MOST_RETURNS, Stamp, State, Taken, Verdict, is_ahead,
};
use crate::limits::ledger::Owed;
use crate::limits::{Amount, Denial, Measure, Room};

impl State {
    pub(super) fn is_down(&self, now_millis: u64) -> bool {
        is_ahead(self.down_until_millis, DOWN_MILLIS, now_millis)
    }

    pub(super) fn owed(&self) -> Option<Owed> {
        self.credit.as_ref().map(|(owed, _)| *owed)
    }

    pub(super) fn taken(&mut self, amount: Amount, stamp: Stamp, now_millis: u64) -> Taken {
        self.demand.note(amount, now_millis);
        Taken {
            amount,
            stamp,
            own_millis: self.own.charge(amount, now_millis),
        }
    }

    pub(super) fn take_of_lease(&mut self, amount: Amount, now_millis: u64) -> Taken {
        self.spend(amount);
        let stamp = self.stamp.clone();
        self.taken(amount, stamp, now_millis)
    }

    /// One call at a time goes on before anybody was asked: where nothing is held, and nothing speaks against it.
    pub(super) fn may_have_credit(&self, amount: Amount, now_millis: u64) -> bool {
        self.credit.is_none()
            && self.full_millis.is_none()
            && !self.is_down(now_millis)
            && !self.lease.is_valid(now_millis)
            && self.own.free(Amount::NONE, &self.limits).covers(amount)
    }

    pub(super) fn take_on_credit(&mut self, amount: Amount, number: u64, now_millis: u64) -> Taken {
        let stamp = Stamp::default();
        self.credit = Some((Owed { number, amount }, stamp.clone()));
        self.taken(amount, stamp, now_millis)
    }

    pub(super) fn take_if_down(&mut self, amount: Amount, now_millis: u64) -> Option<Verdict> {
        let is_down = self.is_down(now_millis);
        is_down.then(|| self.take_alone(amount, now_millis))
    }

    /// While nobody can be asked this isolate alone keeps the whole limit.
    pub(super) fn take_alone(&mut self, amount: Amount, now_millis: u64) -> Verdict {
        let own = &self.own;
        let denial = own.denial(own, amount, Amount::NONE, &self.limits, now_millis);
        denial.map_or_else(|| Ok(self.take_of_lease(amount, now_millis)), Err)
    }

    /// Of the lease, as far as it goes.
    pub(super) fn spend(&mut self, amount: Amount) {
        self.spent = self.spent.plus(amount);
        let taken = self.lease.left.least(amount);
        self.lease.left = self.lease.left.minus(taken);
        self.lease.taken = self.lease.taken.plus(taken);
    }

    pub(super) fn give_back(&mut self, stamp: &Stamp, unused: Amount) {
        // There is room again.
        self.denied = None;
        if Rc::ptr_eq(stamp, &self.stamp) {
            let back = self.lease.taken.least(unused);
            self.lease.taken = self.lease.taken.minus(back);
            self.lease.left = self.lease.left.plus(back);
            self.spent = self.spent.minus(unused);
        } else if self.returns.len() < MOST_RETURNS {
            self.returns.push((stamp.clone(), unused));
        }
    }

    pub(super) fn known_denial(&self, amount: Amount, now_millis: u64) -> Option<Denial> {
        let denied = self.denied.as_ref()?;
        let measure = denied.denial.measure;
        let since = now_millis.abs_diff(denied.at_millis);
        let wait = denied.denial.wait_millis?;
        let holds =
            since < wait.min(DENIED_MILLIS) && amount.of(measure) >= denied.amount.of(measure);
        holds.then(|| Denial {
            wait_millis: Some(wait - since),
            ..denied.denial.clone()
        })
    }

    pub(super) fn deny(&mut self, amount: Amount, denial: Denial, at_millis: u64, now_millis: u64) {
        self.full_millis = self.full_millis.max(Some(at_millis));
        self.denied = Some(Denied {
            amount,
            denial,
            at_millis: now_millis,
        });
    }

    /// What the object said, with what is held here, and what this isolate used itself.
    pub(super) fn room(&self, now_millis: u64) -> Room {
        let mut room = self.own.room(Amount::NONE, &self.limits, now_millis);
        let Some((told, told_millis)) = &self.told else {
            return room;
        };
        let since = now_millis.saturating_sub(*told_millis);
        let pairs = [
            (&mut room.requests, told.requests, Measure::Requests),
            (&mut room.tokens, told.tokens, Measure::Tokens),
        ];
        for (own, told, measure) in pairs {
            // What was told is over when all of it is there again.
            let told = told.filter(|told| since < told.reset_millis);
            if let (Some(own), Some(told)) = (own, told) {
                let held = self.lease.left.of(measure);
                let theirs = told.remaining.saturating_add(held);
                own.remaining = own.remaining.min(theirs);
                own.reset_millis = own.reset_millis.max(told.reset_millis - since);
            }
        }
        room
    }
}
