//! The demo provider, asked as a client asks it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use isthmus::demo::{Ask, MODELS, Payload, Reply, Usage, answer, models};
use isthmus::error::{Error, Kind};
use isthmus::sse::{Decoder, Event};
use isthmus::surface::Operation;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn ask(operation: Operation, body: &Value) -> Result<Reply, Error> {
    send(operation, "POST", "", body.to_string().as_bytes())
}

fn send(operation: Operation, method: &str, path: &str, body: &[u8]) -> Result<Reply, Error> {
    answer(&Ask {
        operation,
        path,
        method,
        body,
        id: "0a1b2c",
        now_secs: 1_750_000_000,
    })
}

fn json_of(reply: &Reply) -> Value {
    match &reply.payload {
        Payload::Json(body) => serde_json::from_slice(body).unwrap(),
        Payload::Events(_) => panic!("a stream where JSON was asked for"),
    }
}

/// The events before `[DONE]`, which must be the last.
fn events_of(reply: &Reply) -> Vec<Event> {
    let Payload::Events(stream) = &reply.payload else {
        panic!("JSON where a stream was asked for");
    };
    let mut events = Decoder::default().push(stream).unwrap();
    assert!(events.pop().unwrap().is_done());
    assert!(events.iter().all(|event| !event.is_done()));
    events
}

fn chunks_of(reply: &Reply) -> Vec<Value> {
    let parse = |event: &Event| serde_json::from_str(&event.data).unwrap();
    events_of(reply).iter().map(parse).collect()
}

fn with(mut body: Value, more: &Value) -> Value {
    let body_fields = body.as_object_mut().unwrap();
    body_fields.extend(more.as_object().unwrap().clone());
    body
}

fn chat(more: &Value) -> Value {
    let body =
        json!({"model": "demo", "messages": [{"role": "user", "content": "Hi there, you."}]});
    with(body, more)
}

fn chat_json(more: &Value) -> Value {
    json_of(&ask(Operation::Chat, &chat(more)).unwrap())
}

fn chat_chunks(more: &Value) -> Vec<Value> {
    let more = with(more.clone(), &json!({"stream": true}));
    chunks_of(&ask(Operation::Chat, &chat(&more)).unwrap())
}

/// One choice of a stream put together: content, arguments, the finish reason, the number of pieces.
fn assemble(chunks: &[Value], index: u64) -> (String, String, String, u64) {
    let (mut content, mut arguments, mut finish, mut pieces) =
        (String::new(), String::new(), String::new(), 0);
    let choices = chunks.iter().flat_map(|c| c["choices"].as_array().unwrap());
    for choice in choices.filter(|choice| choice["index"] == index) {
        assert_eq!(finish, "", "nothing follows the finish reason");
        let delta = &choice["delta"];
        assert!(delta["tool_calls"].is_null() || delta["tool_calls"][0]["index"] == 0);
        let called = &delta["tool_calls"][0]["function"]["arguments"];
        for (text, piece) in [(&mut content, &delta["content"]), (&mut arguments, called)] {
            if let Some(piece) = piece.as_str().filter(|piece| !piece.is_empty()) {
                text.push_str(piece);
                pieces += 1;
            }
        }
        finish.push_str(choice["finish_reason"].as_str().unwrap_or_default());
    }
    (content, arguments, finish, pieces)
}

fn weather() -> Value {
    json!({"type": "function", "function": {"name": "weather", "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 3}},
        "required": ["city", "days"],
    }}})
}

#[test]
fn chat_says_what_it_heard() {
    let image = json!({"type": "image_url", "image_url": {"url": "data:,"}});
    #[rustfmt::skip]
    let cases = [
        (json!("Hi there, you."), "You said: Hi there, you."),
        (json!("  "), "You said nothing."),
        (json!([{"type": "text", "text": "Look"}, image, image]), "You said: Look You sent 2 images."),
        (json!([image, {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}, {"type": "file", "file": {"file_id": "f"}}]), "You sent 1 image, 1 audio clip and 1 file."),
    ];
    for (content, expected) in cases {
        let messages = json!([{"role": "system", "content": "Be brief."}, {"role": "user", "content": content}]);
        let completion = chat_json(&json!({"messages": messages, "model": "any/model:x"}));
        assert_eq!(completion["choices"][0]["message"]["content"], expected);
        assert_eq!(completion["model"], "any/model:x");
        assert_eq!(completion["id"], "chatcmpl-0a1b2c");
        assert_eq!(completion["created"], 1_750_000_000);
    }
}

#[test]
fn chat_ends_where_it_is_told_to() {
    // The whole answer is "You said: Hi there, you.", eight tokens.
    #[rustfmt::skip]
    let cases = [
        (json!({}), "You said: Hi there, you.", "stop", 8),
        (json!({"stop": null, "max_tokens": null}), "You said: Hi there, you.", "stop", 8),
        (json!({"stop": " there"}), "You said: Hi", "stop", 4),
        (json!({"stop": ["you.", "Hi"]}), "You said: ", "stop", 4),
        (json!({"max_tokens": 8}), "You said: Hi there, you.", "stop", 8),
        (json!({"max_tokens": 4}), "You said: Hi", "length", 4),
        (json!({"max_completion_tokens": 1, "max_tokens": 5}), "You", "length", 1),
        (json!({"max_tokens": 2, "stop": "there"}), "You said", "length", 2),
    ];
    for (more, text, finish, tokens) in cases {
        let completion = chat_json(&more);
        let choice = &completion["choices"][0];
        assert_eq!(choice["message"]["content"], text, "{more}");
        assert_eq!(choice["finish_reason"], finish, "{more}");
        assert_eq!(completion["usage"]["completion_tokens"], tokens, "{more}");
        let streamed = assemble(&chat_chunks(&more), 0);
        assert_eq!(
            streamed,
            (text.to_owned(), String::new(), finish.to_owned(), tokens)
        );
    }
}

#[test]
fn chat_usage_adds_up_over_all_choices() {
    let reply = ask(Operation::Chat, &chat(&json!({"n": 3}))).unwrap();
    let completion = json_of(&reply);
    let usage = &completion["usage"];
    // Five tokens and three for the message; eight for each choice.
    assert_eq!(
        reply.usage,
        Some(Usage {
            input: 8,
            output: 24
        })
    );
    assert_eq!(usage["prompt_tokens"], 8);
    assert_eq!(usage["completion_tokens"], 24);
    assert_eq!(usage["total_tokens"], 32);
    let indices: Vec<&Value> = completion["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| &c["index"])
        .collect();
    assert_eq!(indices, [0, 1, 2]);
}

#[test]
fn chat_streams_usage_only_if_asked() {
    let chunks = chat_chunks(&json!({"n": 2, "stream_options": {"include_usage": true}}));
    let (last, before) = chunks.split_last().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"]["total_tokens"], 24);
    assert!(
        before
            .iter()
            .all(|chunk| chunk.get("usage") == Some(&Value::Null))
    );
    assert_eq!(assemble(&chunks, 0), assemble(&chunks, 1));
    for without in [
        json!({}),
        json!({"stream_options": {"include_usage": false}}),
        json!({"stream_options": null}),
    ] {
        let chunks = chat_chunks(&without);
        assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()));
        assert!(chunks.iter().all(|chunk| chunk["choices"][0].is_object()));
    }
}

#[test]
fn chat_opens_a_stream_with_the_role() {
    let chunks = chat_chunks(&json!({}));
    let first = &chunks[0]["choices"][0]["delta"];
    assert_eq!(
        first,
        &json!({"role": "assistant", "content": "", "refusal": null})
    );
    assert_eq!(chunks.last().unwrap()["choices"][0]["delta"], json!({}));
    assert!(chunks.iter().all(|chunk| chunk["id"] == "chatcmpl-0a1b2c"));
}

#[test]
fn chat_calls_the_tool_it_must() {
    let tools = json!([{"type": "custom", "custom": {"name": "x"}}, {"type": "function", "function": {"name": "now"}}, weather()]);
    let named = json!({"type": "function", "function": {"name": "weather"}});
    let allowed =
        json!({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [named]}});
    let free =
        json!({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [named]}});
    let full = json!({"city": "demo", "days": 4});
    let cases = [
        (json!("required"), Some(("now", json!({}))), "tool_calls"),
        (named, Some(("weather", full.clone())), "stop"),
        (allowed, Some(("weather", full)), "tool_calls"),
        (free, None, "stop"),
        (json!("auto"), None, "stop"),
        (json!("none"), None, "stop"),
        (Value::Null, None, "stop"),
    ];
    for (choice, call, finish) in cases {
        let more = json!({"tools": tools, "tool_choice": choice});
        let completion = chat_json(&more);
        let message = &completion["choices"][0]["message"];
        assert_eq!(
            completion["choices"][0]["finish_reason"], finish,
            "{choice}"
        );
        let chunks = chat_chunks(&more);
        let (content, arguments, streamed_finish, pieces) = assemble(&chunks, 0);
        assert_eq!(streamed_finish, finish);
        assert_eq!(completion["usage"]["completion_tokens"], pieces);
        let Some((name, expected)) = call else {
            assert_eq!(message["content"], content);
            assert!(message.get("tool_calls").is_none());
            continue;
        };
        let called = &message["tool_calls"][0];
        assert_eq!(message["content"], Value::Null);
        assert_eq!(called["function"]["name"], name);
        assert_eq!(called["function"]["arguments"], arguments);
        assert_eq!(serde_json::from_str::<Value>(&arguments).unwrap(), expected);
        let first = &chunks[0]["choices"][0]["delta"]["tool_calls"][0];
        assert_eq!(
            first,
            &json!({"index": 0, "id": called["id"], "type": "function",
            "function": {"name": name, "arguments": ""}})
        );
    }
}

#[test]
fn chat_calls_have_ids_of_their_own_and_obey_the_limit() {
    let more = json!({"tools": [weather()], "tool_choice": "required", "n": 2, "max_tokens": 3});
    let completion = chat_json(&more);
    let call = |index: usize| completion["choices"][index]["message"]["tool_calls"][0].clone();
    assert_ne!(call(0)["id"], call(1)["id"]);
    assert_eq!(call(0)["function"]["arguments"], "{\"city");
    assert_eq!(completion["choices"][1]["finish_reason"], "length");
}

#[test]
fn chat_answers_a_tools_result_in_text() {
    let messages = json!([
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "c", "type": "function",
            "function": {"name": "weather", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "Sunny"},
    ]);
    for choice in ["auto", "required"] {
        let more = json!({"messages": messages, "tools": [weather()], "tool_choice": choice});
        let message = chat_json(&more)["choices"][0]["message"].clone();
        assert_eq!(message["content"], "The tool's result arrived: Sunny");
        assert!(message.get("tool_calls").is_none());
    }
}

#[test]
fn chat_still_knows_functions() {
    let more = json!({"functions": [weather()["function"]], "function_call": {"name": "weather"}});
    let choice = chat_json(&more)["choices"][0].clone();
    assert_eq!(choice["message"]["function_call"]["name"], "weather");
    assert_eq!(choice["finish_reason"], "stop");
    let arguments: String = chat_chunks(&more)
        .iter()
        .filter_map(|c| c["choices"][0]["delta"]["function_call"]["arguments"].as_str())
        .collect();
    assert_eq!(choice["message"]["function_call"]["arguments"], arguments);
    let more = with(more, &json!({"function_call": "auto"}));
    assert!(chat_json(&more)["choices"][0]["message"]["content"].is_string());
}

#[test]
fn chat_has_logprobs_of_its_content_if_asked() {
    let logprobs = chat_json(&json!({"logprobs": true}))["choices"][0]["logprobs"].clone();
    let tokens: String = logprobs["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|token| token["token"].as_str().unwrap())
        .collect();
    assert_eq!(tokens, "You said: Hi there, you.");
    assert_eq!(chat_json(&json!({}))["choices"][0]["logprobs"], Value::Null);
}

#[test]
fn json_is_said_where_json_is_asked_for() {
    let schema =
        json!({"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]});
    #[rustfmt::skip]
    let cases = [
        (json!({"type": "text"}), None),
        (json!({"type": "json_object"}), Some(json!({"answer": "You said: Hi there, you."}))),
        (json!({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}), Some(json!({"ok": true}))),
    ];
    for (format, expected) in cases {
        let more = json!({"response_format": format});
        let content = chat_json(&more)["choices"][0]["message"]["content"].clone();
        let content = content.as_str().unwrap();
        match expected {
            Some(expected) => assert_eq!(serde_json::from_str::<Value>(content).unwrap(), expected),
            None => assert_eq!(content, "You said: Hi there, you."),
        }
    }
}

/// What the demo makes of a schema, or the error.
fn instance(schema: &Value) -> Result<Value, Error> {
    let format = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}});
    let reply = ask(Operation::Chat, &chat(&json!({"response_format": format})))?;
    let content = json_of(&reply)["choices"][0]["message"]["content"].clone();
    Ok(serde_json::from_str(content.as_str().unwrap()).unwrap())
}

fn assert_instances(cases: &[(Value, Value)]) {
    for (schema, expected) in cases {
        assert_eq!(instance(schema), Ok(expected.clone()), "{schema}");
    }
}

#[test]
fn schemas_of_text_and_fixed_values() {
    #[rustfmt::skip]
    let cases = [
        (json!({}), json!("demo")),
        (json!(true), json!("demo")),
        (json!({"type": "string"}), json!("demo")),
        (json!({"type": "string", "minLength": 6}), json!("demode")),
        (json!({"type": "string", "maxLength": 2}), json!("de")),
        (json!({"type": "string", "format": "date"}), json!("2025-01-01")),
        (json!({"type": "string", "format": "date-time"}), json!("2025-01-01T00:00:00Z")),
        (json!({"type": "string", "format": "email"}), json!("demo@example.com")),
        (json!({"type": "string", "format": "uri"}), json!("https://example.com/")),
        (json!({"format": "uuid"}), json!("00000000-0000-4000-8000-000000000000")),
        (json!({"type": "string", "pattern": "^a+$", "examples": ["aa"]}), json!("aa")),
        (json!({"enum": ["b", "a"]}), json!("b")),
        (json!({"type": "integer", "enum": ["b", 7]}), json!(7)),
        (json!({"enum": [1, 9, "a"], "minimum": 5}), json!(9)),
        (json!({"const": {"a": 1}}), json!({"a": 1})),
        (json!({"type": "boolean"}), json!(true)),
        (json!({"type": "null"}), Value::Null),
        (json!({"type": ["null", "integer"]}), json!(1)),
        (json!({"type": "string", "nullable": true}), json!("demo")),
        (json!({"type": ["string", "null"], "minLength": 9, "maxLength": 3}), Value::Null),
    ];
    assert_instances(&cases);
}

#[test]
fn schemas_of_numbers() {
    #[rustfmt::skip]
    let cases = [
        (json!({"type": "integer"}), json!(1)),
        (json!({"type": "integer", "minimum": 3}), json!(4)),
        (json!({"type": "integer", "minimum": 3, "maximum": 3}), json!(3)),
        (json!({"type": "integer", "exclusiveMinimum": 2.5, "exclusiveMaximum": 4}), json!(3)),
        (json!({"type": "integer", "maximum": -5}), json!(-6)),
        (json!({"type": "integer", "multipleOf": 5, "minimum": 7}), json!(10)),
        (json!({"type": "number"}), json!(0.5)),
        (json!({"type": "number", "exclusiveMinimum": 0, "maximum": 0.25}), json!(0.125)),
        (json!({"minimum": 1e300, "type": "number"}), json!(1e300)),
    ];
    assert_instances(&cases);
}

#[test]
fn schemas_that_combine() {
    #[rustfmt::skip]
    let cases = [
        (json!({"anyOf": [{"type": "null"}, {"type": "integer"}]}), Value::Null),
        (json!({"oneOf": [false, {"type": "integer"}]}), json!(1)),
        (json!({"anyOf": [{"minimum": 5}, {"minimum": 9}], "type": "integer", "maximum": 6}), json!(6)),
        (json!({"allOf": [{"type": "number"}, {"type": "integer"}, {"minimum": 2}]}), json!(3)),
        (json!({"allOf": [{"enum": [1, 2]}, {"enum": [2, 3]}]}), json!(2)),
        (json!({"allOf": [{"anyOf": [{"const": 1}, {"const": 2}]}, {"anyOf": [{"const": 2}, {"const": 3}]}]}), json!(2)),
        (json!({"$ref": "#/$defs/a%20b", "maximum": 9, "$defs": {"a b": {"type": "integer", "minimum": 8}}}), json!(9)),
        (json!({"type": "object"}), json!({})),
        (json!({"type": "object", "minProperties": 2, "additionalProperties": {"type": "null"}}), json!({"key_1": null, "key_2": null})),
        (json!({"properties": {"a": {}, "b": {}, "c": {}}, "required": ["c"], "maxProperties": 2}), json!({"a": "demo", "c": "demo"})),
        (json!({"properties": {"a": false}, "required": ["z"]}), json!({"z": "demo"})),
        (json!({"allOf": [{"properties": {"a": {"minimum": 2}}}, {"properties": {"a": {"type": "integer"}}}]}), json!({"a": 3})),
        (json!({"properties": {"a": {}}, "anyOf": [{"required": ["b"], "properties": {"b": {"type": "null"}}}]}), json!({"b": null, "a": "demo"})),
        (json!({"type": "array"}), json!(["demo"])),
        (json!({"type": "array", "maxItems": 0}), json!([])),
        (json!({"items": {"type": "integer"}, "minItems": 3}), json!([1, 1, 1])),
        (json!({"type": "array", "prefixItems": [{"type": "null"}, {"const": 2}], "items": false}), json!([null, 2])),
        (json!({"type": "array", "items": false}), json!([])),
    ];
    assert_instances(&cases);
}

#[test]
fn schemas_that_recur_come_to_an_end() {
    let depth = |value: &Value, key: &str| {
        let mut depth = 0;
        let mut value = value;
        while let Some(next) = value.get(key).filter(|next| !next.is_null()) {
            depth += 1;
            value = next;
        }
        depth
    };
    let by_null = json!({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "required": ["next"],
        "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}}}});
    let by_absence = json!({"type": "object", "properties": {"next": {"$ref": "#"}}});
    for schema in [&by_null, &by_absence] {
        let value = instance(schema).unwrap();
        assert!((1..10).contains(&depth(&value, "next")), "{value}");
    }
    let by_empty_array = json!({"type": "object", "required": ["all"], "properties": {"all": {"type": "array", "items": {"$ref": "#"}}}});
    assert!(instance(&by_empty_array).unwrap()["all"].is_array());
    let by_other_branch = json!({"$ref": "#/$defs/e", "$defs": {
        "e": {"anyOf": [{"$ref": "#/$defs/sum"}, {"$ref": "#/$defs/one"}]},
        "sum": {"type": "object", "required": ["l", "r"], "properties": {"l": {"$ref": "#/$defs/e"}, "r": {"$ref": "#/$defs/e"}}},
        "one": {"type": "object", "required": ["v"], "properties": {"v": {"const": 1}}}}});
    let value = instance(&by_other_branch).unwrap();
    assert!(value["l"]["r"].is_object(), "{value}");
}

#[test]
fn schemas_without_a_value_are_refused() {
    let mut bomb = json!({"type": "null"});
    for _ in 0..20 {
        bomb = json!({"type": "array", "minItems": 20, "items": bomb});
    }
    #[rustfmt::skip]
    let cases = [
        json!(false),
        json!({"$ref": "#/nowhere"}),
        json!({"$ref": "https://example.com/schema"}),
        json!({"type": "text"}),
        json!({"type": "integer", "minimum": 3, "maximum": 2}),
        json!({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 4}),
        json!({"items": {"anyOf": vec![false; 50_000]}, "minItems": 50_000}),
        json!({"type": "array", "minItems": 1_000_000_000}),
        json!({"type": "string", "minLength": 1_000_000_000}),
        json!({"type": "object", "minProperties": 1_000_000_000}),
        json!({"type": "object", "required": ["me"], "properties": {"me": {"$ref": "#"}}}),
        json!({"items": {"const": "x".repeat(10_000)}, "minItems": 50_000}),
        bomb,
    ];
    for schema in cases {
        let error = instance(&schema).unwrap_err();
        assert_eq!(
            (error.status(), error.code),
            (400, "unsupported_schema"),
            "{schema}"
        );
        assert_eq!(error.param, Some("response_format"));
    }
}

/// Each mistake, put into a request that is fine without it, is the client's and of that field.
fn assert_refused(cases: &[(Operation, Value, &str)]) {
    for (operation, more, param) in cases {
        let fine = match operation {
            Operation::Chat => chat(&json!({})),
            Operation::Completions => json!({"model": "demo", "prompt": "Hi"}),
            _ => json!({"model": "demo", "input": "Hi"}),
        };
        ask(*operation, &fine).expect("the request is fine without the mistake");
        let error = ask(*operation, &with(fine, more)).expect_err(&more.to_string());
        assert_eq!(
            (error.kind, error.param),
            (Kind::BadRequest, Some(*param)),
            "{error:?}"
        );
    }
}

#[test]
fn mistakes_in_chat_name_the_field() {
    use Operation::Chat;
    let unknown = json!({"type": "function", "function": {"name": "unknown"}});
    #[rustfmt::skip]
    let cases = [
        (Chat, json!({"messages": null}), "messages"),
        (Chat, json!({"messages": []}), "messages"),
        (Chat, json!({"messages": "Hi"}), "messages"),
        (Chat, json!({"messages": ["Hi"]}), "messages"),
        (Chat, json!({"messages": [{"role": "alien", "content": "Hi"}]}), "messages"),
        (Chat, json!({"messages": [{"role": "user", "content": null}]}), "messages"),
        (Chat, json!({"messages": [{"role": "user", "content": 5}]}), "messages"),
        (Chat, json!({"messages": [{"role": "user", "content": [{"type": "smell"}]}]}), "messages"),
        (Chat, json!({"model": null}), "model"),
        (Chat, json!({"model": ""}), "model"),
        (Chat, json!({"model": "x".repeat(257)}), "model"),
        (Chat, json!({"n": 0}), "n"),
        (Chat, json!({"n": 129}), "n"),
        (Chat, json!({"n": "2"}), "n"),
        (Chat, json!({"stream": "yes"}), "stream"),
        (Chat, json!({"stream_options": {"include_usage": 1}}), "stream_options"),
        (Chat, json!({"stop": 5}), "stop"),
        (Chat, json!({"stop": ["a", "b", "c", "d", "e"]}), "stop"),
        (Chat, json!({"max_tokens": 0}), "max_tokens"),
        (Chat, json!({"max_completion_tokens": -1}), "max_completion_tokens"),
        (Chat, json!({"temperature": 2.1}), "temperature"),
        (Chat, json!({"top_p": "1"}), "top_p"),
        (Chat, json!({"logprobs": 1}), "logprobs"),
        (Chat, json!({"user": 1}), "user"),
        (Chat, json!({"tools": {}}), "tools"),
        (Chat, json!({"tools": vec![weather(); 129]}), "tools"),
        (Chat, json!({"tools": [{"type": "function", "name": "flat"}]}), "tools"),
        (Chat, json!({"tools": [weather()], "tool_choice": "always"}), "tool_choice"),
        (Chat, json!({"tools": [weather()], "tool_choice": unknown}), "tool_choice"),
        (Chat, json!({"tool_choice": "required"}), "tool_choice"),
        (Chat, json!({"function_call": {"name": "x"}}), "function_call"),
        (Chat, json!({"response_format": {"type": "xml"}}), "response_format"),
        (Chat, json!({"response_format": {"type": "json_schema"}}), "response_format"),
    ];
    assert_refused(&cases);
}

#[test]
fn mistakes_elsewhere_name_the_field() {
    use Operation::{Completions, Embeddings, Responses};
    #[rustfmt::skip]
    let cases = [
        (Completions, json!({"prompt": []}), "prompt"),
        (Completions, json!({"prompt": ["a", 1]}), "prompt"),
        (Completions, json!({"prompt": [[]]}), "prompt"),
        (Completions, json!({"prompt": vec!["a"; 17], "n": 128}), "n"),
        (Completions, json!({"prompt": "a".repeat(100_000), "echo": true, "n": 100}), "echo"),
        (Completions, json!({"max_tokens": "9"}), "max_tokens"),
        (Completions, json!({"logit_bias": []}), "logit_bias"),
        (Completions, json!({"stream_options": {"include_usage": 1}}), "stream_options"),
        (Responses, json!({"input": null}), "input"),
        (Responses, json!({"input": []}), "input"),
        (Responses, json!({"input": [{"content": "no role"}]}), "input"),
        (Responses, json!({"max_output_tokens": 0}), "max_output_tokens"),
        (Responses, json!({"metadata": {"a": 1}}), "metadata"),
        (Responses, json!({"instructions": 1}), "instructions"),
        (Responses, json!({"truncation": "some"}), "truncation"),
        (Responses, json!({"text": {"format": {"type": "xml"}}}), "text"),
        (Embeddings, json!({"input": null}), "input"),
        (Embeddings, json!({"input": ""}), "input"),
        (Embeddings, json!({"input": []}), "input"),
        (Embeddings, json!({"input": ["a", ""]}), "input"),
        (Embeddings, json!({"input": [[1], []]}), "input"),
        (Embeddings, json!({"input": [1, -2]}), "input"),
        (Embeddings, json!({"input": vec!["a"; 2048], "dimensions": 4096}), "input"),
        (Embeddings, json!({"input": vec!["a"; 2049], "dimensions": 1}), "input"),
        (Embeddings, json!({"dimensions": 0}), "dimensions"),
        (Embeddings, json!({"dimensions": 4097}), "dimensions"),
        (Embeddings, json!({"encoding_format": "hex"}), "encoding_format"),
    ];
    assert_refused(&cases);
}

#[test]
fn bodies_must_be_objects() {
    for body in ["", "{", "[]", "\"x\"", "{\"model\": \"\u{0}\"}"] {
        let error = send(Operation::Chat, "POST", "chat/completions", body.as_bytes()).unwrap_err();
        assert_eq!(
            (error.status(), error.code),
            (400, "invalid_json"),
            "{body}"
        );
    }
}

fn completion(more: &Value) -> Value {
    let body = with(json!({"model": "demo", "prompt": "Once upon a time"}), more);
    json_of(&ask(Operation::Completions, &body).unwrap())
}

#[test]
fn completions_have_a_choice_for_every_prompt() {
    #[rustfmt::skip]
    let cases = [
        (json!({}), vec!["You said: Once upon a time"]),
        (json!({"prompt": ["a", "b"], "n": 2}), vec!["You said: a", "You said: a", "You said: b", "You said: b"]),
        (json!({"prompt": [5, 6]}), vec!["You said: 5 6"]),
        (json!({"prompt": [[5], [6, 7]]}), vec!["You said: 5", "You said: 6 7"]),
        (json!({"prompt": null}), vec!["You said nothing."]),
        (json!({"echo": true, "max_tokens": 0}), vec!["Once upon a time"]),
        (json!({"echo": true, "max_tokens": 2, "suffix": "!"}), vec!["Once upon a timeYou said"]),
        (json!({"stop": "upon"}), vec!["You said: Once "]),
    ];
    for (more, expected) in cases {
        let made = completion(&more);
        let choices = made["choices"].as_array().unwrap();
        let texts: Vec<&str> = choices
            .iter()
            .map(|c| c["text"].as_str().unwrap())
            .collect();
        assert_eq!(texts, expected, "{more}");
        assert!(
            (0..)
                .zip(choices)
                .all(|(index, choice)| choice["index"] == index)
        );
        let usage = &made["usage"];
        let sum = |key: &str| usage[key].as_u64().unwrap();
        assert_eq!(
            sum("prompt_tokens") + sum("completion_tokens"),
            sum("total_tokens")
        );
    }
}

#[test]
fn completions_stop_after_sixteen_tokens_by_default() {
    let long = json!({"prompt": "word ".repeat(50)});
    let made = completion(&long);
    assert_eq!(made["choices"][0]["finish_reason"], "length");
    assert_eq!(
        made["usage"],
        json!({"prompt_tokens": 51, "completion_tokens": 16, "total_tokens": 67})
    );
    let made = completion(&with(long, &json!({"max_tokens": 100})));
    assert_eq!(made["choices"][0]["finish_reason"], "stop");
}

#[test]
fn completions_stream_what_they_say() {
    let more = json!({"model": "demo", "prompt": ["a b", "c"], "echo": true, "stream": true,
        "stream_options": {"include_usage": true}});
    let chunks = chunks_of(&ask(Operation::Completions, &more).unwrap());
    let made = completion(&with(more, &json!({"stream": false})));
    for choice in made["choices"].as_array().unwrap() {
        let parts = chunks.iter().map(|chunk| &chunk["choices"][0]);
        let parts = parts.filter(|part| part["index"] == choice["index"]);
        let text: String = parts
            .clone()
            .map(|part| part["text"].as_str().unwrap())
            .collect();
        assert_eq!(text, choice["text"]);
        assert_eq!(
            parts.clone().next_back().unwrap()["finish_reason"],
            choice["finish_reason"]
        );
    }
    let (last, before) = chunks.split_last().unwrap();
    assert_eq!(
        (&last["choices"], &last["usage"]),
        (&json!([]), &made["usage"])
    );
    assert!(
        before
            .iter()
            .all(|chunk| chunk.get("usage") == Some(&Value::Null))
    );
}

fn response(more: &Value) -> Value {
    let body = with(json!({"model": "demo", "input": "Hi there, you."}), more);
    json_of(&ask(Operation::Responses, &body).unwrap())
}

/// The events of the same response, checked for what holds of all of them.
fn response_events(more: &Value) -> Vec<Value> {
    let body = with(
        json!({"model": "demo", "input": "Hi there, you.", "stream": true}),
        more,
    );
    let events = events_of(&ask(Operation::Responses, &body).unwrap());
    let parse = |(number, event): (usize, &Event)| {
        let data: Value = serde_json::from_str(&event.data).unwrap();
        assert_eq!(data["type"], event.name);
        assert_eq!(data["sequence_number"], number);
        data
    };
    events.iter().enumerate().map(parse).collect()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    let mut kinds: Vec<&str> = events.iter().map(|e| e["type"].as_str().unwrap()).collect();
    kinds.dedup();
    kinds
}

#[test]
fn responses_say_what_they_heard() {
    let said = json!([{"role": "user", "content": [{"type": "input_text", "text": "Look"}, {"type": "input_image", "image_url": "data:,"}]}]);
    let result = json!([{"role": "user", "content": "Weather?"},
        {"type": "function_call", "call_id": "c", "name": "weather", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "Sunny"}]);
    let schema = json!({"format": {"type": "json_schema", "name": "x", "schema": {"const": [1]}}});
    #[rustfmt::skip]
    let cases = [
        (json!({}), "You said: Hi there, you."),
        (json!({"input": said}), "You said: Look You sent 1 image."),
        (json!({"input": result}), "The tool's result arrived: Sunny"),
        (json!({"input": null, "previous_response_id": "resp_1"}), "You said nothing."),
        (json!({"text": schema}), "[1]"),
    ];
    for (more, expected) in cases {
        let made = response(&more);
        let item = &made["output"][0];
        assert_eq!(item["content"][0]["text"], expected);
        assert_eq!(
            (&made["status"], &item["status"]),
            (&json!("completed"), &json!("completed"))
        );
        let usage = &made["usage"];
        let sum = |key: &str| usage[key].as_u64().unwrap();
        assert_eq!(
            sum("input_tokens") + sum("output_tokens"),
            sum("total_tokens")
        );
    }
}

#[test]
fn responses_echo_their_settings_or_openais_defaults() {
    let settings = json!({"instructions": "Be brief.", "metadata": {"a": "b"}, "temperature": 0.3, "top_p": 0.5,
        "parallel_tool_calls": false, "truncation": "auto", "previous_response_id": "resp_1",
        "tool_choice": "none", "max_output_tokens": 99});
    let made = response(&settings);
    for (name, value) in settings.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    let made = response(
        &json!({"tools": [{"type": "function", "name": "f"}], "text": {"verbosity": "low"}}),
    );
    let defaults = json!({"instructions": null, "metadata": {}, "temperature": 1.0, "top_p": 1.0,
        "parallel_tool_calls": true, "truncation": "disabled", "previous_response_id": null,
        "tool_choice": "auto", "text": {"format": {"type": "text"}, "verbosity": "low"},
        "tools": [{"type": "function", "name": "f", "description": null, "parameters": null, "strict": true}]});
    for (name, value) in defaults.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
}

#[test]
fn responses_stream_text_in_openais_order() {
    let events = response_events(&json!({}));
    assert_eq!(
        kinds(&events),
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    let text: String = events
        .iter()
        .filter_map(|event| event["delta"].as_str())
        .collect();
    assert_eq!(text, "You said: Hi there, you.");
    assert_eq!(events.last().unwrap()["response"], response(&json!({})));
    assert_eq!(events[0]["response"]["status"], "in_progress");
    assert_eq!(events[0]["response"]["output"], json!([]));
}

#[test]
fn responses_cut_short_are_incomplete() {
    let limit = json!({"max_output_tokens": 3});
    let made = response(&limit);
    assert_eq!(made["status"], "incomplete");
    assert_eq!(
        made["incomplete_details"],
        json!({"reason": "max_output_tokens"})
    );
    assert_eq!(made["output"][0]["content"][0]["text"], "You said:");
    assert_eq!(made["usage"]["output_tokens"], 3);
    let events = response_events(&limit);
    assert_eq!(events.last().unwrap()["type"], "response.incomplete");
    assert_eq!(events.last().unwrap()["response"], made);
}

#[test]
fn responses_call_the_tool_they_must() {
    let tool = with(json!({"type": "function"}), &weather()["function"]);
    let named = json!({"type": "function", "name": "weather"});
    let allowed = json!({"type": "allowed_tools", "mode": "required", "tools": [named]});
    for choice in [json!("required"), named, allowed] {
        let more = json!({"tools": [tool], "tool_choice": choice});
        let made = response(&more);
        let item = &made["output"][0];
        assert_eq!(item["type"], "function_call");
        assert_eq!(item["name"], "weather");
        let arguments: Value = serde_json::from_str(item["arguments"].as_str().unwrap()).unwrap();
        assert_eq!(arguments, json!({"city": "demo", "days": 4}));
        let events = response_events(&more);
        assert_eq!(
            kinds(&events),
            [
                "response.created",
                "response.in_progress",
                "response.output_item.added",
                "response.function_call_arguments.delta",
                "response.function_call_arguments.done",
                "response.output_item.done",
                "response.completed",
            ]
        );
        let streamed: String = events
            .iter()
            .filter_map(|event| event["delta"].as_str())
            .collect();
        assert_eq!(item["arguments"], streamed);
        assert_eq!(events.last().unwrap()["response"], made);
    }
    let error = ask(
        Operation::Responses,
        &json!({"input": "Hi", "tools": [weather()]}),
    )
    .unwrap_err();
    assert_eq!(
        error.param,
        Some("tools"),
        "the tools of chat are nested, these are not"
    );
}

fn embeddings(more: &Value) -> Value {
    let body = with(json!({"model": "demo-embedding", "input": "Hi"}), more);
    json_of(&ask(Operation::Embeddings, &body).unwrap())
}

fn vectors(list: &Value) -> Vec<Vec<f64>> {
    let vector = |item: &Value| serde_json::from_value(item["embedding"].clone()).unwrap();
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(vector)
        .collect()
}

#[test]
fn embeddings_are_directions_of_their_text() {
    let made = vectors(&embeddings(&json!({"input": ["a", "b", "a", "a "]})));
    assert_eq!(made[0], made[2]);
    assert_ne!(made[0], made[1]);
    assert_ne!(made[0], made[3]);
    for dimensions in [1, 2, 15, 16, 17, 4096] {
        let made = vectors(&embeddings(&json!({"dimensions": dimensions})));
        let length: f64 = made[0].iter().map(|x| x * x).sum::<f64>().sqrt();
        assert_eq!(made[0].len(), dimensions);
        assert!((length - 1.0).abs() < 1e-6, "{length}");
    }
}

#[test]
fn embeddings_take_every_form_of_input() {
    let cases = [
        (json!("a b"), 1, 2),
        (json!(["a", "b c"]), 2, 3),
        (json!([1, 2, 3]), 1, 3),
        (json!([[1], [2, 3]]), 2, 3),
    ];
    for (input, count, tokens) in cases {
        let made = embeddings(&json!({"input": input}));
        assert_eq!(vectors(&made).len(), count);
        assert_eq!(
            made["usage"],
            json!({"prompt_tokens": tokens, "total_tokens": tokens})
        );
        assert!(
            (0..)
                .zip(made["data"].as_array().unwrap())
                .all(|(at, item)| item["index"] == at)
        );
    }
}

#[test]
fn embeddings_default_to_a_size_per_model() {
    for (model, dimensions) in [("demo-embedding", 256), ("text-embedding-3-small", 1536)] {
        let made = embeddings(&json!({"model": model, "dimensions": null}));
        assert_eq!(
            (&made["model"], vectors(&made)[0].len()),
            (&json!(model), dimensions)
        );
    }
}

#[test]
fn embeddings_in_base64_are_the_same_numbers() {
    // Little-endian floats of 4 bytes: 1, 2 and 3 of them end in `==`, `=` and nothing.
    for dimensions in [1_usize, 2, 3] {
        let more = json!({"dimensions": dimensions, "encoding_format": "base64"});
        let made = embeddings(&more);
        let encoded = made["data"][0]["embedding"].as_str().unwrap();
        let floats = vectors(&embeddings(&json!({"dimensions": dimensions})));
        assert_eq!(encoded.len(), (dimensions * 4).div_ceil(3) * 4);
        assert_eq!(encoded.matches('=').count(), [2, 1, 0][dimensions - 1]);
        let decoded: Vec<f64> = decode_base64(encoded)
            .chunks_exact(4)
            .map(|bytes| f64::from(f32::from_le_bytes(bytes.try_into().unwrap())))
            .collect();
        assert_eq!(decoded.len(), dimensions);
        assert!(
            decoded
                .iter()
                .zip(&floats[0])
                .all(|(a, b)| (a - b).abs() < 1e-7)
        );
    }
}

fn decode_base64(encoded: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{other} is not of the alphabet"),
    };
    let letters = encoded.trim_end_matches('=').bytes();
    let bits = letters.fold(String::new(), |bits, letter| {
        bits + &format!("{:06b}", value(letter))
    });
    (0..bits.len() / 8)
        .map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap())
        .collect()
}

#[test]
fn models_are_listed() {
    let list: Value = serde_json::from_str(&models::list()).unwrap();
    let items = list["data"].as_array().unwrap();
    let ids: Vec<&str> = items.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, MODELS);
    for item in items {
        let said = (&item["object"], &item["owned_by"]);
        assert_eq!(said, (&json!("model"), &json!("isthmus")));
    }
}

#[test]
fn other_operations_are_refused_by_name() {
    let cases = [
        (Operation::Speech, "POST", "speech"),
        (Operation::ImageEdit, "POST", "image_edit"),
        (Operation::Relay, "GET", "relay"),
        (Operation::Models, "DELETE", "models"),
    ];
    for (operation, method, name) in cases {
        let error = send(operation, method, "", b"").unwrap_err();
        assert_eq!((error.status(), error.code), (400, "unsupported_operation"));
        assert!(error.message.contains(name), "{}", error.message);
    }
}

#[test]
fn answers_stay_small_whatever_is_asked() {
    let schema = json!({"type": "array", "items": {"type": "integer"}, "minItems": 9000});
    let format = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}});
    let said = json!([{"role": "user", "content": "?".repeat(1_000_000)}]);
    for more in [
        json!({"response_format": format}),
        json!({"messages": said}),
    ] {
        let more = with(more, &json!({"n": 128, "model": "m".repeat(256)}));
        let reply = ask(
            Operation::Chat,
            &chat(&with(more, &json!({"stream": true}))),
        )
        .unwrap();
        let Payload::Events(stream) = &reply.payload else {
            panic!("not a stream");
        };
        assert!(stream.len() < 48 << 20, "{}", stream.len());
        assert!(reply.usage.unwrap().output <= 1 << 16);
    }
}

/// Any JSON, with the words the demo knows more often than chance would have them.
fn any_json() -> impl Strategy<Value = Value> {
    let words = [
        "type",
        "object",
        "array",
        "string",
        "integer",
        "number",
        "null",
        "#",
        "$ref",
        "anyOf",
        "allOf",
        "items",
        "properties",
        "required",
        "enum",
        "const",
        "minItems",
        "minimum",
        "multipleOf",
        "name",
        "function",
        "schema",
        "json_schema",
        "parameters",
        "role",
        "user",
        "tool",
        "content",
        "text",
        "format",
        "é ?",
    ];
    let word = proptest::sample::select(words.to_vec()).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..5_u64).prop_map(Value::from),
        word.clone().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_panics(field in 0_usize..14, value in any_json(), stream: bool) {
        let names = ["messages", "input", "prompt", "tools", "tool_choice", "response_format", "text", "stop",
            "functions", "function_call", "metadata", "n", "dimensions", "stream_options"];
        let operations = [
            (Operation::Chat, "messages"), (Operation::Completions, "prompt"),
            (Operation::Responses, "input"), (Operation::Embeddings, "input"),
        ];
        for (operation, main) in operations {
            let said = chat(&json!({}))["messages"].clone();
            let said = if main == "messages" { said } else { json!("Hi") };
            let fine = json!({"model": "demo", main: said, "stream": stream});
            let body = with(fine, &json!({names[field]: value}));
            if let Err(error) = ask(operation, &body) {
                prop_assert_eq!(error.status(), 400);
            }
        }
    }

    #[test]
    fn no_schema_panics(schema in any_json()) {
        let tool = json!({"type": "function", "function": {"name": "f", "parameters": schema}});
        let _ = instance(&schema);
        let forced = chat(&json!({"tools": [tool], "tool_choice": "required"}));
        if let Ok(reply) = ask(Operation::Chat, &forced) {
            let call = json_of(&reply)["choices"][0]["message"]["tool_calls"][0].clone();
            let arguments = call["function"]["arguments"].as_str().unwrap();
            prop_assert!(serde_json::from_str::<Value>(arguments).unwrap().is_object());
        }
    }

    #[test]
    fn a_stream_is_the_text_whatever_was_said(said in "\\PC*", most in 1..40_u64) {
        let more = json!({"messages": [{"role": "user", "content": said}], "max_tokens": most});
        let completion = chat_json(&more);
        let (content, _, finish, pieces) = assemble(&chat_chunks(&more), 0);
        prop_assert_eq!(&completion["choices"][0]["message"]["content"], &content);
        prop_assert_eq!(&completion["choices"][0]["finish_reason"], &finish);
        prop_assert_eq!(&completion["usage"]["completion_tokens"], pieces);
    }
}
