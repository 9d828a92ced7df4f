//! What a shared object counts: all that was reserved, leased and used of one thing.
//!
//! At every time `used + open <= limit` holds when something is granted, where `used` is what was charged in the last
//! minute (or in this day, this month), and `open` what isolates were promised and have not reported. What a report
//! says was used is charged when it comes, which is later than it was used: the sum of any minute stays within the limit.
//!
//! # On disk
//!
//! A write for each request would cost each request the time of a disk. To forget what was granted would let an object
//! that restarts grant it again. So what is on disk is always ahead: before an answer goes out that is not covered
//! yet, everything so far is written, and with it a block of what may be granted next, as a promise to nobody in
//! particular. What is granted from that block needs no further write. After a crash the block counts as promised,
//! and then as used; when nothing was asked for a while what is exact is written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::holders::{Counted, Heard, Holders};
use super::tally::Tally;
use super::{Amount, Denial, Limits, Room};

/// So long a lease may be used. Its isolate comes back every second: three may fail.
pub const LEASE_MILLIS: u64 = 4000;

/// No isolate gets more than this part of what is left: what one does not use another may need.
const SHARE: u64 = 8;

/// So long a block on disk is granted from, and so is the least time between two writes, unless more is used than it
/// holds: a twentieth of a minute's limit, a thousandth of a day's, a twenty-thousandth of a month's.
const BLOCK_MILLIS: u64 = 5000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Command {
    Reserve(Reserve),
    Report(Box<Report>),
}

/// Before a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserve {
    /// The isolate.
    pub holder: String,
    /// Of that isolate's calls.
    pub number: u64,
    pub amount: Amount,
    pub owed: Option<Owed>,
    /// As they are configured now.
    pub limits: Limits,
}

/// A call that an isolate let go on before it asked. Charged once, however often it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    pub number: u64,
    pub amount: Amount,
}

/// What an isolate has used, and wants to use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub holder: String,
    /// Grows. What is told under a number is counted once.
    pub number: u64,
    /// Since the report before, of its lease or without.
    pub spent: Amount,
    /// More than a minute ago, while nobody could be asked.
    pub earlier_tokens: u64,
    /// What was charged and not used.
    pub returned: Vec<Charge>,
    /// Calls that were not made, or not as they were reserved, and of whose reservations no answer came.
    pub lost: Vec<u64>,
    pub owed: Option<Owed>,
    /// What it still holds of its lease; the rest of that is handed back.
    pub kept: Amount,
    pub wanted: Wanted,
    pub limits: Limits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    pub at_millis: u64,
    pub amount: Amount,
}

/// A lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// All that is to be held; nothing: none is wanted.
    pub amount: Amount,
    /// Less is of no use: one call. Where there is no room for it the answer says so, whatever is wanted.
    pub least: Amount,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// When it was charged.
    pub at_millis: u64,
    /// When what was owed was charged.
    pub owed_millis: Option<u64>,
    pub room: Room,
    pub word: Word,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    Granted,
    Denied(Denial),
    Leased(Lease),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// All that may be used from when the report was made, what was kept included.
    pub amount: Amount,
    /// For so long, from when it was asked for.
    pub millis: u64,
    /// There is no room for a call more.
    pub denial: Option<Denial>,
}

#[derive(Clone, Debug, Default)]
pub struct Ledger {
    tally: Tally,
    holders: Holders,
    disk: Disk,
}

/// What is on disk beyond what was granted.
#[derive(Clone, Debug, Default)]
struct Disk {
    /// What is left of the block, and until when it may be granted from.
    ahead: Amount,
    until_millis: u64,
    /// Less is there than was granted.
    is_behind: bool,
    /// What is there is not exact.
    is_stale: bool,
}

/// What is on disk.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    tally: Tally,
    open: Amount,
    until_millis: u64,
    /// Written with what they changed: what was not counted here was not given back here either.
    reports: BTreeMap<String, Counted>,
}

impl Ledger {
    pub fn restored(saved: Saved, now_millis: u64) -> Self {
        let latest = now_millis.saturating_add(BLOCK_MILLIS + LEASE_MILLIS);
        let mut holders = Holders::that_reported(saved.reports, now_millis);
        holders.promise(saved.open, saved.until_millis.min(latest));
        Self {
            tally: saved.tally.sound(now_millis),
            holders,
            disk: Disk::default(),
        }
    }

    /// What has to be on disk before the last answer goes out, if that is not there yet.
    pub fn due(&mut self) -> Option<Saved> {
        std::mem::take(&mut self.disk.is_behind).then(|| self.saved())
    }

    /// What is exact, if something else is on disk.
    pub fn rest(&mut self) -> Option<Saved> {
        let is_stale = self.disk.is_stale;
        self.disk = Disk::default();
        is_stale.then(|| self.saved())
    }

    fn saved(&self) -> Saved {
        // What is granted from the block at its end may be used as long as a lease holds.
        let block_until = self.disk.until_millis.saturating_add(LEASE_MILLIS);
        Saved {
            tally: self.tally.clone(),
            open: self.holders.open().plus(self.disk.ahead),
            until_millis: self.holders.until_millis().max(block_until),
            reports: self.holders.reports(),
        }
    }

    pub fn handle(&mut self, command: &Command, now_millis: u64) -> Reply {
        self.holders.end_leases(now_millis, &mut self.tally);
        self.tally.forget(now_millis);
        match command {
            Command::Reserve(reserve) => self.reserve(reserve, now_millis),
            Command::Report(report) => self.report(report, now_millis),
        }
    }

    fn reserve(&mut self, reserve: &Reserve, now_millis: u64) -> Reply {
        let (holder, limits) = (&reserve.holder, &reserve.limits);
        let owed_millis = self.collect(holder, reserve.owed, limits, now_millis);
        let denial = self.denial(reserve.amount, limits, now_millis);
        let (at_millis, word) = if let Some(denial) = denial {
            (now_millis, Word::Denied(denial))
        } else {
            let (number, amount) = (reserve.number, reserve.amount);
            let call = Owed { number, amount };
            let at_millis = self.charge_call(holder, call, limits, now_millis);
            (at_millis, Word::Granted)
        };
        Reply {
            at_millis,
            owed_millis,
            room: self.room(limits, now_millis),
            word,
        }
    }

    fn report(&mut self, report: &Report, now_millis: u64) -> Reply {
        let (holder, limits) = (&report.holder, &report.limits);
        let owed_millis = self.collect(holder, report.owed, limits, now_millis);
        let at_millis = self.count(report, now_millis);
        let lease = self.lease(report, now_millis);
        Reply {
            at_millis,
            owed_millis,
            room: self.room(limits, now_millis),
            word: Word::Leased(lease),
        }
    }

    /// Charges a call that was not asked for, if it was not charged before.
    fn collect(
        &mut self,
        holder: &str,
        owed: Option<Owed>,
        limits: &Limits,
        now_millis: u64,
    ) -> Option<u64> {
        let owed = owed?;
        let known = self.holders.known(holder);
        let charged = known.and_then(|holder| holder.charged_millis(owed.number));
        Some(charged.unwrap_or_else(|| self.charge_call(holder, owed, limits, now_millis)))
    }

    fn charge_call(&mut self, holder: &str, call: Owed, limits: &Limits, now_millis: u64) -> u64 {
        self.disk.cover(call.amount, limits, now_millis);
        let at_millis = self.tally.charge(call.amount, now_millis);
        if let Some(holder) = self.holders.meet(holder, now_millis) {
            let amount = call.amount;
            holder.remember(call.number, Charge { at_millis, amount });
        }
        at_millis
    }

    /// Counts what a report says, once; gives when that was charged. Of an isolate that cannot be remembered nothing is
    /// given back: it might be twice.
    fn count(&mut self, report: &Report, now_millis: u64) -> u64 {
        let heard = match self.holders.meet(&report.holder, now_millis) {
            Some(holder) if report.number <= holder.counted.number => {
                return holder.counted.at_millis;
            }
            Some(holder) => holder.hear(report),
            None => Heard::default(),
        };
        self.disk.is_stale = true;
        for charge in &heard.back {
            self.tally.give_back(charge.amount, charge.at_millis);
        }
        let mut spent = report.spent;
        if let Some(assumed) = heard.assumed {
            let unused = assumed.amount.minus(spent);
            self.tally.give_back(unused, assumed.at_millis);
            spent = spent.minus(assumed.amount);
        }
        let unforeseen = spent.minus(heard.covered);
        if unforeseen != Amount::NONE {
            self.disk.cover(unforeseen, &report.limits, now_millis);
        }
        self.tally.charge_budgets(report.earlier_tokens, now_millis);
        let at_millis = self.tally.charge(spent, now_millis);
        if let Some(holder) = self.holders.known(&report.holder) {
            holder.counted.at_millis = at_millis;
        }
        at_millis
    }

    /// More for a holder, if a share of what is left is enough for a call.
    fn lease(&mut self, report: &Report, now_millis: u64) -> Lease {
        let (limits, wanted) = (&report.limits, &report.wanted);
        let free = self.tally.free(self.holders.open(), limits);
        let share = Amount {
            requests: free.requests / SHARE,
            tokens: free.tokens / SHARE,
        };
        let (mut amount, mut more) = (Amount::NONE, Amount::NONE);
        if let Some(holder) = self.holders.known(&report.holder) {
            more = wanted.amount.minus(holder.open).least(share);
            if !holder.open.plus(more).covers(wanted.least) {
                more = Amount::NONE;
            }
            holder.open = holder.open.plus(more);
            holder.until_millis = now_millis.saturating_add(LEASE_MILLIS);
            amount = holder.open;
        }
        if amount != Amount::NONE {
            // Also where there is no more of it: it ends later than what is on disk says.
            self.disk.cover(more, limits, now_millis);
        }
        let is_more = more != Amount::NONE;
        Lease {
            amount,
            millis: LEASE_MILLIS,
            denial: if is_more {
                None
            } else {
                self.denial(wanted.least, limits, now_millis)
            },
        }
    }

    fn denial(&self, amount: Amount, limits: &Limits, now_millis: u64) -> Option<Denial> {
        let open = self.holders.open();
        if self.tally.free(open, limits).covers(amount) {
            return None;
        }
        let ended = self.holders.ended(&self.tally);
        self.tally.denial(&ended, amount, open, limits, now_millis)
    }

    fn room(&self, limits: &Limits, now_millis: u64) -> Room {
        self.tally.room(self.holders.open(), limits, now_millis)
    }
}

impl Disk {
    /// Something is granted: from the block, or from a new one. Of what has no limit nothing is promised: after a crash
    /// it would be taken as used, and use up a limit that is set later.
    fn cover(&mut self, amount: Amount, limits: &Limits, now_millis: u64) {
        self.is_stale = true;
        let amount = limited(amount, limits);
        if now_millis < self.until_millis && self.ahead.covers(amount) {
            self.ahead = self.ahead.minus(amount);
            return;
        }
        self.ahead = block(limits);
        self.until_millis = now_millis.saturating_add(BLOCK_MILLIS);
        self.is_behind = true;
    }
}

fn limited(amount: Amount, limits: &Limits) -> Amount {
    let counted = |amount: u64, is_limited: bool| if is_limited { amount } else { 0 };
    Amount {
        requests: counted(amount.requests, limits.requests.is_some()),
        tokens: counted(amount.tokens, limits.counts_tokens()),
    }
}

fn block(limits: &Limits) -> Amount {
    let part = |limit: Option<u64>, divisor: u64| limit.map(|limit| limit / divisor);
    let tokens = [
        part(limits.tokens, 20),
        part(limits.daily, 1000),
        part(limits.monthly, 20_000),
    ];
    Amount {
        requests: part(limits.requests, 20).unwrap_or(0),
        tokens: tokens.into_iter().flatten().min().unwrap_or(0),
    }
}
