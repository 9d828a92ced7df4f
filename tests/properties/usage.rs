//! Usage: found in every shape, however a stream is cut, and nothing else is touched.

use isthmus::openai::streaming::{asks_for_usage, include_usage};
use isthmus::platform::Edit;
use isthmus::stream::{Ended, Step};
use isthmus::usage::{Usage, Watch, of_answer};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

use crate::cut::cuts;

const USAGE: Usage = usage(1000, 20, 1020);

const fn usage(input: u64, output: u64, total: u64) -> Usage {
    Usage {
        input,
        output,
        total,
    }
}

type Told = (u64, u64, u64);

const SHAPES: [(&str, Told); 16] = [
    // Chats and completions.
    (
        r#"{"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}"#,
        (7, 3, 10),
    ),
    (
        r#"{"choices":[{"message":{"content":"{\"usage\":{\"prompt_tokens\":1}}"}}],"usage":{
                "completion_tokens" : 3 , "prompt_tokens" : 7 } , "service_tier":"default" } "#,
        (7, 3, 10),
    ),
    // A total that counts what the others leave out.
    (
        r#"{"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":15}}"#,
        (7, 3, 15),
    ),
    // Responses, and their last events.
    (
        r#"{"object":"response","usage":{"input_tokens":7,"output_tokens":3,"total_tokens":10,
                "input_tokens_details":{"cached_tokens":5}},"user":null,"metadata":{"usage":"x"}}"#,
        (7, 3, 10),
    ),
    (
        r#"{"type":"response.completed","response":{"id":"r","usage":{"input_tokens":7,"output_tokens":3},
                "metadata":{}},"sequence_number":9}"#,
        (7, 3, 10),
    ),
    // Embeddings.
    (
        r#"{"data":[{"embedding":[0.1,-2e-3]}],"model":"m","usage":{"prompt_tokens":7,"total_tokens":7}}"#,
        (7, 0, 7),
    ),
    (
        r#"{"usage":{"total_tokens":7},"data":[{"embedding":"AAAA"}]}"#,
        (7, 0, 7),
    ),
    // Pictures, and what is heard.
    (
        r#"{"created":1,"data":[{"b64_json":"AAAA"}],"usage":{"total_tokens":10,"input_tokens":7,"output_tokens":3}}"#,
        (7, 3, 10),
    ),
    (
        r#"{"text":"a","usage":{"type":"tokens","input_tokens":7,"output_tokens":3,"total_tokens":10}}"#,
        (7, 3, 10),
    ),
    // What is missing, or no whole number, is what the others leave.
    (
        r#"{"usage":{"prompt_tokens":7,"completion_tokens":null,"total_tokens":10}}"#,
        (7, 3, 10),
    ),
    (
        r#"{"usage":{"prompt_tokens":"7","completion_tokens":3,"total_tokens":10}}"#,
        (7, 3, 10),
    ),
    (
        r#"{"usage":{"prompt_tokens":7,"completion_tokens":-3,"total_tokens":1.5}}"#,
        (7, 0, 7),
    ),
    (r#"{"usage":{"output_tokens":3}}"#, (0, 3, 3)),
    (
        r#"{"usage":{"prompt_tokens":18446744073709551615,"completion_tokens":3}}"#,
        (u64::MAX, 3, u64::MAX),
    ),
    // Of several members of one name the last counts.
    (
        r#"{"usage":null,"usage":{"prompt_tokens":7,"completion_tokens":3}}"#,
        (7, 3, 10),
    ),
    (
        "\u{feff}{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}\n",
        (7, 3, 10),
    ),
];

#[test]
fn every_shape_of_an_answer_is_read() {
    for (answer, (input, output, total)) in SHAPES {
        let expected = usage(input, output, total);
        assert_eq!(of_answer(answer.as_bytes()), Some(expected), "{answer}");
    }
}

#[test]
fn what_tells_no_tokens_has_no_usage() {
    for answer in [
        "",
        "[]",
        "{}",
        "a text",
        r#""usage""#,
        r#"{"usage":null}"#,
        r#"{"usage":{}}"#,
        r#"{"usage":7}"#,
        r#"{"usage":[{"prompt_tokens":7}]}"#,
        r#"{"text":"a","usage":{"type":"duration","seconds":12}}"#,
        r#"{"usage":{"prompt_tokens":-1,"total_tokens":"7"}}"#,
        r#"{"usage":{"prompt_tokens":7},"usage":null}"#,
        // Another's.
        r#"{"data":{"usage":{"prompt_tokens":7}}}"#,
        r#"{"choices":[{"usage":{"prompt_tokens":7}}]}"#,
        r#"{"response":{"output":[{"usage":{"prompt_tokens":7}}]}}"#,
        r#"{"response":{"metadata":{"usage":{"prompt_tokens":7}}}}"#,
        r#"{"text":"\"usage\":{\"prompt_tokens\":7}"}"#,
        r#"{"usage":{"details":{"prompt_tokens":7}}}"#,
        r#"[{"usage":{"prompt_tokens":7}}]"#,
    ] {
        assert_eq!(of_answer(answer.as_bytes()), None, "{answer}");
    }
}

/// What stands before the usage is not walked through again and again, whatever it is.
#[test]
fn hostile_answers_take_no_time() {
    let member = r#""usage":{"prompt_tokens":7,"completion_tokens":3}}"#;
    for (before, behind) in [
        ("[", ""),
        ("{\"a\":", ""),
        ("\\", ""),
        ("\\\"", ""),
        ("\"", ""),
        ("\"a\":[],", ""),
        ("", "]"),
        ("", "}"),
        ("", "\\\""),
        ("", " "),
        ("", ",\"a\":{}"),
    ] {
        let text = format!(
            "{{{}{member}{}",
            before.repeat(1 << 20),
            behind.repeat(1 << 20)
        );
        // In a time that grows faster than the text it would not end.
        let told = of_answer(text.as_bytes());
        assert!(
            told.is_none_or(|told| told == usage(7, 3, 10)),
            "{before} {behind}"
        );
    }
}

proptest! {
    /// As a full parser reads it.
    #[test]
    fn the_usage_of_any_answer_is_its_own(answer in answer(), pretty: bool) {
        let text = if pretty {
            serde_json::to_string_pretty(&answer).unwrap()
        } else {
            answer.to_string()
        };
        let expected = |holder: &Value| {
            let number = |name: &str| holder["usage"][name].as_u64();
            Some(usage(number("prompt_tokens")?, number("completion_tokens")?, number("total_tokens")?))
        };
        let expected = match answer.get("usage") {
            Some(_) => expected(&answer),
            None => expected(&answer["response"]),
        };
        prop_assert_eq!(of_answer(text.as_bytes()), expected, "{}", text);
    }

    /// A stream that was asked for its usage becomes, but for what is the usage's, the one that was not.
    #[test]
    fn what_is_hidden_leaves_no_trace(stream in stream(), cuts in cuts()) {
        let asked = stream.text(true);
        let (bytes, watch) = hidden(cuts.apply(asked.as_bytes()));
        prop_assert_eq!(String::from_utf8(bytes).unwrap(), stream.text(false));
        prop_assert_eq!(watch.usage(), stream.has_usage.then_some(USAGE));
    }

    /// A stream that nobody asked for anything stays as it is.
    #[test]
    fn without_a_usage_every_byte_stays(stream in stream(), cuts in cuts()) {
        let plain = stream.text(false);
        let (bytes, watch) = hidden(cuts.apply(plain.as_bytes()));
        prop_assert_eq!(String::from_utf8(bytes).unwrap(), plain);
        prop_assert_eq!(watch.usage(), None);
    }

    #[test]
    fn any_bytes_pass_as_they_come(bytes in pieces(), cuts in cuts()) {
        let (whole, watch) = hidden([&bytes[..]]);
        let (cut, of_cut) = hidden(cuts.apply(&bytes));
        prop_assert_eq!(&cut, &whole);
        prop_assert_eq!(of_cut.usage(), watch.usage());
        if memchr_usage(&bytes).is_none() {
            prop_assert_eq!(whole, bytes);
        }
    }

    /// Seen or unseen, from its end alone.
    #[test]
    fn the_end_of_a_stream_tells_its_usage(stream in stream(), seen: Index, last in 2048usize..20_000, cuts in cuts()) {
        let text = stream.text(true);
        let (seen, unseen) = text.as_bytes().split_at(seen.index(text.len() + 1));
        let mut watch = Watch::over(None, false, "");
        prop_assert!(watch.is_settled());
        for chunk in cuts.apply(seen) {
            prop_assert_eq!(watch.push(chunk), Step::AsItIs);
        }
        let last = &unseen[unseen.len().saturating_sub(last)..];
        let tail = watch.finish_unseen(Ended::Cleanly, last, unseen.len() as u64);
        prop_assert!(tail.is_whole && tail.bytes.is_empty());
        prop_assert_eq!(watch.usage(), stream.has_usage.then_some(USAGE));
    }

    #[test]
    fn asking_keeps_what_a_client_says(options in options(), mark: bool) {
        let mark = if mark { "\u{feff}" } else { "" };
        let members = options.as_ref().map_or(String::new(), |it| format!(",\"stream_options\":{it}"));
        let text = format!("{mark}{{\"stream\":true{members}, \"model\": \"m\"}}");
        let asked = changed(&text, &include_usage(text.as_bytes()));
        let options = options.unwrap_or(Value::Null);
        let is_odd = |it: &Value| !it.is_null() && !it.is_boolean();
        if !(options.is_null() || options.is_object()) || is_odd(&options["include_usage"]) {
            // It is the upstream's to refuse.
            prop_assert_eq!(asked, text);
            return Ok(());
        }
        prop_assert!(asks_for_usage(asked.as_bytes()), "{}", asked);
        let parsed: Value = serde_json::from_str(asked.trim_start_matches('\u{feff}')).unwrap();
        let mut expected = options;
        if expected.is_null() {
            expected = json!({});
        }
        expected["include_usage"] = true.into();
        prop_assert_eq!(&parsed["stream_options"], &expected);
        prop_assert_eq!(include_usage(asked.as_bytes()), []);
    }
}

#[test]
fn a_usage_beside_choices_goes_alone() {
    let chunk = |usage: &str| {
        format!(r#"data: {{"id":"a"{usage},"choices":[{{"delta":{{"content":"\"usage\":1"}}}}]}}"#)
            + "\n\n"
    };
    let told = r#","usage":{"prompt_tokens":1000,"completion_tokens":20,"total_tokens":1020}"#;
    let (bytes, watch) = hidden([chunk(told).as_bytes()]);
    assert_eq!(String::from_utf8(bytes).unwrap(), chunk(""));
    assert_eq!(watch.usage(), Some(USAGE));
}

/// The last event of a response repeats all of it, and what was kept of the stream begins in its middle.
#[test]
fn the_usage_of_a_long_response_is_found_at_its_end() {
    let text = "a \"quoted\" }{ word ".repeat(1000);
    let metadata: Map<String, Value> = (0..16)
        .map(|n| (format!("key-{n}"), "v".repeat(512).into()))
        .collect();
    for (metadata, sequence, done) in [
        (json!({}), json!(1), ""),
        (Value::from(metadata), json!(1), ""),
        (json!({}), Value::Null, "data: [DONE]\n\n"),
    ] {
        let usage = json!({"input_tokens": 1000, "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 20, "total_tokens": 1020});
        let event = json!({
            "type": "response.completed",
            "response": {"id": "resp_1", "output": [{"content": [{"text": text}]}], "usage": usage,
                "user": null, "metadata": metadata},
            "sequence_number": sequence,
        });
        let stream = format!("event: response.completed\ndata: {event}\n\n{done}");
        let last = &stream.as_bytes()[stream.len() - (16 << 10)..];
        let mut watch = Watch::over(None, false, "");
        watch.finish_unseen(Ended::Cleanly, last, stream.len() as u64);
        assert_eq!(watch.usage(), Some(USAGE));
    }
}

#[test]
fn a_break_is_told_and_half_an_event_is_not() {
    for (hides, given) in [(true, "data: {}\n\n"), (false, "data: {}\n\ndata: {\"id\"")] {
        let mut watch = Watch::over(None, hides, "\n\ndata: broken\n\n");
        let stream = b"data: {}\n\ndata: {\"id\"";
        let step = watch.push(stream);
        let bytes = out(step, stream);
        let tail = if watch.is_settled() {
            watch.finish_unseen(Ended::Broken, b"", 0)
        } else {
            watch.finish(Ended::Broken)
        };
        assert!(!tail.is_whole);
        assert_eq!(String::from_utf8(bytes).unwrap(), given);
        assert_eq!(tail.bytes, b"\n\ndata: broken\n\n");
        assert_eq!(watch.usage(), None);
    }
}

/// Nothing is held without a bound: what is no chunk of a chat passes, and all behind it.
#[test]
fn an_endless_event_passes() {
    let mut watch = Watch::over(None, true, "");
    let piece = vec![b'x'; 1 << 20];
    let mut given = 0;
    for _ in 0..20 {
        given += out(watch.push(&piece), &piece).len();
    }
    assert_eq!(given, 20 << 20);
    assert!(watch.is_settled());
}

/// Chunks of `OpenAI`, of Azure, of the Responses API, of a call's arguments, and of legacy completions, each with a
/// token of this text.
fn chunks(text: &str) -> [String; 5] {
    [
        format!(
            r#"data: {{"id":"chatcmpl-Bxyz0123456789abcdefghijklmn","object":"chat.completion.chunk","created":1763600000,"model":"gpt-5-mini-2025-08-07","service_tier":"default","system_fingerprint":null,"choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":null}}],"usage":null,"obfuscation":"a1b2c3d4"}}"#
        ),
        format!(
            r#"data: {{"choices":[{{"content_filter_results":{{"hate":{{"filtered":false,"severity":"safe"}},"self_harm":{{"filtered":false,"severity":"safe"}},"sexual":{{"filtered":false,"severity":"safe"}},"violence":{{"filtered":false,"severity":"safe"}}}},"delta":{{"content":"{text}"}},"finish_reason":null,"index":0,"logprobs":null}}],"created":1763600000,"id":"chatcmpl-B","model":"gpt-4o","object":"chat.completion.chunk","system_fingerprint":"fp_1"}}"#
        ),
        format!(
            "event: response.output_text.delta\n{}",
            format_args!(
                r#"data: {{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_68c0123456789abcdef0123456789abcdef0123456789abcd","output_index":0,"content_index":0,"delta":"{text}","logprobs":[],"obfuscation":"a1b2c3d4"}}"#
            )
        ),
        format!(
            r#"data: {{"id":"c","object":"chat.completion.chunk","choices":[{{"index":0,"delta":{{"tool_calls":[{{"index":0,"function":{{"arguments":"{text}"}}}}]}},"finish_reason":null}}]}}"#
        ),
        format!(
            r#"data: {{"id":"c","object":"text_completion","choices":[{{"text":"{text}","index":0}}]}}"#
        ),
    ]
}

/// By streams as they are sent, a token in each event: how far the estimate is from what went by.
#[test]
fn what_went_by_is_estimated() {
    let words = [
        "The", " quick", " brown", " fox", " jumps", " over", ",", " lazily", " the", " dog", ".",
    ];
    for kind in 0..5 {
        for tokens in [1, 11, 400, 5000] {
            let said = words.iter().cycle().take(tokens);
            let events: Vec<String> = said
                .map(|word| chunks(word)[kind].clone() + "\n\n")
                .collect();
            let stream = events.concat();
            let (seen, unseen) = stream.as_bytes().split_at(stream.len() / 2);
            let mut watch = Watch::over(None, false, "");
            watch.push(seen);
            let last = &unseen[unseen.len().saturating_sub(16 << 10)..];
            watch.pass(last, unseen.len() as u64);
            let estimate = watch.estimated_output();
            let tokens = tokens as u64;
            assert!(
                estimate * 10 >= tokens * 8 && estimate * 10 <= tokens * 14,
                "{kind}: {estimate} of {tokens}"
            );
        }
    }
}

#[test]
fn what_comes_in_large_pieces_is_estimated() {
    // Many tokens at once, as Google sends them: four bytes each.
    let stream = chunks(&"four".repeat(60))[4].clone() + "\n\n";
    let mut watch = Watch::over(None, true, "");
    watch.push(stream.repeat(20).as_bytes());
    assert_eq!(watch.estimated_output(), 1200);
    // And what has no text: a picture of 100 kB.
    let mut watch = Watch::over(None, false, "");
    watch.push("x".repeat(100_000).as_bytes());
    assert_eq!(watch.estimated_output(), 400);
    assert_eq!(Watch::over(None, true, "").estimated_output(), 0);
}

fn changed(text: &str, edits: &[Edit]) -> String {
    String::from_utf8(isthmus::json::apply(text.as_bytes(), edits)).unwrap()
}

fn out(step: Step, chunk: &[u8]) -> Vec<u8> {
    match step {
        Step::AsItIs => chunk.to_vec(),
        Step::Instead(bytes) => bytes,
        Step::Refused { .. } => panic!("nobody refuses here"),
    }
}

/// What a client gets that did not ask for the usage.
fn hidden<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> (Vec<u8>, Watch) {
    let mut watch = Watch::over(None, true, "");
    let mut bytes = Vec::new();
    for chunk in chunks {
        bytes.extend(out(watch.push(chunk), chunk));
    }
    let tail = watch.finish(Ended::Cleanly);
    assert!(tail.is_whole);
    bytes.extend(tail.bytes);
    (bytes, watch)
}

fn memchr_usage(bytes: &[u8]) -> Option<usize> {
    bytes.windows(7).position(|it| it == b"\"usage\"")
}

/// A stream of chunks, with and without what asking for the usage adds.
#[derive(Clone, Debug)]
struct Stream {
    has_mark: bool,
    line: &'static str,
    blank: &'static str,
    events: Vec<(Event, Extra)>,
    has_usage: bool,
    ends: End,
}

#[derive(Clone, Debug)]
struct Event {
    members: Vec<&'static str>,
    /// Where among them the usage stands.
    at: Index,
    usage: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum Extra {
    None,
    Comment,
    Name,
    Id,
}

#[derive(Clone, Copy, Debug)]
enum End {
    Done,
    Nothing,
    /// The last blank line is missing.
    NoBlank,
}

impl Stream {
    fn text(&self, asked: bool) -> String {
        let mut out = String::new();
        if self.has_mark {
            out.push('\u{feff}');
        }
        for (event, extra) in &self.events {
            let data = event.data(asked);
            let lines: &[&str] = match extra {
                Extra::None => &[&data],
                Extra::Comment => &[": \"usage\" of a comment", &data],
                Extra::Name => &["event: message", &data],
                Extra::Id => &[&data, "id: 7"],
            };
            for line in lines {
                out.push_str(line);
                out.push_str(self.line);
            }
            out.push_str(self.line);
        }
        let extra = r#"{"id":"c","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":20,"total_tokens":1020}}"#;
        let tail = format!("data:{}{extra}{}{}", self.blank, self.line, self.line);
        let is_extra = asked && self.has_usage;
        match self.ends {
            End::Done => {
                out.extend(is_extra.then_some(tail.as_str()));
                out.push_str("data: [DONE]");
                out.push_str(self.line);
                out.push_str(self.line);
            }
            End::Nothing => out.extend(is_extra.then_some(tail.as_str())),
            End::NoBlank => out.extend(is_extra.then_some(tail.trim_end())),
        }
        out
    }
}

impl Event {
    fn data(&self, asked: bool) -> String {
        let mut members = self.members.clone();
        if asked {
            members.insert(self.at.index(members.len() + 1), self.usage);
        }
        format!("data: {{{}}}", members.join(","))
    }
}

fn stream() -> impl Strategy<Value = Stream> {
    let member = select(vec![
        r#""id":"chatcmpl-1""#,
        r#""created":17"#,
        r#""system_fingerprint":null"#,
        r#""obfuscation":"a}\"\\""#,
        r#""choices":[{"index":0,"delta":{"content":"a \"usage\":null b"},"finish_reason":null}]"#,
        r#""choices":[{"index":0,"delta":{"content":"\\"},"usage":{"prompt_tokens":5}}]"#,
        r#""choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{\"usage\":{}}"}}]}}]"#,
        r#""choices":[]"#,
        r#""error":{"usage":null,"message":"é {"}"#,
    ]);
    let event = (
        vec(member, 0..5),
        any::<Index>(),
        select(vec!["\"usage\":null", "\"usage\" : null"]),
    )
        .prop_map(|(members, at, usage)| Event { members, at, usage });
    let extra = prop_oneof![
        4 => Just(Extra::None),
        1 => select(vec![Extra::Comment, Extra::Name, Extra::Id]),
    ];
    (
        any::<bool>(),
        select(vec!["\n", "\r\n", "\r"]),
        select(vec!["", " "]),
        vec((event, extra), 1..12),
        any::<bool>(),
        select(vec![End::Done, End::Done, End::Nothing, End::NoBlank]),
    )
        .prop_map(|(has_mark, line, blank, events, has_usage, ends)| Stream {
            has_mark,
            line,
            blank,
            events,
            has_usage,
            ends,
        })
}

/// Pieces of streams in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = select(vec![
        "\n",
        "\n\n",
        "\r",
        "\r\n\r\n",
        "data: ",
        "data:",
        "event: x",
        ": c",
        "data: [DONE]\n\n",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "null",
        "7",
        "é",
        "\u{feff}",
        "\"usage\"",
        "\"usage\":{\"prompt_tokens\":1}",
        "\"usage\":null",
        "\"choices\":[]",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n",
        "data: {\"choices\":[],\ndata: \"usage\":{\"prompt_tokens\":1}}\n\n",
    ]);
    vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

/// Any object, with a usage in some of the places where one may be.
fn answer() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f32>()
            .prop_filter("JSON has none", |it| it.is_finite())
            .prop_map(Value::from),
        "[ -~é💬]{0,12}".prop_map(Value::from),
        select(vec!["\\", "\"", "{\"usage\":{}}", "\\\"", "}", "]"]).prop_map(Value::from),
    ];
    let name = || {
        prop_oneof![
            "[a-z]{1,4}",
            select(vec!["usage\"", "response", "usag", "\\", "{"]).prop_map(str::to_owned)
        ]
    };
    let value = leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((name(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    let told = (any::<u32>(), any::<u32>()).prop_map(|(input, output)| {
        json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": u64::from(input) + 1})
    });
    let holder = move |told: BoxedStrategy<Value>, value: BoxedStrategy<Value>| {
        (vec((name(), value), 0..6), option::of(told), any::<Index>()).prop_map(
            |(members, told, at)| {
                let mut members: Vec<_> = members
                    .into_iter()
                    .filter(|(name, _)| name != "response")
                    .collect();
                if let Some(told) = told {
                    members.insert(at.index(members.len() + 1), ("usage".to_owned(), told));
                }
                members
            },
        )
    };
    let (told, value) = (told.boxed(), value.boxed());
    let inner = option::of(holder(told.clone(), value.clone()));
    (holder(told, value), inner, any::<Index>()).prop_map(|(mut members, inner, at)| {
        if let Some(inner) = inner {
            let inner = Value::Object(inner.into_iter().collect());
            members.insert(at.index(members.len() + 1), ("response".to_owned(), inner));
        }
        Value::Object(members.into_iter().collect())
    })
}

fn options() -> impl Strategy<Value = Option<Value>> {
    select(vec![
        None,
        Some(json!(null)),
        Some(json!({})),
        Some(json!({"include_usage": null})),
        Some(json!({"include_usage": false, "include_obfuscation": false})),
        Some(json!({"include_obfuscation": false})),
        Some(json!({"include_usage": true})),
        Some(json!({"include_usage": "yes"})),
        Some(json!("x")),
        Some(json!([1])),
        Some(json!(true)),
    ])
}
