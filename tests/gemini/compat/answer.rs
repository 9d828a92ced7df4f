//! What of a whole answer has to change.

use isthmus::dialect::Decoded;
use isthmus::gemini::compat::repair;
use isthmus::surface::Operation;
use serde_json::{Value, json};

use super::defaults;

fn repaired(body: &str) -> Option<Value> {
    match repair(Operation::Chat, body.as_bytes(), &defaults()) {
        Decoded::AsItIs => None,
        Decoded::Changed { content_type, body } => {
            assert_eq!(content_type, "application/json");
            Some(serde_json::from_slice(&body).unwrap())
        }
        Decoded::Refused { status } => Some(json!(status)),
    }
}

fn answer(choice: Value) -> Value {
    json!({"id": "a", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice],
        "usage": {"total_tokens": 1}})
}

fn said(message: Value, reason: &str) -> Value {
    answer(json!({"index": 0, "message": message, "finish_reason": reason}))
}

fn called(calls: Value, reason: &str) -> Value {
    said(
        json!({"role": "assistant", "content": null, "tool_calls": calls}),
        reason,
    )
}

fn call(id: &str, arguments: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}})
}

#[test]
fn what_needs_nothing_stays() {
    let signed = json!([{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"},
        "extra_content": {"google": {"thought_signature": "s"}}}]);
    for whole in [
        said(json!({"role": "assistant", "content": "x"}), "stop"),
        said(json!({"role": "assistant", "content": null}), "length"),
        said(
            json!({"role": "assistant", "content": null}),
            "content_filter",
        ),
        said(json!({"role": "assistant", "content": "x"}), "new_reason"),
        called(signed, "tool_calls"),
        json!({"choices": "odd"}),
        json!({"choices": [], "error": null, "id": "a", "object": "o", "created": 1, "model": "m"}),
        json!([]),
        json!(7),
    ] {
        assert_eq!(repaired(&whole.to_string()), None, "{whole}");
    }
    for odd in ["", "{", "[DONE]", "\u{0}"] {
        assert_eq!(repaired(odd), None);
    }
    let embeddings = br#"{"data":[]}"#;
    let passed = repair(Operation::Embeddings, embeddings, &defaults());
    assert!(matches!(passed, Decoded::AsItIs));
}

#[test]
fn what_is_missing_is_filled() {
    let empty = |content: Value, reason: &str| {
        said(
            json!({"role": "assistant", "content": content, "refusal": null}),
            reason,
        )
    };
    let table = [
        (
            json!({"choices": [{"message": {"content": "x"}}]}),
            json!({"id": "chatcmpl-7", "object": "chat.completion", "created": 1_800_000_000, "model": "asked",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}]}),
        ),
        (
            answer(json!({"index": 0, "finish_reason": "length"})),
            empty(json!(""), "length"),
        ),
        (
            answer(
                json!({"index": 0, "finish_reason": "content_filter: RECITATION", "message": null}),
            ),
            empty(json!(null), "content_filter"),
        ),
        (
            said(json!({"role": "model"}), "length"),
            said(json!({"role": "assistant", "content": ""}), "length"),
        ),
        (
            called(json!([]), "stop"),
            said(json!({"role": "assistant", "content": null}), "stop"),
        ),
        (
            called(json!([call("", "{}"), call("b", "")]), "stop"),
            called(
                json!([call("call_7_0_0", "{}"), call("b", "{}")]),
                "tool_calls",
            ),
        ),
        (
            called(
                json!([{"function": {"name": "f"}}, {"id": null, "function": {"name": "f", "arguments": {"a": 1.0}}}]),
                "",
            ),
            called(
                json!([call("call_7_0_0", "{}"), call("call_7_0_1", r#"{"a":1.0}"#)]),
                "tool_calls",
            ),
        ),
        (
            called(
                json!([{"id": "a", "type": "function", "function": {"name": "f", "arguments": null}}]),
                "tool_calls",
            ),
            called(json!([call("a", "{}")]), "tool_calls"),
        ),
    ];
    for (body, expected) in table {
        assert_eq!(repaired(&body.to_string()), Some(expected), "{body}");
    }
}

#[test]
fn errors_under_a_status_of_success_are_refused() {
    let error = json!({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}});
    for body in [json!([error]), error] {
        let status = repaired(&body.to_string()).unwrap();
        assert!(status.as_u64().is_some_and(|it| it >= 500), "{status}");
    }
}
