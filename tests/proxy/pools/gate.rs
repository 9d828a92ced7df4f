//! The commit gate: what fails before its first output goes to the next target, unseen.

use serde_json::{Value, json};

use super::{asking, responding};
use crate::fake::{Close, Gateway, Got, Upstream, chat, gateway, json as answer};

use Close::{Breaks, Ends, Stalls};

const ROLE: &str = r#"data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

"#;
const TEXT: &str = r#"data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}

"#;
const STOP: &str = r#"data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

"#;
const DONE: &str = "data: [DONE]\n\n";
const FILTER: &str = r#"data: {"id":"","choices":[],"prompt_filter_results":[{"prompt_index":0}]}

"#;
const OVERLOADED: &str = r#"data: {"error":{"message":"Overloaded.","type":"server_error","code":"overloaded"}}

"#;
const REFUSED: &str = r#"data: {"error":{"message":"Too long.","type":"invalid_request_error","code":"context_length_exceeded"}}

"#;
const CREATED: &str = r#"event: response.created
data: {"type":"response.created","response":{"id":"r","error":null}}

"#;
const FAILED: &str = r#"event: response.failed
data: {"type":"response.failed","response":{"id":"r","error":{"code":"server_error","message":"Broke."}}}

"#;
const DELTA: &str = r#"event: response.output_text.delta
data: {"type":"response.output_text.delta","delta":"Hi"}

"#;

/// Targets a and b, in this order; output within ten seconds.
fn two() -> Gateway {
    pool(&json!({"targets": ["a/m", "b/m"], "first_output_timeout": 10}))
}

fn pool(model: &Value) -> Gateway {
    let document = json!({
        "providers": {
            "a": {"kind": "openai", "endpoint": "https://a.test/v1"},
            "b": {"kind": "openai", "endpoint": "https://b.test/v1"},
            "z": {"kind": "azure", "endpoint": "https://z.openai.azure.com", "key": "the-key"},
        },
        "models": {"m": model},
    });
    gateway([
        ("GATEWAY", document.to_string().as_str()),
        ("ALLOW_ANONYMOUS", "true"),
    ])
    .timed()
}

fn stream(pieces: &[&'static str], close: Close) -> Upstream {
    Upstream::Streams(pieces.iter().map(|piece| (5, *piece)).collect(), close)
}

fn target(got: &Got) -> &str {
    got.header("x-isthmus-target").unwrap_or_default()
}

#[test]
fn what_fails_before_its_first_output_is_never_seen() {
    let cases: [(&str, Upstream); 14] = [
        ("an error first", stream(&[OVERLOADED], Stalls)),
        ("behind the role", stream(&[ROLE, OVERLOADED], Stalls)),
        (
            "behind annotations",
            stream(&[FILTER, ROLE, OVERLOADED], Ends),
        ),
        ("no headers", Upstream::NeverAnswers),
        ("headers alone", stream(&[], Stalls)),
        ("a role alone", stream(&[ROLE], Stalls)),
        (
            "comments alone",
            Upstream::Streams(vec![(4000, ": a\n\n"); 9], Ends),
        ),
        (
            "roles alone",
            Upstream::Streams(vec![(4000, ROLE); 9], Ends),
        ),
        (
            "a late first word",
            Upstream::Streams(vec![(5, ROLE), (9990, TEXT)], Ends),
        ),
        ("a break", stream(&[ROLE], Breaks)),
        ("an end", stream(&[ROLE], Ends)),
        ("an end that says so", stream(&[DONE], Stalls)),
        ("nothing", stream(&[], Ends)),
        (
            "an error as a whole",
            answer(200, r#"{"error":{"message":"No.","code":"500"}}"#),
        ),
    ];
    for (name, first) in cases {
        let gateway = two();
        gateway.serve("a.test", first);
        gateway.serve("b.test", stream(&[ROLE, TEXT, STOP, DONE], Ends));
        let got = gateway.ask(asking());
        assert_eq!(got.status(), 200, "{name}");
        assert_eq!(target(&got), "b/m", "{name}");
        assert_eq!(got.text(), [ROLE, TEXT, STOP, DONE].concat(), "{name}");
        assert_eq!(gateway.asked(".test"), 2, "{name}");
    }
}

#[test]
fn what_may_go_goes_as_it_is() {
    let unlike = "data: {\"anything\":1}\n\n";
    let cases: [(&str, &[&'static str]); 5] = [
        ("in pieces", &[ROLE, TEXT, STOP, DONE]),
        ("an empty answer", &[ROLE, STOP, DONE]),
        (
            "an error behind the first word",
            &[ROLE, TEXT, OVERLOADED, DONE],
        ),
        ("what nobody understands", &[unlike, OVERLOADED]),
        (
            "a mark, comments and other line ends",
            &["\u{feff}: c\r\n\r\ndata: {\"choices\":[]}\r\n\r\n", TEXT],
        ),
    ];
    for (name, pieces) in cases {
        let gateway = two();
        gateway.serve("a.test", stream(pieces, Stalls));
        let got = gateway.ask(asking());
        assert_eq!((got.status(), target(&got)), (200, "a/m"), "{name}");
        assert_eq!(got.text(), pieces.concat(), "{name}");
    }
}

#[test]
fn a_fault_of_the_clients_is_the_answer() {
    let gateway = two();
    gateway.serve("a.test", stream(&[ROLE, REFUSED], Ends));
    let got = gateway.ask(asking());
    assert_eq!(got.refusal(), (400, "context_length_exceeded".to_owned()));
    assert_eq!(gateway.asked("b.test"), 0);
}

#[test]
fn responses_behind_the_gate() {
    for first in [
        stream(&[CREATED, FAILED], Ends),
        stream(&[CREATED], Stalls),
        stream(&[CREATED], Breaks),
    ] {
        let gateway = two();
        gateway.serve("a.test", first);
        gateway.serve("b.test", stream(&[CREATED, DELTA], Ends));
        let got = gateway.ask(responding());
        assert_eq!((got.status(), target(&got)), (200, "b/m"));
        assert_eq!(got.text(), [CREATED, DELTA].concat());
    }
}

#[test]
fn streams_that_are_changed_are_gated_too() {
    for first in [
        stream(&[FILTER, ROLE, OVERLOADED], Stalls),
        stream(&[FILTER, ROLE], Stalls),
        stream(&[FILTER, ROLE], Breaks),
        stream(&[FILTER, ROLE, DONE], Stalls),
    ] {
        let gateway = pool(&json!({"targets": ["z/m", "b/m"], "first_output_timeout": 10}));
        gateway.serve("azure", first);
        gateway.serve("b.test", stream(&[ROLE, TEXT, STOP, DONE], Ends));
        let got = gateway.ask(asking());
        assert_eq!((got.status(), target(&got)), (200, "b/m"));
        assert_eq!(got.text(), [ROLE, TEXT, STOP, DONE].concat());
    }
    let gateway = pool(&json!({"targets": ["z/m", "b/m"]}));
    gateway.serve("azure", stream(&[FILTER, ROLE, TEXT, STOP, DONE], Ends));
    let got = gateway.ask(asking());
    assert_eq!((got.status(), target(&got)), (200, "z/m"));
    assert_eq!(got.text(), [ROLE, TEXT, STOP, DONE].concat());
}

#[test]
fn the_last_target_is_held_to_nothing_but_a_bound_of_its_own() {
    let gateway = pool(&json!({"targets": ["a/m", "b/m"]}));
    gateway.serve("a.test", stream(&[OVERLOADED], Ends));
    gateway.serve("b.test", stream(&[ROLE, OVERLOADED], Ends));
    let got = gateway.ask(asking());
    assert_eq!((got.status(), target(&got)), (200, "b/m"));
    assert_eq!(got.text(), [ROLE, OVERLOADED].concat());
}

#[test]
fn a_single_target_has_no_gate() {
    let gateway = pool(&json!({"targets": ["a/m"]}));
    gateway.serve("a.test", stream(&[ROLE, OVERLOADED], Stalls));
    let got = gateway.ask(asking());
    assert_eq!(got.text(), [ROLE, OVERLOADED].concat());
    let isthmus::answer::Body::Events { body, .. } = &got.0.body else {
        panic!("no native stream");
    };
    assert!(!body.is_kept, "nobody looked");
}

#[test]
fn a_single_target_that_is_silent_for_too_long_is_the_clients_error() {
    let gateway = pool(&json!({"targets": ["a/m"], "first_output_timeout": 10}));
    gateway.serve("a.test", stream(&[ROLE], Stalls));
    let before = gateway.now();
    let got = gateway.ask(asking());
    assert_eq!(got.refusal(), (504, "upstream_silent".to_owned()));
    assert!(
        gateway.now() - before <= 10_001,
        "{}",
        gateway.now() - before
    );
}

#[test]
fn an_answer_that_is_no_stream_passes() {
    let cases = [
        (asking(), r#"{"object":"chat.completion","choices":[]}"#),
        (
            chat(r#"{"model":"m","messages":[]}"#),
            r#"{"error":{"message":"No.","code":"500"}}"#,
        ),
        (responding(), r#"{"object":"response","error":null}"#),
    ];
    for (ask, body) in cases {
        let gateway = two();
        gateway.serve("a.test", answer(200, body));
        let got = gateway.ask(ask);
        assert_eq!((got.status(), target(&got)), (200, "a/m"));
        assert_eq!(got.text(), body);
    }
}
