//! Which target's answer the client gets, how often a call is sent, and until when.

use isthmus::later::Job;
use isthmus::pool::judgement::{Effect, Judgement, Scope};
use serde_json::{Value, json};

use super::{condition, in_flight, outcomes, pool, while_another_call_sees};
use crate::fake::{
    Ask, Close, FETCH_MILLIS, Gateway, Got, Upstream, ask, chat, gateway, json as answer, poll,
    post,
};

const BODY: &str = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#;

fn hello() -> Ask {
    chat(BODY)
}

fn refuses(status: u16, code: &str) -> Upstream {
    let body = json!({"error": {"message": "No.", "type": "t", "param": null, "code": code}});
    answer(status, &body.to_string())
}

fn serves() -> Upstream {
    answer(200, r#"{"id":"x"}"#)
}

fn busy(headers: &[(&'static str, &'static str)]) -> Upstream {
    let mut headers = headers.to_vec();
    headers.push(("content-type", "application/json"));
    let body = r#"{"error":{"message":"Slow down.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#;
    Upstream::Answers(429, headers, body)
}

fn target(got: &Got) -> &str {
    got.header("x-isthmus-target").unwrap_or_default()
}

/// Two targets that do not serve it, and whose word the client gets; the code, or a part of the message.
#[test]
fn the_last_of_what_tells_most_is_the_answer() {
    let none = || Upstream::Unreachable;
    let late = || Upstream::TimesOut;
    let both =
        "All upstreams of this model failed: a/m: upstream_unreachable; b/m: upstream_timeout.";
    for (name, a, b, status, from, words) in [
        ("two", refuses(500, "1"), refuses(503, "2"), 503, "b/m", "2"),
        ("busy, ill", busy(&[]), refuses(500, "2"), 500, "b/m", "2"),
        (
            "key, ill",
            refuses(401, "1"),
            refuses(500, "2"),
            500,
            "b/m",
            "2",
        ),
        (
            "ill, key",
            refuses(500, "1"),
            refuses(401, "2"),
            500,
            "a/m",
            "1",
        ),
        (
            "busy, key",
            busy(&[]),
            refuses(401, "2"),
            429,
            "a/m",
            "rate_limit_exceeded",
        ),
        (
            "keys",
            refuses(401, "1"),
            refuses(401, "2"),
            401,
            "b/m",
            "2",
        ),
        ("away", none(), late(), 503, "b/m", both),
        ("away, ill", none(), refuses(500, "2"), 500, "b/m", "2"),
        ("ill, away", refuses(500, "1"), none(), 500, "a/m", "1"),
        (
            "key, away",
            refuses(401, "1"),
            none(),
            503,
            "b/m",
            "a/m: 401; b/m: upstream_unreachable",
        ),
    ] {
        let gateway = pool(2, &json!({}));
        gateway.serve("a.test", a);
        gateway.serve("b.test", b);
        let got = gateway.ask(hello());
        assert_eq!((got.status(), target(&got)), (status, from), "{name}");
        assert_eq!(got.header("x-isthmus-attempts"), Some("2"), "{name}");
        let error = got.json()["error"].clone();
        let is_said = error["code"] == words || error["message"].as_str().unwrap().contains(words);
        assert!(is_said, "{name}: {error}");
        let line = gateway.line();
        assert_eq!(line["target"], from, "{name}");
        assert_eq!(outcomes(&gateway).len(), 2, "{name}");
        assert!(!got.text().contains("\"k\""), "{name}");
    }
}

/// What is the client's own mistake, or served, goes to nobody else.
#[test]
fn what_is_decided_is_not_tried_again() {
    for status in [200, 400, 413, 422] {
        let gateway = pool(2, &json!({"attempts": 6}));
        gateway.serve(
            "a.test",
            answer(
                status,
                r#"{"error":{"message":"m","type":"t","param":null,"code":"c"}}"#,
            ),
        );
        let got = gateway.ask(hello());
        assert_eq!((got.status(), target(&got)), (status, "a/m"));
        assert_eq!(outcomes(&gateway), [format!("a/m {status}")]);
    }
}

#[test]
fn the_next_target_gets_the_same_request_under_its_own_name() {
    let gateway = pool(3, &json!({}));
    gateway.serve("a.test", refuses(500, "1"));
    gateway.serve("b.test", Upstream::Unreachable);
    gateway.serve("c.test", serves());
    let got = gateway.ask(hello());
    assert_eq!((got.status(), target(&got)), (200, "c/m"));
    assert_eq!(got.header("x-isthmus-attempts"), Some("3"));
    assert_eq!(
        outcomes(&gateway),
        ["a/m 500", "b/m upstream_unreachable", "c/m 200"]
    );
    let sent = gateway.platform.sent.borrow();
    assert!(sent.iter().all(|it| it.body == BODY));
}

/// The headers of two that are busy, and the milliseconds and seconds after which the client may come again. What the first
/// said was said 7 ms before.
#[test]
fn where_all_are_busy_the_shortest_wait_is_told() {
    let seconds = |text: &'static str| vec![("retry-after", text)];
    for (a, b, millis, secs) in [
        (seconds("7"), seconds("3"), "3000", "3"),
        (seconds("3"), seconds("7"), "2993", "3"),
        (vec![("retry-after-ms", "1200")], seconds("2"), "1193", "2"),
        (seconds("1"), vec![], "993", "1"),
        (
            vec![("x-ms-retry-after-ms", "1500")],
            vec![("x-ms-retry-after-ms", "900")],
            "900",
            "1",
        ),
    ] {
        let gateway = pool(2, &json!({}));
        gateway.serve("a.test", busy(&a));
        gateway.serve("b.test", busy(&b));
        let got = gateway.ask(hello());
        assert_eq!(
            got.refusal(),
            (429, "rate_limit_exceeded".to_owned()),
            "{a:?} {b:?}"
        );
        assert_eq!(got.message(), "Slow down.");
        assert_eq!(got.header("retry-after-ms"), Some(millis), "{a:?} {b:?}");
        assert_eq!(got.header("retry-after"), Some(secs), "{a:?} {b:?}");
        let azures = got.header("x-ms-retry-after-ms");
        assert!(azures.is_none_or(|it| it == millis), "{a:?} {b:?}");
    }
}

#[test]
fn those_that_rest_by_their_own_word_are_not_asked() {
    let gateway = pool(2, &json!({}));
    gateway.serve("a.test", busy(&[("retry-after", "30")]));
    gateway.serve("b.test", busy(&[("retry-after", "20")]));
    gateway.ask(hello());
    gateway.platform.wait(5_000);
    let got = gateway.ask(hello());
    assert_eq!(gateway.asked("test"), 2, "nobody was asked again");
    assert_eq!(got.refusal(), (429, "rate_limit_exceeded".to_owned()));
    assert!(
        got.message()
            .starts_with("All upstreams of this model are at their limits.")
    );
    assert_eq!(got.header("retry-after"), Some("15"));
    let millis: u64 = got.header("retry-after-ms").unwrap().parse().unwrap();
    assert!((14_900..15_000).contains(&millis), "{millis}");
    assert_eq!(got.header("x-isthmus-target"), None);
    gateway.platform.wait(15_000);
    gateway.serve("b.test", serves());
    assert_eq!(target(&gateway.ask(hello())), "b/m");
}

/// Attempts, how often each of two is asked, and between which times it is over.
#[test]
fn more_attempts_than_targets_go_on_in_rounds() {
    for (attempts, a, b, least, most) in [
        (json!(null), 1, 1, 14, 14),
        (json!(1), 1, 0, 7, 7),
        (json!(2), 1, 1, 14, 14),
        (json!(3), 2, 1, 21 + 50, 21 + 500),
        (json!(6), 3, 3, 42 + 100, 42 + 1_500),
    ] {
        let gateway = pool(2, &json!({"attempts": attempts}));
        gateway.serve("a.test", refuses(500, "1"));
        gateway.serve("b.test", refuses(503, "2"));
        let got = gateway.ask(hello());
        assert!(got.status() >= 500);
        assert_eq!(
            (gateway.asked("a.test"), gateway.asked("b.test")),
            (a, b),
            "{attempts}"
        );
        let millis = gateway.line()["duration_ms"].as_u64().unwrap();
        // The drive of the test adds a millisecond where something is done.
        assert!((least..=most + 8).contains(&millis), "{attempts}: {millis}");
        assert_eq!(outcomes(&gateway).len(), a + b);
    }
}

#[test]
fn a_single_target_is_asked_as_often_as_its_pool_says() {
    let gateway = pool(1, &json!({"attempts": 3}));
    gateway.serve("a.test", refuses(500, "1"));
    let got = gateway.ask(hello());
    assert_eq!((got.status(), gateway.asked("a.test")), (500, 3));
    let gateway = pool(1, &json!({}));
    gateway.serve("a.test", refuses(500, "1"));
    let got = gateway.ask(hello());
    assert_eq!((got.status(), gateway.asked("a.test")), (500, 1));
    assert_eq!(gateway.line()["outcomes"], Value::Null);
}

#[test]
fn a_key_that_is_wrong_is_not_tried_again_in_the_next_round() {
    let gateway = pool(2, &json!({"attempts": 4}));
    gateway.serve("a.test", refuses(401, "invalid_api_key"));
    gateway.serve("b.test", refuses(500, "2"));
    gateway.ask(hello());
    assert_eq!((gateway.asked("a.test"), gateway.asked("b.test")), (1, 3));
}

/// The pool's options, a header of the client's, what the only attempts say, and how often it is sent.
#[test]
fn nothing_begins_behind_the_deadline() {
    let soon = [("retry-after-ms", "600")];
    for (name, options, header, said, asked) in [
        ("in time", json!({"attempts": 2}), None, &soon[..], 2),
        (
            "too long a wait",
            json!({"attempts": 2, "deadline": 0.5}),
            None,
            &soon[..],
            1,
        ),
        (
            "node",
            json!({"attempts": 2}),
            Some(("x-stainless-timeout", "0")),
            &soon[..],
            1,
        ),
        (
            "patient",
            json!({"attempts": 2}),
            Some(("x-stainless-timeout", "600")),
            &soon[..],
            2,
        ),
        (
            "python",
            json!({"attempts": 2}),
            Some(("x-stainless-read-timeout", "0.5")),
            &soon[..],
            1,
        ),
        (
            "no number",
            json!({"attempts": 2}),
            Some(("x-stainless-timeout", "soon")),
            &soon[..],
            2,
        ),
    ] {
        let gateway = pool(1, &options);
        gateway.serve("a.test", busy(said));
        let (name_of, value) = header.unwrap_or(("x-nothing", "1"));
        let got = gateway.ask(hello().header(name_of, value));
        assert_eq!(
            (got.status(), gateway.asked("a.test")),
            (429, asked),
            "{name}"
        );
    }
    let gateway = pool(3, &json!({"deadline": 1}));
    gateway.serve("test", Upstream::Late(600, Box::new(refuses(500, "1"))));
    gateway.ask(hello());
    assert_eq!(gateway.asked("test"), 2, "the third would begin too late");
}

/// Wherever a client leaves: nothing more is sent, the line is written, and no target is busy with it any more.
#[test]
fn a_client_that_leaves_ends_it_all() {
    // After so many milliseconds: during the first attempt, the pause of a round, the second attempt.
    for (millis, sent) in [(3, 1), (8, 1), (40, 1), (1_000, 2)] {
        let gateway = pool(1, &json!({"attempts": 2}));
        gateway.serve(
            "a.test",
            Upstream::Late(7, Box::new(busy(&[("retry-after-ms", "300")]))),
        );
        let mut call = gateway.begin(hello());
        for now in 0..millis {
            if now == 8 {
                gateway.serve("a.test", Upstream::NeverAnswers);
            }
            assert!(poll(&mut call).is_pending());
            gateway.platform.wait(1);
        }
        drop(call);
        assert_eq!(gateway.asked("a.test"), sent, "{millis}");
        gateway.platform.wait(10_000);
        assert_eq!(gateway.asked("a.test"), sent, "{millis}");
        let line = gateway.line();
        assert_eq!(
            (&line["status"], &line["error"]),
            (&json!(499), &json!("client_closed"))
        );
        assert_eq!(in_flight(&gateway, "a"), 0, "{millis}");
    }
}

fn form(declared: Option<&str>) -> Ask {
    let form = "--x\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nm\r\n--x\r\ncontent-disposition: form-data; \
                name=\"file\"; filename=\"a.mp3\"\r\n\r\nsound that goes on and on\r\n--x--\r\n";
    let asked = ask("POST", "/v1/audio/transcriptions")
        .key("client-key")
        .header("content-type", "multipart/form-data; boundary=x")
        .body(form.as_bytes(), 16);
    match declared {
        Some(length) => asked.header("content-length", length),
        None => asked,
    }
}

/// A form is held for the next target as far as it may be: one too large goes to the first only, and as a whole.
#[test]
fn a_form_goes_to_the_next_target_if_it_can_be_held() {
    for (targets, length, asked) in [(2, None, 2), (2, Some("99000000"), 1), (1, None, 1)] {
        let gateway = pool(targets, &json!({}));
        gateway.serve("a.test", refuses(500, "1"));
        gateway.serve("b.test", serves());
        gateway.ask(form(length));
        let sent = gateway.platform.sent.borrow();
        assert_eq!(sent.len(), asked, "{length:?}");
        assert!(
            sent.iter()
                .all(|it| it.body.ends_with("goes on and on\r\n--x--\r\n"))
        );
    }
}

/// Nobody stores a response twice: one that was accepted is not repeated, whatever became of it.
#[test]
fn what_an_upstream_has_accepted_is_not_sent_to_another() {
    for (path, status, asked) in [("responses", 502, 0), ("chat/completions", 200, 1)] {
        let gateway = azure_first();
        gateway.serve("a.test", Upstream::BreaksOff);
        gateway.serve("b.test", serves());
        let got = gateway.ask(post(
            &format!("/v1/{path}"),
            r#"{"model":"m","input":"Hi"}"#,
        ));
        assert_eq!(
            (got.status(), gateway.asked("b.test")),
            (status, asked),
            "{path}"
        );
    }
}

/// Azure's answers are read.
fn azure_first() -> Gateway {
    let document = r#"{"providers": {
        "a": {"kind": "azure", "endpoint": "https://a.test", "key": "k"},
        "b": {"kind": "openai", "endpoint": "https://b.test/v1", "key": "k"}
    }, "models": {"m": ["a/m", "b/m"]}}"#;
    gateway([
        ("GATEWAY", document),
        ("PROXY_API_KEYS", "alice:client-key"),
    ])
    .timed()
}

/// Who is overloaded and says for how long, is busy as well; and so is a volume of Azure's that is used up.
#[test]
fn busy_is_who_says_when_to_come_again_under_whatever_status() {
    let overloaded = |secs| {
        let headers = vec![("content-type", "application/json"), ("retry-after", secs)];
        Upstream::Answers(503, headers, r#"{"error":{"message":"Overloaded."}}"#)
    };
    let used_up = || {
        let message = "Out of call volume quota. Quota will be replenished in 00:00:05.";
        answer(
            403,
            &json!({"error": {"code": "403", "message": message}}).to_string(),
        )
    };
    let away = || Upstream::Unreachable;
    for (name, a, b, status, secs) in [
        (
            "busy",
            overloaded("3"),
            busy(&[("retry-after", "7")]),
            429,
            "3",
        ),
        (
            "overloaded",
            busy(&[("retry-after", "3")]),
            overloaded("7"),
            503,
            "3",
        ),
        ("ill", overloaded("3"), refuses(500, "1"), 500, ""),
        (
            "used up",
            used_up(),
            busy(&[("retry-after", "7")]),
            429,
            "5",
        ),
        ("used up, away", used_up(), away(), 429, "5"),
    ] {
        let gateway = azure_first();
        gateway.serve("a.test", a);
        gateway.serve("b.test", b);
        let got = gateway.ask(hello());
        assert_eq!(got.status(), status, "{name}");
        assert_eq!(
            got.header("retry-after").unwrap_or_default(),
            secs,
            "{name}"
        );
    }
}

/// Two targets at `a`, one at `b`.
#[test]
fn what_fails_as_a_whole_is_not_asked_twice_before_the_others() {
    let document = r#"{"providers": {
        "a": {"kind": "openai", "endpoint": "https://a.test/v1", "key": "k"},
        "b": {"kind": "openai", "endpoint": "https://b.test/v1", "key": "k"}
    }, "models": {"m": ["a/m", "a/n", "b/m"]}}"#;
    for (a, told) in [
        (
            Upstream::Unreachable,
            [
                "a/m upstream_unreachable",
                "b/m 500",
                "a/n upstream_unreachable",
            ],
        ),
        (
            refuses(401, "invalid_api_key"),
            ["a/m 401", "b/m 500", "a/n 401"],
        ),
        (refuses(500, "1"), ["a/m 500", "a/n 500", "b/m 500"]),
    ] {
        let gateway = gateway([
            ("GATEWAY", document),
            ("PROXY_API_KEYS", "alice:client-key"),
        ]);
        gateway.serve("a.test", a);
        gateway.serve("b.test", refuses(500, "2"));
        gateway.ask(hello());
        assert_eq!(outcomes(&gateway), told);
    }
}

/// What becomes known of `b` while `a` is asked, who is asked then, and what the client gets.
#[test]
fn it_counts_how_the_others_stand_when_their_turn_comes() {
    let rest = |is_its_word| Effect::Rest {
        millis: 30_000,
        is_its_word,
    };
    for (name, effect, told) in [
        ("well", Effect::Well, &["a/m 500", "b/m 500", "c/m 500"][..]),
        ("busy", rest(true), &["a/m 500", "c/m 500"]),
        (
            "likely busy",
            rest(false),
            &["a/m 500", "c/m 500", "b/m 500"],
        ),
        ("ill", Effect::Broken, &["a/m 500", "c/m 500", "b/m 500"]),
    ] {
        let gateway = pool(3, &json!({}));
        gateway.serve("a.test", Upstream::Late(50, Box::new(refuses(500, "1"))));
        gateway.serve("b.test", refuses(500, "2"));
        gateway.serve("c.test", refuses(500, "3"));
        while_another_call_sees(&gateway, hello(), effect);
        assert_eq!(outcomes(&gateway), told, "{name}");
    }
}

/// Another call tries it already: it is left to that one.
#[test]
fn a_trial_that_another_call_took_is_its_own() {
    let gateway = pool(3, &json!({}));
    gateway.serve("a.test", Upstream::Late(50, Box::new(refuses(500, "1"))));
    gateway.serve("b.test", serves());
    gateway.serve("c.test", serves());
    let failing = condition(&gateway, "b");
    let broken = Judgement {
        scope: Scope::Deployment,
        effect: Effect::Broken,
        goes_on: true,
        reason: None,
        wait_millis: None,
    };
    failing.note(&broken, "404", gateway.now());
    gateway.platform.wait(60_000);
    let mut call = gateway.begin(hello());
    assert!(poll(&mut call).is_pending());
    let trial = failing.visit(0, gateway.now());
    while poll(&mut call).is_pending() {
        gateway.platform.wait(1);
    }
    drop(call);
    assert_eq!(outcomes(&gateway), ["a/m 500", "c/m 200"]);
    drop(trial);
    assert_eq!(target(&gateway.ask(hello())), "b/m");
}

/// It goes on without anybody who listens to its stream.
#[test]
fn a_response_in_the_background_is_not_begun_twice() {
    for (more, asked) in [(r#","background":true"#, 0), ("", 1)] {
        let gateway = pool(2, &json!({}));
        let created = "event: response.created\ndata: {\"type\":\"response.created\"}\n\n";
        gateway.serve(
            "a.test",
            Upstream::Streams(vec![(1, created)], Close::Breaks),
        );
        gateway.serve("b.test", serves());
        let body = format!(r#"{{"model":"m","input":"Hi","stream":true{more}}}"#);
        gateway.ask(post("/v1/responses", &body));
        assert_eq!(
            (gateway.asked("a.test"), gateway.asked("b.test")),
            (1, asked),
            "{more}"
        );
    }
}

/// A busy target is told of at once, not when the answer of the next one is there.
#[test]
fn others_hear_of_a_failure_while_the_call_goes_on() {
    let gateway = pool(2, &json!({}));
    gateway.serve("a.test", busy(&[("retry-after", "30")]));
    gateway.serve("b.test", Upstream::NeverAnswers);
    let mut call = gateway.begin(hello());
    for _ in 0..=FETCH_MILLIS {
        assert!(poll(&mut call).is_pending());
        gateway.platform.wait(1);
    }
    assert_eq!(gateway.asked("b.test"), 1);
    let jobs = gateway.platform.jobs.borrow();
    assert!(matches!(jobs[..], [Job::ShareConditions]));
}
