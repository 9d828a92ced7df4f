//! Azure's event streams as recorded, and what OpenAI's clients get of them: `golden/azure/streams`, a file each.
//!
//! A file begins with what it shows (`#`) and what differs from the defaults: `rules: ...` (switches that are on),
//! `ended: broken`, `whole: false`, `refused: <status>`, `crlf` (line endings of the upstream). Then the upstream's
//! bytes, and the client's events, a line each.

use crate::recorded::{Recorded, recorded, rules};
use isthmus::azure::stream::{Repair, Rules};
use isthmus::sse::MAX_EVENT;
use isthmus::stream::{Ended, Step};
use serde_json::{Value, json};

#[test]
fn recorded_streams_are_repaired_however_they_are_cut() {
    for stream in recorded() {
        for size in [usize::MAX, 64, 7, 1] {
            let client = stream.run(
                stream
                    .upstream
                    .chunks(size.min(stream.upstream.len().max(1))),
            );
            let name = format!("{} in chunks of {size}", stream.name);
            assert_eq!(client.refused, stream.refused, "{name}");
            if stream.refused.is_none() {
                assert_eq!(client.events(), stream.client, "{name}");
                assert_eq!(client.is_whole, stream.is_whole, "{name}");
            }
        }
    }
}

#[test]
fn what_needs_no_repair_comes_out_as_it_is() {
    for name in [
        "nothing_to_repair",
        "fields_kept",
        "annotations_kept",
        "not_json",
    ] {
        let stream = named(name);
        let mut repair = Repair::new(stream.rules.clone());
        assert_eq!(repair.push(&stream.upstream), Step::AsItIs, "{name}");
        assert_eq!(repair.finish(Ended::Cleanly).bytes, b"", "{name}");
    }
}

#[test]
fn a_strict_client_gets_plain_lines_only() {
    for mut stream in recorded() {
        stream.rules.plain_lines = true;
        let client = stream.run([&stream.upstream[..]]);
        let text = String::from_utf8(client.bytes).unwrap();
        let is_plain = |line: &str| line.is_empty() || line.starts_with("data: ");
        assert!(text.split('\n').all(is_plain), "{}: {text}", stream.name);
        assert!(!text.contains('\r'), "{}", stream.name);
    }
}

#[test]
fn bytes_outside_of_a_repair_survive() {
    let chunk = |before: &str, after: &str| {
        format!(
            "{before}: c\r\nevent: x\ndata:{{ \"id\":\"a\", \"x\":1.0e0,\"model\":\"m\",\"created\":1,{after} \
             \"choices\" : [{{\"index\":0,\"delta\":{{\"content\":\"\\u00e9/\"}} }} ] }}\r\n\n"
        )
    };
    let untouched = chunk("\u{feff}", "\"object\":\"chat.completion.chunk\",");
    let mut repair = Repair::new(rules());
    assert_eq!(repair.push(untouched.as_bytes()), Step::AsItIs);
    let changed = "data: {\"object\":\"chat.completion.chunk\", \"id\":\"a\", \"x\":1.0e0,\"model\":\"m\",\"created\":1, \
                   \"choices\" : [{\"index\":0,\"delta\":{\"content\":\"\\u00e9/\"} } ] }\n\n";
    let step = repair.push(chunk("", "").as_bytes());
    assert_eq!(step, Step::Instead(changed.as_bytes().to_vec()));
}

/// A chunk of Azure OpenAI's own.
fn own(choice: &Value) -> String {
    let chunk = json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o", "choices": [choice],
    });
    format!("data: {chunk}\n\n")
}

fn said(content: &str, filter: &Value) -> String {
    own(&json!({
        "index": 0, "delta": {"content": content}, "finish_reason": null, "content_filter_results": filter,
    }))
}

#[test]
fn the_synchronous_filter_settles_a_stream() {
    let safe = json!({"hate": {"filtered": false, "severity": "safe"}});
    let proof = said("a", &safe);
    let nameless = proof.replace("gpt-4o", "");
    let cut = format!("{proof}data");
    let may_settle = || Rules {
        may_settle: true,
        ..rules()
    };
    let settles = |rules: Rules, text: &str| {
        let mut repair = Repair::new(rules);
        repair.push(text.as_bytes());
        repair.is_settled()
    };
    let cases = [
        (proof.as_str(), true),
        (&said("", &safe), false),
        (&(said("", &safe) + &proof), true),
        (&said("a", &json!({})), false),
        (&said("a", &Value::Null), false),
        (&nameless, false),
        (&cut, false),
        (&format!("{proof}data: [DONE]\n\n"), false),
    ];
    for (text, expected) in cases {
        assert_eq!(settles(may_settle(), text), expected, "{text}");
    }
    assert!(!settles(rules(), &proof));
    for rules in [
        Rules {
            strip_azure_fields: true,
            ..may_settle()
        },
        Rules {
            hide_usage: true,
            ..may_settle()
        },
        Rules {
            plain_lines: true,
            ..may_settle()
        },
    ] {
        assert!(!settles(rules, &proof));
    }
}

#[test]
fn a_settled_stream_is_ended_by_what_passed_last() {
    let text = said("data: [DONE]", &json!({}));
    let half = &text[text.find("data: [DONE]").unwrap()..];
    let stop = own(&json!({"index": 0, "delta": {}, "finish_reason": "stop"}));
    let error = "data: {\"error\":{\"message\":\"x\"}}\n\n";
    let (done, open_done) = ("data: [DONE]\n\n", "data: [DONE]");
    let truncated = Some("stream_truncated");
    let broken = Some("upstream_stream_broken");
    let cases = [
        (format!("{half}{stop}{done}"), Ended::Cleanly, "", None),
        (format!("{stop}{done}"), Ended::Broken, "", None),
        (format!("{stop}{open_done}"), Ended::Cleanly, "\n\n", None),
        (format!("{half}{stop}"), Ended::Cleanly, done, None),
        (stop.replace('\n', "\r\n"), Ended::Cleanly, done, None),
        (
            stop.trim_end().to_owned(),
            Ended::Cleanly,
            "\n\ndata: [DONE]\n\n",
            None,
        ),
        (half.to_owned(), Ended::Cleanly, "data: {", truncated),
        (text.clone(), Ended::Cleanly, "data: {", truncated),
        (String::new(), Ended::Cleanly, "data: {", truncated),
        (stop.clone(), Ended::Broken, "\n\ndata: {", broken),
        (String::new(), Ended::Broken, "\n\ndata: {", broken),
        // Half an event is at the client already: it is completed, and says so.
        (
            format!("{stop}data: {{\"id\":\"x\",\"cho"),
            Ended::Broken,
            "\":null,\"error\":{",
            broken,
        ),
        (
            format!("{stop}data: {{\"choices\":[{{\"index\":0"),
            Ended::Cleanly,
            "}],\"error\":{",
            truncated,
        ),
        // Also where it is the first of them.
        (
            text[..40].to_owned(),
            Ended::Cleanly,
            "\",\"error\":{",
            truncated,
        ),
        // Its beginning is not there: what a text says of events is none.
        (
            "a data: {\\\"id\\\"".to_owned(),
            Ended::Broken,
            "\n\ndata: {",
            broken,
        ),
        (
            "data: {\\\"id\\\"".to_owned(),
            Ended::Broken,
            "\n\ndata: {",
            broken,
        ),
    ];
    for (last, ended, start, code) in cases {
        let mut repair = Repair::new(rules());
        repair.push(text.as_bytes());
        let tail = repair.finish_unseen(ended, last.as_bytes());
        let bytes = String::from_utf8(tail.bytes).unwrap();
        assert_eq!(tail.is_whole, code.is_none(), "{last}");
        assert!(bytes.starts_with(start), "{last}: {bytes}");
        match code {
            None => assert_eq!(bytes, start, "{last}"),
            Some(code) => {
                assert!(bytes.contains(code), "{last}: {bytes}");
                assert!(bytes.ends_with("\n\ndata: [DONE]\n\n"), "{last}: {bytes}");
            }
        }
    }
    let mut repair = Repair::new(rules());
    let tail = repair.finish_unseen(Ended::Cleanly, error.as_bytes());
    assert_eq!(
        (tail.bytes.as_slice(), tail.is_whole),
        (done.as_bytes(), false)
    );
}

#[test]
fn an_error_of_the_first_event_has_the_status_it_means() {
    let cases = [
        (json!({"code": "content_filter", "message": "x"}), 400),
        (json!({"code": "429", "message": "x"}), 429),
        (json!({"status": 403, "message": "x"}), 403),
        (json!({"code": "RateLimitReached", "message": "x"}), 429),
        (json!({"code": "insufficient_quota", "message": "x"}), 429),
        (
            json!({"type": "server_error", "message": "The model is overloaded."}),
            503,
        ),
        (json!({"type": "server_error", "message": "x"}), 500),
        (
            json!({"type": "invalid_request_error", "message": "x"}),
            400,
        ),
        (json!({"code": 7, "message": "x"}), 502),
        (json!("Rate limit reached."), 429),
    ];
    for (error, expected) in cases {
        let data = json!({"error": error}).to_string();
        let stream = format!(": comment\n\ndata: {data}\n\n");
        let Step::Refused { status, body } = Repair::new(rules()).push(stream.as_bytes()) else {
            panic!("{stream}");
        };
        assert_eq!(status, expected, "{data}");
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert!(body["error"]["message"].is_string(), "{body}");
    }
    let named = b"event: error\ndata: {\"message\":\"x\"}\n\n";
    let step = Repair::new(rules()).push(named);
    assert!(matches!(step, Step::Refused { status: 502, .. }));
}

#[test]
fn an_error_behind_a_comment_that_went_out_is_an_event() {
    let mut repair = Repair::new(rules());
    assert_eq!(repair.push(b": comment\n\n"), Step::AsItIs);
    let error = b"data: {\"error\":{\"message\":\"x\"}}\n\n";
    assert_eq!(repair.push(error), Step::Instead(error.to_vec()));
    let tail = repair.finish(Ended::Cleanly);
    assert_eq!(
        (&tail.bytes[..], tail.is_whole),
        (&b"data: [DONE]\n\n"[..], false)
    );
}

#[test]
fn an_event_beyond_the_bound_ends_the_stream() {
    let mut repair = Repair::new(rules());
    let longest = vec![b'x'; MAX_EVENT];
    assert_eq!(repair.push(&longest), Step::Instead(Vec::new()));
    assert!(matches!(
        repair.push(b"x"),
        Step::Refused { status: 502, .. }
    ));

    let mut repair = Repair::new(rules());
    assert_eq!(repair.push(b"data: x\n\n"), Step::AsItIs);
    repair.push(&longest);
    let Step::Instead(bytes) = repair.push(b"x") else {
        panic!("something goes in its place");
    };
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("event_too_large") && text.contains(&MAX_EVENT.to_string()));
    assert!(text.ends_with("\n\ndata: [DONE]\n\n"));
    assert_eq!(repair.push(b"data: y\n\n"), Step::Instead(Vec::new()));
    let tail = repair.finish(Ended::Cleanly);
    assert_eq!((&tail.bytes[..], tail.is_whole), (&b""[..], false));
}

fn named(name: &str) -> Recorded {
    recorded().into_iter().find(|it| it.name == name).unwrap()
}
