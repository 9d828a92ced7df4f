//! A stream's usage is found however it is cut, hidden without a trace, and nothing else is touched.

use isthmus::stream::{Ended, Step};
use isthmus::usage::{Usage, Watch};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

use super::usage;
use crate::cut::cuts;

const USAGE: Usage = usage(1000, 20, 1020);

proptest! {
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
        if !names_usage(&bytes) {
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

fn names_usage(bytes: &[u8]) -> bool {
    bytes.windows(7).any(|it| it == b"\"usage\"")
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
