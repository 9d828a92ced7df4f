//! What may be used of a thing in a minute, a day, a month, and who counts it.
//!
//! The shared object of a limited thing holds a [`ledger::Ledger`]. `exact`: it is asked before each call. `leased`: an
//! isolate has a lease of it ([`leases`]), takes from that without asking, and renews it in the background.
//!
//! # How far a limit can be exceeded
//!
//! An object grants only while what was used in the last minute, what is promised and what is wanted are together within
//! the limit; what was used of a lease it counts from when it hears of it, which is later than it was used. So:
//!
//! * `exact`: in any 60 seconds no more is granted than the limit, a settled call being counted with what it really took
//!   where that is less than it reserved. No restart of the object changes that ([`ledger`]).
//! * `leased`: no more than the limit and one call of each isolate that was alive in these 60 seconds. An isolate that
//!   holds no lease lets one call go on before it asks, and none after the last word it heard was that there is no room.
//!
//! What a call takes beyond its reservation is counted when it is known, and not bounded by this. An object that does not
//! answer in time bounds nothing: each isolate then keeps the whole limit by itself, and reports what it used later. Days
//! and months are kept like minutes.

mod admit;
pub mod error;
pub mod estimate;

pub mod leases;
mod tend;
mod thing;

mod holders;
pub mod ledger;

pub mod budget;
pub mod tally;
pub mod window;

use serde::{Deserialize, Serialize};

use crate::later::Job;
use crate::platform::Platform;

pub use admit::Admission;
pub use leases::{Leases, Permit};
pub use tend::tend;

/// What bounds a thing. None: nothing does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// A minute.
    pub requests: Option<u64>,
    /// A minute.
    pub tokens: Option<u64>,
    /// Tokens a day, and a month, of the calendar in UTC.
    pub daily: Option<u64>,
    pub monthly: Option<u64>,
}

impl Limits {
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    pub fn counts_tokens(&self) -> bool {
        self.tokens.or(self.daily).or(self.monthly).is_some()
    }

    pub fn of(&self, measure: Measure) -> Option<u64> {
        match measure {
            Measure::Requests => self.requests,
            Measure::Tokens => self.tokens,
            Measure::Daily => self.daily,
            Measure::Monthly => self.monthly,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Leased,
    Exact,
}

/// A thing with limits, and how they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limited {
    /// Of its shared object: `client:NAME`, `target:PROVIDER/MODEL`, `all`.
    pub name: String,
    pub limits: Limits,
    pub mode: Mode,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Amount {
    pub requests: u64,
    pub tokens: u64,
}

impl Amount {
    pub const NONE: Self = Self {
        requests: 0,
        tokens: 0,
    };

    pub fn of(self, measure: Measure) -> u64 {
        match measure {
            Measure::Requests => self.requests,
            Measure::Tokens | Measure::Daily | Measure::Monthly => self.tokens,
        }
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            tokens: self.tokens.saturating_add(other.tokens),
        }
    }

    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(other.requests),
            tokens: self.tokens.saturating_sub(other.tokens),
        }
    }

    /// Of each measure the smaller.
    #[must_use]
    pub fn least(self, other: Self) -> Self {
        Self {
            requests: self.requests.min(other.requests),
            tokens: self.tokens.min(other.tokens),
        }
    }

    /// Of each measure the larger.
    #[must_use]
    pub fn most(self, other: Self) -> Self {
        Self {
            requests: self.requests.max(other.requests),
            tokens: self.tokens.max(other.tokens),
        }
    }

    pub fn covers(self, other: Self) -> bool {
        self.requests >= other.requests && self.tokens >= other.tokens
    }
}

/// Which of the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    Requests,
    Tokens,
    Daily,
    Monthly,
}

impl Measure {
    pub const ALL: [Self; 4] = [Self::Requests, Self::Tokens, Self::Daily, Self::Monthly];
}

/// Why a call may not go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    pub measure: Measure,
    pub limit: u64,
    /// None: never, it is larger than the limit.
    pub wait_millis: Option<u64>,
}

/// What is left of the limits a minute, for the headers that tell of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Room {
    pub requests: Option<Left>,
    pub tokens: Option<Left>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    pub limit: u64,
    pub remaining: u64,
    /// Until all of it is there again.
    pub reset_millis: u64,
}

impl Room {
    /// What is left where both bound the same.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        let smaller = |one: Option<Left>, other: Option<Left>| {
            let both = [one, other].into_iter().flatten();
            both.min_by_key(|left| left.remaining)
        };
        Self {
            requests: smaller(self.requests, other.requests),
            tokens: smaller(self.tokens, other.tokens),
        }
    }
}

/// Takes an amount of a thing, to be settled when it is known what was really used.
pub async fn reserve<P: Platform>(
    platform: &P,
    limited: &Limited,
    amount: Amount,
) -> std::result::Result<Permit, Denial> {
    let leases = platform.memory().leases();
    let now = platform.now_millis();
    let thing = leases.thing(&limited.name, now);
    let verdict = match thing.take(limited, amount, || leases.number(), now) {
        Some(verdict) => verdict,
        None => tend::ask_for(platform, leases, &thing, amount).await,
    };
    let now = platform.now_millis();
    if leases.want_tending(now) {
        platform.later(Job::TendLimits);
    }
    verdict.map(|taken| Permit::new(thing, taken, now))
}
