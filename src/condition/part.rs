//! What a target and a provider have in common.

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use crate::condition::Held;
use crate::condition::health::{Health, Word};
use crate::condition::traffic::{self, Traffic};

/// What no pool has looked at for so long is of no interest.
const INTEREST_MILLIS: u64 = 120_000;

/// What the parts of an isolate have to say, so that nobody has to ask each of them.
#[derive(Default)]
pub struct Signals {
    /// One has changed.
    pub news: Cell<bool>,
    /// One was used.
    pub traffic: Cell<bool>,
}

pub struct Part {
    health: RefCell<Health>,
    traffic: RefCell<Traffic>,
    last_used_millis: Cell<Option<u64>>,
    /// When a pool that can choose has looked at it last: others are told of those alone.
    looked_at_millis: Cell<Option<u64>>,
    /// When others were heard of it last.
    heard_of_millis: Cell<Option<u64>>,
    /// Tokens used here that the others do not know of.
    untold: Cell<u64>,
    /// What the board had counted when it was heard last.
    heard: Cell<Option<u64>>,
    signals: Rc<Signals>,
}

/// What is told of a part, and is to be told again if it gets lost.
pub struct Telling {
    pub tokens: u64,
    pub word: Option<Word>,
}

impl Part {
    pub fn new(signals: Rc<Signals>) -> Self {
        Self {
            health: RefCell::default(),
            traffic: RefCell::default(),
            last_used_millis: Cell::default(),
            looked_at_millis: Cell::default(),
            heard_of_millis: Cell::default(),
            untold: Cell::default(),
            heard: Cell::default(),
            signals,
        }
    }

    pub fn health(&self) -> Ref<'_, Health> {
        self.health.borrow()
    }

    pub fn used_tokens(&self, now_millis: u64) -> u64 {
        self.traffic.borrow_mut().used(now_millis)
    }

    pub fn in_flight(&self) -> u32 {
        self.traffic.borrow().in_flight()
    }

    pub fn last_used_millis(&self) -> Option<u64> {
        self.last_used_millis.get()
    }

    /// When anything was done with it last.
    pub fn last_touched_millis(&self) -> u64 {
        let heard_of = self.heard_of_millis.get();
        let looked_at = self.looked_at_millis.get().max(heard_of);
        self.last_used_millis.get().max(looked_at).unwrap_or(0)
    }

    pub fn look_at(&self, now_millis: u64) {
        self.looked_at_millis.set(Some(now_millis));
        self.signal();
    }

    pub fn change(&self, change: impl FnOnce(&mut Health)) {
        change(&mut self.health.borrow_mut());
        self.signal();
    }

    fn signal(&self) {
        if self.looked_at_millis.get().is_some() && self.health.borrow().has_news() {
            self.signals.news.set(true);
        }
    }

    /// A request goes there. The number of the trial, if it is one.
    pub fn begin(&self, tokens: u64, now_millis: u64) -> Option<u64> {
        self.last_used_millis.set(Some(now_millis));
        self.traffic.borrow_mut().begin(tokens);
        if self.looked_at_millis.get().is_some() {
            self.signals.traffic.set(true);
        }
        self.health.borrow_mut().go(now_millis)
    }

    pub fn end(&self, tokens: u64, trial: Option<u64>) {
        self.traffic.borrow_mut().end(tokens);
        if let Some(trial) = trial {
            self.health.borrow_mut().give_up(trial);
        }
    }

    pub fn count(&self, tokens: u64, now_millis: u64) {
        self.traffic.borrow_mut().count(tokens, now_millis);
        if self.is_of_interest(now_millis) {
            let tokens = tokens.min(traffic::MOST_AT_ONCE);
            self.untold.set(self.untold.get().saturating_add(tokens));
        }
    }

    /// Whether a pool that can choose has looked at it lately.
    pub fn is_of_interest(&self, now_millis: u64) -> bool {
        let looked_at = self.looked_at_millis.get();
        looked_at.is_some_and(|at| now_millis.saturating_sub(at) < INTEREST_MILLIS)
    }

    pub fn has_news(&self) -> bool {
        self.health.borrow().has_news()
    }

    pub fn tell(&self, now_millis: u64) -> Telling {
        let mut health = self.health.borrow_mut();
        let is_news = health.take_news();
        Telling {
            tokens: self.untold.take(),
            word: is_news.then(|| health.word(now_millis)),
        }
    }

    /// It may not have arrived. Said twice is better than never: tokens counted twice are forgotten in a minute.
    pub fn tell_again(&self, telling: &Telling) {
        self.untold
            .set(self.untold.get().saturating_add(telling.tokens));
        if telling.word.is_some() {
            self.change(Health::tell_again);
        }
    }

    /// Another board is there, which has counted nothing of what the one before has, and knows of nothing.
    pub fn start_again(&self, is_told: bool, now_millis: u64) {
        self.heard.set(None);
        let stands = self.health.borrow().held(now_millis);
        if stands != Held::No && !is_told {
            self.change(Health::tell_again);
        }
    }

    pub fn adopt(&self, word: &Word, now_millis: u64) {
        self.heard_of_millis.set(Some(now_millis));
        self.health.borrow_mut().adopt(word, now_millis);
    }

    /// `total`: what the board has counted ever, ours of the last telling in it. `minute`: others' of the last minute,
    /// for who hears it for the first time.
    pub fn hear(&self, told: u64, total: u64, minute: u64, now_millis: u64) {
        let others = match self.heard.replace(Some(total)) {
            Some(before) => total.saturating_sub(before).saturating_sub(told),
            None => minute,
        };
        self.traffic.borrow_mut().count(others, now_millis);
    }
}
