//! The commit gate: a cut changes no verdict, and no bytes are too strange.

use isthmus::gate::{Gate, MOST_BYTES, MOST_EVENTS, Verdict};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::cut::cuts;

proptest! {
    #[test]
    fn any_cut_gives_the_same_verdict(bytes in pieces(), cuts in cuts()) {
        prop_assert_eq!(verdict(cuts.apply(&bytes)), verdict([&bytes[..]]));
    }

    #[test]
    fn any_bytes_give_one(bytes in vec(any::<u8>(), 0..400), cuts in cuts()) {
        prop_assert_eq!(verdict(cuts.apply(&bytes)), verdict([&bytes[..]]));
    }

    /// At the bound, too.
    #[test]
    fn a_long_head_is_let_go_wherever_it_is_cut(
        filling in MOST_BYTES - 200..MOST_BYTES + 200,
        event in select(EVENTS.to_vec()),
        cuts in cuts(),
    ) {
        let bytes = [": ", &"x".repeat(filling), "\n\n", event].concat();
        let cut = cuts.apply(bytes.as_bytes());
        prop_assume!(cut.len() < 100);
        let one = verdict([bytes.as_bytes()]);
        prop_assert_eq!(verdict(cut), one.clone());
        if filling > MOST_BYTES {
            prop_assert_eq!(one, Verdict::Open);
        }
    }

    #[test]
    fn quiet_events_open_it_in_the_end(quiet in select(QUIET.to_vec()), cuts in cuts()) {
        let most = [quiet; MOST_EVENTS - 1].concat();
        prop_assert_eq!(verdict(cuts.apply(most.as_bytes())), Verdict::Over);
        // The last byte of the last event may be half a line ending.
        let more = [quiet; MOST_EVENTS].concat() + "\n";
        prop_assert_eq!(verdict(cuts.apply(more.as_bytes())), Verdict::Open);
    }
}

#[test]
fn what_is_output() {
    for event in QUIET {
        assert_eq!(verdict([event.as_bytes()]), Verdict::Over, "{event}");
    }
    for event in OUTPUT {
        assert_eq!(verdict([event.as_bytes()]), Verdict::Open, "{event}");
    }
    for (status, event) in ERRORS {
        let Verdict::Failed { status: came, body } = verdict([event.as_bytes()]) else {
            panic!("no error: {event}");
        };
        assert_eq!(came, status, "{event}");
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert!(body["error"]["message"].is_string(), "{body}");
    }
}

/// Not before the end comes are there any.
#[test]
fn what_is_not_whole_waits() {
    for event in OUTPUT {
        let event = event.trim_end().as_bytes();
        assert_eq!(Gate::default().push(event), Verdict::Wait);
    }
}

#[test]
fn an_end_that_lacks_its_blank_line_counts() {
    let chunk = r#"data: {"choices":[{"delta":{"content":"a"}}]}"#;
    assert_eq!(verdict([chunk.as_bytes()]), Verdict::Open);
    assert_eq!(verdict([&chunk.as_bytes()[..30]]), Verdict::Over);
}

const QUIET: [&str; 19] = [
    ": still there\n\n",
    "data: {\"choices\":[]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"total_tokens\":1}}\n\n",
    "data:{\"choices\":[],\"prompt_filter_results\":[{}]}\r\n\r\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"\",\"refusal\":null,\"tool_calls\":[],\"audio\":{}}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":null,\"logprobs\":{\"content\":[]}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"\"}]}\n\n",
    "data: {\"choices\":[{\"text\":\"\",\"content_filter_results\":{\"hate\":{}}}]}\n\n",
    "data: {\"object\":\"chat.completion.chunk\",\"choices\":null}\n\n",
    "data: {\"type\":\"response.created\",\"response\":{\"error\":null}}\n\n",
    "event: response.queued\ndata: {\"type\":\"response.queued\"}\n\n",
    "event: response.in_progress\rdata: {\"type\":\"response.in_progress\"}\r\r",
    "data: {\"type\":\"response.output_item.added\",\"item\":{\"type\":\"message\",\"content\":[]}}\n\n",
    "data: {\"type\":\"response.output_item.added\",\"item\":{\"type\":\"reasoning\",\"summary\":[]}}\n\n",
    "data: {\"type\":\"response.content_part.added\",\"part\":{\"type\":\"output_text\",\"text\":\"\"}}\n\n",
    "event: ping\ndata: {\"type\":\"ping\"}\n\n",
    "event: keepalive\ndata: {\"type\":\"keepalive\",\"sequence_number\":3}\n\n",
    "data:\n\n",
];

const OUTPUT: [&str; 15] = [
    "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"refusal\":\"a\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"reasoning\":\"a\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"\",\"reasoning_content\":\"a\"}}]}\r\n\r\n",
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0}]}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"function_call\":{\"name\":\"f\"}}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"audio\":{\"id\":\"a\"}}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{}},{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[{\"text\":\"a\"}]}\n\n",
    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"\"}\n\n",
    "data: {\"type\":\"response.output_item.added\",\"item\":{\"type\":\"function_call\",\"name\":\"f\"}}\n\n",
    "data: {\"type\":\"response.completed\",\"response\":{\"error\":null}}\n\n",
    "event: thread.run.created\ndata: {\"id\":\"run\"}\n\n",
    "data: [1]\n\n",
    "data: words\n\n",
];

const ERRORS: [(u16, &str); 9] = [
    (
        429,
        "data: {\"error\":{\"message\":\"m\",\"code\":\"rate_limit_exceeded\"}}\n\n",
    ),
    (
        503,
        "data: {\"error\":{\"message\":\"Overloaded\"},\"choices\":[]}\n\n",
    ),
    (
        400,
        "data: {\"error\":{\"message\":\"m\",\"code\":\"content_filter\"}}\n\n",
    ),
    (502, "data: {\"error\":\"broken\"}\n\n"),
    (
        500,
        "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"m\"}\n\n",
    ),
    (502, "event: error\ndata: words\n\n"),
    (
        429,
        "data: {\"object\":\"error\",\"message\":\"m\",\"code\":429}\n\n",
    ),
    (
        500,
        "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"server_error\",\"message\":\"m\"}}}\n\n",
    ),
    (
        502,
        "data: {\"type\":\"response.failed\",\"response\":{}}\n\n",
    ),
];

const EVENTS: [&str; 3] = [OUTPUT[0], ERRORS[0].1, "data: [DONE]\n\n"];

/// What comes of a stream, with its end.
fn verdict<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Verdict {
    let mut gate = Gate::default();
    for chunk in chunks {
        match gate.push(chunk) {
            Verdict::Wait => {}
            verdict => return verdict,
        }
    }
    gate.finish()
}

/// Pieces of streams in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let more = [
        "\n",
        "\n\n",
        "\r",
        "\r\n",
        "data: ",
        "event: error\n",
        ": c\n\n",
        "\u{feff}",
        "data: [DONE]\n\n",
        "{",
        "}",
    ];
    let events = ERRORS.map(|(_, event)| event);
    // The quiet ones often, so that some come in front of others.
    let piece = prop_oneof![
        4 => select(QUIET.to_vec()),
        1 => select(OUTPUT.to_vec()),
        1 => select(events.to_vec()),
        2 => select(more.to_vec()),
    ];
    vec(piece, 0..20).prop_map(|pieces| pieces.concat().into_bytes())
}
