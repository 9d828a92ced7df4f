//! Every target this isolate has met.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::condition::health::Health;
use crate::condition::part::{Part, Signals};
use crate::condition::sharing::Sharing;
use crate::condition::{Condition, Held, Snapshot, Standing};

/// More than any configuration has. Names of models come from clients, too: those that were not met for the longest
/// time make room.
const MOST: usize = 1024;
/// As long as the longest pause.
const RECENT_MILLIS: u64 = 600_000;

/// The condition of every target this isolate has met, by its name (`provider/model`), and of every provider.
#[derive(Default)]
pub struct Conditions {
    targets: RefCell<HashMap<String, Rc<Condition>>>,
    /// Of targets by their names, of providers by theirs behind a slash: no target's begins with one.
    parts: RefCell<HashMap<String, Rc<Part>>>,
    signals: Rc<Signals>,
    pub(super) sharing: Sharing,
}

impl Conditions {
    /// That of one target: its own, and its provider's.
    pub fn of(&self, target: &str, provider: &str) -> Rc<Condition> {
        if let Some(known) = self.targets.borrow().get(target) {
            return known.clone();
        }
        let condition = Rc::new(Condition {
            own: self.part(target),
            provider: self.part(&of_provider(provider)),
            latency: RefCell::default(),
            quota: RefCell::default(),
        });
        let mut targets = self.targets.borrow_mut();
        make_room(&mut targets, |it| it.own.last_touched_millis());
        targets.insert(target.to_owned(), condition.clone());
        condition
    }

    /// How a target stands that was met; asking meets nobody.
    pub fn met(&self, target: &str, now_millis: u64) -> Option<Snapshot> {
        let targets = self.targets.borrow();
        Some(targets.get(target)?.snapshot(now_millis))
    }

    /// The same of one that others may have met, or others of its provider.
    pub fn told(&self, target: &str, provider: &str, now_millis: u64) -> Snapshot {
        let of_others = || {
            let parts = self.parts.borrow();
            let part = |key: &str| {
                let known = parts.get(key).cloned();
                known.unwrap_or_else(|| Rc::new(Part::new(self.signals.clone())))
            };
            let condition = Condition {
                own: part(target),
                provider: part(&of_provider(provider)),
                latency: RefCell::default(),
                quota: RefCell::default(),
            };
            condition.snapshot(now_millis)
        };
        self.met(target, now_millis).unwrap_or_else(of_others)
    }

    /// How a provider stands, over all its models: it fails if one of them does, else rests if one does, and until the
    /// last; errors are those of the worst, tokens of all, and so are calls under way.
    pub fn of_provider(&self, provider: &str, now_millis: u64) -> Snapshot {
        let key = of_provider(provider);
        let Some(part) = self.parts.borrow().get(&key).cloned() else {
            return Snapshot::default();
        };
        let mut all = Snapshot {
            standing: part.health().held(now_millis),
            used_tokens: part.used_tokens(now_millis),
            provider_tokens: part.used_tokens(now_millis),
            in_flight: part.in_flight(),
            errors: part.health().errors(),
            last_error: part.health().last_error(),
            last_used_millis: part.last_used_millis(),
            ..Snapshot::default()
        };
        let targets = self.targets.borrow();
        let its = targets
            .values()
            .filter(|it| Rc::ptr_eq(&it.provider, &part));
        for Condition { own, .. } in its.map(|it| &**it) {
            // A name that nobody asks for any more says nothing: it may never have been a model.
            let is_recent = own.last_touched_millis().saturating_add(RECENT_MILLIS) > now_millis;
            if is_recent {
                all.add(&own.health(), now_millis);
            }
        }
        all
    }

    /// One of those that were met, or heard of.
    pub(super) fn part(&self, key: &str) -> Rc<Part> {
        let mut parts = self.parts.borrow_mut();
        if let Some(part) = parts.get(key) {
            return part.clone();
        }
        make_room(&mut parts, Part::last_touched_millis);
        let part = Rc::new(Part::new(self.signals.clone()));
        parts.insert(key.to_owned(), part.clone());
        part
    }

    pub(super) fn has_part(&self, key: &str) -> bool {
        self.parts.borrow().contains_key(key)
    }

    pub(super) fn parts(&self) -> Vec<(String, Rc<Part>)> {
        let parts = self.parts.borrow();
        parts
            .iter()
            .map(|(key, part)| (key.clone(), part.clone()))
            .collect()
    }

    pub(super) fn signals(&self) -> &Signals {
        &self.signals
    }
}

impl Snapshot {
    /// With one of several of which it tells as of one.
    fn add(&mut self, health: &Health, now_millis: u64) {
        let badness = |held: Held| match held.standing(now_millis) {
            Standing::Well => (0, 0),
            Standing::Resting { millis, .. } => (1, millis),
            Standing::ToBeTried => (2, 0),
            Standing::Failing { millis } => (2, millis),
        };
        let held = health.held(now_millis);
        if badness(held) > badness(self.standing) {
            self.standing = held;
        }
        self.errors = self.errors.max(health.errors());
        self.last_error = self.last_error.take().or_else(|| health.last_error());
    }
}

pub(super) fn of_provider(name: &str) -> String {
    format!("/{name}")
}

/// Half of them go at once, so that this is rarely done; none that somebody holds.
fn make_room<T>(known: &mut HashMap<String, Rc<T>>, touched_millis: impl Fn(&T) -> u64) {
    if known.len() < MOST {
        return;
    }
    let free = known.values().filter(|it| Rc::strong_count(it) == 1);
    let mut times: Vec<u64> = free.map(|it| touched_millis(it)).collect();
    times.sort_unstable();
    let Some(middle) = times.get(times.len() / 2).copied() else {
        return;
    };
    known.retain(|_, it| Rc::strong_count(it) > 1 || touched_millis(it) > middle);
}
