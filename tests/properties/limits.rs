//! The sliding minute, against a plain list of what was granted.

use isthmus::limits::window::{Reply, Window};
use proptest::prelude::*;

proptest! {
    #[test]
    fn no_minute_ever_holds_more_than_the_limit(
        limit in 1u64..50,
        takes in prop::collection::vec((0u64..30, 1u64..20), 1..80),
    ) {
        let mut window = Window::default();
        let mut granted: Vec<(u64, u64)> = Vec::new();
        let mut now = 1_000;
        for (pause, amount) in takes {
            now += pause;
            let held = |granted: &[(u64, u64)], at: u64| {
                granted.iter().filter(|(when, _)| when + 60 > at).map(|(_, amount)| amount).sum::<u64>()
            };
            let used = held(&granted, now);
            match window.take(amount, limit, now) {
                Reply::Granted { remaining } => {
                    granted.push((now, amount));
                    prop_assert_eq!(remaining + used + amount, limit);
                }
                Reply::Denied { retry_after_secs } => {
                    prop_assert!(used + amount > limit);
                    prop_assert!((1..=60).contains(&retry_after_secs));
                    let later = held(&granted, now + retry_after_secs);
                    prop_assert!(amount > limit || later + amount <= limit, "who waits finds room");
                    let sooner = held(&granted, now + retry_after_secs - 1);
                    prop_assert!(amount > limit || sooner + amount > limit, "and waits no longer than he must");
                }
            }
        }
    }
}
