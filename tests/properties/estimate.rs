//! Estimates of tokens, whatever stands in a request.

use isthmus::limits::estimate::of_request;
use isthmus::surface::Operation;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

const OPERATIONS: [Operation; 7] = [
    Operation::Chat,
    Operation::Completions,
    Operation::Responses,
    Operation::Embeddings,
    Operation::Moderation,
    Operation::Speech,
    Operation::ImageGeneration,
];

const NAMES: [&str; 24] = [
    "messages",
    "input",
    "prompt",
    "content",
    "role",
    "type",
    "text",
    "image_url",
    "detail",
    "input_audio",
    "data",
    "format",
    "file",
    "file_data",
    "file_id",
    "tools",
    "n",
    "best_of",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "quality",
    "url",
    "result",
];

/// The largest figure of all, a file of a hundred pages, for each byte of the request, and 128 answers of a million
/// tokens to each prompt: far from where numbers end.
fn most(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap() * (150_000 + (128 << 20)) + (128 << 20) + 100
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        select(vec![
            "low",
            "wav",
            "input_image",
            "data:image/png;base64,AAAA"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            members(inner).prop_map(Value::Object),
        ]
    })
}

fn members(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let member = (select(NAMES.to_vec()), inner);
    prop::collection::vec(member, 0..8).prop_map(|members| {
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    })
}

proptest! {
    #[test]
    fn whatever_it_is_it_has_an_estimate(bytes in prop::collection::vec(any::<u8>(), 0..200), operation in select(OPERATIONS.to_vec())) {
        prop_assert!(of_request(operation, &bytes).total() <= most(bytes.len()));
    }

    #[test]
    fn whatever_stands_where_the_estimate_is_bounded(body in members(value()), operation in select(OPERATIONS.to_vec())) {
        let text = Value::Object(body).to_string();
        prop_assert!(of_request(operation, text.as_bytes()).total() <= most(text.len()));
    }

    #[test]
    fn an_escape_is_the_character_it_stands_for(words in "[ -~\u{80}-\u{d7ff}\u{e000}-\u{10ffff}]{0,40}") {
        let body = json!({"messages": [{"role": "user", "content": words}]}).to_string();
        let escaped: String = body.encode_utf16().map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        }).collect();
        let [plain, escaped] = [&body, &escaped].map(|text| of_request(Operation::Chat, text.as_bytes()));
        prop_assert_eq!(plain, escaped);
    }

    #[test]
    fn more_text_is_never_fewer_tokens(words: String, more: String) {
        let tokens = |text: &str| {
            let body = json!({"messages": [{"role": "user", "content": text}]}).to_string();
            of_request(Operation::Chat, body.as_bytes()).input
        };
        prop_assert!(tokens(&words) <= tokens(&(words.clone() + &more)));
    }
}

/// What grew with the square of the size would take minutes for each of them.
#[test]
fn hostile_requests_take_no_time() {
    let size = 1 << 18;
    let deep = |opening: &str, closing: &str| {
        let levels = size / (opening.len() + closing.len());
        format!(
            r#"{{"messages":{}1{}}}"#,
            opening.repeat(levels),
            closing.repeat(levels)
        )
    };
    let escapes = r"\u6c34".repeat(size / 6);
    for body in [
        deep("[", "]"),
        deep(r#"{"content":"#, "}"),
        deep(r#"[{"file":"#, "}]"),
        format!(r#"{{"input":[{}1]}}"#, "1,".repeat(size / 2)),
        format!(r#"{{"input":[{}1]}}"#, "{},".repeat(size / 3)),
        format!(r#"{{"prompt":[{}"x"]}}"#, r#""x","#.repeat(size / 4)),
        format!(r#"{{"prompt":"{escapes}","{escapes}":1}}"#),
        "{\"a\":1,".repeat(size / 7),
        "[".repeat(size),
    ] {
        for operation in OPERATIONS {
            assert!(of_request(operation, body.as_bytes()).total() > 0);
        }
    }
}
