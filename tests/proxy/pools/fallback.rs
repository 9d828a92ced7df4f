//! Another model where one refuses for what another may do.

use serde_json::json;

use super::pool;
use crate::fake::{Ask, Upstream, chat, json as answer};

fn hello() -> Ask {
    chat(r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#)
}

fn refuses(status: u16, code: &str) -> Upstream {
    let body = json!({"error": {"message": "No.", "type": "invalid_request_error", "param": null, "code": code}});
    answer(status, &body.to_string())
}

/// What the pool falls back for, the refusal, what the other model says, and what the client gets from whom. That the other
/// model has one for itself does not count.
#[test]
fn another_model_is_asked_only_for_its_reason_and_only_its_success_counts() {
    let served = || answer(200, r#"{"id":"x"}"#);
    let long = "context_length_exceeded";
    let both = json!({"fallback": "other"});
    for (name, options, code, other, status, from) in [
        (
            "filter",
            both.clone(),
            "content_filter",
            served(),
            200,
            "c/other",
        ),
        ("length", both.clone(), long, served(), 200, "c/other"),
        (
            "another mistake",
            both.clone(),
            "invalid_value",
            served(),
            400,
            "a/m",
        ),
        (
            "not for that",
            json!({"fallback": {"content_filter": "other"}}),
            long,
            served(),
            400,
            "a/m",
        ),
        ("none", json!({}), long, served(), 400, "a/m"),
        (
            "it refuses, too",
            both.clone(),
            long,
            refuses(400, long),
            400,
            "a/m",
        ),
        (
            "it is ill",
            both.clone(),
            long,
            refuses(500, "x"),
            400,
            "a/m",
        ),
        ("it is away", both, long, Upstream::Unreachable, 400, "a/m"),
    ] {
        for targets in [1, 2] {
            let gateway = pool(targets, &options);
            gateway.serve("a.test", refuses(400, code));
            gateway.serve(
                "c.test",
                match &other {
                    Upstream::Answers(status, headers, body) => {
                        Upstream::Answers(*status, headers.clone(), body)
                    }
                    _ => Upstream::Unreachable,
                },
            );
            let got = gateway.ask(hello());
            assert_eq!(
                (got.status(), got.header("x-isthmus-target")),
                (status, Some(from)),
                "{name}"
            );
            assert_eq!(gateway.asked("b.test"), 0, "{name}");
            let line = gateway.line();
            let model = from.split_once('/').unwrap().1;
            assert_eq!(
                (&line["model_used"], &line["model_asked"]),
                (&json!(model), &json!("m")),
                "{name}"
            );
            if status == 400 {
                assert_eq!(got.json()["error"]["code"], code, "{name}");
            } else {
                assert_eq!(
                    gateway.sent().body,
                    r#"{"model":"other","messages":[{"role":"user","content":"Hi"}]}"#
                );
            }
        }
    }
}

#[test]
fn an_explanation_names_it() {
    let gateway = pool(1, &json!({"fallback": {"context_length": "other"}}));
    let got = gateway.ask(hello().header("x-isthmus-explain", "1"));
    assert_eq!(got.json()["fallback"], json!({"context_length": "other"}));
}
