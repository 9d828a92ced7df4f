//! Lists of models.

use isthmus::gemini::Host;
use isthmus::gemini::listing::{next_page, read};
use serde_json::{Value, json};

fn bytes(pages: &[Value]) -> Vec<Vec<u8>> {
    let texts = pages.iter().map(|page| page.to_string().into_bytes());
    texts.collect()
}

/// Its items, as a list of OpenAI's has them.
fn items(pages: &[Value], host: Host) -> Vec<Value> {
    let listed = read(&bytes(pages), host).expect("a list");
    let items = listed.iter().map(|model| {
        assert!(!model.members.contains('\n'), "{}", model.members);
        serde_json::from_str(&model.under(&model.id)).expect("JSON")
    });
    items.collect()
}

fn ids(pages: &[Value], host: Host) -> Vec<String> {
    let items = items(pages, host);
    let ids = items.iter().map(|item| item["id"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

fn bare(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": 0, "owned_by": "google"})
}

#[test]
fn pages_become_one_list() {
    let first = json!({"nextPageToken": "2", "models": [
        {"name": "models/gemini-2.5-flash", "supportedGenerationMethods": ["generateContent", "countTokens"]},
        {"name": "models/gemini-embedding-001", "supportedGenerationMethods": ["embedContent"]},
        {"name": "models/live", "supportedGenerationMethods": ["countTokens", "bidiGenerateContent"]},
        {"name": "models/film", "supportedGenerationMethods": ["predictLongRunning"]},
        {"name": "models/nothing", "supportedGenerationMethods": []},
        {"name": "models/imagen", "supportedGenerationMethods": ["predict"]},
        {"name": "models/unsaid"},
    ]});
    let second = json!({"models": [
        {"name": "models/gemini-2.5-flash", "supportedGenerationMethods": ["generateContent"]},
        {"name": "tunedModels/mine", "supportedGenerationMethods": ["generateContent"]},
        {"name": ""}, {"name": "models/"}, {"name": 1}, {}, 7,
    ]});
    let expected = [
        "gemini-2.5-flash",
        "gemini-embedding-001",
        "imagen",
        "unsaid",
        "tunedModels/mine",
    ];
    assert_eq!(ids(&[first, second], Host::Studio), expected);
}

#[test]
fn vertex_lists_what_publishers_have() {
    let page = json!({"publisherModels": [
        {"name": "publishers/google/models/some", "versionId": "default"},
        {"name": "publishers/google/models/some", "versionId": "001"},
        {"name": "publishers/meta/models/llama-4", "launchStage": "GA"},
        {"name": "publishers/google/models/gemini-live-2.5-flash", "launchStage": "GA"},
        {"name": "publishers/google/models/gemini-2.5-flash-native-audio-preview"},
        {"name": "publishers/google/models/veo-3.0-generate-001"},
    ]});
    let mut some = bare("some");
    some["version"] = "default".into();
    let mut llama = bare("meta/llama-4");
    llama["lifecycle_status"] = "generally-available".into();
    assert_eq!(items(&[page], Host::Vertex), [some, llama]);
}

#[test]
fn a_model_of_ai_studio_in_full() {
    let page = json!({"models": [{
        "name": "models/gemini-2.5-flash",
        "baseModelId": "",
        "version": "001",
        "displayName": "Gemini \"2.5\" Flash",
        "description": "Stable,\nand \u{e9}lan.",
        "inputTokenLimit": 1_048_570,
        "outputTokenLimit": 65_000,
        "supportedGenerationMethods": ["generateContent", "countTokens", 7],
        "temperature": 1,
        "topK": 64,
        "thinking": true,
    }]});
    let expected = json!({
        "id": "gemini-2.5-flash",
        "object": "model",
        "created": 0,
        "owned_by": "google",
        "name": "Gemini \"2.5\" Flash",
        "description": "Stable,\nand \u{e9}lan.",
        "version": "001",
        "thinking": true,
        "supported_generation_methods": ["generateContent", "countTokens"],
        "context_length": 1_048_570,
        "max_model_len": 1_048_570,
        "max_output_tokens": 65_000,
        "architecture": {
            "input_modalities": ["text", "image", "audio", "video", "file"],
            "output_modalities": ["text"],
        },
        "supported_operations": ["chat", "completions", "transcription", "translation"],
        "supported_parameters": [
            "max_tokens", "max_completion_tokens", "stop", "n", "seed", "temperature", "top_p", "top_k",
            "reasoning_effort", "response_format", "structured_outputs", "tools", "tool_choice",
            "parallel_tool_calls", "web_search_options", "service_tier",
        ],
    });
    assert_eq!(items(&[page], Host::Studio), [expected]);
}

/// Of a name that tells nothing: each member stands for itself.
#[test]
fn what_is_told_and_what_is_not() {
    for (told, shown) in [
        (json!({"displayName": ""}), json!({})),
        (
            json!({"displayName": null, "version": 1, "description": {}}),
            json!({}),
        ),
        (json!({"thinking": false}), json!({"thinking": false})),
        (json!({"thinking": "yes"}), json!({})),
        (
            json!({"inputTokenLimit": 0, "outputTokenLimit": -1}),
            json!({}),
        ),
        (
            json!({"inputTokenLimit": "12", "outputTokenLimit": 1.5}),
            json!({}),
        ),
        (
            json!({"inputTokenLimit": 12}),
            json!({"context_length": 12, "max_model_len": 12}),
        ),
        (
            json!({"outputTokenLimit": 13}),
            json!({"max_output_tokens": 13}),
        ),
        (
            json!({"launchStage": "GA"}),
            json!({"lifecycle_status": "generally-available"}),
        ),
        (
            json!({"launchStage": "PUBLIC_PREVIEW"}),
            json!({"lifecycle_status": "preview"}),
        ),
        (
            json!({"launchStage": "EXPERIMENTAL"}),
            json!({"lifecycle_status": "preview"}),
        ),
        (
            json!({"modelStage": "STABLE"}),
            json!({"lifecycle_status": "generally-available"}),
        ),
        (
            json!({"modelStage": "LEGACY"}),
            json!({"lifecycle_status": "deprecating"}),
        ),
        (
            json!({"modelStage": "RETIRED"}),
            json!({"lifecycle_status": "deprecated"}),
        ),
        (
            json!({"launchStage": "LAUNCH_STAGE_UNSPECIFIED"}),
            json!({}),
        ),
        (
            json!({"launchStage": 3, "supportedGenerationMethods": null}),
            json!({}),
        ),
    ] {
        let mut model = told.clone();
        model["name"] = "models/some".into();
        let mut expected = bare("some");
        for (name, value) in shown.as_object().unwrap() {
            expected[name] = value.clone();
        }
        let page = json!({"models": [model]});
        assert_eq!(items(&[page], Host::Studio), [expected], "{told}");
    }
}

#[test]
fn operations_are_what_the_methods_allow() {
    for (name, methods, operations) in [
        ("some", json!(["generateContent"]), json!(["chat"])),
        ("some", json!(["embedContent"]), json!(["embeddings"])),
        ("some", json!(["predict"]), Value::Null),
        (
            "some",
            json!(["embedContent", "generateContent"]),
            json!(["chat", "embeddings"]),
        ),
        (
            "gemini-3.8-flash",
            json!(["generateContent"]),
            json!(["chat", "completions", "transcription", "translation"]),
        ),
        ("gemini-3.8-flash", json!(["predict"]), Value::Null),
        (
            "gemini-3-pro-image",
            json!(["generateContent"]),
            json!(["chat", "image_generation", "image_edit"]),
        ),
        (
            "gemini-2.5-flash-preview-tts",
            json!(["generateContent"]),
            json!(["speech"]),
        ),
        (
            "gemini-embedding-001",
            json!(["embedContent"]),
            json!(["embeddings"]),
        ),
        (
            "imagen-4.0",
            json!(["predict"]),
            json!(["image_generation"]),
        ),
    ] {
        let model =
            json!({"name": format!("models/{name}"), "supportedGenerationMethods": methods});
        let items = items(&[json!({"models": [model]})], Host::Studio);
        assert_eq!(items[0]["supported_operations"], operations, "{name}");
    }
    let page =
        json!({"publisherModels": [{"name": "publishers/google/models/text-embedding-005"}]});
    let items = items(&[page], Host::Vertex);
    assert_eq!(items[0]["supported_operations"], json!(["embeddings"]));
}

/// Whatever it can do: who asked for it knows its name.
#[test]
fn one_model_is_itself() {
    for (name, id) in [
        ("models/some", "some"),
        ("publishers/google/models/some", "some"),
        ("publishers/meta/models/llama-4", "meta/llama-4"),
        ("tunedModels/mine", "tunedModels/mine"),
        ("models/a\"b", "a\"b"),
    ] {
        let page = json!({"name": name});
        assert_eq!(items(&[page], Host::Studio), [bare(id)]);
    }
    let film = json!({"name": "models/veo", "supportedGenerationMethods": ["predictLongRunning"]});
    let mut expected = bare("veo");
    expected["supported_generation_methods"] = json!(["predictLongRunning"]);
    assert_eq!(items(&[film], Host::Studio), [expected]);
}

#[test]
fn an_empty_list_is_a_list_and_an_error_none() {
    for pages in [&[json!({})][..], &[], &[json!({"models": null})]] {
        assert_eq!(read(&bytes(pages), Host::Studio), Some(Vec::new()));
    }
    let list = json!({"models": [{"name": "models/a"}]});
    for page in [
        json!([]),
        json!("models/a"),
        json!({"error": {"code": 403}}),
    ] {
        assert_eq!(
            read(&bytes(std::slice::from_ref(&page)), Host::Studio),
            None,
            "{page}"
        );
        assert_eq!(read(&bytes(&[list.clone(), page]), Host::Studio), None);
    }
    assert_eq!(read(&[b"{\"models\": [".to_vec()], Host::Studio), None);
}

#[test]
fn a_list_has_its_bounds() {
    let long = "\u{e9}".repeat(1001);
    let methods = vec!["generateContent"; 100];
    let model =
        json!({"name": "models/a", "description": long, "supportedGenerationMethods": methods});
    let item = items(&[json!({"models": [model]})], Host::Studio).remove(0);
    let description = item["description"].as_str().unwrap();
    assert_eq!(description.chars().count(), 1000);
    let methods = item["supported_generation_methods"].as_array().unwrap();
    assert_eq!(methods.len(), 32);
    let many = (0..20_009).map(|number| json!({"name": format!("models/{number}")}));
    let page = json!({"models": many.collect::<Vec<_>>()});
    let listed = read(&bytes(&[page]), Host::Studio).unwrap();
    assert_eq!(listed.len(), 20_001);
}

#[test]
fn a_page_says_where_the_next_is() {
    let next = |url: &str, page: &str| next_page(url, page.as_bytes());
    let page = r#"{"models": [], "nextPageToken": "a\/b+c="}"#;
    for (url, expected) in [
        (
            "https://x.test/models?pageSize=9",
            "https://x.test/models?pageSize=9&pageToken=a%2Fb%2Bc%3D",
        ),
        (
            "https://x.test/models",
            "https://x.test/models?pageToken=a%2Fb%2Bc%3D",
        ),
    ] {
        assert_eq!(next(url, page).as_deref(), Some(expected));
    }
    for last in [
        "{}",
        r#"{"nextPageToken": ""}"#,
        r#"{"nextPageToken": null}"#,
        r#"{"nextPageToken": 2}"#,
        "[]",
        "{",
    ] {
        assert_eq!(next("https://x.test", last), None, "{last}");
    }
}
