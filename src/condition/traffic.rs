//! What one thing has served in the last minute, and serves now.

use std::collections::VecDeque;

const SPAN_SECS: u64 = 60;
/// More than is used at once, whatever a client asks for or an upstream tells: so that no sum overflows, and what is
/// given back is what was taken.
pub const MOST_AT_ONCE: u64 = 1 << 31;

/// A sliding minute in buckets of a second, whose seconds grow: 60 at most. Always `used` is their sum.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    buckets: VecDeque<(u64, u64)>,
    used: u64,
    /// Of requests under way, by their estimates.
    reserved: u64,
    in_flight: u32,
}

impl Traffic {
    pub fn count(&mut self, tokens: u64, now_millis: u64) {
        let now = now_millis / 1000;
        self.forget(now);
        if tokens == 0 {
            return;
        }
        let tokens = tokens.min(MOST_AT_ONCE);
        self.used += tokens;
        match self.buckets.back_mut() {
            // A clock that steps back adds to the newest bucket.
            Some((second, used)) if *second >= now => *used += tokens,
            _ => self.buckets.push_back((now, tokens)),
        }
    }

    /// Of the last minute.
    pub fn minute(&mut self, now_millis: u64) -> u64 {
        self.forget(now_millis / 1000);
        self.used
    }

    /// The same, with those under way.
    pub fn used(&mut self, now_millis: u64) -> u64 {
        self.minute(now_millis).saturating_add(self.reserved)
    }

    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    pub fn begin(&mut self, tokens: u64) {
        self.in_flight = self.in_flight.saturating_add(1);
        self.reserved = self.reserved.saturating_add(tokens.min(MOST_AT_ONCE));
    }

    pub fn end(&mut self, tokens: u64) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.reserved = self.reserved.saturating_sub(tokens.min(MOST_AT_ONCE));
    }

    fn forget(&mut self, now: u64) {
        while let Some((second, used)) = self.buckets.front().copied() {
            if second + SPAN_SECS > now {
                return;
            }
            self.used -= used;
            self.buckets.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_AT_ONCE, Traffic};

    #[test]
    fn a_minute_passes() {
        let mut traffic = Traffic::default();
        for (at, tokens, used) in [
            (0, 5, 5),
            (999, 5, 10),
            (30_000, 1, 11),
            (20_000, 1, 12),
            (59_999, 0, 12),
            (60_000, 0, 2),
            (90_000, u64::MAX, MOST_AT_ONCE),
            (90_001, 7, MOST_AT_ONCE + 7),
            (150_000, 0, 0),
        ] {
            traffic.count(tokens, at);
            assert_eq!(traffic.minute(at), used, "{at}");
        }
    }

    #[test]
    fn what_is_under_way_counts() {
        let mut traffic = Traffic::default();
        traffic.count(1, 0);
        traffic.begin(10);
        traffic.begin(20);
        assert_eq!((traffic.used(0), traffic.in_flight()), (31, 2));
        traffic.end(10);
        assert_eq!((traffic.used(60_000), traffic.in_flight()), (20, 1));
    }
}
