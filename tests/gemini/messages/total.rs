//! Any JSON is a conversation or refused.

use isthmus::gemini::Host;
use isthmus::gemini::chat::messages::remote;
use isthmus::gemini::lessons::Lessons;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::any_json::{self, Words, any_json};

use super::{GEMMA, Listener, NEW, OLD};

/// The words that are looked at, wherever they stand.
const WORDS: Words = &[
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
    "refusal",
    "custom",
    "input",
    "image_url",
    "url",
    "detail",
    "low",
    "mime_type",
    "format",
    "images",
    "file",
    "file_data",
    "file_id",
    "filename",
    "input_audio",
    "data",
    "wav",
    "extra_content",
    "google",
    "vertex",
    "thought_signature",
    "provider_specific_fields",
    "1__thought__s",
    "data:image/png;base64,AA",
    "data:,%",
    "files/a",
    "gs://b/a.png",
    "https://h.example/a",
    "https://youtu.be/a",
    "file-a",
    "{\"a\":1}",
    "[1]",
    "1e999",
    "\"",
    "{",
    "",
    " ",
    "\u{e9}\"\\",
];

fn word() -> impl Strategy<Value = String> {
    any_json::word(WORDS)
}

fn value() -> impl Strategy<Value = Value> {
    any_json(WORDS)
}

/// Parts that are close to being right.
fn part() -> impl Strategy<Value = Value> {
    prop_oneof![
        word().prop_map(|text| json!({"type": "text", "text": text})),
        word().prop_map(
            |url| json!({"type": "image_url", "image_url": {"url": url, "detail": "low"}})
        ),
        (word(), word()).prop_map(|(data, format)| {
            json!({"type": "input_audio", "input_audio": {"data": data, "format": format}})
        }),
        (word(), value()).prop_map(|(name, file)| json!({"type": "file", "file": {name: file}})),
        value(),
    ]
}

/// One message or a call with its result, close to being right.
fn messages() -> impl Strategy<Value = Vec<Value>> {
    let role = select(
        &[
            "user",
            "assistant",
            "system",
            "developer",
            "tool",
            "function",
        ][..],
    );
    let content = prop_oneof![
        word().prop_map(Value::from),
        vec(part(), 0..4).prop_map(Value::from),
        value(),
    ];
    let called = (word(), word(), word(), word(), vec(part(), 0..3));
    prop_oneof![
        (role, content).prop_map(|(role, content)| vec![json!({"role": role, "content": content})]),
        called.prop_map(|(id, name, arguments, signature, content)| {
            let call = json!({"id": id, "function": {"name": name, "arguments": arguments},
                              "extra_content": {"google": {"thought_signature": signature}}});
            let result = json!({"role": "tool", "tool_call_id": id, "content": content});
            vec![json!({"role": "assistant", "tool_calls": [call]}), result]
        }),
        value().prop_map(|message| vec![message]),
    ]
}

fn listener() -> impl Strategy<Value = Listener> {
    let model = select(&[OLD, NEW, GEMMA][..]);
    let host = select(&[Host::Studio, Host::Vertex][..]);
    (model, host, any::<u32>(), any::<[bool; 2]>()).prop_map(
        |(model, host, bits, [fetch, strict])| {
            let lessons = Lessons::from_bits(bits);
            let mut listener = Listener {
                host,
                lessons,
                ..Listener::studio(model)
            };
            listener.options.fetch_media = fetch;
            listener.options.strict = strict;
            listener
        },
    )
}

/// Every turn has a role of Google's and parts, the first is the user's, and results stand alone.
fn check(body: &Value) {
    let contents = body["contents"].as_array().unwrap();
    assert_eq!(contents[0]["role"], "user");
    for turn in contents {
        assert!(turn["role"] == "user" || turn["role"] == "model", "{turn}");
        let parts = turn["parts"].as_array().unwrap();
        let results = parts
            .iter()
            .filter(|part| part.get("functionResponse").is_some());
        let count = results.count();
        assert!(
            !parts.is_empty() && (count == 0 || count == parts.len()),
            "{turn}"
        );
        assert!(parts.iter().all(|part| part["text"] != ""), "{turn}");
    }
    for pair in contents.windows(2) {
        let calls = |turn: &Value, kind: &str| {
            let parts = turn["parts"].as_array().unwrap();
            parts.iter().filter(|part| part.get(kind).is_some()).count()
        };
        assert_eq!(
            calls(&pair[0], "functionCall"),
            calls(&pair[1], "functionResponse")
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_messages_are_told_or_refused(
        messages in vec(messages(), 0..5),
        listener in listener(),
    ) {
        let messages: Value = messages.into_iter().flatten().collect();
        match listener.hear(&messages) {
            Ok(body) => check(&body),
            Err(error) => prop_assert_eq!((error.status(), error.param), (400, Some("messages"))),
        }
    }

    #[test]
    fn anything_is_told_or_refused(value in value(), listener in listener()) {
        if let Ok(body) = listener.hear(&value) {
            check(&body);
        }
    }

    #[test]
    fn any_text_is_safe_to_read(text in vec(any::<u8>(), 0..40)) {
        let mut listener = Listener::studio(NEW);
        listener.options.fetch_media = true;
        let messages = isthmus::json::Value::first(&text);
        listener.with(|setting| {
            let _ = isthmus::gemini::chat::messages::Conversation::read(messages, setting);
        });
        remote(messages);
    }
}
