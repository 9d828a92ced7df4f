//! One limited thing, as an isolate knows it: what it holds of it, what it has to tell of it. It asks nobody itself.
//!
//! What a call takes is counted four times, each for a purpose: in `own` (what this isolate used, for when nobody can be
//! asked), in `lease` (what it may use), in `spent` (what the object has not heard of), in `demand` (how large the next
//! lease should be). A [`Stamp`] says when the object charged it, once it has: what was not used is given back there.

mod demand;
mod taking;
mod telling;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::ledger::{LEASE_MILLIS, Owed, Reply, Report, Reserve, Word};
use super::tally::Tally;
use super::{Amount, Denial, Limited, Limits, Measure, Mode, Room};

use demand::Demand;

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
    /// The object's last word was no; when it said so, by its clock.
    full_millis: Option<u64>,
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
    at_millis: u64,
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
        thing.state.borrow_mut().full_millis = Some(u64::MAX);
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
        if state.lease.is_valid(now_millis) && state.lease.left.covers(amount) {
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
                state.deny(amount, denial.clone(), reply.at_millis, now_millis);
                Err(denial)
            }
            Word::Granted | Word::Leased(_) => {
                state.hear_of_room(reply.at_millis);
                let stamp = Rc::new(Cell::new(Some(reply.at_millis)));
                Ok(state.taken(amount, stamp, now_millis))
            }
        }
    }

    /// Whether the object is to hear something now.
    pub fn is_due(&self, now_millis: u64) -> bool {
        self.state.borrow().is_due(now_millis)
    }

    /// What the object is to hear now.
    pub fn report(
        &self,
        holder: &str,
        number: impl FnOnce() -> u64,
        now_millis: u64,
    ) -> (Asked, Report) {
        let mut state = self.state.borrow_mut();
        state.own.forget(now_millis);
        let wanted = state.wanted(now_millis);
        state.demand.measure(now_millis);
        let report = match &state.sent {
            Some((sent, _)) => sent.clone(),
            None => state.new_report(number(), &wanted, now_millis),
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
        (asked, report)
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
            state.hold(&lease, asked.at_millis);
            match lease.denial {
                None => state.hear_of_room(reply.at_millis),
                Some(denial) => {
                    let amount = state.demand.largest;
                    state.deny(amount, denial, reply.at_millis, now_millis);
                }
            }
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

impl Held {
    /// Whether the object has promised something, if only until a while ago.
    fn is_held(&self) -> bool {
        self.size != Amount::NONE
    }

    /// Whether it may be used.
    fn is_valid(&self, now_millis: u64) -> bool {
        is_ahead(self.until_millis, LEASE_MILLIS, now_millis)
    }
}

/// Whether a time is to come that was so far ahead at most. Where it is further, the clock was set back: what was to end
/// by then would last as long as that.
fn is_ahead(millis: u64, most: u64, now_millis: u64) -> bool {
    let left = millis.saturating_sub(now_millis);
    (1..=most).contains(&left)
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
