//! Tokens of a calendar day and of a calendar month, in UTC.

use serde::{Deserialize, Serialize};

use crate::calendar;

const DAY_MILLIS: u64 = 86_400_000;

/// What a budget is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Day,
    Month,
}

/// What was used in the period that runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// See [`Period::number`].
    period: u64,
    used: u64,
}

impl Period {
    /// Grows by one from each period to the next.
    pub fn number(self, millis: u64) -> u64 {
        let days = millis / DAY_MILLIS;
        match self {
            Self::Day => days,
            Self::Month => {
                let (year, month, _) = calendar::date(days);
                year * 12 + month
            }
        }
    }

    /// When the period of a time ends.
    pub fn end_millis(self, millis: u64) -> u64 {
        let days = millis / DAY_MILLIS;
        let next = match self {
            Self::Day => days + 1,
            Self::Month => {
                let (year, month, day) = calendar::date(days);
                days + 1 + month_length(year, month) - day
            }
        };
        next.saturating_mul(DAY_MILLIS)
    }
}

impl Budget {
    pub fn used(self) -> u64 {
        self.used
    }

    pub fn charge(&mut self, period: Period, tokens: u64, at_millis: u64) {
        let number = period.number(at_millis);
        if number > self.period {
            *self = Self {
                period: number,
                used: 0,
            };
        }
        self.used = self.used.saturating_add(tokens);
    }

    /// Some of what was charged at a time was not used.
    pub fn give_back(&mut self, period: Period, tokens: u64, at_millis: u64) {
        if period.number(at_millis) == self.period {
            self.used = self.used.saturating_sub(tokens);
        }
    }

    /// A new period begins with nothing. A clock that is set back over its beginning does not undo that, unless it was
    /// wrong by more than a period.
    pub fn forget(&mut self, period: Period, now_millis: u64) {
        let number = period.number(now_millis);
        if number > self.period || number + 1 < self.period {
            *self = Self {
                period: number,
                used: 0,
            };
        }
    }

    /// Milliseconds until there is room for so much, which is no more than the limit, if nothing else comes.
    pub fn wait_millis(self, period: Period, tokens: u64, limit: u64, now_millis: u64) -> u64 {
        if self.used <= limit.saturating_sub(tokens) {
            return 0;
        }
        let mut end = period.end_millis(now_millis);
        if self.period > period.number(now_millis) {
            // It counts for the next one already.
            end = period.end_millis(end);
        }
        end.saturating_sub(now_millis)
    }
}

fn month_length(year: u64, month: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY_MILLIS, Period};

    #[test]
    fn days_and_months_end_as_in_the_calendar() {
        // Days since 1970, days until the month ends.
        const CASES: [(u64, u64); 9] = [
            (0, 31),
            (30, 1),
            (31, 28),
            // 2024-02-28, 2024-02-29, 2024-12-31.
            (19_781, 2),
            (19_782, 1),
            (20_088, 1),
            // 2026-11-20.
            (20_777, 11),
            // 2100-02-28: no leap year. 2000-02-28: one.
            (47_540, 1),
            (11_015, 2),
        ];
        for (days, left) in CASES {
            let millis = days * DAY_MILLIS + 1;
            let end = (days + left) * DAY_MILLIS;
            assert_eq!(Period::Month.end_millis(millis), end, "day {days}");
            assert_eq!(Period::Day.end_millis(millis), (days + 1) * DAY_MILLIS);
            let number = Period::Month.number(millis);
            assert_eq!(Period::Month.number(end - 1), number);
            assert_eq!(Period::Month.number(end), number + 1);
        }
    }

    #[test]
    fn no_time_is_too_late() {
        for period in [Period::Day, Period::Month] {
            assert!(period.number(u64::MAX) > 0);
            assert!(period.end_millis(u64::MAX) > 0);
        }
    }
}
