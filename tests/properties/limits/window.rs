//! The sliding minute, against a plain list of what was charged.

use isthmus::limits::window::{SPAN_MILLIS, Window};
use isthmus::limits::{Amount, Measure};
use proptest::prelude::*;

fn tokens(tokens: u64) -> Amount {
    Amount {
        requests: 1,
        tokens,
    }
}

/// What of a list was charged within a minute, with what may stay a second longer.
fn held(list: &[(u64, u64)], at: u64, span: u64) -> u64 {
    let recent = list.iter().filter(|(when, _)| when + span > at);
    recent.map(|(_, tokens)| tokens).sum()
}

proptest! {
    #[test]
    fn what_was_used_stays_a_minute_and_no_more_than_a_second_longer(
        steps in prop::collection::vec((0u64..9000, 1u64..20, any::<bool>(), any::<u8>()), 1..80),
    ) {
        let mut window = Window::default();
        let mut list: Vec<(u64, u64)> = Vec::new();
        let mut now = 5_000_000;
        for (pause, amount, is_given_back, which) in steps {
            now += pause;
            window.forget(now);
            if is_given_back && !list.is_empty() {
                let at = usize::from(which) % list.len();
                let (when, charged) = list[at];
                window.give_back(Amount { requests: 0, tokens: charged.min(amount) }, when);
                list[at].1 -= charged.min(amount);
            } else {
                prop_assert_eq!(window.charge(tokens(amount), now), now);
                list.push((now, amount));
            }
            let used = window.used().tokens;
            prop_assert!(used >= held(&list, now, SPAN_MILLIS));
            prop_assert!(used <= held(&list, now, SPAN_MILLIS + 1000));
        }
    }

    #[test]
    fn who_waits_finds_room_and_waits_no_longer_than_he_must(
        charges in prop::collection::vec((0u64..9000, 1u64..20), 1..40),
        limit in 20u64..60,
        amount in 1u64..20,
    ) {
        let mut window = Window::default();
        let mut now = 0;
        for (pause, amount) in charges {
            now += pause;
            window.forget(now);
            window.charge(tokens(amount), now);
        }
        let wait = window.wait_millis(Measure::Tokens, amount, limit, now);
        let used_at = |at: u64| {
            let mut later = window.clone();
            later.forget(at);
            later.used().tokens
        };
        prop_assert!(used_at(now + wait) + amount <= limit);
        prop_assert!(wait == 0 || used_at(now + wait - 1) + amount > limit);
        prop_assert_eq!(used_at(now + window.reset_millis(Measure::Tokens, now)), 0);
    }

    #[test]
    fn no_number_and_no_clock_does_harm(
        steps in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u64>()), 1..200),
    ) {
        let mut window = Window::default();
        for (now, amount, limit) in steps {
            window.charge(tokens(amount), now);
            window.give_back(tokens(limit), amount);
            window.forget(now);
            window.wait_millis(Measure::Tokens, amount, limit, now);
            window.reset_millis(Measure::Requests, now);
            let seconds = serde_json::to_value(&window).unwrap();
            prop_assert!(seconds.as_array().unwrap().len() <= 61);
            prop_assert_eq!(&window.clone().sound(now), &window);
        }
    }
}

#[test]
fn a_clock_that_was_set_back_does_not_keep_what_was_used_for_longer_than_a_minute() {
    let mut window = Window::default();
    window.charge(tokens(7), 3_600_000);
    window.forget(1000);
    assert_eq!(window.used().tokens, 7);
    window.forget(1000 + SPAN_MILLIS);
    assert_eq!(window.used().tokens, 0);
}
