//! Anthropic's dialect: total on any input, blind to how a stream is cut, and true to the ids of calls.

use isthmus::anthropic::Expects;
use isthmus::anthropic::answer::{Context, decode};
use isthmus::anthropic::request::encode;
use isthmus::anthropic::stream::{Rules, Translation};
use isthmus::sse::{Decoder, write_named};
use isthmus::stream::{Ended, Step};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::cut::cuts;

/// The words both sides look at, wherever they stand.
const WORDS: &[&str] = &[
    "messages",
    "role",
    "content",
    "user",
    "assistant",
    "system",
    "tool",
    "function",
    "tool_calls",
    "tool_call_id",
    "function_call",
    "id",
    "name",
    "arguments",
    "type",
    "text",
    "image_url",
    "url",
    "file",
    "file_data",
    "data:application/pdf;base64,AA",
    "tools",
    "tool_choice",
    "parameters",
    "thinking_blocks",
    "thinking",
    "signature",
    "reasoning_effort",
    "high",
    "response_format",
    "json_schema",
    "schema",
    "object",
    "stop",
    "temperature",
    "tool_use",
    "input",
    "usage",
    "stop_reason",
    "end_turn",
    "delta",
    "content_block",
    "message",
    "error",
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "text_delta",
    "input_json_delta",
    "partial_json",
    "thinking_delta",
    "signature_delta",
    "redacted_thinking",
    "{}",
    "",
    " ",
    "\u{e9}\"\\",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![9 => select(WORDS).prop_map(str::to_owned), 1 => any::<String>()]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => word().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((word(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Messages that are close to being right.
fn message() -> impl Strategy<Value = Value> {
    let said = |role: &'static str| {
        value().prop_map(move |content| json!({"role": role, "content": content}))
    };
    let text = |role: &'static str| {
        word().prop_map(move |content| json!({"role": role, "content": content}))
    };
    let call = (word(), word()).prop_map(|(id, text)| {
        let call =
            json!({"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}});
        json!({"role": "assistant", "content": text, "tool_calls": [call]})
    });
    let result = (word(), word())
        .prop_map(|(id, text)| json!({"role": "tool", "tool_call_id": id, "content": text}));
    prop_oneof![
        text("user"),
        text("assistant"),
        text("system"),
        said("user"),
        said("assistant"),
        call,
        result,
        value(),
    ]
}

fn request() -> impl Strategy<Value = Value> {
    let fields = vec((word(), value()), 0..4);
    (vec(message(), 0..5), fields).prop_map(|(messages, fields)| {
        let mut request: Map<String, Value> = fields.into_iter().collect();
        request.insert("messages".to_owned(), messages.into());
        request.into()
    })
}

fn event() -> impl Strategy<Value = Value> {
    let block = prop_oneof![
        Just(json!({"type": "text", "text": ""})),
        word().prop_map(|name| json!({"type": "tool_use", "id": "t", "name": name, "input": {}})),
        Just(json!({"type": "thinking", "thinking": ""})),
        value(),
    ];
    let delta = prop_oneof![
        word().prop_map(|text| json!({"type": "text_delta", "text": text})),
        word().prop_map(|text| json!({"type": "input_json_delta", "partial_json": text})),
        word().prop_map(|text| json!({"type": "thinking_delta", "thinking": text})),
        word().prop_map(|text| json!({"type": "signature_delta", "signature": text})),
        value(),
    ];
    let start =
        json!({"type": "message_start", "message": {"id": "msg_1", "usage": {"input_tokens": 1}}});
    let ended = json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}});
    prop_oneof![
        2 => Just(start),
        3 => block.prop_map(|block| json!({"type": "content_block_start", "content_block": block})),
        6 => delta.prop_map(|delta| json!({"type": "content_block_delta", "delta": delta})),
        3 => Just(json!({"type": "content_block_stop"})),
        1 => Just(ended),
        1 => Just(json!({"type": "message_stop"})),
        1 => Just(json!({"type": "ping"})),
        1 => word().prop_map(|kind| json!({"type": "error", "error": {"type": kind, "message": "m"}})),
        1 => value(),
    ]
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    vec(event(), 0..12).prop_map(|events| {
        let mut text = String::new();
        for event in events {
            write_named(&mut text, "event", &event.to_string());
        }
        text.into_bytes()
    })
}

fn expects() -> impl Strategy<Value = Expects> {
    any::<[bool; 3]>().prop_map(|[usage, function_call, answer_tool]| Expects {
        usage,
        function_call,
        answer_tool,
    })
}

/// What came of a stream: the refusal, or else all that was given out, and whether it was whole.
fn translate<'a>(
    windows: impl IntoIterator<Item = &'a [u8]>,
    expects: Expects,
) -> Result<(Vec<u8>, bool), (u16, Vec<u8>)> {
    let mut translation = Translation::new(Rules {
        model: "m".to_owned(),
        id: "7".to_owned(),
        now_secs: 1,
        expects,
    });
    let mut out = Vec::new();
    for window in windows {
        match translation.push(window) {
            Step::Instead(bytes) => out.extend(bytes),
            Step::Refused { status, body } => {
                assert!(out.is_empty(), "refused after something was given out");
                return Err((status, body));
            }
            Step::AsItIs => panic!("nothing of Anthropic's is for OpenAI's clients"),
        }
    }
    let tail = translation.finish(Ended::Cleanly);
    out.extend(tail.bytes);
    Ok((out, tail.is_whole))
}

/// Whatever came in: chunks of JSON, one end, and the role first.
fn check(out: &[u8], is_whole: bool) {
    let events = Decoder::default().push(out).unwrap();
    let (done, chunks) = events.split_last().expect("an end");
    assert!(done.is_done());
    let chunks: Vec<Value> = chunks
        .iter()
        .map(|event| serde_json::from_str(&event.data).expect("JSON"))
        .collect();
    let reasons = chunks
        .iter()
        .filter(|chunk| chunk["choices"][0]["finish_reason"].is_string());
    assert_eq!(reasons.count(), usize::from(is_whole));
    assert_eq!(
        chunks.iter().any(|chunk| chunk["error"].is_object()),
        !is_whole
    );
    let role = &chunks[0]["choices"][0]["delta"]["role"];
    assert!(chunks[0]["error"].is_object() || role == "assistant");
}

fn context(expects: Expects) -> Context<'static> {
    Context {
        model: "m",
        id: "7",
        now_secs: 1,
        expects,
    }
}

proptest! {
    #[test]
    fn any_request_is_translated_or_refused(request in request(), model in word()) {
        let text = request.to_string();
        match encode(text.as_bytes(), &model) {
            Err(error) => prop_assert_eq!(error.status(), 400),
            Ok(encoded) => {
                let body: Value = serde_json::from_slice(&encoded.body).expect("JSON");
                let roles = body["messages"].as_array().unwrap().iter().map(|turn| turn["role"].as_str().unwrap());
                for (index, role) in roles.enumerate() {
                    prop_assert_eq!(role, ["user", "assistant"][index % 2]);
                }
                prop_assert_eq!(body["messages"].as_array().unwrap().len() % 2, 1);
                prop_assert!(body["max_tokens"].as_u64() > Some(0));
            }
        }
    }

    #[test]
    fn any_value_is_taken_for_a_request_or_an_answer(value in value(), expects in expects()) {
        let text = value.to_string();
        let _ = encode(text.as_bytes(), "m");
        if let Some(bytes) = decode(text.as_bytes(), &context(expects)) {
            prop_assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
        }
    }

    #[test]
    fn any_content_is_an_answer(blocks in vec(value(), 0..5), expects in expects()) {
        let text = json!({"content": blocks}).to_string();
        let bytes = decode(text.as_bytes(), &context(expects)).expect("an answer");
        let answer: Value = serde_json::from_slice(&bytes).expect("JSON");
        prop_assert!(answer["choices"][0]["finish_reason"].is_string());
    }

    #[test]
    fn any_bytes_are_taken(bytes in vec(any::<u8>(), 0..200), cuts in cuts()) {
        let _ = encode(&bytes, "m");
        let _ = decode(&bytes, &context(Expects::default()));
        if let Ok((out, is_whole)) = translate(cuts.apply(&bytes), Expects::default()) {
            check(&out, is_whole);
        }
    }

    #[test]
    fn any_cut_gives_the_client_the_same(bytes in stream(), expects in expects(), cuts in cuts()) {
        let whole = translate([&bytes[..]], expects);
        prop_assert_eq!(&translate(cuts.apply(&bytes), expects), &whole);
        match whole {
            Ok((out, is_whole)) => check(&out, is_whole),
            Err((status, body)) => {
                prop_assert!((400..600).contains(&status));
                let body: Value = serde_json::from_slice(&body).expect("JSON");
                prop_assert!(body["error"]["message"].is_string());
            }
        }
    }

    /// What an answer called, the next request calls by the same ids.
    #[test]
    fn ids_survive_the_way_there_and_back(ids in proptest::collection::btree_set("[a-zA-Z0-9_-]{1,30}", 1..5)) {
        let call = |id: &String| json!({"type": "tool_use", "id": id, "name": "f", "input": {}});
        let calls: Vec<Value> = ids.iter().map(call).collect();
        let answer = json!({"content": calls, "stop_reason": "tool_use"}).to_string();
        let answer = decode(answer.as_bytes(), &context(Expects::default())).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();

        let mut messages = vec![json!({"role": "user", "content": "a"}), answer["choices"][0]["message"].clone()];
        let result = |id: &String| json!({"role": "tool", "tool_call_id": id, "content": "r"});
        messages.extend(ids.iter().map(result));
        let encoded = encode(json!({"messages": messages}).to_string().as_bytes(), "m").unwrap();
        let body: Value = serde_json::from_slice(&encoded.body).unwrap();
        let found = |turn: usize, name: &str| -> Vec<String> {
            let blocks = body["messages"][turn]["content"].as_array().unwrap().iter();
            blocks.map(|block| block[name].as_str().unwrap().to_owned()).collect()
        };
        let ids: Vec<String> = ids.into_iter().collect();
        prop_assert_eq!(found(1, "id"), ids.clone());
        prop_assert_eq!(found(2, "tool_use_id"), ids);
    }
}
