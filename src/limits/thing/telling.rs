//! What the object is told of a thing, and what it says.

use std::collections::BTreeMap;

use super::{Asked, Held, LEASED_CALLS, MOST_AT_ONCE, ROUND_MILLIS, Stamp, State};
use crate::limits::ledger::{Charge, Lease, Owed, Reply, Report, Wanted};
use crate::limits::{Amount, Measure, Mode};

impl State {
    /// There was room, unless an answer that has come already was made later.
    pub(super) fn hear_of_room(&mut self, at_millis: u64) {
        self.full_millis.take_if(|full| *full < at_millis);
    }

    /// What every answer says.
    pub(super) fn hear(&mut self, asked: Asked, reply: &Reply, now_millis: u64) {
        self.down_until_millis = 0;
        self.told = Some((reply.room, now_millis));
        let is_owed = |(owed, _): &mut (Owed, Stamp)| Some(owed.number) == asked.owed;
        if let Some(at_millis) = reply.owed_millis
            && let Some((_, stamp)) = self.credit.take_if(is_owed)
        {
            stamp.set(Some(at_millis));
        }
    }

    pub(super) fn hold(&mut self, lease: &Lease, asked_millis: u64) {
        self.lease.left = lease.amount.minus(self.lease.taken);
        self.lease.size = lease.amount;
        self.lease.until_millis = if lease.amount == Amount::NONE {
            0
        } else {
            asked_millis.saturating_add(lease.millis)
        };
    }

    pub(super) fn has_news(&self) -> bool {
        self.sent.is_some()
            || self.is_unsure
            || self.credit.is_some()
            || self.spent != Amount::NONE
            || !self.lost.is_empty()
            || self.returns.iter().any(|(stamp, _)| stamp.get().is_some())
    }

    /// Once a round; sooner where a lease runs out, or a call went on without one.
    pub(super) fn is_due(&self, now_millis: u64) -> bool {
        let lease = &self.lease;
        // A clock that was set back is no reason to be silent.
        let since = now_millis.abs_diff(self.demand.since_millis);
        let is_wanted = self.wanted(now_millis).amount != Amount::NONE;
        let is_low = lease.is_held() && !lease.left.plus(lease.left).covers(lease.size);
        let is_over = lease.is_held()
            && (!is_wanted || lease.until_millis < now_millis.saturating_add(2 * ROUND_MILLIS));
        let is_missing = is_wanted && !lease.is_held();
        let is_urgent = self.credit.is_some()
            || is_wanted && is_low
            || is_missing && self.full_millis.is_none();
        is_urgent && !self.is_down(now_millis)
            || since >= ROUND_MILLIS && (self.has_news() || is_over || is_missing)
    }

    /// A lease, while there is use for it: for a call now and then it is not worth its questions.
    pub(super) fn wanted(&self, now_millis: u64) -> Wanted {
        let demand = &self.demand;
        let usual = demand.usual(now_millis);
        let is_new = self.told.is_none();
        let is_worth_while = self.mode == Mode::Leased
            && !demand.is_idle(now_millis)
            && (is_new || usual.requests >= LEASED_CALLS);
        let amount = if is_worth_while {
            usual.most(demand.largest)
        } else {
            Amount::NONE
        };
        let least = demand.largest;
        Wanted { amount, least }
    }

    pub(super) fn new_report(&mut self, number: u64, wanted: &Wanted, now_millis: u64) -> Report {
        let lease = &mut self.lease;
        // What is too little for a call is of more use to others.
        let is_kept = lease.is_valid(now_millis)
            && wanted.amount != Amount::NONE
            && lease.left.covers(wanted.least);
        if !is_kept {
            *lease = Held::default();
        }
        lease.taken = Amount::NONE;
        self.is_unsure = false;
        let kept = lease.left;
        let spent = std::mem::take(&mut self.spent);
        let of_minute = spent.least(Amount {
            requests: self.own.used(Measure::Requests),
            tokens: self.own.used(Measure::Tokens),
        });
        let report = Report {
            number,
            spent: of_minute,
            earlier_tokens: spent.minus(of_minute).tokens,
            returned: self.returned(),
            lost: std::mem::take(&mut self.lost),
            kept,
            ..Report::default()
        };
        let stamp = std::mem::take(&mut self.stamp);
        self.sent = Some((report.clone(), stamp));
        report
    }

    /// What can be given back now.
    pub(super) fn returned(&mut self) -> Vec<Charge> {
        let mut returned = BTreeMap::<u64, Amount>::new();
        self.returns.retain(|(stamp, amount)| {
            let Some(at_millis) = stamp.get() else {
                return true;
            };
            if returned.len() >= MOST_AT_ONCE && !returned.contains_key(&at_millis) {
                return true;
            }
            let sum = returned.entry(at_millis).or_default();
            *sum = sum.plus(*amount);
            false
        });
        let charge = |(at_millis, amount)| Charge { at_millis, amount };
        returned.into_iter().map(charge).collect()
    }
}
