//! Budgets end with their day and their month.

use isthmus::limits::budget::{Budget, Period};
use proptest::prelude::*;

const PERIODS: [Period; 2] = [Period::Day, Period::Month];

proptest! {
    #[test]
    fn a_budget_holds_what_was_used_in_its_period(
        start in 0u64..4_000_000_000_000,
        charges in prop::collection::vec((0u64..40_000_000, 1u64..100), 1..60),
    ) {
        for period in PERIODS {
            let mut budget = Budget::default();
            let mut list = Vec::new();
            let mut now = start;
            for (pause, tokens) in &charges {
                now += pause;
                budget.forget(period, now);
                budget.charge(period, *tokens, now);
                list.push((period.number(now), *tokens));
                let current = list.iter().filter(|(number, _)| *number == period.number(now));
                prop_assert_eq!(budget.used(), current.map(|(_, tokens)| tokens).sum::<u64>());
            }
            let wait = budget.wait_millis(period, 1, budget.used(), now);
            prop_assert_eq!(now + wait, period.end_millis(now));
            budget.forget(period, now + wait - 1);
            prop_assert!(budget.used() > 0);
            budget.forget(period, now + wait);
            prop_assert_eq!(budget.used(), 0);
        }
    }

    #[test]
    fn what_is_given_back_late_changes_no_other_period(
        start in 0u64..4_000_000_000_000,
        later in 0u64..80_000_000_000,
    ) {
        for period in PERIODS {
            let mut budget = Budget::default();
            budget.charge(period, 10, start);
            budget.charge(period, 5, start + later);
            budget.give_back(period, 4, start);
            let is_same = period.number(start) == period.number(start + later);
            prop_assert_eq!(budget.used(), if is_same { 11 } else { 5 });
        }
    }
}

#[test]
fn a_clock_that_steps_back_over_midnight_does_not_open_the_budget_again() {
    let midnight = Period::Day.end_millis(1_700_000_000_000);
    let mut budget = Budget::default();
    budget.charge(Period::Day, 10, midnight);
    budget.forget(Period::Day, midnight - 5);
    assert_eq!(budget.used(), 10);
    let wait = budget.wait_millis(Period::Day, 1, 10, midnight - 5);
    assert_eq!(wait, 86_400_005);
    budget.forget(Period::Day, midnight - 3 * 86_400_000);
    assert_eq!(budget.used(), 0, "but one that was wrong by days does");
}
