//! Streams.

use isthmus::anthropic::Expects;
use isthmus::anthropic::stream::{Rules, Translation};
use isthmus::sse::Decoder;
use isthmus::stream::{Ended, Step, Tail};
use serde_json::{Value, json};

fn translation(expects: Expects) -> Translation {
    Translation::new(Rules {
        model: "asked".to_owned(),
        id: "7".to_owned(),
        now_secs: 1_700_000_000,
        expects,
    })
}

/// As Anthropic writes its events.
fn written(events: &[Value]) -> Vec<u8> {
    let event = |event: &Value| {
        format!(
            "event: {}\ndata: {event}\n\n",
            event["type"].as_str().unwrap_or("x")
        )
    };
    events.iter().map(event).collect::<String>().into_bytes()
}

fn read(bytes: &[u8]) -> Vec<Value> {
    let events = Decoder::default().push(bytes).unwrap();
    let value = |data: &str| serde_json::from_str(data).unwrap_or_else(|_| json!(data));
    events.iter().map(|event| value(&event.data)).collect()
}

/// All the client gets of a stream that was not refused.
fn run(translation: &mut Translation, events: &[Value], ended: Ended) -> (Vec<Value>, bool) {
    let Step::Instead(mut bytes) = translation.push(&written(events)) else {
        panic!("refused")
    };
    let Tail {
        bytes: tail,
        is_whole,
    } = translation.finish(ended);
    bytes.extend(tail);
    (read(&bytes), is_whole)
}

fn translated(events: &[Value], expects: Expects) -> Vec<Value> {
    let (events, is_whole) = run(&mut translation(expects), events, Ended::Cleanly);
    assert!(is_whole, "{events:?}");
    events
}

fn start() -> Value {
    let usage = json!({"input_tokens": 10, "cache_read_input_tokens": 3, "output_tokens": 1});
    json!({"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5-20250929", "content": [],
        "stop_reason": null, "usage": usage,
    }})
}

fn block(block: Value) -> Value {
    json!({"type": "content_block_start", "index": 0, "content_block": block})
}

fn delta(delta: Value) -> Value {
    json!({"type": "content_block_delta", "index": 0, "delta": delta})
}

fn said(text: &str) -> Value {
    delta(json!({"type": "text_delta", "text": text}))
}

fn input(piece: &str) -> Value {
    delta(json!({"type": "input_json_delta", "partial_json": piece}))
}

fn tool(id: &str, name: &str) -> Value {
    block(json!({"type": "tool_use", "id": id, "name": name, "input": {}}))
}

fn text_block() -> Value {
    block(json!({"type": "text", "text": ""}))
}

fn stop_block() -> Value {
    json!({"type": "content_block_stop", "index": 0})
}

fn stopped(reason: &str) -> Value {
    json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null},
        "usage": {"output_tokens": 20}})
}

fn stop() -> Value {
    json!({"type": "message_stop"})
}

fn ping() -> Value {
    json!({"type": "ping"})
}

fn error(kind: &str) -> Value {
    json!({"type": "error", "error": {"type": kind, "message": "Words"}})
}

fn chunk(delta: Value, finish_reason: Value) -> Value {
    json!({
        "id": "msg_1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "claude-sonnet-4-5-20250929",
        "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason}],
    })
}

fn role() -> Value {
    chunk(json!({"role": "assistant", "content": ""}), Value::Null)
}

fn given(delta: Value) -> Value {
    chunk(delta, Value::Null)
}

fn finished(reason: &str) -> Value {
    chunk(json!({}), json!(reason))
}

fn done() -> Value {
    json!("[DONE]")
}

#[test]
fn text() {
    let events = [
        start(),
        ping(),
        text_block(),
        said("Hel"),
        ping(),
        said("lo\n\"you\""),
        stop_block(),
        stopped("end_turn"),
        stop(),
    ];
    let expected = [
        role(),
        given(json!({"content": "Hel"})),
        given(json!({"content": "lo\n\"you\""})),
        finished("stop"),
        done(),
    ];
    assert_eq!(translated(&events, Expects::default()), expected);
}

#[test]
fn usage_for_those_who_asked() {
    let expects = Expects {
        usage: true,
        ..Expects::default()
    };
    let found = translated(
        &[
            start(),
            text_block(),
            said("a"),
            stopped("max_tokens"),
            stop(),
        ],
        expects,
    );
    let usage = json!({
        "prompt_tokens": 13, "completion_tokens": 20, "total_tokens": 33,
        "prompt_tokens_details": {"cached_tokens": 3},
    });
    let mut last = finished("length");
    last["usage"] = Value::Null;
    let mut counted = last.clone();
    counted["choices"] = json!([]);
    counted["usage"] = usage;
    assert!(
        found
            .iter()
            .take(3)
            .all(|chunk| chunk.get("usage") == Some(&Value::Null))
    );
    assert_eq!(found[2..], [last, counted, done()]);
}

#[test]
fn calls_are_numbered_and_named_once() {
    let events = [
        start(),
        text_block(),
        said("see"),
        stop_block(),
        tool("toolu_1", "f"),
        input(""),
        input("{\"x\""),
        input(":1}"),
        stop_block(),
        tool("toolu_2", "g"),
        input(""),
        stop_block(),
        stopped("tool_use"),
        stop(),
    ];
    let named = |index: u32, id: &str, name: &str| {
        let function = json!({"name": name, "arguments": ""});
        given(
            json!({"tool_calls": [{"index": index, "id": id, "type": "function", "function": function}]}),
        )
    };
    let piece = |index: u32, arguments: &str| {
        given(json!({"tool_calls": [{"index": index, "function": {"arguments": arguments}}]}))
    };
    let expected = [
        role(),
        given(json!({"content": "see"})),
        named(0, "toolu_1", "f"),
        piece(0, "{\"x\""),
        piece(0, ":1}"),
        named(1, "toolu_2", "g"),
        piece(1, "{}"),
        finished("tool_calls"),
        done(),
    ];
    assert_eq!(translated(&events, Expects::default()), expected);
}

#[test]
fn an_input_said_at_once() {
    let whole = block(json!({"type": "tool_use", "id": "1", "name": "f", "input": {"x": 1}}));
    let found = translated(
        &[start(), whole, stop_block(), stopped("tool_use"), stop()],
        Expects::default(),
    );
    let arguments = |chunk: &Value| {
        let calls = &chunk["choices"][0]["delta"]["tool_calls"];
        calls[0]["function"]["arguments"]
            .as_str()
            .map(str::to_owned)
    };
    let pieces: Vec<String> = found.iter().filter_map(arguments).collect();
    assert_eq!(pieces, ["", "{\"x\":1}"]);
}

#[test]
fn a_function_call_from_before_there_were_tools() {
    let expects = Expects {
        function_call: true,
        ..Expects::default()
    };
    let events = [
        start(),
        tool("1", "f"),
        input("{}"),
        stop_block(),
        tool("2", "g"),
        input("{\"x\":1}"),
        stop_block(),
        stopped("tool_use"),
        stop(),
    ];
    let expected = [
        role(),
        given(json!({"function_call": {"name": "f", "arguments": ""}})),
        given(json!({"function_call": {"arguments": "{}"}})),
        finished("function_call"),
        done(),
    ];
    assert_eq!(translated(&events, expects), expected);
}

#[test]
fn an_answer_given_as_a_call() {
    let expects = Expects {
        answer_tool: true,
        ..Expects::default()
    };
    let events = [
        start(),
        tool("1", "answer_as_json"),
        input("{\"a\":"),
        input("1}"),
        stop_block(),
        stopped("tool_use"),
        stop(),
    ];
    let expected = [
        role(),
        given(json!({"content": "{\"a\":"})),
        given(json!({"content": "1}"})),
        finished("stop"),
        done(),
    ];
    assert_eq!(translated(&events, expects), expected);
}

#[test]
fn thoughts_come_in_pieces_and_once_more_signed() {
    let thought = |text: &str| delta(json!({"type": "thinking_delta", "thinking": text}));
    let events = [
        start(),
        block(json!({"type": "thinking", "thinking": "", "signature": ""})),
        thought("a \"b\""),
        thought(" \\ud83d"),
        delta(json!({"type": "signature_delta", "signature": "sig"})),
        stop_block(),
        block(json!({"type": "redacted_thinking", "data": "xx"})),
        stop_block(),
        block(json!({"type": "thinking", "thinking": ""})),
        thought("unsigned"),
        stop_block(),
        text_block(),
        said("c"),
        stop_block(),
        stopped("end_turn"),
        stop(),
    ];
    let signed = json!({"type": "thinking", "thinking": "a \"b\" \\ud83d", "signature": "sig"});
    let expected = [
        role(),
        given(json!({"reasoning_content": "a \"b\""})),
        given(json!({"reasoning_content": " \\ud83d"})),
        given(json!({"thinking_blocks": [signed]})),
        given(json!({"thinking_blocks": [{"type": "redacted_thinking", "data": "xx"}]})),
        given(json!({"reasoning_content": "unsigned"})),
        given(json!({"content": "c"})),
        finished("stop"),
        done(),
    ];
    assert_eq!(translated(&events, Expects::default()), expected);
}

#[test]
fn what_is_not_known_says_nothing() {
    let events = [
        start(),
        json!({"type": "news"}),
        json!([]),
        json!({}),
        block(json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}})),
        input("{\"q\":1}"),
        stop_block(),
        block(json!({"type": "tool_use", "id": "1"})),
        stop_block(),
        text_block(),
        delta(json!({"type": "citations_delta", "citation": {"url": "u"}})),
        delta(json!({"type": "new"})),
        said("a"),
        stop_block(),
        stopped("end_turn"),
        stop(),
        said("late"),
        error("api_error"),
    ];
    let expected = [
        role(),
        given(json!({"content": "a"})),
        finished("stop"),
        done(),
    ];
    assert_eq!(translated(&events, Expects::default()), expected);
}

#[test]
fn an_error_before_anything_was_said_is_an_answer_of_its_own() {
    for (kind, expected, code) in [
        ("overloaded_error", 529, "overloaded"),
        ("rate_limit_error", 429, "rate_limit_exceeded"),
        ("invalid_request_error", 400, "invalid_request_error"),
        ("not_found_error", 404, "not_found"),
        ("request_too_large", 413, "request_too_large"),
        ("api_error", 500, "api_error"),
        ("unheard_of", 500, "unheard_of"),
    ] {
        for before in [vec![], vec![start(), ping()]] {
            let mut events = before;
            events.push(error(kind));
            events.push(text_block());
            let mut translation = translation(Expects::default());
            let Step::Refused { status, body } = translation.push(&written(&events)) else {
                panic!("{kind} was not refused")
            };
            assert_eq!(status, expected, "{kind}");
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(
                (&body["error"]["message"], &body["error"]["code"]),
                (&json!("Words"), &json!(code)),
                "{kind}"
            );
            assert!(!translation.finish(Ended::Cleanly).is_whole);
        }
    }
    let untyped = json!({"error": {"message": "Words", "code": "x"}});
    let refused = translation(Expects::default()).push(&written(&[untyped]));
    assert!(
        matches!(refused, Step::Refused { status: 500, .. }),
        "{refused:?}"
    );
}

#[test]
fn a_credential_refused_late_is_not_the_client_s_fault() {
    let refused = translation(Expects::default()).push(&written(&[error("authentication_error")]));
    let Step::Refused { status, body } = refused else {
        panic!("{refused:?}")
    };
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (status, &body["error"]["code"]),
        (502, &json!("upstream_auth_error"))
    );
}

#[test]
fn a_later_error_ends_the_stream() {
    let mut translation = translation(Expects::default());
    let events = [
        start(),
        text_block(),
        said("a"),
        error("overloaded_error"),
        said("b"),
        stop(),
    ];
    let (found, is_whole) = run(&mut translation, &events, Ended::Cleanly);
    let error =
        json!({"message": "Words", "type": "server_error", "param": null, "code": "overloaded"});
    assert_eq!(
        found,
        [
            role(),
            given(json!({"content": "a"})),
            json!({"error": error}),
            done()
        ]
    );
    assert!(!is_whole);
}

#[test]
fn an_end_too_early_is_said() {
    for (ended, code) in [
        (Ended::Cleanly, "stream_truncated"),
        (Ended::Broken, "upstream_stream_broken"),
    ] {
        for events in [
            vec![],
            vec![start()],
            vec![start(), text_block(), said("a")],
        ] {
            let mut translation = translation(Expects::default());
            let (found, is_whole) = run(&mut translation, &events, ended);
            let [.., error, end] = &found[..] else {
                panic!("{found:?}")
            };
            assert_eq!((&error["error"]["code"], end), (&json!(code), &done()));
            assert!(!is_whole);
        }
    }
}

#[test]
fn a_stream_that_said_why_it_stopped_is_whole() {
    for ended in [Ended::Cleanly, Ended::Broken] {
        let mut bytes = written(&[
            start(),
            text_block(),
            said("a"),
            stop_block(),
            stopped("end_turn"),
        ]);
        // The last event lacks its blank line.
        bytes.pop();
        let mut translation = translation(Expects::default());
        let Step::Instead(mut out) = translation.push(&bytes) else {
            panic!("refused")
        };
        let tail = translation.finish(ended);
        out.extend(tail.bytes);
        assert_eq!(
            read(&out),
            [
                role(),
                given(json!({"content": "a"})),
                finished("stop"),
                done()
            ]
        );
        assert!(tail.is_whole);
    }
}

#[test]
fn a_stream_without_its_beginning_has_one_id() {
    let found = translated(
        &[text_block(), said("a"), stopped("end_turn"), stop()],
        Expects::default(),
    );
    for chunk in &found[..found.len() - 1] {
        assert_eq!(
            (&chunk["id"], &chunk["model"]),
            (&json!("chatcmpl-7"), &json!("asked"))
        );
    }
}

#[test]
fn an_event_without_end_is_not_held() {
    let mut translation = translation(Expects::default());
    let piece = vec![b'x'; 6 << 20];
    assert_eq!(translation.push(b"data: "), Step::Instead(Vec::new()));
    let mut steps = (0..3).map(|_| translation.push(&piece));
    let refused = steps.find(|step| matches!(step, Step::Refused { .. }));
    assert!(matches!(refused, Some(Step::Refused { status: 502, .. })));
}
