//! The repair of Azure's streams: a cut changes nothing, and no bytes are too strange.

use isthmus::azure::stream::{Repair, Rules};
use isthmus::sse::Decoder;
use isthmus::stream::{Ended, Step};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::cut::cuts;
use crate::recorded::{Recorded, recorded, rules};

proptest! {
    #[test]
    fn any_cut_of_a_recorded_stream_gives_the_same_bytes(stream in select(streams()), cuts in cuts()) {
        let whole = stream.run([&stream.upstream[..]]);
        let cut = stream.run(cuts.apply(&stream.upstream));
        prop_assert_eq!(cut.events(), stream.client, "{}", stream.name);
        prop_assert_eq!(cut, whole, "{}", stream.name);
    }

    /// What was repaired needs no further repair.
    #[test]
    fn a_repaired_stream_stays_as_it_is(stream in select(whole_streams()), cuts in cuts()) {
        let again = Recorded { upstream: stream.run([&stream.upstream[..]]).bytes, ..stream.clone() };
        let client = again.run(cuts.apply(&again.upstream));
        prop_assert_eq!(client.bytes, again.upstream, "{}", again.name);
    }

    #[test]
    fn any_pieces_of_streams_give_the_same_however_they_are_cut(
        bytes in pieces(),
        rules in any_rules(),
        is_broken: bool,
        cuts in cuts(),
    ) {
        let ended = if is_broken { Ended::Broken } else { Ended::Cleanly };
        let whole = run(&rules, ended, [&bytes[..]]);
        let cut = run(&rules, ended, cuts.apply(&bytes));
        prop_assert_eq!(&cut, &whole);
        // Whatever came, what goes out is whole events, and ends.
        let mut decoder = Decoder::default();
        let events = decoder.push(&whole).unwrap();
        prop_assert!(events.last().is_some_and(|it| it.data.starts_with("[DONE]")));
        prop_assert!(decoder.push(b"\n\n").unwrap().is_empty());
    }

    /// Chunks that are like the last are repaired without a look; one of another kind in between makes it look.
    #[test]
    fn a_chunk_like_the_last_is_repaired_as_any_other(events in similar(), rules in any_rules()) {
        let ping = "data: {\"type\":\"ping\"}\n\n";
        let whole = run(&rules, Ended::Cleanly, [events.concat().as_bytes()]);
        let apart = run(&rules, Ended::Cleanly, [events.join(ping).as_bytes()]);
        let apart = String::from_utf8(apart).unwrap().replace(ping, "");
        prop_assert_eq!(String::from_utf8(whole).unwrap(), apart);
    }

    #[test]
    fn any_bytes_pass(bytes in vec(any::<u8>(), 0..400), rules in any_rules(), cuts in cuts()) {
        let whole = run(&rules, Ended::Broken, [&bytes[..]]);
        prop_assert_eq!(run(&rules, Ended::Broken, cuts.apply(&bytes)), whole);
        let tail = Repair::new(rules).finish_unseen(Ended::Cleanly, &bytes);
        prop_assert!(tail.bytes.ends_with(b"\n\n"));
    }
}

/// Those that are an answer.
fn streams() -> Vec<Recorded> {
    let mut streams = recorded();
    streams.retain(|it| it.refused.is_none());
    streams
}

/// Those that came to an end which is not taken back.
fn whole_streams() -> Vec<Recorded> {
    let mut streams = streams();
    streams.retain(|it| it.is_whole && it.name != "finish_reason_empty");
    streams
}

fn any_rules() -> impl Strategy<Value = Rules> {
    any::<[bool; 4]>().prop_map(|[strip, hide, keep, plain]| Rules {
        strip_azure_fields: strip,
        hide_usage: hide,
        keep_annotation_chunks: keep,
        plain_lines: plain,
        ..rules()
    })
}

fn run<'a>(rules: &Rules, ended: Ended, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut repair = Repair::new(rules.clone());
    // Too late for a status from here on: when a comment goes out depends on the cut.
    let mut bytes = b"data: 1\n\n".to_vec();
    assert_eq!(repair.push(&bytes), Step::AsItIs);
    for chunk in chunks {
        match repair.push(chunk) {
            Step::AsItIs => bytes.extend_from_slice(chunk),
            Step::Instead(instead) => bytes.extend(instead),
            Step::Refused { .. } => panic!("too late"),
        }
    }
    bytes.extend(repair.finish(ended).bytes);
    bytes
}

/// Pieces of streams in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = select(vec![
        "\n",
        "\n\n",
        "\n\n",
        "\r",
        "\r\n",
        "\r\n\r\n",
        "data: ",
        "data:",
        "event: error",
        ": c",
        "[DONE]",
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
        "\"\"",
        "0",
        "é",
        "data: {\"choices\":[",
        "]}\n\n",
        "\"usage\":{}",
        "\"error\":{}",
        "\"error\":\"x\"",
        "\"id\":\"a\"",
        "\"choices\":[",
        "{\"index\":0,",
        "{\"index\":1,",
        "\"delta\":{",
        "\"content\":\"a\"",
        "\"content\":null",
        "\"role\":null",
        "\"tool_calls\":[",
        "{\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":{\"a\": 1}}}",
        "\"finish_reason\":\"stop\"",
        "\"finish_reason\":\"\"",
        "\"content_filter_results\":{}",
        "\"text\":\"a\"",
        "data: {\"choices\":[{\"index\":0,\"finish_reason\":null}]}\n\n",
        "data: {\"choices\":[{},{\"index\":1,\"finish_reason\":\"stop\"},{}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\",\"role\":null}}]}\n\n",
    ]);
    vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

/// Runs of chunks that are like each other, and others in between.
fn similar() -> impl Strategy<Value = Vec<String>> {
    let text = select(vec!["", "a", r"\n", r#"\""#, r"b\\", r"\u00e9é", "}]}"]);
    let kinds = [
        r#"{"id":"a","object":"chat.completion.chunk","created":1,"model":"m",
            "choices":[{"index":0,"delta":{"content":"@"}}],"obfuscation":"@"}"#,
        r#"{"choices":[{"delta":{"content":"@"},"content_filter_results":{"hate":1}}]}"#,
        r#"{"choices":[{"delta":{"role":null,"content":null,"reasoning_content":"@"},"matched_stop":null}]}"#,
        r#"{"choices":[{"delta":{"content":"@"},"finish_reason":""}]}"#,
        r#"{"choices":[{"delta":{"content":"@"}},{"delta":{"content":"@","role":null}}]}"#,
        r#"{"choices":[{"index":1,"delta":{"content":"@"},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"@"},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"@"}}]}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"id":"@","function":{"name":"f","arguments":"@"}}]}}]}"#,
        r#"{"choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":{}}}],"content":"@"}}]}"#,
        r#"{"choices":[{"text":"@"}]}"#,
        r#"{"choices":[{"finish_reason":null,"content_filter_results":{}}],"obfuscation":"@"}"#,
        r#"{"choices":[],"usage":{},"obfuscation":"@"}"#,
    ];
    let run = (
        select(
            kinds
                .map(|kind| kind.replace("\n            ", ""))
                .to_vec(),
        ),
        vec((text.clone(), text), 1..4),
    );
    vec(run, 1..8).prop_map(|runs| {
        let event = |kind: &str, one: &str, two: &str| {
            let data = kind.replacen('@', one, 1).replace('@', two);
            format!("data: {data}\n\n")
        };
        let runs = runs.iter();
        let events = runs
            .flat_map(|(kind, texts)| texts.iter().map(move |(one, two)| event(kind, one, two)));
        events.collect()
    })
}
