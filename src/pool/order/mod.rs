//! In which order the targets of a pool are tried: a pure decision over how each of them stands.

use crate::condition::{Snapshot, Standing};
use crate::pool::Rules;

/// One target, as far as the decision needs to know it.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// Tells it from the others, and stays the same while the configuration does: what conversations are bound to.
    pub key: &'a str,
    pub priority: u32,
    pub weight: u32,
    /// Tokens a minute, as far as they are known.
    pub tpm: Option<u64>,
    /// They are its provider's, whatever the model.
    pub is_providers: bool,
    pub snapshot: Snapshot,
}

/// What else the decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    pub now_millis: u64,
    /// Tokens the call is estimated to need.
    pub tokens: u64,
    /// Chance, and no more than that.
    pub dice: u64,
    /// A digest of what the conversation begins with.
    pub conversation: Option<u64>,
}

/// The targets by their places in the pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// To be tried one after the other.
    pub tried: Vec<usize>,
    /// Not well, but better than no attempt at all: only if none of the others is there to be tried.
    pub last_resorts: Vec<usize>,
    /// Milliseconds until the first of those that are not tried may be, where their own word is all that is against
    /// them.
    pub wait_millis: Option<u64>,
}

pub fn order(rules: &Rules, candidates: &[Candidate<'_>], given: &Circumstances) -> Order {
    let _ = rules;
    let (tried, last_resorts): (Vec<usize>, Vec<usize>) = (0..candidates.len()).partition(|at| {
        candidates
            .get(*at)
            .is_some_and(|it| it.snapshot.standing(given.now_millis) == Standing::Well)
    });
    Order {
        tried,
        last_resorts,
        wait_millis: None,
    }
}
