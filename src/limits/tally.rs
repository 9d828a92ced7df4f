//! All that is counted of one thing: its last minute, its day, its month.

use serde::{Deserialize, Serialize};

use super::budget::{Budget, Period};
use super::window::Window;
use super::{Amount, Denial, Left, Limits, Measure, Room};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    window: Window,
    day: Budget,
    month: Budget,
}

impl Tally {
    /// Counts an amount as used, whatever the limits; gives when, for who may give some of it back.
    pub fn charge(&mut self, amount: Amount, now_millis: u64) -> u64 {
        self.charge_budgets(amount.tokens, now_millis);
        self.window.charge(amount, now_millis)
    }

    /// The same for what was used more than a minute ago.
    pub fn charge_budgets(&mut self, tokens: u64, now_millis: u64) {
        self.day.charge(Period::Day, tokens, now_millis);
        self.month.charge(Period::Month, tokens, now_millis);
    }

    /// Some of what was charged at a time was not used.
    pub fn give_back(&mut self, amount: Amount, at_millis: u64) {
        self.window.give_back(amount, at_millis);
        self.day.give_back(Period::Day, amount.tokens, at_millis);
        self.month
            .give_back(Period::Month, amount.tokens, at_millis);
    }

    /// What is over is over.
    pub fn forget(&mut self, now_millis: u64) {
        self.window.forget(now_millis);
        self.day.forget(Period::Day, now_millis);
        self.month.forget(Period::Month, now_millis);
    }

    /// The same, whatever it was: it may have been on a disk.
    #[must_use]
    pub fn sound(self, now_millis: u64) -> Self {
        let mut tally = Self {
            window: self.window.sound(now_millis),
            ..self
        };
        tally.forget(now_millis);
        tally
    }

    pub fn used(&self, measure: Measure) -> u64 {
        match measure {
            Measure::Requests | Measure::Tokens => self.window.used().of(measure),
            Measure::Daily => self.day.used(),
            Measure::Monthly => self.month.used(),
        }
    }

    /// What may still be used, beside what is promised; as much as there is where there is no limit.
    pub fn free(&self, open: Amount, limits: &Limits) -> Amount {
        let left = |measure| self.left(measure, open, limits).unwrap_or(u64::MAX);
        let tokens = [Measure::Tokens, Measure::Daily, Measure::Monthly].map(left);
        Amount {
            requests: left(Measure::Requests),
            tokens: tokens.into_iter().min().unwrap_or(u64::MAX),
        }
    }

    fn left(&self, measure: Measure, open: Amount, limits: &Limits) -> Option<u64> {
        let used = self.used(measure).saturating_add(open.of(measure));
        Some(limits.of(measure)?.saturating_sub(used))
    }

    pub fn room(&self, open: Amount, limits: &Limits, now_millis: u64) -> Room {
        let left = |measure| {
            Some(Left {
                limit: limits.of(measure)?,
                remaining: self.left(measure, open, limits)?,
                reset_millis: self.window.reset_millis(measure, now_millis),
            })
        };
        Room {
            requests: left(Measure::Requests),
            tokens: left(Measure::Tokens),
        }
    }

    /// Why an amount may not be used now: of the limits that leave no room for it the one that does so longest. `ended`:
    /// what this will be if all that is promised is used.
    pub fn denial(
        &self,
        ended: &Self,
        amount: Amount,
        open: Amount,
        limits: &Limits,
        now_millis: u64,
    ) -> Option<Denial> {
        let denials = Measure::ALL.into_iter().filter_map(|measure| {
            let (limit, amount) = (limits.of(measure)?, amount.of(measure));
            if amount <= self.left(measure, open, limits)? {
                return None;
            }
            let wait = |tally: &Self| tally.wait_millis(measure, amount, limit, now_millis);
            Some(Denial {
                measure,
                limit,
                wait_millis: (amount <= limit).then(|| wait(self).max(wait(ended)).max(1)),
            })
        });
        denials.max_by_key(|denial| denial.wait_millis.unwrap_or(u64::MAX))
    }

    fn wait_millis(&self, measure: Measure, amount: u64, limit: u64, now_millis: u64) -> u64 {
        let of_budget =
            |budget: Budget, period| budget.wait_millis(period, amount, limit, now_millis);
        match measure {
            Measure::Requests | Measure::Tokens => {
                self.window.wait_millis(measure, amount, limit, now_millis)
            }
            Measure::Daily => of_budget(self.day, Period::Day),
            Measure::Monthly => of_budget(self.month, Period::Month),
        }
    }
}
