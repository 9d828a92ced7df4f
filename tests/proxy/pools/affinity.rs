//! The same conversation goes to the same target, as long as that is well.

use serde_json::json;

use super::pool;
use crate::fake::{Gateway, json as answer, post};

/// Who serves a request.
fn served_by(gateway: &Gateway, path: &str, body: &str) -> String {
    let got = gateway.ask(post(path, body));
    assert_eq!(got.status(), 200);
    got.header("x-isthmus-target").unwrap().to_owned()
}

fn three() -> Gateway {
    let gateway = pool(3, &json!({"strategy": "affinity"}));
    gateway.serve("test", answer(200, r#"{"id":"x"}"#));
    gateway
}

fn turns(topic: &str) -> [(&'static str, String, String); 6] {
    let chat = "/v1/chat/completions";
    let responses = "/v1/responses";
    let begin = format!(
        r#"{{"role":"system","content":"You know {topic}."}},{{"role":"user","content":"Hi"}}"#
    );
    let more = r#",{"role":"assistant","content":"Yes?"},{"role":"user","content":"Go on"}"#;
    [
        (
            chat,
            format!(r#"{{"model":"m","messages":[{begin}]}}"#),
            format!(r#"{{"messages":[{begin}{more}],"temperature":1,"model":"m"}}"#),
        ),
        (
            responses,
            format!(r#"{{"model":"m","instructions":"{topic}","input":"Hi"}}"#),
            format!(r#"{{"stream":false,"input":"Hi","model":"m","instructions":"{topic}"}}"#),
        ),
        (
            responses,
            format!(r#"{{"model":"m","input":[{begin}]}}"#),
            format!(r#"{{"model":"m","input":[{begin}{more}]}}"#),
        ),
        (
            responses,
            format!(r#"{{"model":"m","prompt_cache_key":"{topic}","input":"1"}}"#),
            format!(r#"{{"model":"m","input":"2","prompt_cache_key":"{topic}"}}"#),
        ),
        (
            responses,
            format!(r#"{{"model":"m","conversation":{{"id":"{topic}"}},"input":"1"}}"#),
            format!(r#"{{"model":"m","input":"2","conversation":{{"id":"{topic}"}}}}"#),
        ),
        (
            "/v1/completions",
            format!(r#"{{"model":"m","prompt":"{}"}}"#, topic.repeat(900)),
            format!(r#"{{"model":"m","prompt":"{}"}}"#, topic.repeat(1000)),
        ),
    ]
}

/// A conversation that has grown, with its members in another order, on another isolate.
#[test]
fn a_conversation_stays_where_it_began() {
    for number in 0..10 {
        for (path, first, later) in turns(&format!("topic-{number}")) {
            let (one, two) = (three(), three());
            assert_eq!(
                served_by(&one, path, &first),
                served_by(&two, path, &later),
                "{first}"
            );
        }
    }
}

#[test]
fn conversations_are_spread_over_all() {
    for kind in 0..6 {
        let mut seen: Vec<String> = (0..40)
            .map(|number| {
                let (path, first, _) = &turns(&format!("topic-{number}"))[kind];
                served_by(&three(), path, first)
            })
            .collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen, ["a/m", "b/m", "c/m"], "{kind}");
    }
}

/// What is no conversation, or hardly JSON, is served all the same.
#[test]
fn anything_is_served() {
    let deep = format!(r#"{{"model":"m","messages":{}}}"#, "[".repeat(100_000));
    for (path, body) in [
        ("/v1/embeddings", r#"{"model":"m","input":"Hi"}"#),
        ("/v1/chat/completions", r#"{"model":"m"}"#),
        (
            "/v1/chat/completions",
            r#"{"model":"m","messages":7,"tools":null,"prompt_cache_key":""}"#,
        ),
        (
            "/v1/responses",
            r#"{"model":"m","input":[1,[],{"role":{}}]}"#,
        ),
        ("/v1/completions", r#"{"model":"m","prompt":[[1,2],[3]]}"#),
    ] {
        served_by(&three(), path, body);
    }
    three().ask(post("/v1/chat/completions", &deep));
}
