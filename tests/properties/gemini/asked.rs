//! Requests in OpenAI's shape: all its fields and some of others, with what clients send and what they should not.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

pub(super) fn request() -> impl Strategy<Value = Value> {
    let field = select(fields()).prop_flat_map(|(name, values)| {
        let value = prop_oneof![19 => select(values), 1 => odd()];
        value.prop_map(move |value| (name, value))
    });
    (messages(), vec(field, 0..9)).prop_map(|(messages, fields)| {
        let mut request = Map::new();
        for (name, value) in fields {
            request.insert(name.to_owned(), value);
        }
        request.insert("messages".to_owned(), messages.into());
        request.into()
    })
}

/// What may stand anywhere, and mostly should not.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => Just(Value::Null),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        4 => select(vec![
            json!(true), json!(false), json!(0), json!(-1), json!(1), json!(u64::MAX), json!(1e308), json!(0.1),
            json!(""), json!("a"), json!("1"), json!("auto"), json!([]), json!([null]), json!([""]), json!([1, "a"]),
            json!([[]]), json!({}), json!({"a": null}), json!({"type": null}), json!({"type": "function"}),
        ]),
    ]
}

/// The fields of a request, each with values that clients send.
#[expect(clippy::too_many_lines, reason = "a table is as long as its rules")]
fn fields() -> Vec<(&'static str, Vec<Value>)> {
    let numbers = || {
        vec![
            json!(0),
            json!(-0.0),
            json!(0.7),
            json!(1),
            json!(2),
            json!(2.1),
            json!(-2),
            json!("0.5"),
        ]
    };
    let counts = || {
        vec![
            json!(0),
            json!(1),
            json!(5),
            json!(4096),
            json!(4_294_967_296_u64),
            json!(1.0),
        ]
    };
    vec![
        (
            "audio",
            vec![
                json!({"voice": "alloy", "format": "mp3"}),
                json!({"voice": {"id": "v"}}),
                json!({"voice": ""}),
            ],
        ),
        (
            "cached_content",
            vec![json!("abc"), json!("cachedContents/abc")],
        ),
        (
            "extra_body",
            vec![
                json!({"google": {"thinking_config": {"thinking_budget": 5, "thinking_level": "LOW", "include_thoughts": true}}}),
                json!({"google": {"thinkingConfig": {"thinkingBudget": 99_999_999}}, "x": 1}),
                json!({"extra_body": {"google": {"safetySettings": []}}}),
            ],
        ),
        ("frequency_penalty", numbers()),
        (
            "function_call",
            vec![
                json!("auto"),
                json!("none"),
                json!({"name": "f"}),
                json!({"name": "nobody"}),
            ],
        ),
        (
            "functions",
            vec![
                json!([{"name": "f"}]),
                json!([{"name": "f", "parameters": {"type": "object", "properties": {}}}]),
            ],
        ),
        (
            "google",
            vec![
                json!({"safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF", "method": "SEVERITY", "x": 1}]}),
            ],
        ),
        ("logit_bias", vec![json!({"5": -100})]),
        ("logprobs", vec![json!(true), json!(false)]),
        ("max_completion_tokens", counts()),
        ("max_tokens", counts()),
        (
            "metadata",
            vec![json!({"a": "b", "A b": "c", "long": "x".repeat(64)})],
        ),
        (
            "modalities",
            vec![
                json!(["text"]),
                json!(["text", "audio"]),
                json!(["image", "TEXT", "text"]),
            ],
        ),
        ("n", counts()),
        ("parallel_tool_calls", vec![json!(true), json!(false)]),
        (
            "prediction",
            vec![json!({"type": "content", "content": "x"})],
        ),
        ("presence_penalty", numbers()),
        ("reasoning", vec![json!({"effort": "high"}), json!({})]),
        (
            "reasoning_effort",
            ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
                .map(Value::from)
                .to_vec(),
        ),
        ("response_format", formats()),
        (
            "safety_settings",
            vec![json!([{"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "OFF"}])],
        ),
        ("seed", vec![json!(-5), json!(u64::MAX), json!(1.5)]),
        (
            "service_tier",
            ["auto", "default", "flex", "scale", "priority"]
                .map(Value::from)
                .to_vec(),
        ),
        (
            "stop",
            vec![
                json!("x"),
                json!(["a", "", "b"]),
                json!([]),
                json!(["1", "2", "3", "4", "5", "6"]),
                json!([null]),
            ],
        ),
        ("store", vec![json!(true)]),
        ("stream", vec![json!(true), json!(false)]),
        (
            "stream_options",
            vec![json!({"include_usage": true, "include_obfuscation": false})],
        ),
        ("temperature", numbers()),
        (
            "thinking",
            vec![
                json!({"type": "enabled", "budget_tokens": 1}),
                json!({"type": "disabled"}),
            ],
        ),
        ("tool_choice", choices()),
        ("tools", tools()),
        ("top_k", counts()),
        (
            "top_logprobs",
            vec![json!(0), json!(5), json!(20), json!(21)],
        ),
        ("top_p", numbers()),
        ("user", vec![json!("u")]),
        ("verbosity", vec![json!("low")]),
        (
            "web_search_options",
            vec![json!({}), json!({"search_context_size": "low"})],
        ),
    ]
}

fn formats() -> Vec<Value> {
    let of = |schema: Value| json!({"type": "json_schema", "json_schema": {"name": "n", "strict": true, "description": "d", "schema": schema}});
    vec![
        json!({"type": "text"}),
        json!({"type": "json_object"}),
        json!({"type": "json_schema", "json_schema": {"name": "n"}}),
        of(
            json!({"type": "object", "properties": {"a": {"type": ["string", "null"]}}, "required": ["a"], "additionalProperties": false}),
        ),
        of(json!({"type": "string", "enum": ["a", "", "b"]})),
        of(
            json!({"$ref": "#/definitions/R", "definitions": {"R": {"type": "object", "properties": {"r": {"$ref": "#/definitions/R"}}}}}),
        ),
        of(json!({})),
    ]
}

fn choices() -> Vec<Value> {
    let f = json!({"type": "function", "function": {"name": "f"}});
    let search = json!({"type": "web_search"});
    vec![
        json!("auto"),
        json!("none"),
        json!("required"),
        json!({"type": "custom", "custom": {"name": "c"}}),
        json!({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [f, search]}}),
        json!({"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [f]}}),
        json!({"type": "allowed_tools", "mode": "auto", "tools": [search]}),
        search,
        f,
    ]
}

fn tools() -> Vec<Value> {
    let of = |parameters: Value| json!({"type": "function", "function": {"name": "f", "description": "", "parameters": parameters}});
    let zod = json!({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "additionalProperties": false,
                     "properties": {"u": {"type": "string", "format": "uri", "default": "x", "examples": ["y"]},
                                    "n": {"anyOf": [{"type": "integer"}, {"type": "null"}]}, "k": {"const": "k"}}});
    let referring = json!({"$ref": "#/$defs/A", "$defs": {"A": {"properties": {"a": {"$ref": "#/$defs/A", "description": "d"}}}}});
    vec![
        json!([]),
        json!([of(zod.clone())]),
        json!([of(referring)]),
        json!([of(json!({"type": "object", "properties": {}})), {"type": "custom", "custom": {"name": "c"}}]),
        json!([of(json!({})), of(zod), {"type": "web_search"}, {"google_search": {"exclude_domains": ["x"]}}]),
        json!([of(json!({"anyOf": [{"required": ["a"]}], "properties": {"a": {"enum": [1, 2]}}})), {"type": "function", "function": {"name": "a.b c", "strict": true}}]),
        json!([of(json!({"type": null, "properties": {"a": {}}}))]),
        json!([{"type": "web_search"}]),
        json!([{"type": "code_interpreter"}, {"type": "url_context"}, {"type": "enterprise_web_search"}]),
        json!([{"type": "file_search"}]),
        json!([{"function": {"name": "f"}}, {"type": "function", "name": "g"}]),
    ]
}

/// What is said and shown, mostly soundly.
fn content() -> impl Strategy<Value = Value> {
    let sound = select(vec![
        json!({"type": "text", "text": "t", "cache_control": {"type": "ephemeral"}}),
        json!({"type": "text", "text": ""}),
        json!({"type": "refusal", "refusal": "no"}),
        json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}}),
        json!({"type": "image_url", "image_url": {"url": "https://example.com/a.webp"}}),
        json!({"type": "image_url", "image_url": {"url": "https://youtu.be/x"}}),
        json!({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}}),
        json!({"type": "file", "file": {"file_data": "AAAA", "filename": "a.txt"}}),
    ]);
    let unsound = select(vec![
        json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}),
        json!({"type": "image_url", "image_url": "gs://bucket/a"}),
        json!({"type": "input_audio", "input_audio": {"data": " ", "format": "wav"}}),
        json!({"type": "file", "file": {"file_id": "files/abc"}}),
        json!({"type": "file", "file": {"file_data": "data:,"}}),
    ]);
    let parts = prop_oneof![40 => sound, 2 => unsound, 1 => odd()];
    prop_oneof![
        6 => text(),
        6 => vec(parts, 0..4).prop_map(Value::from),
    ]
}

fn text() -> impl Strategy<Value = Value> {
    let texts = ["hi", "", " ", "{\"a\": [1]}", "\u{e9}\"\\"].map(Value::from);
    let parts = json!([{"type": "text", "text": "t"}, {"type": "text", "text": ""}]);
    let all = texts.into_iter().chain([json!(null), parts]);
    select(all.collect::<Vec<_>>())
}

/// A call and a result, a turn, or something odd.
fn messages() -> impl Strategy<Value = Vec<Value>> {
    let told = (select(vec!["system", "developer"]), text());
    let said = (select(vec!["user", "assistant"]), content());
    let said = prop_oneof![1 => told, 3 => said];
    let said = said
        .prop_map(|(role, content)| vec![json!({"role": role, "content": content, "name": "n"})]);
    let called = (content(), content(), content(), any::<[bool; 3]>());
    let called = called.prop_map(|(said, first, second, [is_custom, is_parallel, is_turned])| {
        let id = "i".repeat(80);
        let mut calls = vec![json!({"id": id, "type": "function", "function": {"name": "a.b c", "arguments": "{\"a\": 1.0}"}})];
        let mut results = vec![json!({"role": "tool", "tool_call_id": id, "content": first})];
        if is_parallel {
            let custom = json!({"id": "b", "type": "custom", "custom": {"name": "c", "input": "x\n"}});
            let plain = json!({"id": "b", "function": {"name": "a.b c", "arguments": ""}});
            calls.push(if is_custom { custom } else { plain });
            results.push(json!({"role": "tool", "tool_call_id": "b", "content": second}));
        }
        if is_turned {
            results.reverse();
        }
        let mut messages = vec![json!({"role": "assistant", "content": said, "tool_calls": calls, "reasoning_content": "hm"})];
        messages.extend(results);
        messages
    });
    let legacy = content().prop_map(|content| vec![
        json!({"role": "assistant", "content": null, "function_call": {"name": "f", "arguments": "{}"}}),
        json!({"role": "function", "name": "f", "content": content}),
    ]);
    let odd = odd().prop_map(|odd| vec![odd]);
    let one = prop_oneof![24 => said, 12 => called, 3 => legacy, 1 => odd];
    vec(one, 1..4).prop_map(|all| all.concat())
}
