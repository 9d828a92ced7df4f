//! How much of a thing an isolate uses: how large its next lease should be.

use super::{IDLE_MILLIS, LEASED_MILLIS, ROUND_MILLIS};
use crate::limits::Amount;

#[derive(Default)]
pub(super) struct Demand {
    /// Since the last report was made, and when that was.
    taken: Amount,
    pub since_millis: u64,
    /// What was usual then.
    before: Amount,
    /// Of one call, lately; and since the last report was made.
    pub largest: Amount,
    newest: Amount,
    pub last_millis: Option<u64>,
}

impl Demand {
    pub fn note(&mut self, amount: Amount, now_millis: u64) {
        self.taken = self.taken.plus(amount);
        self.largest = self.largest.most(amount);
        self.newest = self.newest.most(amount);
        self.last_millis = Some(now_millis);
    }

    /// What is used in [`LEASED_MILLIS`]: half of what it was, half of what it is; more at once.
    pub fn usual(&self, now_millis: u64) -> Amount {
        let since = now_millis.abs_diff(self.since_millis);
        let usual = |taken: u64, usual: u64| {
            let scaled = taken.saturating_mul(LEASED_MILLIS) / since.max(ROUND_MILLIS / 4);
            scaled.max(scaled.midpoint(usual))
        };
        Amount {
            requests: usual(self.taken.requests, self.before.requests),
            tokens: usual(self.taken.tokens, self.before.tokens),
        }
    }

    /// A report is made.
    pub fn measure(&mut self, now_millis: u64) {
        self.before = self.usual(now_millis);
        // Calls may become smaller.
        self.largest.tokens -= self.largest.tokens / 8;
        self.largest = self.largest.most(std::mem::take(&mut self.newest));
        self.taken = Amount::NONE;
        self.since_millis = now_millis;
    }

    pub fn is_idle(&self, now_millis: u64) -> bool {
        let last = self.last_millis;
        last.is_none_or(|last| now_millis.abs_diff(last) >= IDLE_MILLIS)
    }
}
