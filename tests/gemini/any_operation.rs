//! Whatever comes, from a client or from Google, is read or refused.

use isthmus::base64;
use isthmus::gemini::{
    Expects, Host, completions, decode, embeddings, images, listing, speech, transcription,
};
use isthmus::surface::Operation;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::any_json::{Words, any_json, word};
use crate::operation::{Asking, answered, context, field};

/// The words both sides look at, wherever they stand.
const WORDS: Words = &[
    "prompt",
    "echo",
    "n",
    "logprobs",
    "stream",
    "input",
    "dimensions",
    "encoding_format",
    "base64",
    "task_type",
    "size",
    "1024x1024",
    "quality",
    "images",
    "image_url",
    "data:image/png;base64,AA",
    "voice",
    "id",
    "instructions",
    "response_format",
    "extra_body",
    "google",
    "speech_config",
    "multi_speaker_voice_config",
    "speaker_voice_configs",
    "speaker",
    "candidates",
    "content",
    "parts",
    "text",
    "thought",
    "inlineData",
    "mimeType",
    "audio/pcm;rate=8000",
    "image/png",
    "data",
    "AAAA",
    "finishReason",
    "SAFETY",
    "index",
    "logprobsResult",
    "chosenCandidates",
    "topCandidates",
    "token",
    "logProbability",
    "usageMetadata",
    "promptTokenCount",
    "promptTokensDetails",
    "modality",
    "AUDIO",
    "tokenCount",
    "promptFeedback",
    "blockReason",
    "embeddings",
    "embedding",
    "predictions",
    "values",
    "statistics",
    "token_count",
    "bytesBase64Encoded",
    "models",
    "publisherModels",
    "name",
    "models/a",
    "supportedGenerationMethods",
    "generateContent",
    "displayName",
    "inputTokenLimit",
    "launchStage",
    "thinking",
    "nextPageToken",
    "",
    " ",
    "\u{e9}\"\\",
];

fn value() -> impl Strategy<Value = Value> {
    any_json(WORDS)
}

/// A request that all operations take, with anything in place of some of its fields and beside them.
fn request() -> impl Strategy<Value = Value> {
    let members = vec((word(WORDS), value()), 0..4);
    members.prop_map(|members| {
        let images = json!([{"image_url": "data:image/png;base64,AA"}]);
        let mut request = json!({"prompt": "a", "input": ["a", "b"], "images": images});
        request.as_object_mut().unwrap().extend(members);
        request
    })
}

/// Anything, alone and where something is looked for.
fn answer() -> impl Strategy<Value = Value> {
    prop_oneof![
        value(),
        value().prop_map(|it| json!({"candidates": [it.clone(), it]})),
        value().prop_map(|it| json!({"candidates": [{"content": {"parts": [it]}}]})),
        value()
            .prop_map(|it| json!({"candidates": [{"logprobsResult": {"chosenCandidates": [it]}}]})),
        value().prop_map(|it| {
            let blob = json!({"mimeType": "audio/pcm", "data": it});
            json!({"candidates": [{"content": {"parts": [{"inlineData": blob}]}}]})
        }),
        value().prop_map(|it| json!({"embedding": {"values": [it]}})),
        value().prop_map(|it| json!({"models": [it.clone(), {"name": it}], "usageMetadata": it})),
    ]
}

fn expectations() -> Vec<Expects> {
    let shares = vec![1];
    vec![
        Expects::Completions(completions::Expects {
            choices_per_prompt: 2,
            echo: Some(vec!["a".to_owned()]),
            ..completions::Expects::default()
        }),
        Expects::Embeddings(embeddings::Expects {
            shares: shares.clone(),
            base64: true,
            normalise: true,
        }),
        Expects::Embeddings(embeddings::Expects {
            shares,
            ..embeddings::Expects::default()
        }),
        Expects::Images(images::Expects::default()),
        Expects::Speech(speech::Expects::default()),
        Expects::Transcription(transcription::Expects::default()),
    ]
}

proptest! {
    #[test]
    fn any_request_is_translated_or_refused(request in request(), model in select(&["gemini-embedding-001", "imagen-4", "m"][..])) {
        for operation in [
            Operation::Completions,
            Operation::Embeddings,
            Operation::ImageGeneration,
            Operation::ImageEdit,
            Operation::Speech,
            Operation::Transcription,
        ] {
            for asking in [Asking::new(operation, model), Asking::new(operation, model).on_vertex()] {
                let Ok(encoded) = asking.json(&request) else { continue };
                prop_assert!(!encoded.requests.is_empty());
                for outgoing in encoded.requests {
                    prop_assert!(serde_json::from_slice::<Value>(&outgoing.body).is_ok());
                }
            }
        }
    }

    #[test]
    fn any_form_is_translated_or_refused(name in select(WORDS), text in any::<String>(), bytes in vec(any::<u8>(), 0..64)) {
        for operation in [Operation::ImageEdit, Operation::Transcription, Operation::Translation] {
            let asking = Asking::new(operation, "m");
            let parts = [
                field("prompt", &text), field(name, &text),
                ("image", Some("a"), None, bytes.as_slice()), ("file", Some("a.mp3"), None, &bytes),
            ];
            if let Ok(encoded) = asking.form(&parts) {
                prop_assert!(serde_json::from_slice::<Value>(&encoded.requests[0].body).is_ok());
            }
            let _ = asking.bytes(&bytes, "multipart/form-data; boundary=b");
            let _ = asking.bytes(&bytes, &text);
        }
    }

    #[test]
    fn any_answer_is_translated_or_refused(first in answer(), second in answer()) {
        for expects in expectations() {
            let Ok(decoded) = answered(&[first.clone(), second.clone()], expects) else { continue };
            if decoded.content_type == "application/json" {
                prop_assert!(serde_json::from_slice::<Value>(&decoded.body).is_ok());
            }
        }
        let page = first.to_string().into_bytes();
        let _ = listing::next_page("https://x.test", &page);
        for model in listing::read(&[page], Host::Studio).unwrap_or_default() {
            let item: Value = serde_json::from_str(&model.under(&model.id)).unwrap();
            prop_assert_eq!(&item["owned_by"], "google");
            prop_assert!(!model.members.contains('\n'));
        }
    }

    #[test]
    fn any_bytes_are_no_answer(bytes in vec(any::<u8>(), 0..64)) {
        for expects in expectations() {
            let _ = decode(std::slice::from_ref(&bytes), &expects, &context());
        }
        let _ = listing::next_page("https://x.test", &bytes);
        let _ = listing::read(&[bytes], Host::Vertex);
    }

    #[test]
    fn a_vector_is_the_same_in_both_forms(floats in vec(-2.0_f32..2.0, 1..64)) {
        let body = json!({"embedding": {"values": floats}});
        let expects = |base64| Expects::Embeddings(embeddings::Expects { shares: vec![1], base64, normalise: false });
        let vector = |base64| {
            let decoded = answered(std::slice::from_ref(&body), expects(base64)).unwrap();
            let mut answer: Value = serde_json::from_slice(&decoded.body).unwrap();
            answer["data"][0]["embedding"].take()
        };
        let bytes = base64::decode(vector(true).as_str().unwrap().as_bytes()).unwrap();
        let (words, rest) = bytes.as_chunks::<4>();
        let read: Vec<f32> = words.iter().map(|it| f32::from_le_bytes(*it)).collect();
        prop_assert!(rest.is_empty());
        prop_assert_eq!(&read, &floats);
        let copied: Vec<f32> = serde_json::from_value(vector(false)).unwrap();
        prop_assert_eq!(copied, floats);
    }
}

/// Google's parser takes none; what is JSON in a string has its escapes only there.
#[test]
fn halves_of_characters_are_replaced_wherever_they_stand() {
    let request = r#"{"messages": [
        {"role": "user", "content": "cut \ud83d"},
        {"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{\"a\": \"\ud83d\", \"b\": \"\\ud83d\"}"}}]},
        {"role": "tool", "tool_call_id": "a", "content": "{\"c\": \"\\ude00 \\ud83d\\ude00\"}"}
    ]}"#;
    let asking = Asking::new(Operation::Chat, "gemini-2.5-flash");
    let encoded = asking
        .bytes(request.as_bytes(), "application/json")
        .unwrap();
    let body: Value = serde_json::from_slice(&encoded.requests[0].body).unwrap();
    let part = |turn: usize| &body["contents"][turn]["parts"][0];
    assert_eq!(part(0)["text"], "cut \u{fffd}");
    let args = json!({"a": "\u{fffd}", "b": "\u{fffd}"});
    assert_eq!(part(1)["functionCall"]["args"], args);
    let response = json!({"c": "\u{fffd} \u{1f600}"});
    assert_eq!(part(2)["functionResponse"]["response"], response);
}
