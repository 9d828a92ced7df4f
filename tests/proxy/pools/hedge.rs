//! A second attempt beside one that is slow.

use isthmus::platform::Lane::{First, Second};
use isthmus::pool::judgement::Effect;
use serde_json::{Value, json};

use super::{condition, in_flight, outcomes, pool, while_another_call_sees};
use crate::fake::{Ask, Close, Gateway, Upstream, chat, json as answer, poll, post};

/// What `a` usually takes, and what is slow for it: the next step of its measure.
const USUAL: u64 = 100;
const SLOW: u64 = 103;

fn hello() -> Ask {
    chat(r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#)
}

fn stream() -> Ask {
    chat(r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"Hi"}]}"#)
}

fn after(millis: u64, status: u16) -> Upstream {
    let body = match status {
        200 => json!({"id": "x"}),
        _ => json!({"error": {"message": "No.", "type": "t", "param": null, "code": "c"}}),
    };
    Upstream::Late(millis, Box::new(answer(status, &body.to_string())))
}

/// So many targets, of which it is known how quick the first is.
fn hedged(count: usize, hedge: &Value) -> Gateway {
    let gateway = pool(count, &json!({"hedge": hedge}));
    is_quick(&gateway);
    gateway
}

fn is_quick(gateway: &Gateway) {
    let condition = condition(gateway, "a");
    for _ in 0..40 {
        condition.time(USUAL, gateway.now());
    }
}

fn always() -> Value {
    json!({"percent": 100, "after": 0.05})
}

/// What the two do, whose answer it is with which status, how long it took, and what is written down.
#[test]
fn the_first_that_has_an_answer_counts() {
    let away = |millis| Upstream::Late(millis, Box::new(Upstream::Unreachable));
    for (name, a, b, status, from, millis, told) in [
        (
            "quick",
            after(90, 200),
            after(1, 200),
            200,
            "a/m",
            90,
            &["a/m 200"][..],
        ),
        (
            "slow",
            after(900, 200),
            after(10, 200),
            200,
            "b/m",
            SLOW + 10,
            &["a/m cancelled", "b/m 200"],
        ),
        (
            "stuck",
            Upstream::NeverAnswers,
            after(10, 200),
            200,
            "b/m",
            SLOW + 10,
            &["a/m cancelled", "b/m 200"],
        ),
        (
            "quicker",
            after(200, 200),
            after(900, 200),
            200,
            "a/m",
            200,
            &["a/m 200", "b/m cancelled"],
        ),
        (
            "ill",
            after(200, 500),
            after(300, 200),
            200,
            "b/m",
            SLOW + 300,
            &["a/m 500", "b/m 200"],
        ),
        (
            "rival ill",
            after(300, 200),
            after(10, 500),
            200,
            "a/m",
            300,
            &["b/m 500", "a/m 200"],
        ),
        (
            "rival away",
            after(300, 200),
            away(10),
            200,
            "a/m",
            300,
            &["b/m upstream_unreachable", "a/m 200"],
        ),
        (
            "both ill",
            after(200, 500),
            after(10, 503),
            503,
            "b/m",
            200,
            &["a/m 500", "b/m 503"],
        ),
        (
            "ill, away",
            after(200, 500),
            away(10),
            500,
            "a/m",
            200,
            &["a/m 500", "b/m upstream_unreachable"],
        ),
        (
            "a mistake",
            after(900, 200),
            after(10, 400),
            400,
            "b/m",
            SLOW + 10,
            &["a/m cancelled", "b/m 400"],
        ),
    ] {
        let gateway = hedged(2, &always());
        gateway.serve("a.test", a);
        gateway.serve("b.test", b);
        let got = gateway.ask(hello());
        assert_eq!(
            (got.status(), got.header("x-isthmus-target")),
            (status, Some(from)),
            "{name}"
        );
        let mut said = outcomes(&gateway);
        said.sort();
        let mut told: Vec<&str> = told.to_vec();
        told.sort_unstable();
        assert_eq!(said, told, "{name}");
        let attempts = told.len().to_string();
        assert_eq!(
            got.header("x-isthmus-attempts"),
            Some(attempts.as_str()),
            "{name}"
        );
        let line = gateway.line();
        let took = line["duration_ms"].as_u64().unwrap();
        assert!((millis..=millis + 4).contains(&took), "{name}: {took}");
        assert_eq!(&line["provider"], &from[..1], "{name}");
        assert!(line["ttfb_ms"].as_u64().unwrap() <= took, "{name}");
        assert_eq!(
            (in_flight(&gateway, "a"), in_flight(&gateway, "b")),
            (0, 0),
            "{name}"
        );
    }
}

#[test]
fn the_loser_ends_and_is_known_to_be_slow() {
    for (a, b, lost, lane) in [
        (after(900, 200), after(10, 200), "a", First),
        (after(200, 200), after(900, 200), "b", Second),
    ] {
        let gateway = hedged(2, &always());
        gateway.serve("a.test", a);
        gateway.serve("b.test", b);
        gateway.ask(hello());
        assert_eq!(*gateway.platform.abandoned_lanes.borrow(), [lane]);
        let lanes: Vec<_> = gateway
            .platform
            .sent
            .borrow()
            .iter()
            .map(|it| it.lane)
            .collect();
        assert_eq!(lanes, [First, Second]);
        let snapshot = condition(&gateway, lost).snapshot(gateway.now());
        assert_eq!(
            (snapshot.errors, snapshot.standing),
            (0, isthmus::condition::Held::No)
        );
        let average = snapshot.first_byte_millis.unwrap();
        assert!(
            if lost == "a" {
                average > USUAL
            } else {
                (97..=100).contains(&average)
            },
            "{average}"
        );
    }
}

#[test]
fn a_stream_of_the_rivals_is_the_answer() {
    let text = "data: {\"id\":\"b\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n";
    let done = "data: [DONE]\n\n";
    let gateway = hedged(2, &always());
    // It has answered, and says nothing.
    gateway.serve(
        "a.test",
        Upstream::Streams(vec![(1, ": hm\n\n")], Close::Stalls),
    );
    gateway.serve(
        "b.test",
        Upstream::Streams(vec![(1, text), (1, done)], Close::Ends),
    );
    let got = gateway.ask(stream());
    assert_eq!(
        (got.status(), got.header("x-isthmus-target")),
        (200, Some("b/m"))
    );
    assert_eq!(got.text(), format!("{text}{done}"));
    assert_eq!(*gateway.platform.abandoned_lanes.borrow(), [First]);
}

#[test]
fn where_both_fail_the_next_is_asked() {
    let gateway = hedged(3, &always());
    gateway.serve("a.test", after(200, 500));
    gateway.serve("b.test", after(10, 503));
    gateway.serve("c.test", after(10, 200));
    let got = gateway.ask(hello());
    assert_eq!(
        (got.status(), got.header("x-isthmus-target")),
        (200, Some("c/m"))
    );
    assert_eq!(outcomes(&gateway), ["a/m 500", "b/m 503", "c/m 200"]);
    assert_eq!(got.header("x-isthmus-attempts"), Some("3"));
}

/// A percentage, how many calls are slow, and how many of them got a second attempt.
#[test]
fn only_so_many_calls_get_one() {
    for (percent, calls, second) in [(100, 5, 5), (25, 8, 2), (3, 30, 0), (3, 34, 1)] {
        let gateway = hedged(2, &json!({"percent": percent, "after": 0.05}));
        gateway.serve("a.test", after(130, 200));
        gateway.serve("b.test", after(900, 200));
        for _ in 0..calls {
            is_quick(&gateway);
            gateway.ask(hello());
        }
        assert_eq!(gateway.asked("b.test"), second, "{percent} of {calls}");
    }
}

/// Calls for which a target that takes long is waited for.
#[test]
fn what_must_not_happen_twice_does_not() {
    let responses = |more: &str| {
        post(
            "/v1/responses",
            &format!(r#"{{"model":"m","input":"Hi"{more}}}"#),
        )
    };
    let stored = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}],"store":true}"#;
    for (name, ask, second) in [
        ("chat", hello(), 1),
        ("stored chat", chat(stored), 0),
        ("response", responses(""), 0),
        ("stored response", responses(r#","store":true"#), 0),
        ("unstored response", responses(r#","store":false"#), 1),
        (
            "embeddings",
            post("/v1/embeddings", r#"{"model":"m","input":"Hi"}"#),
            1,
        ),
        (
            "image",
            post("/v1/images/generations", r#"{"model":"m","prompt":"Hi"}"#),
            0,
        ),
        (
            "relayed",
            post("/v1/fine_tuning/jobs", r#"{"model":"m"}"#),
            0,
        ),
    ] {
        let gateway = hedged(2, &always());
        gateway.serve("a.test", after(500, 200));
        gateway.serve("b.test", after(900, 200));
        gateway.ask(ask);
        assert_eq!(gateway.asked("b.test"), second, "{name}");
    }
}

/// Nobody else, nothing known of the first, one attempt only, and a time that has not come yet.
#[test]
fn without_a_reason_there_is_none() {
    let slow = || after(500, 200);
    for (name, gateway) in [
        ("alone", hedged(1, &always())),
        ("unknown", pool(2, &json!({"hedge": always()}))),
        ("one attempt", pool_of_one_attempt()),
        (
            "too soon",
            hedged(2, &json!({"percent": 100, "after": 0.6})),
        ),
    ] {
        gateway.serve("a.test", slow());
        gateway.serve("b.test", slow());
        assert_eq!(gateway.ask(hello()).status(), 200);
        assert_eq!(gateway.asked("test"), 1, "{name}");
    }
}

fn pool_of_one_attempt() -> Gateway {
    let gateway = pool(2, &json!({"hedge": always(), "attempts": 1}));
    is_quick(&gateway);
    gateway
}

#[test]
fn a_client_that_leaves_leaves_both() {
    for (millis, sent) in [(50, 1), (SLOW + 20, 2)] {
        let gateway = hedged(2, &always());
        gateway.serve("test", Upstream::NeverAnswers);
        let mut call = gateway.begin(hello());
        for _ in 0..millis {
            assert!(poll(&mut call).is_pending());
            gateway.platform.wait(1);
        }
        assert_eq!(in_flight(&gateway, "a") + in_flight(&gateway, "b"), sent);
        drop(call);
        gateway.platform.wait(1_000);
        assert_eq!(gateway.asked("test"), usize::try_from(sent).unwrap());
        assert_eq!((in_flight(&gateway, "a"), in_flight(&gateway, "b")), (0, 0));
        assert_eq!(gateway.line()["status"], 499);
    }
}

/// Who has asked to be left alone meanwhile is no rival, and neither is who fails.
#[test]
fn it_counts_how_the_rival_stands_when_its_turn_comes() {
    let rest = Effect::Rest {
        millis: 30_000,
        is_its_word: true,
    };
    for (effect, asked) in [(Effect::Well, 1), (rest, 0), (Effect::Broken, 0)] {
        let gateway = hedged(2, &always());
        gateway.serve("a.test", after(500, 200));
        gateway.serve("b.test", after(900, 200));
        while_another_call_sees(&gateway, hello(), effect);
        assert_eq!(gateway.asked("b.test"), asked, "{effect:?}");
    }
}

#[test]
fn none_begins_behind_the_deadline() {
    let gateway = pool(2, &json!({"hedge": always(), "deadline": 0.05}));
    is_quick(&gateway);
    gateway.serve("a.test", after(500, 200));
    gateway.serve("b.test", after(10, 200));
    assert_eq!(gateway.ask(hello()).status(), 200);
    assert_eq!(gateway.asked("b.test"), 0);
}
