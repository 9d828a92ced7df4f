//! An isolate's side of the limits.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::thing::{Taken, Thing};
use super::{Amount, Room};

/// More than a configuration has; but the names of models come from clients.
const MOST: usize = 512;

/// Who was to look after the leases, and did not for so long, is gone: the runtime ends what goes on for longer than half
/// a minute behind an answer.
const TICKET_MILLIS: u64 = 3000;

/// What this isolate holds of limited things, and what it has still to tell their shared objects.
pub struct Leases {
    /// What shared objects know this isolate by: no other has the same.
    holder: String,
    /// How much was numbered: no two have the same.
    numbers: Cell<u64>,
    things: RefCell<BTreeMap<String, Rc<Thing>>>,
    tended_until_millis: Cell<u64>,
    shift: Cell<u64>,
}

impl Default for Leases {
    fn default() -> Self {
        Self::named("")
    }
}

impl Leases {
    /// `name`: what tells this isolate from all others, where they are not in one process.
    pub fn named(name: &str) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self {
            holder: format!("{name}:{count}"),
            numbers: Cell::default(),
            things: RefCell::default(),
            tended_until_millis: Cell::default(),
            shift: Cell::default(),
        }
    }

    /// Whether there is something to be done in the background that nobody does. Who is told so is to do it.
    pub fn want_tending(&self, now_millis: u64) -> bool {
        let until = self.tended_until_millis.get();
        let is_tended = now_millis < until && until <= now_millis.saturating_add(TICKET_MILLIS);
        let is_wanted = !is_tended && self.have_to_do(now_millis);
        if is_wanted {
            self.hold_ticket(now_millis);
        }
        is_wanted
    }

    /// What is left of a thing, as far as this isolate knows.
    pub fn room(&self, name: &str, now_millis: u64) -> Room {
        self.thing(name, now_millis).room(now_millis)
    }

    /// Whether a shared object could not be asked lately: limits are kept by this isolate alone.
    pub fn are_degraded(&self, now_millis: u64) -> bool {
        let things = self.things.borrow();
        things.values().any(|thing| thing.is_down(now_millis))
    }

    pub(super) fn holder(&self) -> &str {
        &self.holder
    }

    pub(super) fn number(&self) -> u64 {
        self.numbers.set(self.numbers.get() + 1);
        self.numbers.get()
    }

    /// What is known of a thing. Where too many are in use it is not kept: nothing can be leased of it then, and its calls
    /// are settled by their estimates.
    pub(super) fn thing(&self, name: &str, now_millis: u64) -> Rc<Thing> {
        let mut things = self.things.borrow_mut();
        if let Some(thing) = things.get(name) {
            return thing.clone();
        }
        if things.len() >= MOST {
            // Of what a call still holds something is to be told yet.
            things.retain(|_, thing| {
                Rc::strong_count(thing) > 1 || !thing.is_forgettable(now_millis)
            });
        }
        if things.len() >= MOST {
            return Rc::new(Thing::passing(name));
        }
        let thing = Rc::new(Thing::new(name));
        things.insert(name.to_owned(), thing.clone());
        thing
    }

    pub(super) fn have_to_do(&self, now_millis: u64) -> bool {
        let things = self.things.borrow();
        things.values().any(|thing| thing.wants_tending(now_millis))
    }

    /// Of what there is something to be asked or told now.
    pub(super) fn due(&self, now_millis: u64) -> Vec<Rc<Thing>> {
        let things = self.things.borrow();
        let due = things.values().filter(|thing| thing.is_due(now_millis));
        due.cloned().collect()
    }

    /// From now on who asks for this looks after the leases; who did before sees it, and ends.
    pub(super) fn begin_shift(&self, now_millis: u64) -> u64 {
        self.shift.set(self.shift.get() + 1);
        self.hold_ticket(now_millis);
        self.shift.get()
    }

    /// Goes on with it; not if it is another's by now.
    pub(super) fn extend_shift(&self, shift: u64, now_millis: u64) -> bool {
        let is_own = self.shift.get() == shift;
        if is_own {
            self.hold_ticket(now_millis);
        }
        is_own
    }

    fn hold_ticket(&self, now_millis: u64) {
        let until = now_millis.saturating_add(TICKET_MILLIS);
        self.tended_until_millis.set(until);
    }

    pub(super) fn end_shift(&self) {
        self.tended_until_millis.set(0);
    }
}

/// What one call has reserved of one thing. Dropped, it is settled by its estimate: that is what was charged.
pub struct Permit {
    thing: Rc<Thing>,
    taken: Taken,
    room: Room,
}

impl Permit {
    pub(super) fn new(thing: Rc<Thing>, taken: Taken, now_millis: u64) -> Self {
        let room = thing.room(now_millis);
        Self { thing, taken, room }
    }

    /// What was left when it was granted.
    pub fn room(&self) -> Room {
        self.room
    }

    /// What was really used, once.
    pub fn settle(self, tokens: u64, now_millis: u64) {
        let used = Amount {
            tokens,
            ..self.taken.amount
        };
        self.thing.settle(&self.taken, used, now_millis);
    }

    /// Nothing was used: the call was not made.
    pub fn release(self, now_millis: u64) {
        self.thing.settle(&self.taken, Amount::NONE, now_millis);
    }
}
