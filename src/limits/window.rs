//! What was used in the last minute, and whether more may be: pure arithmetic, kept by a Durable Object for the
//! whole world and by each isolate for the time that object cannot be asked.

use std::collections::VecDeque;

/// Limits are per minute.
const SPAN_SECS: u64 = 60;

/// A sliding minute in buckets of a second. Always `used` is the sum of the buckets, whose seconds grow, all
/// within one span of each other: a window never holds more than 60 of them.
#[derive(Clone, Debug, Default)]
pub struct Window {
    buckets: VecDeque<(u64, u64)>,
    used: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    Granted {
        remaining: u64,
    },
    /// Never 0: a client that waits that long finds room.
    Denied {
        retry_after_secs: u64,
    },
}

impl Window {
    /// Takes an amount, if the limit leaves room for it now.
    pub fn take(&mut self, amount: u64, limit: u64, now_secs: u64) -> Reply {
        self.forget(now_secs);
        let wanted = self.used.saturating_add(amount);
        if wanted > limit {
            return Reply::Denied {
                retry_after_secs: self.room_after(wanted - limit, now_secs),
            };
        }
        self.used = wanted;
        match self.buckets.back_mut() {
            // A clock that steps back adds to the newest bucket.
            Some((second, used)) if *second >= now_secs => *used += amount,
            _ => self.buckets.push_back((now_secs, amount)),
        }
        Reply::Granted {
            remaining: limit - wanted,
        }
    }

    fn forget(&mut self, now_secs: u64) {
        while let Some((second, used)) = self.buckets.front().copied() {
            if second + SPAN_SECS > now_secs {
                return;
            }
            self.used -= used;
            self.buckets.pop_front();
        }
    }

    /// Seconds until so much has been forgotten; a whole span if it never will be enough.
    fn room_after(&self, excess: u64, now_secs: u64) -> u64 {
        let mut freed = 0;
        for (second, used) in &self.buckets {
            freed += used;
            if freed >= excess {
                return (second + SPAN_SECS).saturating_sub(now_secs).max(1);
            }
        }
        SPAN_SECS
    }
}
