//! The fields beside messages and tools.

use isthmus::anthropic::Expects;
use isthmus::anthropic::request;
use serde_json::{Value, json};

use crate::{body, body_for, encode_for, hello, refusal};

#[test]
fn the_least_request() {
    let expected = json!({
        "model": "claude-sonnet-4-5",
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
    });
    assert_eq!(body(&hello(json!({}))), expected);
    let marked = "\u{feff}".to_owned() + &hello(json!({})).to_string();
    let encoded = request::encode(marked.as_bytes(), "claude-sonnet-4-5").unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&encoded.body).unwrap(),
        expected
    );
}

#[test]
fn fields_by_fields() {
    for (given, expected) in [
        (json!({"max_tokens": 10}), json!({"max_tokens": 10})),
        (
            json!({"max_completion_tokens": 20, "max_tokens": 10}),
            json!({"max_tokens": 20}),
        ),
        (
            json!({"max_completion_tokens": null, "max_tokens": 10}),
            json!({"max_tokens": 10}),
        ),
        (json!({"temperature": 0}), json!({"temperature": 0})),
        (json!({"temperature": 0.7}), json!({"temperature": 0.7})),
        (json!({"temperature": 1.5}), json!({"temperature": 1})),
        (json!({"temperature": -1}), json!({"temperature": 0})),
        (
            json!({"temperature": null, "top_p": 0.5}),
            json!({"temperature": null, "top_p": 0.5}),
        ),
        (
            json!({"temperature": 0.2, "top_p": 0.5}),
            json!({"temperature": 0.2, "top_p": null}),
        ),
        (json!({"top_k": 5}), json!({"top_k": 5})),
        (json!({"stream": true}), json!({"stream": true})),
        (json!({"stream": false}), json!({"stream": null})),
        (json!({"stop": "END"}), json!({"stop_sequences": ["END"]})),
        (
            json!({"stop": ["a", " ", "", "\n", "b"]}),
            json!({"stop_sequences": ["a", "b"]}),
        ),
        (json!({"stop": "\n\n"}), json!({"stop_sequences": null})),
        (
            json!({"user": "u1"}),
            json!({"metadata": {"user_id": "u1"}}),
        ),
        (
            json!({"user": "u1", "safety_identifier": "s1"}),
            json!({"metadata": {"user_id": "s1"}}),
        ),
        (json!({"user": "x".repeat(300)}), json!({"metadata": null})),
        (
            json!({"metadata": {"team": "a"}}),
            json!({"metadata": null}),
        ),
        (
            json!({"metadata": {"user_id": "m1"}}),
            json!({"metadata": {"user_id": "m1"}}),
        ),
        (json!({"n": 1}), json!({"n": null})),
        (json!({"modalities": ["text"]}), json!({"modalities": null})),
        (
            json!({"cache_control": {"type": "ephemeral"}}),
            json!({"cache_control": {"type": "ephemeral"}}),
        ),
    ] {
        let body = body(&hello(given.clone()));
        for (name, value) in expected.as_object().unwrap() {
            let found = body.get(name).unwrap_or(&Value::Null);
            assert_eq!(found, value, "{given}: {name}");
        }
    }
}

#[test]
fn what_has_no_counterpart_is_left_out() {
    let least = body(&hello(json!({})));
    let more = json!({
        "frequency_penalty": 0.5, "presence_penalty": 0.5, "seed": 7, "logit_bias": {"1": 2}, "logprobs": true,
        "top_logprobs": 3, "store": true, "service_tier": "auto", "prediction": {"type": "content", "content": "x"},
        "prompt_cache_key": "k", "verbosity": "low", "response_format": {"type": "text"}, "unheard_of": [1],
    });
    assert_eq!(body(&hello(more)), least);
}

#[test]
fn what_would_be_a_lie_is_refused() {
    for (given, param) in [
        (json!({"n": 2}), "n"),
        (json!({"n": "x"}), "n"),
        (json!({"modalities": ["text", "audio"]}), "modalities"),
        (json!({"web_search_options": {}}), "web_search_options"),
        (json!({"max_tokens": 0}), "max_tokens"),
        (json!({"max_tokens": "many"}), "max_tokens"),
        (
            json!({"max_completion_tokens": 1.5}),
            "max_completion_tokens",
        ),
        (json!({"temperature": "hot"}), "temperature"),
        (json!({"top_p": []}), "top_p"),
        (json!({"stop": 1}), "stop"),
        (json!({"stop": ["a", null]}), "stop"),
        (json!({"reasoning_effort": "extreme"}), "reasoning_effort"),
        (
            json!({"response_format": {"type": "grammar"}}),
            "response_format",
        ),
        (json!({"messages": []}), "messages"),
        (json!({"messages": null}), "messages"),
        (json!({"messages": "hi"}), "messages"),
    ] {
        let error = refusal(&hello(given.clone()));
        assert_eq!((error.status(), error.param), (400, Some(param)), "{given}");
    }
    for text in ["", "[]", "1", "null", "{"] {
        let error = request::encode(text.as_bytes(), "m").unwrap_err();
        assert_eq!(
            (error.status(), error.code),
            (400, "invalid_json"),
            "{text}"
        );
    }
}

#[test]
fn sampling_by_model() {
    let request = hello(json!({"temperature": 0.25, "top_p": 0.5, "top_k": 3}));
    for (model, sampling) in [
        ("claude-3-opus", [json!(0.25), json!(0.5), json!(3)]),
        ("claude-opus-4-1", [json!(0.25), Value::Null, json!(3)]),
        ("claude-opus-4-7", [Value::Null, Value::Null, Value::Null]),
        ("chosen-freely", [json!(0.25), Value::Null, json!(3)]),
    ] {
        let body = body_for(model, &request);
        assert_eq!(body["model"], model);
        let found = ["temperature", "top_p", "top_k"].map(|name| body[name].clone());
        assert_eq!(found, sampling, "{model}");
    }
}

#[test]
fn numbers_and_texts_keep_their_bytes() {
    let request = r#"{"messages":[{"role":"user","content":"\u00e9\/"}],"temperature":0.10}"#;
    let encoded = request::encode(request.as_bytes(), "m").unwrap();
    let text = String::from_utf8(encoded.body).unwrap();
    assert!(text.contains(r#""temperature":0.10"#), "{text}");
    assert!(text.contains(r#""text":"\u00e9\/""#), "{text}");
}

#[test]
fn what_the_answer_has_to_be_like() {
    let schema = json!({"type": "json_schema", "json_schema": {"schema": {"type": "object"}}});
    for (given, usage, function_call, answer_tool) in [
        (json!({}), false, false, false),
        (
            json!({"stream_options": {"include_usage": true}}),
            true,
            false,
            false,
        ),
        (
            json!({"stream_options": {"include_usage": false}}),
            false,
            false,
            false,
        ),
        (json!({"functions": [{"name": "f"}]}), false, true, false),
        (json!({"response_format": schema}), false, false, true),
    ] {
        let expected = Expects {
            usage,
            function_call,
            answer_tool,
        };
        let encoded = encode_for("m", &hello(given.clone())).unwrap();
        assert_eq!(encoded.expects, expected, "{given}");
    }
}
