//! What an isolate remembers between requests: tokens, names of deployments, lists of models, what refusals taught. It may
//! vanish with the isolate at any time, so nothing depends on it but a round trip.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use std::rc::Rc;

use crate::catalogue::Shelf;
use crate::condition::Conditions;
use crate::limits::Leases;

/// More than any configuration needs. Full, it begins anew: simpler than to choose, and as good.
const MOST: usize = 4096;

/// How often a call looks whether another, whose [`Turn`] it is, has done what both need.
pub const LOOK_AGAIN_MILLIS: u32 = 20;

/// Texts by name, each until a time. Never holds more than [`MOST`].
#[derive(Default)]
pub struct Memory {
    kept: RefCell<HashMap<String, Kept>>,
    /// How many turns were taken: no two have the same number.
    turns: Cell<u64>,
    lists: Shelf,
    conditions: Conditions,
    leases: Rc<Leases>,
}

struct Kept {
    value: String,
    until_millis: u64,
}

impl Memory {
    /// That of an isolate which shared objects know by a name no other has.
    pub fn named(name: &str) -> Self {
        Self {
            leases: Rc::new(Leases::named(name)),
            ..Self::default()
        }
    }

    /// Lists of models, which are large and shared.
    pub fn lists(&self) -> &Shelf {
        &self.lists
    }

    /// How the targets stand.
    pub fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// What this isolate may still use of what is limited.
    pub fn leases(&self) -> &Rc<Leases> {
        &self.leases
    }

    pub fn recall(&self, key: &str, now_millis: u64) -> Option<String> {
        let kept = self.kept.borrow();
        let found = kept.get(key)?;
        (now_millis < found.until_millis).then(|| found.value.clone())
    }

    pub fn keep(&self, key: &str, value: &str, until_millis: u64) {
        let mut kept = self.kept.borrow_mut();
        if kept.len() >= MOST && !kept.contains_key(key) {
            kept.clear();
        }
        let value = value.to_owned();
        kept.insert(
            key.to_owned(),
            Kept {
                value,
                until_millis,
            },
        );
    }

    pub fn forget(&self, key: &str) {
        self.kept.borrow_mut().remove(key);
    }

    /// The right to do what one call of an isolate should do for all, if no other has it: until it is dropped, or so
    /// much time has passed.
    pub fn turn(&self, key: &str, now_millis: u64, millis: u64) -> Option<Turn<'_>> {
        let ticket = self.ticket(key, now_millis, millis)?;
        Some(self.redeem(ticket))
    }

    /// The same for who will do it later, if anybody does: until its turn is over, or so much time has passed.
    pub fn ticket(&self, key: &str, now_millis: u64, millis: u64) -> Option<Ticket> {
        let name = format!("{key}:turn");
        if self.recall(&name, now_millis).is_some() {
            return None;
        }
        self.turns.set(self.turns.get().wrapping_add(1));
        let number = self.turns.get().to_string();
        self.keep(&name, &number, now_millis.saturating_add(millis));
        Some(Ticket { name, number })
    }

    pub fn redeem(&self, ticket: Ticket) -> Turn<'_> {
        Turn {
            memory: self,
            ticket,
        }
    }
}

/// See [`Memory::ticket`].
pub struct Ticket {
    name: String,
    number: String,
}

/// See [`Memory::turn`].
pub struct Turn<'a> {
    memory: &'a Memory,
    ticket: Ticket,
}

impl Drop for Turn<'_> {
    /// A turn whose time has passed may be another's by now.
    fn drop(&mut self) {
        let Ticket { name, number } = &self.ticket;
        let mut kept = self.memory.kept.borrow_mut();
        if kept.get(name).is_some_and(|it| it.value == *number) {
            kept.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Memory};

    #[test]
    fn what_is_kept_is_recalled_until_its_time() {
        let memory = Memory::default();
        memory.keep("a", "1", 10);
        assert_eq!(memory.recall("a", 9).as_deref(), Some("1"));
        assert_eq!(memory.recall("a", 10), None);
        memory.forget("a");
        assert_eq!(memory.recall("a", 0), None);
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let memory = Memory::default();
        for number in 0..=MOST {
            memory.keep(&number.to_string(), "", 10);
        }
        assert_eq!(memory.kept.borrow().len(), 1);
    }

    #[test]
    fn one_has_the_turn_until_it_is_over_or_its_time_has_passed() {
        let memory = Memory::default();
        let first = memory.turn("a", 0, 10).unwrap();
        assert!(memory.turn("a", 9, 10).is_none());
        assert!(memory.turn("b", 9, 10).is_some());
        let second = memory.turn("a", 10, 10).unwrap();
        drop(first);
        assert!(
            memory.turn("a", 11, 10).is_none(),
            "the second still has it"
        );
        drop(second);
        assert!(memory.turn("a", 11, 10).is_some());
    }

    #[test]
    fn a_ticket_keeps_a_turn_for_later() {
        let memory = Memory::default();
        let ticket = memory.ticket("a", 0, 10).unwrap();
        assert!(memory.ticket("a", 9, 10).is_none() && memory.turn("a", 9, 10).is_none());
        drop(memory.redeem(ticket));
        assert!(memory.ticket("a", 9, 10).is_some());
        assert!(memory.ticket("a", 19, 10).is_some(), "nobody came");
    }
}
