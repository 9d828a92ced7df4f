//! How targets stand: whether they are well, how much they have served, how quick they are, what they say is left.
//!
//! Each isolate keeps what it saw, and tells the others through the shared object in the background; no request waits
//! for it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::headers::Headers;
use crate::platform::Platform;
use crate::pool::judgement::{Effect, Judgement};

/// The condition of every target this isolate has met, by its name (`provider/model`), and of every provider.
#[derive(Default)]
pub struct Conditions {
    known: RefCell<BTreeMap<String, Rc<Condition>>>,
}

impl Conditions {
    /// That of one target: its own, and its provider's.
    pub fn of(&self, target: &str) -> Rc<Condition> {
        let mut known = self.known.borrow_mut();
        known.entry(target.to_owned()).or_default().clone()
    }

    /// Whether something is to be told to the others, or asked of them, now.
    pub fn wants_sharing(&self, now_millis: u64) -> bool {
        let _ = now_millis;
        false
    }
}

/// Of one target, or of one provider.
#[derive(Default)]
pub struct Condition {}

/// What one request does to a target while it runs. Dropped, it is over.
pub struct Visit {}

/// How a target stands at one time: pure data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    pub standing: Held,
    /// Tokens of the last minute, as far as this isolate knows of them, with those of requests under way.
    pub used_tokens: u64,
    pub in_flight: u32,
    /// The moving average to the first byte.
    pub first_byte_millis: Option<u64>,
    /// The 95th of a hundred.
    pub slow_first_byte_millis: Option<u64>,
    /// What its last answer said is left of its own limits.
    pub quota: Option<Quota>,
    pub errors: u32,
}

/// Whether a target may be asked, with the time until which it may not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Held {
    #[default]
    No,
    /// It asked to be left alone, or was busy and did not say for how long.
    Resting {
        until_millis: u64,
        is_its_word: bool,
    },
    /// It failed again and again. After that time one request may try it.
    Failing { until_millis: u64 },
    /// One request tries it now.
    OnTrial { until_millis: u64 },
}

/// The same, at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Well,
    /// A request may find out whether it is well again.
    ToBeTried,
    Resting {
        millis: u64,
        is_its_word: bool,
    },
    Failing {
        millis: u64,
    },
}

/// What a target said is left, and until when that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub tokens: Option<u64>,
    pub requests: Option<u64>,
    pub until_millis: u64,
}

impl Snapshot {
    pub fn standing(&self, now_millis: u64) -> Standing {
        let left = |until: u64| until.saturating_sub(now_millis);
        match self.standing {
            Held::No => Standing::Well,
            Held::Resting {
                until_millis,
                is_its_word,
            } => match left(until_millis) {
                0 => Standing::Well,
                millis => Standing::Resting {
                    millis,
                    is_its_word,
                },
            },
            Held::Failing { until_millis } | Held::OnTrial { until_millis } => {
                match left(until_millis) {
                    0 => Standing::ToBeTried,
                    millis => Standing::Failing { millis },
                }
            }
        }
    }
}

impl Condition {
    pub fn snapshot(&self, now_millis: u64) -> Snapshot {
        let _ = now_millis;
        Snapshot::default()
    }

    /// A request goes there; where the target is to be tried this one is the trial.
    pub fn visit(self: Rc<Self>, now_millis: u64) -> Visit {
        let _ = now_millis;
        Visit {}
    }

    /// What became of a request.
    pub fn note(&self, judgement: &Judgement, words: &str, now_millis: u64) {
        let _ = (judgement.effect == Effect::Nothing, words, now_millis);
    }

    /// What the headers of an answer say is left.
    pub fn learn(&self, headers: &Headers, now_millis: u64) {
        let _ = (headers, now_millis);
    }

    /// How long the first byte took.
    pub fn time(&self, millis: u64, now_millis: u64) {
        let _ = (millis, now_millis);
    }

    /// Tokens it has used.
    pub fn count(&self, tokens: u64, now_millis: u64) {
        let _ = (tokens, now_millis);
    }
}

/// Tells the others what this isolate has seen, and takes over what they have.
pub async fn share<P: Platform>(platform: &P) {
    let _ = platform.now_millis();
}
