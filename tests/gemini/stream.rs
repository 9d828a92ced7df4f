//! Event streams, event by event and cut anywhere.

use isthmus::gemini::options::Options;
use isthmus::gemini::stream::{Rules, Translation};
use isthmus::gemini::{Expects, Host, chat, completions, speech, transcription};
use isthmus::stream::{Ended, Step};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::any_json::{Words, any_json};
use crate::streams::{RECORDED, framed, recorded};

/// What a client got: a status of its own, or events.
#[derive(Debug, PartialEq)]
struct Got {
    status: u16,
    bytes: Vec<u8>,
    is_whole: bool,
}

fn rules(expects: Expects) -> Rules {
    Rules {
        model: "gemini".to_owned(),
        id: "ours".to_owned(),
        now_secs: 1,
        host: Host::Studio,
        options: Options::default(),
        expects,
        sources: 1,
    }
}

fn chat(change: impl FnOnce(&mut chat::Expects)) -> Expects {
    let mut expects = chat::Expects {
        stream: true,
        ..chat::Expects::default()
    };
    change(&mut expects);
    Expects::Chat(expects)
}

fn run<'a>(rules: Rules, chunks: impl IntoIterator<Item = &'a [u8]>) -> Got {
    let mut translation = Translation::new(rules);
    let mut bytes = Vec::new();
    for chunk in chunks {
        match translation.push(chunk) {
            Step::Instead(more) => bytes.extend(more),
            Step::Refused { status, body } => {
                assert!(bytes.is_empty(), "an answer of its own, after all");
                return Got {
                    status,
                    bytes: body,
                    is_whole: false,
                };
            }
            Step::AsItIs => panic!("nothing passes as it is"),
        }
    }
    let tail = translation.finish(Ended::Cleanly);
    bytes.extend(tail.bytes);
    Got {
        status: 200,
        bytes,
        is_whole: tail.is_whole,
    }
}

/// The events, with `[DONE]` as a string; each is one line of JSON.
fn events(got: &Got) -> Vec<Value> {
    let text = std::str::from_utf8(&got.bytes).unwrap();
    let events = text.split_terminator("\n\n").map(|event| {
        let data = event.strip_prefix("data: ").expect("a line of data");
        assert!(!data.contains(['\n', '\r']), "one line: {data}");
        if data == "[DONE]" {
            return json!("[DONE]");
        }
        serde_json::from_str(data).expect("JSON")
    });
    events.collect()
}

fn of(name: &str, expects: Expects) -> Vec<Value> {
    events(&run(rules(expects), [recorded(name).as_bytes()]))
}

/// What the choices' deltas say, one after the other, and the reasons they end with.
fn said(events: &[Value]) -> Vec<Value> {
    let choices = events
        .iter()
        .filter_map(|event| event["choices"].as_array());
    let said = choices
        .flatten()
        .map(|choice| match &choice["finish_reason"] {
            Value::Null => choice["delta"].clone(),
            reason => json!([choice["delta"], reason]),
        });
    said.collect()
}

/// Exactly one end, behind everything; no choice ends twice, and none goes on behind its end.
fn check(events: &[Value]) {
    let ends = events.iter().filter(|event| **event == json!("[DONE]"));
    assert_eq!(ends.count(), 1, "{events:?}");
    assert_eq!(events.last(), Some(&json!("[DONE]")));
    let mut ended = Vec::new();
    for event in events {
        for choice in event["choices"].as_array().into_iter().flatten() {
            assert!(!ended.contains(&choice["index"]), "{events:?}");
            if !choice["finish_reason"].is_null() {
                ended.push(choice["index"].clone());
            }
        }
    }
    let failed = events.iter().any(|event| event.get("error").is_some());
    assert!(
        !failed || ended.is_empty(),
        "an error is no end: {events:?}"
    );
}

fn every_shape() -> Vec<Expects> {
    vec![
        chat(|_| {}),
        chat(|it| {
            it.usage = true;
            it.unfence = true;
            it.one_call = true;
        }),
        chat(|it| it.function_call = true),
        Expects::Completions(completions::Expects {
            usage: true,
            choices_per_prompt: 2,
            echo: Some(vec!["Say:\n".to_owned()]),
            ..completions::Expects::default()
        }),
        Expects::Speech(speech::Expects::default()),
        Expects::Transcription(transcription::Expects::default()),
    ]
}

#[test]
fn any_cut_gives_the_same_bytes() {
    for (name, recorded) in RECORDED {
        let lines = recorded.join("\n");
        for stream in [framed(recorded), lines] {
            let stream = stream.as_bytes();
            let shapes = every_shape();
            for (number, expects) in shapes.iter().enumerate() {
                let whole = run(rules(expects.clone()), [stream]);
                if whole.status == 200 {
                    check(&events(&whole));
                }
                for size in [64, 7, 1] {
                    let cut = run(rules(expects.clone()), stream.chunks(size));
                    assert_eq!(cut, whole, "{name} by {size}");
                }
                // Each place is cut in one of the shapes.
                for at in (1..stream.len()).skip(number).step_by(shapes.len()) {
                    let (before, behind) = stream.split_at(at);
                    let cut = run(rules(expects.clone()), [before, behind]);
                    assert_eq!(cut, whole, "{name} at {at}");
                }
            }
        }
    }
}

#[test]
fn a_text_comes_in_chunks() {
    let head = |choices: Value, usage: Value| {
        json!({
            "id": "chatcmpl-r1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "gemini-3.8-flash",
            "choices": choices,
            "usage": usage,
        })
    };
    let chunk = |delta: Value, reason: Value| {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": reason});
        head(json!([choice]), Value::Null)
    };
    let usage = json!({
        "prompt_tokens": 9,
        "completion_tokens": 208,
        "total_tokens": 217,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 185, "audio_tokens": 0},
    });
    let role = json!({"role": "assistant", "content": "", "refusal": null});
    let expected = [
        chunk(role, Value::Null),
        chunk(json!({"content": "There are **3**"}), Value::Null),
        chunk(json!({"content": " r’s – 😀.\n"}), Value::Null),
        chunk(json!({}), json!("stop")),
        head(json!([]), usage),
        json!("[DONE]"),
    ];
    assert_eq!(of("text", chat(|it| it.usage = true)), expected);
    let without = of("text", chat(|_| {}));
    assert_eq!(without.len(), expected.len() - 1);
    assert!(without.iter().all(|event| event.get("usage").is_none()));
}

#[test]
fn each_situation_has_its_deltas() {
    let role = json!({"role": "assistant", "content": "", "refusal": null});
    let image = |mime: &str, index: u64| {
        let url = format!("data:{mime};base64,iVBORw0=");
        json!({"images": [{"type": "image_url", "index": index, "image_url": {"url": url}}]})
    };
    let cited = |start: u64, end: u64, url: &str, title: &str| {
        let citation = json!({"start_index": start, "end_index": end, "url": url, "title": title});
        json!({"type": "url_citation", "url_citation": citation})
    };
    let sources = [
        cited(8, 11, "https://a.example", "a"),
        cited(0, 1, "https://c.example", "https://c.example"),
        cited(11, 11, "https://b.example", "https://b.example"),
    ];
    for (name, expected) in [
        (
            "thoughts",
            json!([{"reasoning_content": "**Plan**"}, {"reasoning_content": " more"}, {"content": "42"}, [{}, "stop"]]),
        ),
        (
            "a blocked prompt",
            json!([{"refusal": "No."}, [{}, "content_filter"]]),
        ),
        (
            "a filtered answer",
            json!([
                {"refusal": "The answer was blocked by a filter of Google's (PROHIBITED_CONTENT)."},
                [{}, "content_filter"],
            ]),
        ),
        (
            "filtered in the middle",
            json!([{"content": "Once"}, [{}, "content_filter"]]),
        ),
        ("no content", json!([[{}, "length"]])),
        (
            "a malformed call behind text",
            json!([{"content": "Hm"}, [{}, "stop"]]),
        ),
        (
            "usage behind the end",
            json!([{"content": "x"}, [{}, "stop"]]),
        ),
        (
            "pictures, sound and other bytes",
            json!([
                image("image/png", 0),
                image("image/jpeg", 1),
                {"audio": {"id": "audio_ours_0", "data": "AQACAA==", "transcript": ""}},
                {"content": "data:text/csv;base64,YQ=="},
                [{}, "stop"],
            ]),
        ),
        (
            "code and Google's own tools",
            json!([
                {"content": "So:"},
                {"content": "\n```python\nprint(1)\n```\n"},
                {"content": "```output\n1\n```\n"},
                {"content": "Done"},
                [{}, "stop"],
            ]),
        ),
        (
            "sources",
            json!([
                {"content": "É vero. "},
                {"content": "Sì."},
                [{"annotations": sources}, "stop"],
            ]),
        ),
    ] {
        let mut said = said(&of(name, chat(|_| {})));
        assert_eq!(said.remove(0), role, "{name}");
        assert_eq!(Value::from(said), expected, "{name}");
    }
}

#[test]
fn calls_are_numbered_and_named() {
    let calls = |name: &str, expects: Expects| -> Vec<Value> {
        let said = said(&of(name, expects)).into_iter();
        let calls = said.filter_map(|delta| delta["tool_calls"].as_array().cloned());
        calls.flatten().collect()
    };
    let told = |call: &Value| {
        let function = &call["function"];
        json!([
            call["index"],
            call["type"],
            function["name"],
            function["arguments"]
        ])
    };
    for (name, expected) in [
        (
            "a call, then the reason",
            json!([[0, "function", "f", "{\"city\":\"Pa\\\"ris\"}"]]),
        ),
        (
            "calls",
            json!([
                [0, "function", "f", "{\"x\":1}"],
                [1, "function", "g", "{}"],
                [2, "function", "g", "{}"],
            ]),
        ),
        (
            "arguments in pieces",
            json!([[0, "function", "w", "{\"city\":\"Boston\",\"n\":[null,2]}"]]),
        ),
        (
            "arguments in pieces without an end",
            json!([
                [0, "function", "w", "{\"a\":true}"],
                [1, "function", "v", "{}"],
                [2, "function", "u", "{}"],
            ]),
        ),
    ] {
        let calls = calls(name, chat(|_| {}));
        assert_eq!(
            calls.iter().map(told).collect::<Value>(),
            expected,
            "{name}"
        );
        let events = of(name, chat(|_| {}));
        assert_eq!(
            said(&events).pop(),
            Some(json!([{}, "tool_calls"])),
            "{name}"
        );
        let mut ids: Vec<_> = calls
            .iter()
            .map(|call| call["id"].as_str().unwrap())
            .collect();
        assert!(ids.iter().all(|id| !id.is_empty()));
        ids.dedup();
        assert_eq!(ids.len(), calls.len());
    }
    let signed = calls("a call, then the reason", chat(|_| {}));
    let signature = json!({"google": {"thought_signature": "U0lH"}});
    assert_eq!(signed.first().unwrap()["extra_content"], signature);
    assert_eq!(calls("calls", chat(|it| it.one_call = true)).len(), 1);
    let legacy = said(&of("calls", chat(|it| it.function_call = true)));
    let call = json!({"function_call": {"name": "f", "arguments": "{\"x\":1}"}});
    let expected = [call, json!([{}, "function_call"])];
    assert_eq!(legacy.get(2..), Some(&expected[..]));
}

#[test]
fn what_goes_wrong_is_said() {
    // The codes of Google's own errors are not a stream's matter.
    for (name, is_refused, code) in [
        ("no end", false, Some("upstream_stream_interrupted")),
        (
            "nothing but usage",
            false,
            Some("upstream_stream_interrupted"),
        ),
        ("an error alone", true, None),
        ("an error in the middle", false, None),
        ("a malformed call", true, Some("malformed_function_call")),
        (
            "a malformed call behind thoughts",
            false,
            Some("unexpected_tool_call"),
        ),
        (
            "a malformed call behind a call",
            false,
            Some("too_many_tool_calls"),
        ),
    ] {
        let got = run(rules(chat(|_| {})), [recorded(name).as_bytes()]);
        assert!(!got.is_whole, "{name}");
        assert_eq!(got.status != 200, is_refused, "{name}");
        let error: Value = if is_refused {
            serde_json::from_slice(&got.bytes).unwrap()
        } else {
            let events = events(&got);
            check(&events);
            events[events.len() - 2].clone()
        };
        assert!(error["error"].is_object(), "{name}");
        if let Some(code) = code {
            assert_eq!(error["error"]["code"], code, "{name}");
        }
    }
    let broken = "data: {\"candidates\":[{]}\n\n";
    assert_eq!(run(rules(chat(|_| {})), [broken.as_bytes()]).status, 502);
}

#[test]
fn an_end_that_is_cut_is_an_end() {
    let mut stream = recorded("text");
    stream.push_str("data: {\"usageMetadata\":{\"prompt");
    let got = run(rules(chat(|_| {})), [stream.as_bytes()]);
    assert!(got.is_whole);
    check(&events(&got));
}

#[test]
fn choices_end_each_for_itself() {
    let events = of("choices", chat(|_| {}));
    check(&events);
    let ends: Vec<_> = said(&events).into_iter().filter(Value::is_array).collect();
    assert_eq!(ends, [json!([{}, "stop"]), json!([{}, "length"])]);
}

#[test]
fn probabilities_go_with_their_text() {
    let events = of("probabilities", chat(|_| {}));
    let first = &events.get(1).unwrap()["choices"][0];
    let top = json!([{"token": "e", "logprob": 0.0, "bytes": [101]}]);
    let token = json!({"token": "é", "logprob": -0.1, "bytes": [195, 169], "top_logprobs": top});
    assert_eq!(
        first["logprobs"],
        json!({"content": [token], "refusal": null})
    );
    let last = &events.get(2).unwrap()["choices"][0];
    assert_eq!(last["delta"], json!({"content": ""}));
    assert_eq!(last["logprobs"]["content"][0]["bytes"], json!([]));
}

#[test]
fn a_fence_around_json_is_taken_off() {
    let pieces = ["``", "`json\\n{\\\"a\\\":", "1}", "\\n``", "`\\n"];
    let events_of = |text: &&str| {
        format!(r#"{{"candidates":[{{"content":{{"parts":[{{"text":"{text}"}}]}}}}]}}"#)
    };
    let mut messages: Vec<_> = pieces.iter().map(events_of).collect();
    messages.push(r#"{"candidates":[{"finishReason":"STOP"}]}"#.to_owned());
    let messages: Vec<_> = messages.iter().map(String::as_str).collect();
    let got = run(
        rules(chat(|it| it.unfence = true)),
        [framed(&messages).as_bytes()],
    );
    let said = said(&events(&got)).into_iter();
    let text: String = said
        .filter_map(|delta| Some(delta["content"].as_str()?.to_owned()))
        .collect();
    assert_eq!(text, "{\"a\":1}");
}

/// The first byte of each chunk says whose it is.
fn numbered(number: u8, chunk: &str) -> Vec<u8> {
    [&[number], chunk.as_bytes()].concat()
}

#[test]
fn several_streams_become_one() {
    let expects = chat(|it| it.usage = true);
    let stream = |sources| Rules {
        sources,
        ..rules(expects.clone())
    };
    let (text, call) = (recorded("text"), recorded("calls"));
    let (before, behind) = call.split_at(50);
    let chunks = [
        numbered(1, before),
        numbered(0, &text),
        numbered(1, behind),
        numbered(9, "x"),
        Vec::new(),
    ];
    let got = run(stream(2), chunks.iter().map(Vec::as_slice));
    assert!(got.is_whole);
    let all = events(&got);
    check(&all);
    let names = all
        .iter()
        .filter_map(|event| Some((event.get("id")?, event.get("model")?)));
    assert!(names.clone().count() > 2);
    assert!(
        names
            .into_iter()
            .all(|it| it == (&json!("chatcmpl-ours"), &json!("gemini")))
    );
    let ends: Vec<_> = said(&all).into_iter().filter(Value::is_array).collect();
    assert_eq!(ends, [json!([{}, "stop"]), json!([{}, "tool_calls"])]);
    let usage = &all.get(all.len() - 2).unwrap()["usage"];
    assert_eq!(usage["total_tokens"], 217);
    let one = run(stream(2), [numbered(0, &text).as_slice()]);
    assert!(!one.is_whole, "the other one is missing");
}

#[test]
fn completions_have_chunks_of_their_own() {
    let expects = completions::Expects {
        choices_per_prompt: 1,
        echo: Some(vec!["Say: ".to_owned(), "Tell: ".to_owned()]),
        ..completions::Expects::default()
    };
    let rules = Rules {
        sources: 2,
        ..rules(Expects::Completions(expects))
    };
    let chunks = [
        numbered(0, &recorded("text")),
        numbered(1, &recorded("calls")),
    ];
    let got = run(rules, chunks.iter().map(Vec::as_slice));
    let all = events(&got);
    check(&all);
    let expected = json!({
        "id": "cmpl-ours",
        "object": "text_completion",
        "created": 1,
        "model": "gemini",
        "choices": [{"index": 0, "text": "Say: ", "logprobs": null, "finish_reason": null}],
    });
    assert_eq!(all.first(), Some(&expected));
    let choices = all.iter().filter_map(|event| event["choices"].get(0));
    let told = choices.map(|it| json!([it["index"], it["text"], it["finish_reason"]]));
    let expected = json!([
        [0, "Say: ", null],
        [0, "There are **3**", null],
        [0, " r’s – 😀.\n", null],
        [1, "Tell: ", null],
        [1, "Ok. ", null],
        [0, "", "stop"],
        [1, "", "stop"],
    ]);
    assert_eq!(told.collect::<Value>(), expected);
}

#[test]
fn sound_and_transcripts_have_events_of_their_own() {
    let speech = |format| {
        Expects::Speech(speech::Expects {
            stream: true,
            format,
        })
    };
    let name = "pictures, sound and other bytes";
    let pcm = of(name, speech(isthmus::sound::Format::Pcm));
    assert_eq!(
        pcm.first(),
        Some(&json!({"type": "speech.audio.delta", "audio": "AQACAA=="}))
    );
    let usage = json!({"input_tokens": 0, "output_tokens": 0, "total_tokens": 0});
    assert_eq!(
        pcm.get(1),
        Some(&json!({"type": "speech.audio.done", "usage": usage}))
    );
    let wav = of(name, speech(isthmus::sound::Format::Wav));
    assert!(
        wav.first().unwrap()["audio"]
            .as_str()
            .unwrap()
            .starts_with("UklGR")
    );
    assert_eq!(wav.get(1), pcm.first());
    let error = |events: Vec<Value>| events.first().unwrap()["error"]["code"].clone();
    for name in ["no content", "text"] {
        let events = of(name, speech(isthmus::sound::Format::Pcm));
        assert_eq!(error(events), "no_audio");
    }
    assert_eq!(
        error(of("a filtered answer", speech(isthmus::sound::Format::Pcm))),
        "content_filter"
    );

    let heard = of(
        "text",
        Expects::Transcription(transcription::Expects::default()),
    );
    let delta = json!({"type": "transcript.text.delta", "delta": "There are **3**"});
    assert_eq!(heard.first(), Some(&delta));
    let done = heard.get(2).unwrap();
    assert_eq!(done["type"], "transcript.text.done");
    assert_eq!(done["text"], "There are **3** r’s – 😀.\n");
    assert_eq!(done["usage"]["type"], "tokens");
}

/// An event of a run that are much alike: the text, tokens and, now and then, something else differs.
fn any_event() -> impl Strategy<Value = String> {
    let text = prop_oneof!["[a-z ]{0,9}", any::<String>()];
    let more = prop::sample::select(vec![
        ("", ""),
        ("", ""),
        ("", ""),
        (r#","thought":true"#, ""),
        ("", r#","index":1"#),
        ("", r#","finishReason":"STOP""#),
        (r#"},{"text":"!""#, ""),
    ]);
    (text, 0..500_u32, more).prop_map(|(text, tokens, (part, candidate))| {
        let text = Value::from(text);
        format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"text":{text}{part}}}],"role":"model"}}{candidate}}}],"usageMetadata":{{"promptTokenCount":7,"candidatesTokenCount":{tokens}}},"responseId":"r"}}"#
        )
    })
}

proptest! {
    /// With a blank in every other event none is like the one before, and each is read for itself.
    #[test]
    fn what_is_alike_becomes_the_same(events in prop::collection::vec(any_event(), 0..12)) {
        let unlike = events.iter().enumerate().map(|(at, event)| match at % 2 {
            0 => event.replacen('{', "{ ", 1),
            _ => event.clone(),
        });
        let unlike: Vec<String> = unlike.collect();
        let framed = |events: &[String]| {
            let events: Vec<&str> = events.iter().map(String::as_str).collect();
            framed(&events)
        };
        for expects in [chat(|expects| expects.usage = true), chat(|expects| expects.unfence = true)] {
            let (alike, unlike) = (framed(&events), framed(&unlike));
            let alike = run(rules(expects.clone()), [alike.as_bytes()]);
            let unlike = run(rules(expects), [unlike.as_bytes()]);
            prop_assert_eq!(alike.bytes, unlike.bytes);
        }
    }
}

/// The words that are looked at in what Google says.
pub const WORDS: Words = &[
    "candidates",
    "content",
    "parts",
    "text",
    "thought",
    "functionCall",
    "name",
    "args",
    "id",
    "willContinue",
    "partialArgs",
    "jsonPath",
    "stringValue",
    "finishReason",
    "index",
    "usageMetadata",
    "totalTokenCount",
    "groundingMetadata",
    "groundingChunks",
    "web",
    "uri",
    "groundingSupports",
    "segment",
    "endIndex",
    "groundingChunkIndices",
    "logprobsResult",
    "chosenCandidates",
    "token",
    "inlineData",
    "mimeType",
    "data",
    "executableCode",
    "code",
    "promptFeedback",
    "blockReason",
    "error",
    "responseId",
    "modelVersion",
    "createTime",
    "",
    "STOP",
    "SAFETY",
    "MALFORMED_FUNCTION_CALL",
    "image/png",
    "$.a[3].b",
    "é\n\"\\😀`",
];

proptest! {
    #[test]
    fn any_json_gives_events(messages in prop::collection::vec(any_json(WORDS), 1..5), shape in 0..6_usize) {
        let mut stream = String::new();
        for message in &messages {
            let parts = json!({"candidates": [{"content": {"parts": message}}]});
            stream.push_str(&framed(&[&message.to_string(), &parts.to_string()]));
        }
        stream.push_str(&recorded("text"));
        let expects = every_shape().swap_remove(shape);
        let whole = run(rules(expects.clone()), [stream.as_bytes()]);
        if whole.status == 200 {
            check(&events(&whole));
        }
        prop_assert_eq!(run(rules(expects), stream.as_bytes().chunks(13)), whole);
    }

    #[test]
    fn any_bytes_give_events(chunks in prop::collection::vec(any::<Vec<u8>>(), 0..6)) {
        let got = run(rules(chat(|_| {})), chunks.iter().map(Vec::as_slice));
        if got.status == 200 {
            check(&events(&got));
        }
    }
}
