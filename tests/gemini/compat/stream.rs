//! Streams: what upstream sends, what the client gets, and the same however it is cut.

use std::slice::from_ref;

use isthmus::gemini::compat::{Repair, Rules};
use isthmus::sse::{Decoder, MAX_EVENT};
use isthmus::stream::{Ended, Step};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::defaults;

/// What a client got.
#[derive(Debug, PartialEq)]
enum Got {
    Stream { bytes: Vec<u8>, is_whole: bool },
    Refused { status: u16, body: Vec<u8> },
}

fn run<'a>(usage: bool, ended: Ended, chunks: impl IntoIterator<Item = &'a [u8]>) -> Got {
    let defaults = defaults();
    let mut repair = Repair::new(Rules { defaults, usage });
    let mut bytes = Vec::new();
    for chunk in chunks {
        match repair.push(chunk) {
            Step::AsItIs => bytes.extend_from_slice(chunk),
            Step::Instead(instead) => bytes.extend(instead),
            Step::Refused { status, body } => {
                assert_eq!(bytes, b"", "too late");
                return Got::Refused { status, body };
            }
        }
    }
    let tail = repair.finish(ended);
    bytes.extend(tail.bytes);
    let is_whole = tail.is_whole;
    Got::Stream { bytes, is_whole }
}

fn value(data: &str) -> Value {
    serde_json::from_str(data).unwrap_or_else(|_| data.into())
}

fn events(bytes: &[u8]) -> Vec<Value> {
    let mut decoder = Decoder::default();
    let events = decoder.push(bytes).unwrap();
    // Nothing is left unfinished.
    assert_eq!(decoder.push(b"\n\n").unwrap(), []);
    events.iter().map(|event| value(&event.data)).collect()
}

/// Also checks that no cut changes a byte.
fn client(usage: bool, upstream: &str) -> (Vec<Value>, bool) {
    let upstream = upstream.as_bytes();
    let whole = run(usage, Ended::Cleanly, [upstream]);
    for size in [64, 7, 1] {
        assert_eq!(
            run(usage, Ended::Cleanly, upstream.chunks(size)),
            whole,
            "{size}"
        );
    }
    for at in (0..upstream.len()).step_by(5) {
        let (before, behind) = upstream.split_at(at);
        assert_eq!(run(usage, Ended::Cleanly, [before, behind]), whole, "{at}");
    }
    match whole {
        Got::Stream { bytes, is_whole } => (events(&bytes), is_whole),
        Got::Refused { status, body } => (
            vec![json!(status), value(&String::from_utf8(body).unwrap())],
            false,
        ),
    }
}

fn written(events: &[Value]) -> String {
    let event = |event: &Value| match event.as_str() {
        Some(text) => format!("data: {text}\n\n"),
        None => format!("data: {event}\n\n"),
    };
    events.iter().map(event).collect()
}

fn done() -> Value {
    json!("[DONE]")
}

fn of_choices(choices: Value) -> Value {
    json!({"id": "a", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices})
}

fn chunk(delta: Value, finish: Value) -> Value {
    of_choices(json!([{"index": 0, "delta": delta, "finish_reason": finish}]))
}

fn text(content: &str) -> Value {
    chunk(
        json!({"role": "assistant", "content": content}),
        Value::Null,
    )
}

fn end(reason: &str) -> Value {
    chunk(json!({"role": "assistant"}), json!(reason))
}

fn calls(calls: Value) -> Value {
    chunk(
        json!({"role": "assistant", "tool_calls": calls}),
        Value::Null,
    )
}

fn call(index: u64, id: &str, name: &str) -> Value {
    json!({"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": "{}"}})
}

fn nameless(call: Value, without: &[&str]) -> Value {
    let mut call = call;
    for name in without {
        call.as_object_mut().unwrap().remove(*name);
    }
    call
}

fn counting(chunk: Value, tokens: u64) -> Value {
    let mut chunk = chunk;
    chunk["usage"] = json!({"total_tokens": tokens});
    chunk
}

#[track_caller]
fn check(upstream: &[Value], expected: &[Value]) {
    assert_eq!(client(false, &written(upstream)), (expected.to_vec(), true));
}

#[test]
fn what_needs_no_repair_passes_byte_for_byte() {
    let signature =
        json!({"role": "assistant", "extra_content": {"google": {"thought_signature": "s"}}});
    let plain = written(&[
        text("\u{e9}"),
        chunk(signature, Value::Null),
        calls(json!([call(0, "x", "f")])),
        calls(
            json!([{"index": 0, "function": {"arguments": ""}, "extra_content": {"google": {}}}]),
        ),
        json!({"type": "ping"}),
        json!("no json"),
        end("tool_calls"),
        done(),
    ]);
    for stream in [
        plain.clone(),
        plain.replace('\n', "\r\n"),
        plain.replace("data: ", ": c\ndata:"),
    ] {
        let mut repair = Repair::new(Rules {
            defaults: defaults(),
            usage: true,
        });
        assert_eq!(repair.push(stream.as_bytes()), Step::AsItIs);
        let tail = repair.finish(Ended::Cleanly);
        assert_eq!((tail.bytes, tail.is_whole), (Vec::new(), true));
    }
}

#[test]
fn tool_calls_get_numbers_and_ids() {
    let nulls = json!({"index": null, "id": null, "type": null, "function": {"name": "g", "arguments": {"a": 1.0}}});
    let made = |index: u64, name: &str| call(index, &format!("call_7_0_{index}"), name);
    let table = [
        // No number: by the order of ids.
        (
            vec![
                nameless(call(0, "x", "f"), &["index"]),
                nameless(call(0, "y", "g"), &["index"]),
            ],
            vec![call(0, "x", "f"), call(1, "y", "g")],
        ),
        // Every call is number 0.
        (
            vec![call(0, "x", "f"), call(0, "y", "f")],
            vec![call(0, "x", "f"), call(1, "y", "f")],
        ),
        // No id.
        (
            vec![
                call(0, "", "f"),
                nameless(call(0, "", "f"), &["index", "type"]),
            ],
            vec![made(0, "f"), made(1, "f")],
        ),
        (
            vec![nulls],
            vec![{
                let mut call = made(0, "g");
                call["function"]["arguments"] = json!(r#"{"a":1.0}"#);
                call
            }],
        ),
        // No arguments.
        (
            vec![json!({"index": 0, "id": "x", "function": {"name": "f"}})],
            vec![call(0, "x", "f")],
        ),
        // Pieces of one call, known by its id, by its number, or by nothing.
        (
            vec![
                call(0, "x", "f"),
                json!({"id": "x", "function": {"arguments": "1"}}),
                call(1, "y", "f"),
                json!({"index": 0, "id": "", "function": {"arguments": "2"}}),
                json!({"function": {"arguments": "3"}}),
                json!({"extra_content": {"google": {"thought_signature": "s"}}}),
                json!({"index": 1, "function": {"arguments": null}}),
            ],
            vec![
                call(0, "x", "f"),
                json!({"id": "x", "function": {"arguments": "1"}, "index": 0}),
                call(1, "y", "f"),
                json!({"index": 0, "function": {"arguments": "2"}}),
                json!({"function": {"arguments": "3"}, "index": 0}),
                json!({"extra_content": {"google": {"thought_signature": "s"}}, "index": 0}),
                json!({"index": 1, "function": {}}),
            ],
        ),
    ];
    for (upstream, expected) in table {
        let end_of = |reason: &str| [end(reason), done()];
        let together = |given: &[Value], reason: &str| {
            let mut events = vec![calls(json!(given))];
            events.extend(end_of(reason));
            events
        };
        let apart = |given: &[Value], reason: &str| {
            let mut events: Vec<_> = given.iter().map(|it| calls(json!([it]))).collect();
            events.extend(end_of(reason));
            events
        };
        check(
            &together(&upstream, "stop"),
            &together(&expected, "tool_calls"),
        );
        check(&apart(&upstream, "stop"), &apart(&expected, "tool_calls"));
    }
}

#[test]
fn choices_have_calls_and_ends_of_their_own() {
    let choice = |index: u64, finish: Value, calls: Value| json!({"index": index, "delta": {"role": "assistant", "tool_calls": calls}, "finish_reason": finish});
    let given = |id: &str| json!([call(0, id, "f")]);
    let both = |id0: &str, id1: &str| {
        of_choices(json!([
            choice(0, Value::Null, given(id0)),
            choice(1, Value::Null, given(id1))
        ]))
    };
    let ends = |reason: &str| {
        let end = |index: u64| json!({"index": index, "delta": {}, "finish_reason": reason});
        of_choices(json!([end(0), end(1)]))
    };
    check(
        &[both("", ""), ends("stop"), done()],
        &[both("call_7_0_0", "call_7_1_0"), ends("tool_calls"), done()],
    );
    let one = of_choices(json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]));
    let (events, is_whole) = client(false, &written(&[both("a", "b"), one]));
    assert!(!is_whole);
    assert_eq!(events[2]["error"]["code"], "upstream_stream_interrupted");
}

#[test]
fn deltas_and_ends_are_openais() {
    let choice = |choice: Value| of_choices(json!([choice]));
    let role = json!({"role": "assistant"});
    let table = [
        (
            choice(json!({"delta": {"content": "a"}})),
            choice(json!({"index": 0, "delta": {"role": "assistant", "content": "a"}})),
        ),
        (
            choice(json!({"index": 0, "delta": {"role": "model"}})),
            choice(json!({"index": 0, "delta": role})),
        ),
        (
            choice(json!({"index": 0, "delta": {"role": null}})),
            choice(json!({"index": 0, "delta": role})),
        ),
        (
            choice(json!({"index": 0, "delta": null})),
            choice(json!({"index": 0, "delta": role})),
        ),
        (
            choice(
                json!({"index": 0, "delta": null, "message": {"role": "assistant", "content": "a", "tool_calls": []}}),
            ),
            choice(json!({"index": 0, "delta": {"role": "assistant", "content": "a"}})),
        ),
        (
            chunk(role.clone(), json!("")),
            chunk(role.clone(), Value::Null),
        ),
        (
            chunk(role.clone(), json!("content_filter: SAFETY")),
            chunk(role.clone(), json!("content_filter")),
        ),
        (
            chunk(role.clone(), json!("length")),
            chunk(role.clone(), json!("length")),
        ),
    ];
    for (upstream, expected) in table {
        check(
            &[upstream, end("stop"), done()],
            &[expected, end("stop"), done()],
        );
    }
    let later = chunk(json!({"role": "", "content": "b"}), Value::Null);
    let bare = chunk(json!({"content": "b"}), Value::Null);
    let last = of_choices(json!([{"index": 0, "finish_reason": "length"}]));
    let full = of_choices(json!([{"delta": {}, "index": 0, "finish_reason": "length"}]));
    check(
        &[text("a"), later, last, done()],
        &[text("a"), bare, full, done()],
    );
}

#[test]
fn chunks_without_names_get_them() {
    let bare = |index: u64| json!({"id": "", "choices": [{"index": index, "delta": {"role": "assistant"}}]});
    let named = |id: &str, created: u64, model: &str| {
        json!({"id": id, "object": "chat.completion.chunk", "created": created, "model": model,
            "choices": [{"index": 0, "delta": {"role": "assistant"}}]})
    };
    check(
        &[bare(0), end("stop"), bare(0), done()],
        &[
            named("chatcmpl-7", 1_800_000_000, "asked"),
            end("stop"),
            named("a", 1, "m"),
            done(),
        ],
    );
}

#[test]
fn the_usage_comes_once_and_last() {
    let usage = counting(of_choices(json!([])), 3);
    let counted = [
        counting(text("a"), 1),
        counting(of_choices(json!([])), 2),
        counting(end("stop"), 3),
    ];
    let upstreams = [
        written(&counted) + "data: [DONE]\n\n",
        written(&counted) + "data: [DONE]",
        written(&counted),
        written(&[text("a"), end("stop"), usage.clone(), done()]),
        written(&[
            text("a"),
            end("stop"),
            json!({"usage": {"total_tokens": 3}}),
            done(),
        ]),
    ];
    for upstream in upstreams {
        let expected = vec![text("a"), end("stop"), done()];
        assert_eq!(client(false, &upstream), (expected, true));
        let expected = vec![text("a"), end("stop"), usage.clone(), done()];
        assert_eq!(client(true, &upstream), (expected, true));
    }
    let nulls = [counting(text("a"), 0), end("stop"), done()];
    let nulls = written(&nulls).replace("{\"total_tokens\":0}", "null");
    assert_eq!(client(true, &nulls).0, [text("a"), end("stop"), done()]);
}

#[test]
fn an_error_ends_a_stream() {
    let error = json!({"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}});
    let list = json!([error]);
    let bare = format!("{list:#}\n");
    let firsts = [
        written(from_ref(&error)),
        written(from_ref(&list)),
        format!("\u{feff}: comment\n\n{}", written(from_ref(&error))),
        bare.clone(),
        bare.trim_end().replace('\n', "\r\n"),
        written(&[of_choices(json!([])), error.clone(), text("a")]),
    ];
    for first in firsts {
        assert_eq!(
            client(false, &first),
            (vec![json!(503), error.clone()], false),
            "{first}"
        );
    }
    for later in [
        written(&[error.clone(), text("b"), done()]),
        written(&[list, done()]),
        bare,
        written(from_ref(&error)).trim_end().to_owned(),
    ] {
        let (events, is_whole) = client(true, &(written(&[counting(text("a"), 1)]) + &later));
        assert!(!is_whole);
        assert_eq!(events.len(), 3, "{later}");
        assert_eq!((&events[0], &events[2]), (&text("a"), &done()));
        assert_eq!(events[1]["error"]["message"], "overloaded");
    }
    // At the very end, where nothing went out before, it can only be an event.
    let (events, is_whole) = client(false, written(&[error]).trim_end());
    assert_eq!((events.len(), is_whole), (2, false));
    // An answer with a member of that name is an answer.
    let odd = |error: Value| {
        let mut chunk = text("a");
        chunk["error"] = error;
        chunk
    };
    for harmless in [json!(null), json!({}), json!(""), json!({"code": 1})] {
        let events = [odd(harmless), end("stop"), done()];
        check(&events, &events);
    }
}

#[test]
fn an_event_without_end_ends_a_stream() {
    let long = format!("data: {}", "x".repeat(MAX_EVENT));
    let ended = format!("{long}\n\n");
    for long in [&long, &ended] {
        let Got::Refused { status, .. } = run(false, Ended::Cleanly, [long.as_bytes()]) else {
            panic!("not refused");
        };
        assert_eq!(status, 502);
        let begun = written(&[text("a")]) + long;
        for size in [usize::MAX, 1 << 20] {
            let chunks = begun.as_bytes().chunks(size);
            let Got::Stream { bytes, is_whole } = run(false, Ended::Cleanly, chunks) else {
                panic!("refused");
            };
            let got = events(&bytes);
            assert!(!is_whole);
            assert_eq!(got.len(), 3);
            assert_eq!(got[1]["error"]["code"], "event_too_large");
        }
    }
}

#[test]
fn a_cut_stream_says_so() {
    let cut = written(&[text("a"), text("b")]);
    let half = format!("{cut}data: {{\"id\":");
    for (upstream, ended) in [
        (cut.as_str(), Ended::Cleanly),
        (&cut, Ended::Broken),
        (&half, Ended::Broken),
        (cut.trim_end(), Ended::Broken),
    ] {
        let Got::Stream { bytes, is_whole } = run(false, ended, [upstream.as_bytes()]) else {
            panic!("refused");
        };
        let got = events(&bytes);
        assert!(!is_whole);
        assert_eq!(got[..2], [text("a"), text("b")]);
        assert_eq!(got[2]["error"]["code"], "upstream_stream_interrupted");
        assert_eq!(got[3..], [done()]);
    }
    let (got, is_whole) = client(true, "");
    assert_eq!((got.len(), is_whole), (2, false));
    // Its end was said: only the words for it are missing.
    for ended in [Ended::Cleanly, Ended::Broken] {
        let upstream = written(&[text("a"), counting(end("stop"), 3)]) + "data: {\"cho";
        let Got::Stream { bytes, is_whole } = run(true, ended, [upstream.as_bytes()]) else {
            panic!("refused");
        };
        let usage = counting(of_choices(json!([])), 3);
        assert!(is_whole);
        assert_eq!(events(&bytes), [text("a"), end("stop"), usage, done()]);
    }
    check(
        &[text("a"), end("stop"), done(), text("b"), done()],
        &[text("a"), end("stop"), done()],
    );
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let whole = [
        text("a"),
        end("stop"),
        counting(end(""), 3),
        calls(json!([call(0, "", "f"), {"index": null}, 7])),
        json!({"choices": [{}, 7, {"message": {"tool_calls": [{}]}, "finish_reason": "stop"}]}),
        json!([{"error": {"message": "m"}}]),
        done(),
    ];
    let mut pieces: Vec<String> = whole.iter().map(|it| written(from_ref(it))).collect();
    let parts = [
        "\n",
        "\n\n",
        "\r",
        "\r\n",
        "data: ",
        "data:",
        ": c",
        "[DONE]",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "null",
        "{\"choices\":[",
        "\"index\":1",
        "\"delta\":{",
        "\"tool_calls\":[",
        "\"id\":\"x\"",
        "\"function\":{\"name\":\"f\"}",
        "\"usage\":{\"a\":1}",
        "\"error\":\"x\"",
        "[{\"error\":{\"a\":1}}]",
        "]}]}\n\n",
        "\u{feff}",
        "\u{e9}",
    ];
    pieces.extend(parts.map(str::to_owned));
    vec(select(pieces), 0..24).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn any_cut_gives_the_same_bytes(
        bytes in prop_oneof![4 => pieces(), 1 => vec(any::<u8>(), 0..200)],
        usage: bool,
        at in any::<prop::sample::Index>(),
        size in 1usize..9,
    ) {
        let whole = run(usage, Ended::Cleanly, [&bytes[..]]);
        let (before, behind) = bytes.split_at(at.index(bytes.len() + 1));
        prop_assert_eq!(&run(usage, Ended::Cleanly, [before, behind]), &whole);
        prop_assert_eq!(&run(usage, Ended::Cleanly, bytes.chunks(size)), &whole);
        if let Got::Stream { bytes, .. } = whole {
            let events = events(&bytes);
            let dones = events.iter().filter(|it| it.as_str().is_some_and(|it| it.starts_with("[DONE]")));
            prop_assert_eq!(dones.count(), 1);
            prop_assert!(events.last().unwrap().as_str().unwrap().starts_with("[DONE]"));
        }
    }
}
