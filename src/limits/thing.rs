//! One limited thing, as an isolate knows it: what it holds of it, what it has to tell of it. It asks nobody itself.
//!
//! What a call takes is counted four times, each for a purpose: in `own` (what this isolate used, for when nobody can be
//! asked), in `lease` (what it may use), in `spent` (what the object has not heard of), in `demand` (how large the next
//! lease should be). A [`Stamp`] says when the object charged it, once it has: what was not used is given back there.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::ledger::{Charge, Lease, Owed, Reply, Report, Reserve, Wanted, Word};
use super::tally::Tally;
use super::{Amount, Denial, Limited, Limits, Measure, Mode, Room};

/// How often a lease is renewed.
const ROUND_MILLIS: u64 = 1000;

/// A lease is for what was used lately in so much time: two rounds, so that a late renewal leaves no gap.
const LEASED_MILLIS: u64 = 2 * ROUND_MILLIS;

/// Calls in that time for which one is worth while.
const LEASED_CALLS: u64 = 2;

/// Unused for so long, a lease is handed back.
const IDLE_MILLIS: u64 = 2000;

/// So long nobody waits for an object that did not answer.
const DOWN_MILLIS: u64 = 5000;

/// So long a denial is taken as said: room comes back sooner than it says when others hand back what they did not use.
const DENIED_MILLIS: u64 = 1000;

/// What is not told is kept up to so many calls, and told in parts: a message stays small. Beyond that calls are settled
/// by their estimates.
const MOST_RETURNS: usize = 4096;
const MOST_AT_ONCE: usize = 256;

/// When the object charged something, once it has.
type Stamp = Rc<Cell<Option<u64>>>;

/// Whether a call may go on.
pub(super) type Verdict = Result<Taken, Denial>;

pub(super) struct Thing {
    pub name: String,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    limits: Limits,
    mode: Mode,
    lease: Held,
    /// What the object has not heard of, and the stamp of what it will hear of next.
    spent: Amount,
    stamp: Stamp,
    returns: Vec<(Stamp, Amount)>,
    lost: Vec<u64>,
    /// The one call that went on before anybody was asked.
    credit: Option<(Owed, Stamp)>,
    /// A report no answer has come to, with the stamp of what it tells.
    sent: Option<(Report, Stamp)>,
    /// An answer was lost: the object may have promised what nobody knows of.
    is_unsure: bool,
    /// The object's last word was no.
    is_full: bool,
    denied: Option<Denied>,
    down_until_millis: u64,
    /// What the object said was left, and when.
    told: Option<(Room, u64)>,
    own: Tally,
    demand: Demand,
}

/// What is held of a lease.
#[derive(Default)]
struct Held {
    left: Amount,
    /// What it was.
    size: Amount,
    until_millis: u64,
    /// Taken of it since the last report was made.
    taken: Amount,
}

struct Denied {
    amount: Amount,
    denial: Denial,
    at_millis: u64,
}

#[derive(Default)]
struct Demand {
    /// Since the last report was made, and when that was.
    taken: Amount,
    since_millis: u64,
    /// In [`LEASED_MILLIS`], lately.
    usual: Amount,
    /// Of one call.
    largest: Amount,
    last_millis: Option<u64>,
}

/// What a call took.
pub(super) struct Taken {
    pub amount: Amount,
    stamp: Stamp,
    own_millis: u64,
}

/// What is about to be asked, and when.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    number: u64,
    owed: Option<u64>,
    pub at_millis: u64,
}

impl Thing {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            state: RefCell::default(),
        }
    }

    /// One of which nothing is kept from call to call.
    pub fn passing(name: &str) -> Self {
        let thing = Self::new(name);
        thing.state.borrow_mut().is_full = true;
        thing
    }

    /// Whether a call may go on, if this isolate can say so by itself.
    pub fn take(
        &self,
        limited: &Limited,
        amount: Amount,
        number: impl FnOnce() -> u64,
        now_millis: u64,
    ) -> Option<Verdict> {
        let mut state = self.state.borrow_mut();
        (state.limits, state.mode) = (limited.limits, limited.mode);
        if let Some(denial) = too_large(amount, &state.limits) {
            return Some(Err(denial));
        }
        state.own.forget(now_millis);
        if state.mode == Mode::Exact {
            return state.take_if_down(amount, now_millis);
        }
        if state.lease.until_millis > now_millis && state.lease.left.covers(amount) {
            return Some(Ok(state.take_of_lease(amount, now_millis)));
        }
        if let Some(denial) = state.known_denial(amount, now_millis) {
            return Some(Err(denial));
        }
        if state.may_have_credit(amount, now_millis) {
            return Some(Ok(state.take_on_credit(amount, number(), now_millis)));
        }
        state.take_if_down(amount, now_millis)
    }

    /// The same, where the object did not answer. It may have heard all the same, under that number.
    pub fn take_unheard(&self, amount: Amount, number: u64, now_millis: u64) -> Verdict {
        self.lose(number);
        let mut state = self.state.borrow_mut();
        state.down_until_millis = now_millis.saturating_add(DOWN_MILLIS);
        state.own.forget(now_millis);
        state.take_alone(amount, now_millis)
    }

    /// A call is not made, or not by what the object may have granted it.
    pub fn lose(&self, number: u64) {
        let mut state = self.state.borrow_mut();
        if state.lost.len() < MOST_AT_ONCE {
            state.lost.push(number);
        }
    }

    /// Asks for one call.
    pub fn reserve(
        &self,
        holder: &str,
        number: u64,
        amount: Amount,
        now_millis: u64,
    ) -> (Asked, Reserve) {
        let state = self.state.borrow();
        let owed = state.owed();
        let asked = Asked {
            number,
            owed: owed.map(|owed| owed.number),
            at_millis: now_millis,
        };
        let reserve = Reserve {
            holder: holder.to_owned(),
            number,
            amount,
            owed,
            limits: state.limits,
        };
        (asked, reserve)
    }

    /// What the object said of a call.
    pub fn answered(&self, asked: Asked, amount: Amount, reply: Reply, now_millis: u64) -> Verdict {
        let mut state = self.state.borrow_mut();
        state.hear(asked, &reply, now_millis);
        match reply.word {
            Word::Denied(denial) => {
                state.deny(amount, denial.clone(), now_millis);
                Err(denial)
            }
            Word::Granted | Word::Leased(_) => {
                state.is_full = false;
                let stamp = Rc::new(Cell::new(Some(reply.at_millis)));
                Ok(state.taken(amount, stamp, now_millis))
            }
        }
    }

    /// What the object is to hear now, if there is something.
    pub fn report(
        &self,
        holder: &str,
        number: impl FnOnce() -> u64,
        now_millis: u64,
    ) -> Option<(Asked, Report)> {
        let mut state = self.state.borrow_mut();
        if !state.is_due(now_millis) {
            return None;
        }
        state.own.forget(now_millis);
        state.demand.measure(now_millis);
        let wanted = state.wanted(now_millis);
        let report = if let Some((sent, _)) = &mut state.sent {
            sent.is_again = true;
            sent.clone()
        } else {
            state.new_report(number(), &wanted, now_millis)
        };
        let owed = state.owed();
        let asked = Asked {
            number: report.number,
            owed: owed.map(|owed| owed.number),
            at_millis: now_millis,
        };
        let report = Report {
            holder: holder.to_owned(),
            limits: state.limits,
            owed,
            wanted,
            ..report
        };
        Some((asked, report))
    }

    /// What it answered; none: it did not.
    pub fn reported(&self, asked: Asked, reply: Option<Reply>, now_millis: u64) {
        let mut state = self.state.borrow_mut();
        let Some(reply) = reply else {
            state.down_until_millis = now_millis.saturating_add(DOWN_MILLIS);
            state.is_unsure = true;
            return;
        };
        state.hear(asked, &reply, now_millis);
        let is_latest = matches!(&state.sent, Some((sent, _)) if sent.number == asked.number);
        if !is_latest {
            return;
        }
        if let Some((_, stamp)) = state.sent.take() {
            stamp.set(Some(reply.at_millis));
        }
        if let Word::Leased(lease) = reply.word {
            state.hold(lease, asked.at_millis, now_millis);
        }
    }

    /// What was taken is given back, or more is taken: so much was really used.
    pub fn settle(&self, taken: &Taken, used: Amount, now_millis: u64) {
        let mut state = self.state.borrow_mut();
        state.own.forget(now_millis);
        let more = used.minus(taken.amount);
        if more != Amount::NONE {
            state.own.charge(more, now_millis);
            state.spend(more);
        }
        let unused = taken.amount.minus(used);
        if unused != Amount::NONE {
            state.own.give_back(unused, taken.own_millis);
            state.give_back(&taken.stamp, unused);
        }
    }

    pub fn room(&self, now_millis: u64) -> Room {
        self.state.borrow().room(now_millis)
    }

    /// Whether there is something to tell, or a lease to be looked after.
    pub fn wants_tending(&self, now_millis: u64) -> bool {
        let state = self.state.borrow();
        let is_hopeless = state.is_down(now_millis) && state.demand.is_idle(now_millis);
        !is_hopeless && (state.lease.is_held() || state.has_news())
    }

    pub fn is_down(&self, now_millis: u64) -> bool {
        self.state.borrow().is_down(now_millis)
    }

    /// Whether nothing is lost with it.
    pub fn is_forgettable(&self, now_millis: u64) -> bool {
        let state = self.state.borrow();
        !state.lease.is_held() && !state.has_news() && state.demand.is_idle(now_millis)
    }
}

impl State {
    fn is_down(&self, now_millis: u64) -> bool {
        now_millis < self.down_until_millis
    }

    fn owed(&self) -> Option<Owed> {
        self.credit.as_ref().map(|(owed, _)| *owed)
    }

    fn taken(&mut self, amount: Amount, stamp: Stamp, now_millis: u64) -> Taken {
        self.demand.note(amount, now_millis);
        Taken {
            amount,
            stamp,
            own_millis: self.own.charge(amount, now_millis),
        }
    }

    fn take_of_lease(&mut self, amount: Amount, now_millis: u64) -> Taken {
        self.spend(amount);
        let stamp = self.stamp.clone();
        self.taken(amount, stamp, now_millis)
    }

    /// One call at a time goes on before anybody was asked: where nothing is held, and nothing speaks against it.
    fn may_have_credit(&self, amount: Amount, now_millis: u64) -> bool {
        self.credit.is_none()
            && !self.is_full
            && !self.is_down(now_millis)
            && self.lease.until_millis <= now_millis
            && self.own.free(Amount::NONE, &self.limits).covers(amount)
    }

    fn take_on_credit(&mut self, amount: Amount, number: u64, now_millis: u64) -> Taken {
        let stamp = Stamp::default();
        self.credit = Some((Owed { number, amount }, stamp.clone()));
        self.taken(amount, stamp, now_millis)
    }

    fn take_if_down(&mut self, amount: Amount, now_millis: u64) -> Option<Verdict> {
        let is_down = self.is_down(now_millis);
        is_down.then(|| self.take_alone(amount, now_millis))
    }

    /// While nobody can be asked this isolate alone keeps the whole limit.
    fn take_alone(&mut self, amount: Amount, now_millis: u64) -> Verdict {
        let own = &self.own;
        let denial = own.denial(own, amount, Amount::NONE, &self.limits, now_millis);
        denial.map_or_else(|| Ok(self.take_of_lease(amount, now_millis)), Err)
    }

    /// Of the lease, as far as it goes.
    fn spend(&mut self, amount: Amount) {
        self.spent = self.spent.plus(amount);
        let taken = self.lease.left.least(amount);
        self.lease.left = self.lease.left.minus(taken);
        self.lease.taken = self.lease.taken.plus(taken);
    }

    fn give_back(&mut self, stamp: &Stamp, unused: Amount) {
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

    fn known_denial(&self, amount: Amount, now_millis: u64) -> Option<Denial> {
        let denied = self.denied.as_ref()?;
        let measure = denied.denial.measure;
        let since = now_millis.saturating_sub(denied.at_millis);
        let wait = denied.denial.wait_millis?;
        let holds =
            since < wait.min(DENIED_MILLIS) && amount.of(measure) >= denied.amount.of(measure);
        holds.then(|| Denial {
            wait_millis: Some(wait - since),
            ..denied.denial.clone()
        })
    }

    fn deny(&mut self, amount: Amount, denial: Denial, now_millis: u64) {
        self.is_full = true;
        self.denied = Some(Denied {
            amount,
            denial,
            at_millis: now_millis,
        });
    }

    /// What every answer says.
    fn hear(&mut self, asked: Asked, reply: &Reply, now_millis: u64) {
        self.down_until_millis = 0;
        self.told = Some((reply.room, now_millis));
        let is_owed = |(owed, _): &mut (Owed, Stamp)| Some(owed.number) == asked.owed;
        if let Some(at_millis) = reply.owed_millis
            && let Some((_, stamp)) = self.credit.take_if(is_owed)
        {
            stamp.set(Some(at_millis));
        }
    }

    fn hold(&mut self, lease: Lease, asked_millis: u64, now_millis: u64) {
        self.lease.left = lease.amount.minus(self.lease.taken);
        self.lease.size = lease.amount;
        self.lease.until_millis = if lease.amount == Amount::NONE {
            0
        } else {
            asked_millis.saturating_add(lease.millis)
        };
        match lease.denial {
            Some(denial) => {
                let amount = self.demand.largest;
                self.deny(amount, denial, now_millis);
            }
            None => self.is_full = false,
        }
    }

    fn has_news(&self) -> bool {
        self.sent.is_some()
            || self.is_unsure
            || self.credit.is_some()
            || self.spent != Amount::NONE
            || !self.lost.is_empty()
            || self.returns.iter().any(|(stamp, _)| stamp.get().is_some())
    }

    /// Once a round; sooner where a lease runs out, or a call went on without one.
    fn is_due(&self, now_millis: u64) -> bool {
        let lease = &self.lease;
        let since = now_millis.saturating_sub(self.demand.since_millis);
        let is_wanted = self.wanted(now_millis).amount != Amount::NONE;
        let is_low = lease.is_held() && !lease.left.plus(lease.left).covers(lease.size);
        let is_over = lease.is_held()
            && (!is_wanted || lease.until_millis < now_millis.saturating_add(2 * ROUND_MILLIS));
        let is_missing = is_wanted && !lease.is_held();
        self.credit.is_some()
            || is_wanted && is_low
            || since >= ROUND_MILLIS && (self.has_news() || is_over || is_missing)
    }

    /// A lease, while there is use for it: for a call now and then it is not worth its questions.
    fn wanted(&self, now_millis: u64) -> Wanted {
        let demand = &self.demand;
        let is_new = self.told.is_none();
        let is_worth_while = self.mode == Mode::Leased
            && !demand.is_idle(now_millis)
            && (is_new || demand.usual.requests >= LEASED_CALLS);
        let amount = if is_worth_while {
            demand.usual.most(demand.largest)
        } else {
            Amount::NONE
        };
        let least = demand.largest;
        Wanted { amount, least }
    }

    fn new_report(&mut self, number: u64, wanted: &Wanted, now_millis: u64) -> Report {
        let lease = &mut self.lease;
        // What is too little for a call is of more use to others.
        let is_kept = lease.until_millis > now_millis
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
    fn returned(&mut self) -> Vec<Charge> {
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

    /// What the object said, with what is held here, and what this isolate used itself.
    fn room(&self, now_millis: u64) -> Room {
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
            if let (Some(own), Some(told)) = (own, told) {
                let held = self.lease.left.of(measure);
                let theirs = told.remaining.saturating_add(held);
                own.remaining = own.remaining.min(theirs);
                own.reset_millis = own
                    .reset_millis
                    .max(told.reset_millis.saturating_sub(since));
            }
        }
        room
    }
}

impl Held {
    /// Whether the object has promised something, if only until a while ago.
    fn is_held(&self) -> bool {
        self.size != Amount::NONE
    }
}

impl Demand {
    fn note(&mut self, amount: Amount, now_millis: u64) {
        self.taken = self.taken.plus(amount);
        self.largest = self.largest.most(amount);
        self.last_millis = Some(now_millis);
    }

    /// Half of what it was, half of what it is; more at once.
    fn measure(&mut self, now_millis: u64) {
        let since = now_millis.saturating_sub(self.since_millis);
        let usual = |taken: u64, usual: u64| {
            let scaled = taken.saturating_mul(LEASED_MILLIS) / since.max(ROUND_MILLIS / 4);
            scaled.max(scaled.midpoint(usual))
        };
        self.usual = Amount {
            requests: usual(self.taken.requests, self.usual.requests),
            tokens: usual(self.taken.tokens, self.usual.tokens),
        };
        // Calls may become smaller.
        self.largest.tokens -= self.largest.tokens / 8;
        self.taken = Amount::NONE;
        self.since_millis = now_millis;
    }

    fn is_idle(&self, now_millis: u64) -> bool {
        let last = self.last_millis;
        last.is_none_or(|last| now_millis.saturating_sub(last) >= IDLE_MILLIS)
    }
}

fn too_large(amount: Amount, limits: &Limits) -> Option<Denial> {
    Measure::ALL.into_iter().find_map(|measure| {
        let limit = limits.of(measure)?;
        (amount.of(measure) > limit).then_some(Denial {
            measure,
            limit,
            wait_millis: None,
        })
    })
}
