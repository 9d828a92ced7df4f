//! What the headers of an answer say of the limits.

use isthmus::limits::{Limits, Mode};

use super::{Bounds, ESTIMATE, MODES, NONE, daily, hello, requests, send, tokens};
use crate::fake::{Got, Upstream};

const NAMES: [&str; 6] = [
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-tokens",
];

fn upstream() -> Upstream {
    let headers = vec![
        ("content-type", "application/json"),
        ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-remaining-requests", "9999"),
        ("x-ratelimit-reset-requests", "6ms"),
        ("x-ratelimit-remaining-tokens", "149000"),
        ("x-ratelimit-remaining-project-tokens", "1000000"),
        ("anthropic-ratelimit-tokens-remaining", "5"),
        ("openai-processing-ms", "12"),
    ];
    Upstream::Answers(200, headers, r#"{"usage":{"total_tokens":30}}"#)
}

fn said(got: &Got) -> Vec<Option<String>> {
    let values = NAMES.iter().map(|name| {
        let all = got.0.headers.iter().filter(|(other, _)| other == name);
        assert!(all.count() <= 1, "{name} twice");
        got.header(name).map(str::to_owned)
    });
    values.collect()
}

#[test]
fn those_of_ours_stand_in_place_of_the_upstreams() {
    let both = Limits {
        requests: Some(5),
        tokens: Some(1000),
        ..NONE
    };
    for mode in MODES {
        for (bounds, expected) in [
            (Bounds::of_client(requests(5), mode), [Some((5, 4)), None]),
            (
                Bounds::of_client(tokens(1000), mode),
                [None, Some((1000, 1000 - ESTIMATE))],
            ),
            (
                Bounds::of_all(both, mode),
                [Some((5, 4)), Some((1000, 1000 - ESTIMATE))],
            ),
            (
                Bounds {
                    client: requests(9),
                    all: both,
                    mode,
                },
                [Some((5, 4)), Some((1000, 1000 - ESTIMATE))],
            ),
            (
                Bounds {
                    client: tokens(500),
                    all: both,
                    mode,
                },
                [Some((5, 4)), Some((500, 500 - ESTIMATE))],
            ),
        ] {
            let gateway = bounds.gateway();
            gateway.serve("up.test", upstream());
            let got = send(&gateway, hello());
            assert_eq!(got.status(), 200, "{}", got.text());
            let said = said(&got);
            for (triple, left) in said.chunks(3).zip(expected) {
                let figures =
                    left.map(|(limit, remaining)| [limit.to_string(), remaining.to_string()]);
                let expected = figures.map_or([None, None], |figures| figures.map(Some));
                assert_eq!(&triple[..2], &expected, "{mode:?}");
                let reset = triple[2].as_deref();
                assert!(reset.is_none_or(|it| it.ends_with('s')), "{reset:?}");
                assert_eq!(reset.is_some(), left.is_some());
            }
            assert_eq!(got.header("x-ratelimit-remaining-project-tokens"), None);
            assert_eq!(got.header("anthropic-ratelimit-tokens-remaining"), None);
            assert_eq!(got.header("openai-processing-ms"), Some("12"));
            assert_eq!(got.header("access-control-expose-headers"), Some("*"));
        }
    }
}

/// What is written at the end of a minute is the whole minute.
#[test]
fn a_reset_is_a_duration() {
    let gateway = Bounds::of_client(requests(5), Mode::Exact).gateway();
    let got = send(&gateway, hello());
    assert_eq!(got.header("x-ratelimit-reset-requests"), Some("1m0s"));
}

#[test]
fn an_upstreams_own_pass_where_nothing_a_minute_is_ours() {
    for limits in [NONE, daily(10_000)] {
        let gateway = Bounds::of_client(limits, Mode::Exact).gateway();
        gateway.serve("up.test", upstream());
        let got = send(&gateway, hello());
        assert_eq!(got.header("x-ratelimit-remaining-requests"), Some("9999"));
        assert_eq!(
            got.header("anthropic-ratelimit-tokens-remaining"),
            Some("5")
        );
    }
}

#[test]
fn a_refusal_of_the_upstreams_has_them_too() {
    let gateway = Bounds::of_client(requests(5), Mode::Exact).gateway();
    let headers = vec![
        ("x-ratelimit-remaining-requests", "0"),
        ("retry-after", "3"),
    ];
    gateway.serve("up.test", Upstream::Answers(429, headers, "{}"));
    let got = send(&gateway, hello());
    assert_eq!((got.status(), got.header("retry-after")), (429, Some("3")));
    assert_eq!(got.header("x-ratelimit-remaining-requests"), Some("4"));
}
