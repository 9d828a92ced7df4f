//! An isolate's side of the limits.

use std::rc::Rc;

use super::Room;

/// What this isolate holds of limited things, and what it has still to tell their shared objects.
#[derive(Default)]
pub struct Leases {}

impl Leases {
    /// Whether there is something to be done in the background that nobody does.
    pub fn want_tending(&self, now_millis: u64) -> bool {
        let _ = now_millis;
        false
    }

    /// What is left of a thing, as far as this isolate knows.
    pub fn room(&self, name: &str, now_millis: u64) -> Room {
        let _ = (name, now_millis);
        Room::default()
    }

    /// Whether a shared object could not be asked lately: limits are kept by this isolate alone.
    pub fn are_degraded(&self, now_millis: u64) -> bool {
        let _ = now_millis;
        false
    }
}

/// What one call has reserved of one thing. Dropped, it is settled by its estimate.
pub struct Permit {
    leases: Rc<Leases>,
    name: String,
}

impl Permit {
    pub(super) fn new(leases: Rc<Leases>, name: String) -> Self {
        Self { leases, name }
    }

    pub fn room(&self) -> Room {
        Room::default()
    }

    /// What was really used, once.
    pub fn settle(self, tokens: u64, now_millis: u64) {
        let _ = (&self.leases, &self.name, tokens, now_millis);
    }

    /// Nothing was used: the call was not made.
    pub fn release(self, now_millis: u64) {
        let _ = now_millis;
    }
}
