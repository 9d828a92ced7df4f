//! Azure AI Model Inference: streams as plain lines however they are cut, and requests whatever stands in them.

use isthmus::azure::stream::Repair;
use isthmus::dialect::Refusal;
use isthmus::gemini::options::Options;
use isthmus::gemini::stream::{self, Translation};
use isthmus::gemini::{Expects, Host, chat};
use isthmus::inference::errors;
use isthmus::inference::request::{self, Policy, Reader};
use isthmus::inference::stream::Plain;
use isthmus::sse::Decoder;
use isthmus::stream::{Ended, Rewrite, Step};
use isthmus::surface::Operation;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::cut::cuts;
use crate::recorded::{recorded, rules};

proptest! {
    #[test]
    fn any_cut_gives_the_same_bytes(pieces in vec(piece(), 0..12), tail in tail(), is_broken: bool, cuts in cuts()) {
        let bytes = (pieces.concat() + &tail).into_bytes();
        let ended = if is_broken { Ended::Broken } else { Ended::Cleanly };
        let whole = run(ended, [&bytes[..]]);
        prop_assert_eq!(&run(ended, cuts.apply(&bytes)), &whole);
        prop_assert!(is_plain(&whole.bytes));
    }

    /// Of events that are whole: what another reader of the standard finds, one line each, up to an end or an error.
    #[test]
    fn it_is_what_a_simple_reader_finds(pieces in vec(piece(), 0..12), cuts in cuts()) {
        // A `\r` at the very end may be half a line ending; a comment behind it tells.
        let text = pieces.concat() + ": end\n\n";
        let got = run(Ended::Cleanly, cuts.apply(text.as_bytes()));
        prop_assert_eq!(got, simple(&text));
    }

    /// A plain stream passes byte for byte.
    #[test]
    fn what_is_plain_stays_as_it_is(pieces in vec(piece(), 0..12), cuts in cuts()) {
        let once = run(Ended::Cleanly, [pieces.concat().as_bytes()]);
        let again = run(Ended::Cleanly, cuts.apply(&once.bytes));
        if once.breaks {
            prop_assert!(again.bytes.starts_with(&once.bytes));
        } else {
            prop_assert_eq!(again, once);
        }
    }

    #[test]
    fn any_bytes_pass(bytes in vec(any::<u8>(), 0..300), cuts in cuts()) {
        let whole = run(Ended::Broken, [&bytes[..]]);
        prop_assert_eq!(&run(Ended::Broken, cuts.apply(&bytes)), &whole);
        prop_assert!(is_plain(&whole.bytes));
    }

    /// Whatever is done to the upstream's stream before: Azure's repaired, Google's translated.
    #[test]
    fn what_others_translate_is_plain(pieces in vec(prop_oneof![piece(), googles()], 0..12), bytes in vec(any::<u8>(), 0..40),
        is_google: bool, is_broken: bool, cuts in cuts()) {
        let stream = [pieces.concat().as_bytes(), &bytes].concat();
        let ended = if is_broken { Ended::Broken } else { Ended::Cleanly };
        let got = run_over(Some(translation(is_google)), ended, cuts.apply(&stream));
        prop_assert!(is_plain(&got.bytes));
        prop_assert!(got.breaks || got.bytes.ends_with(b"data: [DONE]\n\n"));
        prop_assert!(String::from_utf8_lossy(&got.bytes).matches("\ndata: [DONE]").count() <= 1);
    }

    /// Recorded streams of Azure's: the chunks that the repair gives, and their end.
    #[test]
    fn recorded_streams_are_plain(stream in select(recorded()), cuts in cuts()) {
        let over = || Some(Rewrite::Azure(Box::new(Repair::new(rules()))));
        let whole = run_over(over(), Ended::Cleanly, [&stream.upstream[..]]);
        let cut = run_over(over(), Ended::Cleanly, cuts.apply(&stream.upstream));
        prop_assert!(is_plain(&whole.bytes));
        prop_assert_eq!(cut, whole);
    }

    /// Each policy against a filter of the parsed object.
    #[test]
    fn policies_leave_what_is_known(members in members(), is_chat: bool) {
        let operation = if is_chat { Operation::Chat } else { Operation::Embeddings };
        let text = Value::Object(members.clone()).to_string().into_bytes();
        let is_known = |name: &str| if is_chat { CHAT.contains(&name) } else { EMBEDDINGS.contains(&name) };
        let mut known = members.clone();
        known.retain(|name, _| is_known(name));
        let dropped = request::admitted(Policy::Drop, operation, &text).unwrap().unwrap_or_else(|| text.clone());
        prop_assert_eq!(serde_json::from_slice::<Value>(&dropped).unwrap(), Value::Object(known.clone()));
        let refused = request::admitted(Policy::Error, operation, &text);
        prop_assert_eq!(refused.is_err(), known.len() < members.len());
        prop_assert_eq!(request::admitted(Policy::PassThrough, operation, &text).unwrap(), None);
    }

    #[test]
    fn what_is_written_for_others_is_json(members in members(), is_chat: bool, is_google: bool) {
        let operation = if is_chat { Operation::Chat } else { Operation::Embeddings };
        let reader = if is_google { Reader::Gemini } else { Reader::OpenAi };
        let text = Value::Object(members.clone()).to_string().into_bytes();
        prop_assert_eq!(request::written_for(Reader::Native, operation, &text).unwrap(), None);
        let Ok(Some(written)) = request::written_for(reader, operation, &text) else {
            return Ok(());
        };
        let written: Map<String, Value> = serde_json::from_slice(&written).unwrap();
        for (name, value) in &members {
            if !["modalities", "stream_options", "input_type"].contains(&name.as_str()) {
                prop_assert_eq!(written.get(name), Some(value));
            }
        }
    }

    #[test]
    fn any_bytes_are_a_request_or_a_refusal(bytes in vec(any::<u8>(), 0..200), status in 400_u16..600) {
        for operation in [Operation::Chat, Operation::Embeddings] {
            for policy in [Policy::Error, Policy::Drop] {
                let _ = request::admitted(policy, operation, &bytes);
            }
            let _ = request::written_for(Reader::OpenAi, operation, &bytes);
        }
        let refusal = errors::reshaped(Refusal::new(status, bytes));
        let body: Value = serde_json::from_slice(&refusal.body).unwrap();
        let code = body["error"]["code"].as_str().unwrap().to_owned();
        prop_assert_eq!(refusal.headers, [(errors::HEADER, code)]);
        prop_assert_eq!(&body["error"]["status"], &Value::from(status));
    }
}

const CHAT: [&str; 14] = [
    "frequency_penalty",
    "max_tokens",
    "messages",
    "modalities",
    "model",
    "presence_penalty",
    "response_format",
    "seed",
    "stop",
    "stream",
    "temperature",
    "tool_choice",
    "tools",
    "top_p",
];
const EMBEDDINGS: [&str; 5] = [
    "dimensions",
    "encoding_format",
    "input",
    "input_type",
    "model",
];

const ERROR: &str = r#"{"error":{"message":"m","code":429}}"#;

#[derive(Debug, PartialEq)]
struct Outcome {
    bytes: Vec<u8>,
    breaks: bool,
    refused: Option<(u16, Vec<u8>)>,
}

fn translation(is_google: bool) -> Rewrite {
    if !is_google {
        return Rewrite::Azure(Box::new(Repair::new(rules())));
    }
    let expects = chat::Expects {
        stream: true,
        usage: true,
        ..chat::Expects::default()
    };
    Rewrite::Gemini(Box::new(Translation::new(stream::Rules {
        model: "m".to_owned(),
        id: "7".to_owned(),
        now_secs: 1,
        host: Host::default(),
        options: Options::default(),
        expects: Expects::Chat(expects),
        sources: 1,
    })))
}

/// An event of Google's.
fn googles() -> impl Strategy<Value = String> {
    let part = |text: &str, reason: Value| {
        json!({"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": reason}],
            "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}})
    };
    let event = select(vec![
        part("Hel", Value::Null),
        part("\"error\" [DONE]\n\r\n", Value::Null),
        part("", "STOP".into()),
        part("x", "SAFETY".into()),
        json!({"promptFeedback": {"blockReason": "SAFETY"}}),
        json!({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}),
    ]);
    event.prop_map(|event| format!("data: {event}\r\n\r\n"))
}

/// What a client gets. Of a stream that is refused before anything went out it is the refusal alone.
fn run<'a>(ended: Ended, chunks: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    run_over(None, ended, chunks)
}

fn run_over<'a>(
    inner: Option<Rewrite>,
    ended: Ended,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Outcome {
    let mut plain = Plain::over(inner);
    let mut bytes = Vec::new();
    for chunk in chunks {
        match plain.push(chunk) {
            Step::AsItIs => bytes.extend_from_slice(chunk),
            Step::Instead(instead) => bytes.extend(instead),
            Step::Refused { status, body } => {
                assert!(bytes.is_empty(), "too late to refuse");
                return Outcome {
                    bytes,
                    breaks: true,
                    refused: Some((status, body)),
                };
            }
        }
    }
    let tail = plain.finish(ended);
    bytes.extend(tail.bytes);
    assert_eq!(tail.is_whole, !plain.breaks_off());
    Outcome {
        bytes,
        breaks: plain.breaks_off(),
        refused: None,
    }
}

fn simple(text: &str) -> Outcome {
    let mut bytes = String::new();
    let (mut is_finished, mut is_done) = (false, false);
    for event in Decoder::default().push(text.as_bytes()).unwrap() {
        let data = event.data.trim_matches(['\n', ' ']);
        if data.starts_with("[DONE]") {
            is_done = true;
            break;
        }
        let value: Value = serde_json::from_str(data).unwrap_or_default();
        if !value.is_object() {
            continue;
        }
        let is_flat = event.name == "error" && value.get("choices").is_none();
        if value["error"].is_object() || is_flat {
            let status = if is_flat && value.get("error").is_none() {
                500
            } else {
                429
            };
            let body = event.data.clone().into_bytes();
            let refused = bytes.is_empty().then_some((status, body));
            return Outcome {
                bytes: bytes.into_bytes(),
                breaks: true,
                refused,
            };
        }
        is_finished |= value["choices"][0]["finish_reason"].is_string();
        let line = event.data.replace('\n', " ");
        bytes.extend(["data: ", &line, "\n\n"]);
    }
    if is_done || is_finished {
        bytes += "data: [DONE]\n\n";
    }
    Outcome {
        bytes: bytes.into_bytes(),
        breaks: !(is_done || is_finished),
        refused: None,
    }
}

fn is_plain(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    lines.all(|line| line.is_empty() || line.starts_with(b"data: ") && !line.contains(&b'\r'))
}

/// A whole event, or something between events.
fn piece() -> impl Strategy<Value = String> {
    const ENDS: [&str; 3] = ["\n", "\r\n", "\r"];
    let chunk = |delta: &str, reason: Value| {
        json!({"id": "c", "choices": [{"index": 0, "delta": {"content": delta}, "finish_reason": reason}]}).to_string()
    };
    let data = select(vec![
        chunk("Hel", Value::Null),
        chunk("\"error\" finish_reason [DONE]\n\n", Value::Null),
        chunk("error", Value::Null),
        chunk("", "stop".into()),
        r#"{"choices":[],"usage":{"total_tokens":2}}"#.to_owned(),
        "{\"choices\":[],\ndata: \"usage\":{}}".to_owned(),
        " {\"choices\":[]}".to_owned(),
        ERROR.to_owned(),
        "[DONE]".to_owned(),
        String::new(),
        "text".to_owned(),
    ]);
    let before = select(vec![
        "",
        "",
        "",
        ": ping\n",
        "event: x\n",
        "id: 7\nretry: 9\n",
        "event: error\n",
    ]);
    let event = (
        before,
        data,
        select(vec!["data: ", "data: ", "data:"]),
        select(ENDS.to_vec()),
    );
    let event = event.prop_map(|(before, data, field, end)| {
        format!("{before}{field}{data}\n\n").replace('\n', end)
    });
    let between = select(vec![": ping\n\n", "\n", "\r\n", "event: x\n\n"]).prop_map(str::to_owned);
    prop_oneof![5 => event, 1 => between]
}

/// The beginning of an event.
fn tail() -> impl Strategy<Value = String> {
    select(vec![
        "",
        "data: [DONE]",
        "data: {\"choices\":[]}",
        "data: {\"cho",
        ": pi",
        "data:\r",
        "event: x\ndata: {}\n",
    ])
    .prop_map(str::to_owned)
}

fn members() -> impl Strategy<Value = Map<String, Value>> {
    let extra = ["n", "foo", "it's", "stream_options", "user", "\"", "\\", ""];
    let names: Vec<&str> = CHAT.into_iter().chain(EMBEDDINGS).chain(extra).collect();
    let value = select(vec![
        json!(null),
        json!(true),
        json!(1.5),
        json!("query"),
        json!("float"),
        json!(["text"]),
        json!({}),
        json!({"include_usage": false}),
        json!({"a": [1, {"b": "}"}]}),
    ]);
    let members = btree_map(select(names).prop_map(str::to_owned), value, 0..8);
    members.prop_map(|members| members.into_iter().collect())
}
