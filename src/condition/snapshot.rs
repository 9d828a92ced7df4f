//! How a target stands at one time: pure data.

use std::rc::Rc;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    pub standing: Held,
    /// Tokens of the last minute, as far as this isolate knows of them, with those of requests under way.
    pub used_tokens: u64,
    /// The same for its provider as a whole, whatever the model.
    pub provider_tokens: u64,
    pub in_flight: u32,
    /// The moving average to the first byte.
    pub first_byte_millis: Option<u64>,
    /// The 95th of a hundred.
    pub slow_first_byte_millis: Option<u64>,
    /// What its last answer said is left of its own limits, without what was sent since.
    pub quota: Option<Quota>,
    /// Failures since the last success.
    pub errors: u32,
    pub last_error: Option<Rc<str>>,
    /// Since 1970.
    pub last_used_millis: Option<u64>,
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
    /// One request tries it now. After that time it is taken for lost.
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

impl Held {
    pub fn standing(self, now_millis: u64) -> Standing {
        let left = |until: u64| until.saturating_sub(now_millis);
        match self {
            Self::No => Standing::Well,
            Self::Resting {
                until_millis,
                is_its_word,
            } => match left(until_millis) {
                0 => Standing::Well,
                millis => Standing::Resting {
                    millis,
                    is_its_word,
                },
            },
            Self::Failing { until_millis } | Self::OnTrial { until_millis } => {
                match left(until_millis) {
                    0 => Standing::ToBeTried,
                    millis => Standing::Failing { millis },
                }
            }
        }
    }

    /// What is more of an obstacle: a target's own word before a failure, that before a guess of ours. Of equals the
    /// longer.
    #[must_use]
    pub fn and(self, other: Self, now_millis: u64) -> Self {
        let weight = |held: Self| match held.standing(now_millis) {
            Standing::Well => (0, 0),
            Standing::ToBeTried => (1, 0),
            Standing::Resting {
                millis,
                is_its_word: false,
            } => (2, millis),
            Standing::Failing { millis } => (3, millis),
            Standing::Resting {
                millis,
                is_its_word: true,
            } => (4, millis),
        };
        if weight(other) > weight(self) {
            other
        } else {
            self
        }
    }
}

impl Quota {
    /// Whether a call of so many tokens would be refused.
    fn is_short(&self, tokens: u64) -> bool {
        self.requests == Some(0) || self.tokens.is_some_and(|left| left < tokens)
    }
}

impl Snapshot {
    pub fn standing(&self, now_millis: u64) -> Standing {
        self.standing.standing(now_millis)
    }

    /// For how long a call of so many tokens had better go elsewhere, by what the target said is left.
    pub fn refuses_for(&self, tokens: u64, now_millis: u64) -> Option<u64> {
        let quota = self.quota.filter(|quota| quota.is_short(tokens))?;
        let millis = quota.until_millis.saturating_sub(now_millis);
        (millis > 0).then_some(millis)
    }

    /// For the pages that show it. What failed is an error until it has succeeded.
    pub fn word(&self, now_millis: u64) -> &'static str {
        match self.standing(now_millis) {
            Standing::Well => "healthy",
            Standing::Resting { .. } => "rate_limited",
            Standing::Failing { .. } | Standing::ToBeTried => "error",
        }
    }

    /// Since 1970; None where it does not rest now.
    pub fn rate_limited_until_millis(&self, now_millis: u64) -> Option<u64> {
        match self.standing(now_millis) {
            Standing::Resting { millis, .. } => Some(now_millis.saturating_add(millis)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Held, Quota, Snapshot};

    const OWN: Held = resting(100, true);
    const OURS: Held = resting(900, false);
    const FAILING: Held = Held::Failing { until_millis: 500 };

    const fn resting(until_millis: u64, is_its_word: bool) -> Held {
        Held::Resting {
            until_millis,
            is_its_word,
        }
    }

    #[test]
    fn the_greater_obstacle_counts() {
        for (one, other, now, expected) in [
            (Held::No, OURS, 0, OURS),
            (OURS, FAILING, 0, FAILING),
            (OWN, FAILING, 0, OWN),
            (OWN, FAILING, 100, FAILING),
            (OURS, FAILING, 500, OURS),
            (OURS, FAILING, 900, FAILING),
            (OWN, resting(200, true), 0, resting(200, true)),
        ] {
            assert_eq!(one.and(other, now), expected, "{one:?} {other:?} {now}");
            assert_eq!(other.and(one, now), expected, "{other:?} {one:?} {now}");
        }
    }

    #[test]
    fn pages_tell_how_it_is_now() {
        for (standing, now, word, until) in [
            (Held::No, 0, "healthy", None),
            (OWN, 99, "rate_limited", Some(100)),
            (OWN, 100, "healthy", None),
            (FAILING, 0, "error", None),
            (FAILING, 500, "error", None),
            (Held::OnTrial { until_millis: 9 }, 0, "error", None),
        ] {
            let snapshot = Snapshot {
                standing,
                ..Snapshot::default()
            };
            assert_eq!(snapshot.word(now), word, "{standing:?} {now}");
            assert_eq!(snapshot.rate_limited_until_millis(now), until);
        }
    }

    #[test]
    fn who_is_short_refuses_until_its_time() {
        for (tokens, requests, now, expected) in [
            (Some(99), None, 0, Some(60)),
            (Some(100), Some(1), 0, None),
            (None, Some(0), 20, Some(40)),
            (Some(0), Some(0), 60, None),
            (None, None, 0, None),
        ] {
            let quota = Some(Quota {
                tokens,
                requests,
                until_millis: 60,
            });
            let snapshot = Snapshot {
                quota,
                ..Snapshot::default()
            };
            let got = snapshot.refuses_for(100, now);
            assert_eq!(got, expected, "{tokens:?} {requests:?} {now}");
        }
    }
}
