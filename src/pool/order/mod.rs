//! In which order the targets of a pool are tried: a pure decision over how each of them stands.
//!
//! First those that can serve the call now, by priority and in each by the strategy; then those of any priority that
//! are full or about to refuse, since another kind of capacity that is free now (pay-as-you-go beside a throughput
//! that was bought) is better than a refusal. A target that is to be tried after a failure has its usual place: the call
//! that tries it goes on to the next if that fails, and meanwhile no other takes it.

mod affinity;
mod dice;
mod group;
mod weighted;

use crate::condition::{Snapshot, Standing};
use crate::pool::Rules;

use dice::Dice;

/// The limits are per minute.
const SPAN_MILLIS: u64 = 60_000;

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

/// The targets by their places in the pool. No place is there twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// To be tried one after the other.
    pub tried: Vec<usize>,
    /// Not well, but better than no attempt at all: only if none of the others is there to be tried. Those that were
    /// busy, then those that failed; first whose time is over soonest.
    pub last_resorts: Vec<usize>,
    /// Milliseconds until the first of those that are not tried may be, where their own word is all that is against
    /// them.
    pub wait_millis: Option<u64>,
}

/// A candidate and its place in the pool.
#[derive(Clone, Copy)]
struct Member<'a> {
    at: usize,
    candidate: &'a Candidate<'a>,
}

/// What may come of asking a target now.
enum Prospect {
    Open,
    /// More than it can take, or than it said is left; for so long, as far as that can be told.
    Full {
        millis: u64,
    },
    LastResort {
        fails: bool,
        millis: u64,
    },
    Closed {
        millis: u64,
    },
}

pub fn order(rules: &Rules, candidates: &[Candidate<'_>], given: &Circumstances) -> Order {
    let mut wait_millis: Option<u64> = None;
    let mut open = Vec::with_capacity(candidates.len());
    let (mut full, mut last_resorts) = (Vec::new(), Vec::new());
    for (at, candidate) in candidates.iter().enumerate() {
        match candidate.prospect(given) {
            Prospect::Open => open.push(Member { at, candidate }),
            Prospect::Full { millis } => full.push((millis, candidate.priority, at)),
            Prospect::LastResort { fails, millis } => {
                last_resorts.push((fails, millis, candidate.priority, at));
            }
            Prospect::Closed { millis } => {
                wait_millis = Some(wait_millis.map_or(millis, |other| other.min(millis)));
            }
        }
    }
    open.sort_by_key(|member| member.candidate.priority);
    let mut dice = Dice::new(given.dice);
    let is_one_group =
        |a: &Member<'_>, b: &Member<'_>| a.candidate.priority == b.candidate.priority;
    for (number, group) in open.chunk_by_mut(is_one_group).enumerate() {
        group::arrange(group, rules, given, &mut dice, number == 0);
    }
    full.sort_unstable();
    last_resorts.sort_unstable();
    let open = open.iter().map(|member| member.at);
    Order {
        tried: open.chain(full.iter().map(|(_, _, at)| *at)).collect(),
        last_resorts: last_resorts.iter().map(|(_, _, _, at)| *at).collect(),
        wait_millis,
    }
}

impl Candidate<'_> {
    /// Tokens of the last minute, of what its tokens a minute are of.
    fn used_tokens(&self) -> u64 {
        if self.is_providers {
            self.snapshot.provider_tokens
        } else {
            self.snapshot.used_tokens
        }
    }

    fn prospect(&self, given: &Circumstances) -> Prospect {
        match self.snapshot.standing(given.now_millis) {
            Standing::Well | Standing::ToBeTried => {}
            Standing::Failing { millis } => {
                return Prospect::LastResort {
                    fails: true,
                    millis,
                };
            }
            Standing::Resting {
                millis,
                is_its_word: false,
            } => {
                return Prospect::LastResort {
                    fails: false,
                    millis,
                };
            }
            Standing::Resting { millis, .. } => return Prospect::Closed { millis },
        }
        let refuses_for = self.snapshot.refuses_for(given.tokens, given.now_millis);
        match self.full_for(given.tokens).max(refuses_for) {
            Some(millis) => Prospect::Full { millis },
            None => Prospect::Open,
        }
    }

    /// Until so many tokens have room, if those of the last minute were used evenly.
    fn full_for(&self, tokens: u64) -> Option<u64> {
        let used = self.used_tokens();
        let excess = used.saturating_add(tokens).saturating_sub(self.tpm?);
        let millis = excess.saturating_mul(SPAN_MILLIS).checked_div(used);
        let millis = millis.unwrap_or(SPAN_MILLIS).clamp(1, SPAN_MILLIS);
        (excess > 0).then_some(millis)
    }
}

#[cfg(test)]
mod tests;
