//! Whole answers.

use isthmus::anthropic::Expects;
use isthmus::anthropic::answer::{Context, decode};
use serde_json::{Value, json};

fn decoded(answer: &Value, expects: Expects) -> Value {
    let context = Context {
        model: "asked",
        id: "7",
        now_secs: 1_700_000_000,
        expects,
    };
    let bytes = decode(answer.to_string().as_bytes(), &context).expect("an answer");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn answer(content: Value, stop_reason: &str) -> Value {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929",
        "content": content, "stop_reason": stop_reason, "stop_sequence": null,
        "usage": {"input_tokens": 10, "output_tokens": 5},
    })
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

#[test]
fn a_whole_completion() {
    let expected = json!({
        "id": "msg_1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "claude-sonnet-4-5-20250929",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": "Hi \"there\"\n", "refusal": null},
            "logprobs": null,
            "finish_reason": "stop",
        }],
        "usage": {
            "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15,
            "prompt_tokens_details": {"cached_tokens": 0},
        },
    });
    let given = answer(json!([text("Hi "), text("\"there\"\n")]), "end_turn");
    assert_eq!(decoded(&given, Expects::default()), expected);
}

#[test]
fn what_is_missing_is_filled_in() {
    let found = decoded(&json!({"content": [], "usage": null}), Expects::default());
    assert_eq!(
        (&found["id"], &found["model"]),
        (&json!("chatcmpl-7"), &json!("asked"))
    );
    assert_eq!(found["choices"][0]["message"]["content"], "");
    assert_eq!(found["choices"][0]["finish_reason"], "stop");
    assert_eq!(found["usage"]["total_tokens"], 0);
}

#[test]
fn calls_and_their_arguments() {
    let call =
        |id: &str, input: Value| json!({"type": "tool_use", "id": id, "name": "f", "input": input});
    let given = answer(
        json!([
            text("see"),
            call("toolu_1", json!({"x": "é"})),
            call("toolu_2", json!({}))
        ]),
        "tool_use",
    );
    let found = decoded(&given, Expects::default());
    let called = |id: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}});
    let calls = json!([called("toolu_1", "{\"x\":\"é\"}"), called("toolu_2", "{}")]);
    let expected =
        json!({"role": "assistant", "content": "see", "refusal": null, "tool_calls": calls});
    assert_eq!(found["choices"][0]["message"], expected);
    assert_eq!(found["choices"][0]["finish_reason"], "tool_calls");

    let alone = decoded(
        &answer(json!([call("1", json!({}))]), "tool_use"),
        Expects::default(),
    );
    assert_eq!(alone["choices"][0]["message"]["content"], Value::Null);

    let expects = Expects {
        function_call: true,
        ..Expects::default()
    };
    let legacy = decoded(&given, expects);
    let expected = json!({
        "role": "assistant", "content": "see", "refusal": null,
        "function_call": {"name": "f", "arguments": "{\"x\":\"é\"}"},
    });
    assert_eq!(legacy["choices"][0]["message"], expected);
    assert_eq!(legacy["choices"][0]["finish_reason"], "function_call");
}

#[test]
fn an_answer_given_as_a_call() {
    let call = json!({"type": "tool_use", "id": "1", "name": "answer_as_json", "input": {"a": 1}});
    let given = answer(json!([call]), "tool_use");
    let expects = Expects {
        answer_tool: true,
        ..Expects::default()
    };
    let found = decoded(&given, expects);
    let expected = json!({"role": "assistant", "content": "{\"a\":1}", "refusal": null});
    assert_eq!(found["choices"][0]["message"], expected);
    assert_eq!(found["choices"][0]["finish_reason"], "stop");
    // A tool of the client's may have that name.
    let found = decoded(&given, Expects::default());
    assert_eq!(
        found["choices"][0]["message"]["tool_calls"][0]["function"]["name"],
        "answer_as_json"
    );
}

#[test]
fn thoughts() {
    let thoughts = json!([
        {"type": "thinking", "thinking": "one ", "signature": "s"},
        {"type": "redacted_thinking", "data": "xx"},
        {"type": "thinking", "thinking": "two", "signature": "t"},
    ]);
    let mut content = thoughts.clone();
    content.as_array_mut().unwrap().push(text("a"));
    let found = decoded(&answer(content, "end_turn"), Expects::default());
    let message = &found["choices"][0]["message"];
    assert_eq!(message["reasoning_content"], "one two");
    assert_eq!(message["thinking_blocks"], thoughts);
    assert_eq!(message["content"], "a");
}

#[test]
fn reasons_to_stop() {
    for (said, expected) in [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "content_filter"),
        ("pause_turn", "stop"),
        ("tool_use", "stop"),
        ("unheard_of", "stop"),
    ] {
        let found = decoded(&answer(json!([text("a")]), said), Expects::default());
        assert_eq!(found["choices"][0]["finish_reason"], expected, "{said}");
    }
}

#[test]
fn the_prompt_is_all_that_was_read() {
    let mut given = answer(json!([]), "end_turn");
    given["usage"] = json!({
        "input_tokens": 1, "cache_creation_input_tokens": 20, "cache_read_input_tokens": 300, "output_tokens": 4000,
        "cache_creation": {"ephemeral_5m_input_tokens": 20}, "service_tier": "standard",
    });
    let expected = json!({
        "prompt_tokens": 321, "completion_tokens": 4000, "total_tokens": 4321,
        "prompt_tokens_details": {"cached_tokens": 300},
    });
    assert_eq!(decoded(&given, Expects::default())["usage"], expected);
    given["usage"] = json!({"input_tokens": u64::MAX, "output_tokens": u64::MAX, "cache_read_input_tokens": null});
    assert_eq!(
        decoded(&given, Expects::default())["usage"]["total_tokens"],
        u64::MAX
    );
}

#[test]
fn digits_of_a_call_stay() {
    let given = r#"{"content":[{"type":"tool_use","id":"1","name":"f","input":{"x":1.10,"y":12345678901234567890123}}]}"#;
    let context = Context {
        model: "m",
        id: "7",
        now_secs: 0,
        expects: Expects::default(),
    };
    let text = String::from_utf8(decode(given.as_bytes(), &context).unwrap()).unwrap();
    assert!(
        text.contains(r#"{\"x\":1.10,\"y\":12345678901234567890123}"#),
        "{text}"
    );
}

#[test]
fn what_is_no_answer() {
    let context = Context {
        model: "m",
        id: "7",
        now_secs: 0,
        expects: Expects::default(),
    };
    for text in [
        "",
        "<html>",
        "[]",
        "{}",
        r#"{"content":"a"}"#,
        r#"{"content":[]"#,
        r#"{"type":"error","error":{"type":"api_error","message":"m"}}"#,
    ] {
        assert_eq!(decode(text.as_bytes(), &context), None, "{text}");
    }
}
