//! Lists of models, and what these endpoints make of what the models can do.

use isthmus::facts::Facts;
use isthmus::gemini::compat::Spoken::{self, Others, Studio, Vertex};
use isthmus::gemini::compat::{facts, listed};
use serde_json::{Value, json};

fn items(page: &Value, spoken: Spoken) -> Option<Vec<Value>> {
    let listed = listed(&[page.to_string().into_bytes()], spoken)?;
    let items = listed
        .iter()
        .map(|model| serde_json::from_str(&model.under(&model.id)).expect("JSON"));
    Some(items.collect())
}

#[test]
fn a_list_of_ai_studio_goes_by_bare_names() {
    let page = json!({"object": "list", "data": [
        {"id": "models/some", "object": "model", "owned_by": "google", "display_name": "Some"},
        {"id": "some", "object": "model"},
        {"id": "other", "created": 7, "owned_by": "me", "name": "Other", "display_name": "x"},
        {"id": "tunedModels/mine", "owned_by": "google"},
        {"id": "models/gemini-2.5-flash-live-preview"},
        {"id": 7},
    ]});
    let expected = [
        json!({
            "id": "some", "object": "model", "created": 0, "owned_by": "google", "display_name": "Some",
            "name": "Some",
        }),
        json!({
            "id": "other", "object": "model", "created": 7, "owned_by": "me", "name": "Other",
            "display_name": "x",
        }),
        json!({"id": "tunedModels/mine", "object": "model", "created": 0, "owned_by": "google"}),
    ];
    assert_eq!(items(&page, Studio).unwrap(), expected);
}

#[test]
fn what_is_told_counts_before_what_is_known() {
    let page = json!({"data": [{"id": "models/gemini-2.5-flash", "context_length": 5}]});
    let item = items(&page, Studio).unwrap().remove(0);
    assert_eq!(item["context_length"], 5);
    assert_eq!(item["max_output_tokens"], 65_536);
    assert_eq!(item["supported_operations"], json!(["chat"]));
    let single = json!({"id": "models/gemini-2.5-flash", "object": "model"});
    assert_eq!(items(&single, Studio).unwrap()[0]["id"], "gemini-2.5-flash");
    let live = json!({"id": "models/gemini-live-x"});
    assert_eq!(items(&live, Studio).unwrap()[0]["id"], "gemini-live-x");
    assert!(items(&json!("models/x"), Studio).is_none());
}

#[test]
fn vertex_has_the_publishers_list() {
    let page = json!({"publisherModels": [{"name": "publishers/google/models/gemini-3.8-flash"}]});
    for spoken in [Vertex, Others] {
        let items = items(&page, spoken).unwrap();
        assert_eq!(items[0]["id"], "gemini-3.8-flash");
        assert_eq!(items[0]["supported_operations"], json!(["chat"]));
    }
}

#[test]
fn operations_are_those_of_the_endpoint() {
    for (model, studio, vertex) in [
        ("gemini-3.8-flash", &["chat"][..], &["chat"][..]),
        (
            "gemini-3-pro-image",
            &["chat", "image_generation"],
            &["chat"],
        ),
        ("gemini-embedding-001", &["embeddings"], &[]),
        ("gemini-2.5-flash-preview-tts", &[], &[]),
    ] {
        assert_eq!(facts(model, Studio).operations, studio, "{model}");
        assert_eq!(facts(model, Vertex).operations, vertex, "{model}");
    }
    for spoken in [Studio, Vertex, Others] {
        assert_eq!(facts("meta/llama-4", spoken), Facts::default());
    }
}

/// A parameter, and whether it is known there: of AI Studio, of Vertex AI.
#[test]
fn parameters_are_those_of_the_endpoint() {
    for (model, parameter, studio, vertex) in [
        ("gemini-2.5-flash", "max_tokens", true, true),
        ("gemini-2.5-flash", "seed", false, true),
        ("gemini-2.5-flash", "n", false, true),
        ("gemini-3-flash-preview", "n", false, false),
        ("gemini-2.5-flash", "frequency_penalty", false, true),
        ("gemini-2.5-flash", "logprobs", false, false),
        ("gemini-2.5-flash", "top_k", false, false),
        ("gemini-2.5-flash", "temperature", true, true),
        ("gemini-3.8-flash", "temperature", false, false),
        ("gemini-2.5-flash", "structured_outputs", true, true),
        ("gemini-2.5-flash", "web_search_options", false, true),
        ("gemini-2.5-flash", "parallel_tool_calls", true, false),
        ("gemini-3-pro-image", "modalities", true, false),
    ] {
        for (spoken, expected) in [(Studio, studio), (Vertex, vertex)] {
            let has = facts(model, spoken).parameters.contains(&parameter);
            assert_eq!(has, expected, "{parameter} of {model}: {spoken:?}");
        }
    }
}
