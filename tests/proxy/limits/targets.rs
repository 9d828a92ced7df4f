//! Tokens that are counted for the targets' sake: within their limits, or to compare them.

use crate::fake::{Gateway, chat, gateway_of};

use super::{hello, send, took};

fn behind(model: &str) -> Gateway {
    let document = format!(
        r#"{{"providers": {{
            "a": {{"kind": "openai", "endpoint": "https://a.test/v1", "key": "k"}},
            "b": {{"kind": "openai", "endpoint": "https://b.test/v1", "key": "k"}}
        }}, "models": {{"m": {model}, "small": {{"targets": [{{"to": "b/s", "tpm": 1000}}]}}}}}}"#
    );
    let gateway = gateway_of([
        ("GATEWAY", document.as_str()),
        ("PROXY_API_KEYS", "alice:client-key"),
    ]);
    assert_eq!(gateway.config.warnings, [""; 0]);
    gateway.serve("test", took(30));
    gateway
}

#[test]
fn an_answer_is_read_where_somebody_counts() {
    for (model, reads) in [
        (r#""a/m""#, 0),
        (r#"{"targets": [{"to": "a/m", "rpm": 5}]}"#, 0),
        (r#"{"targets": [{"to": "a/m", "tpm": 1000}]}"#, 1),
        (r#"{"targets": ["a/m", {"to": "b/m", "tpm": 1000}]}"#, 1),
        (
            r#"{"targets": ["a/m", "b/m"], "strategy": "round_robin"}"#,
            0,
        ),
        (
            r#"{"targets": ["a/m", "b/m"], "strategy": "least_loaded"}"#,
            1,
        ),
        (r#"{"targets": ["a/m"], "strategy": "least_loaded"}"#, 0),
        (r#"{"targets": ["a/m"], "fallback": "small"}"#, 1),
        (
            r#"{"targets": ["a/m"], "fallback": {"context_length": "m2"}}"#,
            0,
        ),
    ] {
        let gateway = behind(&model.replace("m2", "a-model-without-limits"));
        let got = send(&gateway, hello());
        assert_eq!(got.status(), 200, "{model}: {}", got.text());
        assert_eq!(gateway.platform.reads.get(), reads, "{model}");
        assert_eq!(
            got.header("x-ratelimit-limit-tokens"),
            None,
            "not the client's"
        );
    }
}

/// What a target may get is taken by what calls are estimated to need, and settled by what they took.
#[test]
fn a_targets_tokens_are_taken_and_settled() {
    let gateway = behind(r#"{"targets": [{"to": "a/m", "tpm": 120}, "b/m"]}"#);
    for (sent_to_a, used) in [(1, 15), (2, 100), (2, 30)] {
        gateway.serve("test", took(used));
        assert_eq!(send(&gateway, hello()).status(), 200);
        assert_eq!(gateway.asked("a.test"), sent_to_a);
    }
    assert_eq!(gateway.asked("b.test"), 1);
}

/// Whatever names clients make up: they are one target.
#[test]
fn what_takes_any_name_has_one_limit() {
    let document = r#"{"providers": {"a": {"kind": "openai", "endpoint": "https://a.test/v1", "key": "k"}},
        "models": {"x-*": {"targets": [{"to": "a/*", "rpm": 2}]}}}"#;
    let gateway = gateway_of([
        ("GATEWAY", document),
        ("PROXY_API_KEYS", "alice:client-key"),
    ]);
    gateway.serve("test", took(30));
    for (model, status) in [("x-1", 200), ("x-2", 200), ("x-3", 429)] {
        let body = format!(r#"{{"model":"{model}","messages":[]}}"#);
        assert_eq!(send(&gateway, chat(&body)).status(), status, "{model}");
    }
}
