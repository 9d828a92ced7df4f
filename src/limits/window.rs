//! What was used in the last minute: pure arithmetic, kept by a shared object for the whole world, and by each isolate
//! for the time that object cannot be asked.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Amount, Measure};

/// Limits are per minute.
pub const SPAN_MILLIS: u64 = 60_000;

/// A sliding minute in buckets of a second. Their seconds grow, all within one span of each other: a window never holds
/// more than 61 of them. A bucket leaves a whole span after the last of what is in it, so that nothing in it leaves too
/// early; what is in it stays a second too long at most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Window {
    buckets: VecDeque<Bucket>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Bucket {
    last_millis: u64,
    #[serde(flatten)]
    amount: Amount,
}

impl Bucket {
    fn second(self) -> u64 {
        self.last_millis / 1000
    }

    fn end_millis(self) -> u64 {
        self.last_millis.saturating_add(SPAN_MILLIS)
    }
}

impl Window {
    pub fn used(&self) -> Amount {
        let amounts = self.buckets.iter().map(|bucket| bucket.amount);
        amounts.fold(Amount::default(), Amount::plus)
    }

    /// Counts an amount as used, whatever the limit; gives when, for who may give some of it back.
    pub fn charge(&mut self, amount: Amount, now_millis: u64) -> u64 {
        let second = now_millis / 1000;
        match self.buckets.back_mut() {
            // What comes out of its turn is counted with the newest.
            Some(bucket) if bucket.second() >= second => {
                bucket.last_millis = bucket.last_millis.max(now_millis);
                bucket.amount = bucket.amount.plus(amount);
                bucket.last_millis
            }
            _ => {
                self.buckets.push_back(Bucket {
                    last_millis: now_millis,
                    amount,
                });
                now_millis
            }
        }
    }

    /// Some of what was charged at a time was not used. What has left the window is not given back: something newer
    /// would go in its place.
    pub fn give_back(&mut self, amount: Amount, at_millis: u64) {
        let second = at_millis / 1000;
        let mut buckets = self.buckets.iter_mut();
        if let Some(bucket) = buckets.find(|bucket| bucket.second() == second) {
            bucket.amount = bucket.amount.minus(amount);
        }
    }

    /// What is older than a minute leaves. If the clock was set back, what came later than now came now.
    pub fn forget(&mut self, now_millis: u64) {
        let mut ahead = Amount::default();
        while let Some(bucket) = self
            .buckets
            .pop_back_if(|bucket| bucket.last_millis > now_millis)
        {
            ahead = ahead.plus(bucket.amount);
        }
        if ahead != Amount::default() {
            self.charge(ahead, now_millis);
        }
        while self
            .buckets
            .pop_front_if(|bucket| bucket.end_millis() <= now_millis)
            .is_some()
        {}
    }

    /// The same window, whatever its buckets were: they may have been on a disk.
    #[must_use]
    pub fn sound(self, now_millis: u64) -> Self {
        let mut window = Self::default();
        for bucket in self.buckets {
            window.charge(bucket.amount, bucket.last_millis);
        }
        window.forget(now_millis);
        window
    }

    /// Milliseconds until there is room for so much, which is no more than the limit, if nothing else comes.
    pub fn wait_millis(&self, measure: Measure, amount: u64, limit: u64, now_millis: u64) -> u64 {
        let allowed = limit.saturating_sub(amount);
        let mut used = self.used().of(measure);
        let mut wait = 0;
        for bucket in &self.buckets {
            if used <= allowed {
                break;
            }
            used = used.saturating_sub(bucket.amount.of(measure));
            wait = bucket.end_millis().saturating_sub(now_millis);
        }
        wait
    }

    /// Milliseconds until nothing of a measure is in use.
    pub fn reset_millis(&self, measure: Measure, now_millis: u64) -> u64 {
        let mut newest = self.buckets.iter().rev();
        let last = newest.find(|bucket| bucket.amount.of(measure) > 0);
        last.map_or(0, |bucket| bucket.end_millis().saturating_sub(now_millis))
    }
}
