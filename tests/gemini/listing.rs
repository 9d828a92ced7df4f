//! Lists of models.

use isthmus::gemini::Expects;
use isthmus::gemini::listing::next_page;
use serde_json::{Value, json};

use crate::operation::{answered, said};

fn model(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": 0, "owned_by": "google"})
}

fn list(ids: &[&str]) -> Value {
    let data: Vec<_> = ids.iter().map(|id| model(id)).collect();
    json!({"object": "list", "data": data})
}

#[test]
fn pages_become_one_list() {
    let first = json!({"nextPageToken": "2", "models": [
        {
            "name": "models/gemini-2.5-flash", "version": "001", "displayName": "Gemini 2.5 Flash",
            "inputTokenLimit": 1_048_576, "supportedGenerationMethods": ["generateContent", "countTokens"],
        },
        {"name": "models/gemini-embedding-001", "supportedGenerationMethods": ["embedContent"]},
        {"name": "models/live", "supportedGenerationMethods": ["countTokens", "bidiGenerateContent"]},
        {"name": "models/film", "supportedGenerationMethods": ["predictLongRunning"]},
        {"name": "models/imagen", "supportedGenerationMethods": ["predict"]},
        {"name": "models/unsaid"},
    ]});
    let second = json!({"models": [
        {"name": "models/gemini-2.5-flash", "supportedGenerationMethods": ["generateContent"]},
        {"name": "tunedModels/mine", "supportedGenerationMethods": ["generateContent"]},
        {"name": ""}, {"name": 1}, {}, 7,
    ]});
    let ids = [
        "gemini-2.5-flash",
        "gemini-embedding-001",
        "imagen",
        "unsaid",
        "tunedModels/mine",
    ];
    assert_eq!(said(&[first, second], Expects::Models), list(&ids));
}

#[test]
fn vertex_lists_what_publishers_have() {
    let page = json!({"publisherModels": [
        {"name": "publishers/google/models/gemini-3.8-flash", "versionId": "default"},
        {"name": "publishers/google/models/gemini-3.8-flash", "versionId": "001"},
        {"name": "publishers/meta/models/llama-4"},
    ]});
    assert_eq!(
        said(&[page], Expects::Models),
        list(&["gemini-3.8-flash", "meta/llama-4"])
    );
}

#[test]
fn one_model_is_itself() {
    for (name, id) in [
        ("models/gemini-3.8-flash", "gemini-3.8-flash"),
        (
            "publishers/google/models/gemini-3.8-flash",
            "gemini-3.8-flash",
        ),
        ("models/a\"b", "a\"b"),
    ] {
        assert_eq!(said(&[json!({"name": name})], Expects::Models), model(id));
    }
}

#[test]
fn an_empty_list_is_a_list_and_an_error_none() {
    assert_eq!(said(&[json!({})], Expects::Models), list(&[]));
    assert_eq!(said(&[], Expects::Models), list(&[]));
    for page in [json!([]), json!({"error": {"code": 403}})] {
        assert_eq!(
            answered(&[page], Expects::Models).unwrap_err().status(),
            502
        );
    }
}

#[test]
fn a_page_names_the_next() {
    let next = |page: &str| next_page(page.as_bytes());
    assert_eq!(next(r#"{"nextPageToken": "a\/b"}"#).as_deref(), Some("a/b"));
    for last in [
        "{}",
        r#"{"nextPageToken": ""}"#,
        r#"{"nextPageToken": null}"#,
        "[]",
        "{",
    ] {
        assert_eq!(next(last), None, "{last}");
    }
}
