//! Limits that several share: all clients, all isolates, or only this one while nobody can be asked.

use isthmus::limits::{Limits, Mode};

use super::{Bounds, MODES, NONE, bobs_hello, hello, requests, send, tokens};

/// What was taken before the first is forgotten after the second, and what was taken between is not.
const HALF_A_MINUTE: u64 = 30_001;

#[test]
fn what_one_limit_refuses_takes_nothing_of_the_other() {
    for mode in MODES {
        // Alice takes what all have; refused, she still has what is hers.
        let bounds = Bounds {
            client: requests(2),
            all: requests(1),
            mode,
        };
        let gateway = bounds.gateway();
        assert_eq!(send(&gateway, bobs_hello()).status(), 200);
        gateway.platform.wait(HALF_A_MINUTE);
        for _ in 0..3 {
            assert_eq!(send(&gateway, hello()).status(), 429);
        }
        gateway.platform.wait(HALF_A_MINUTE);
        let got = send(&gateway, hello());
        assert_eq!(got.status(), 200, "{mode:?}");
        // And what is refused to her is left to the others.
        let bounds = Bounds {
            client: requests(1),
            all: requests(2),
            mode,
        };
        let gateway = bounds.gateway();
        for status in [200, 429, 429] {
            assert_eq!(send(&gateway, hello()).status(), status);
        }
        assert_eq!(send(&gateway, bobs_hello()).status(), 200, "{mode:?}");
    }
}

#[test]
fn of_a_refused_call_all_tokens_are_given_back() {
    let bounds = Bounds {
        client: Limits {
            requests: Some(10),
            tokens: Some(1000),
            ..NONE
        },
        all: tokens(120),
        mode: Mode::Exact,
    };
    let gateway = bounds.gateway();
    gateway.serve("up.test", super::took(110));
    assert_eq!(send(&gateway, bobs_hello()).status(), 200);
    gateway.platform.wait(HALF_A_MINUTE);
    assert_eq!(send(&gateway, hello()).status(), 429);
    gateway.platform.wait(HALF_A_MINUTE);
    let got = send(&gateway, hello());
    assert_eq!(got.header("x-ratelimit-remaining-requests"), Some("9"));
    assert_eq!(got.header("x-ratelimit-remaining-tokens"), Some("19"));
}

#[test]
fn isolates_share_what_is_asked_for_exactly() {
    let isolates = [(); 3].map(|()| Bounds::of_client(requests(4), Mode::Exact).gateway());
    let [first, ..] = &isolates;
    let objects = first.platform.objects.clone();
    let isolates = isolates.map(|mut isolate| {
        isolate.platform.objects = objects.clone();
        isolate
    });
    let statuses: Vec<u16> = (0..6)
        .map(|turn| send(&isolates[turn % 3], hello()).status())
        .collect();
    assert_eq!(statuses, [200, 200, 200, 200, 429, 429]);
}

#[test]
fn without_the_objects_requests_flow_and_limits_hold_here() {
    for mode in MODES {
        let gateway = Bounds::of_client(requests(2), mode).gateway();
        gateway.platform.objects_are_down.set(true);
        let statuses = [(); 3].map(|()| send(&gateway, hello()).status());
        assert_eq!(statuses, [200, 200, 429], "{mode:?}");
    }
}
