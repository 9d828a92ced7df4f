//! How often something costly may be done: a share of all calls, saved up to a few.

use std::cell::Cell;

/// More are not saved: where all targets grow slow at once, second attempts would make them slower.
const MOST: u32 = 3;

/// In hundredths. Always `saved <= 100 * MOST`.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    saved: Cell<u32>,
}

impl Budget {
    /// What one call more allows.
    pub fn earn(&self, percent: u32) {
        let saved = self.saved.get().saturating_add(percent);
        self.saved.set(saved.min(100 * MOST));
    }

    pub fn is_enough(&self) -> bool {
        self.saved.get() >= 100
    }

    /// Once, if there is enough.
    pub fn spend(&self) -> bool {
        let left = self.saved.get().checked_sub(100);
        self.saved.set(left.unwrap_or_else(|| self.saved.get()));
        left.is_some()
    }

    /// It was not done after all.
    pub fn give_back(&self) {
        self.earn(100);
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    /// Percent, calls, and how many of them may do it.
    #[test]
    fn so_many_of_a_hundred_calls() {
        for (percent, calls, spent) in [
            (3, 100, 3),
            (3, 33, 0),
            (100, 7, 7),
            (0, 1000, 0),
            (50, 9, 4),
        ] {
            let budget = Budget::default();
            let does = (0..calls).filter(|_| {
                budget.earn(percent);
                budget.spend()
            });
            assert_eq!(does.count(), spent, "{percent} of {calls}");
        }
    }

    #[test]
    fn no_more_than_a_few_are_saved() {
        let budget = Budget::default();
        for _ in 0..1000 {
            budget.earn(u32::MAX);
        }
        assert!(budget.is_enough());
        assert_eq!((0..10).filter(|_| budget.spend()).count(), 3);
        assert!(!budget.is_enough());
        budget.give_back();
        assert!(budget.spend() && !budget.spend());
    }
}
