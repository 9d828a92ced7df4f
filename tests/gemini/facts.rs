//! What names tell of models.

use isthmus::facts::Facts;
use isthmus::gemini::Host::{self, Studio, Vertex};
use isthmus::gemini::facts::of;
use isthmus::surface::Operation;
use serde_json::{Value, json};

use crate::operation::Asking;

#[test]
fn kinds_of_models() {
    let text = &["chat", "completions", "transcription", "translation"][..];
    let image = &["chat", "image_generation", "image_edit"];
    for (name, operations, input, output) in [
        ("gemini-3.8-flash", text, 5, &["text"][..]),
        ("models/Gemini-2.5-Pro", text, 5, &["text"]),
        ("google/gemini-flash-latest:search", text, 5, &["text"]),
        (
            "publishers/google/models/gemini-2.5-flash-lite",
            text,
            5,
            &["text"],
        ),
        ("gemini-2.5-flash@default", text, 5, &["text"]),
        ("gemini-3.1-pro-preview-customtools", text, 5, &["text"]),
        ("gemini-2.5-flash-preview-09-2025", text, 5, &["text"]),
        ("gemini-2.5-flash-image", image, 2, &["text", "image"]),
        ("gemini-3-pro-image", image, 2, &["text", "image"]),
        (
            "gemini-2.0-flash-preview-image-generation",
            image,
            2,
            &["text", "image"],
        ),
        ("gemini-2.5-flash-preview-tts", &["speech"], 1, &["audio"]),
        ("gemini-2.5-pro-tts", &["speech"], 1, &["audio"]),
        ("gemini-embedding-001", &["embeddings"], 1, &["embeddings"]),
        ("gemini-embedding-2", &["embeddings"], 1, &["embeddings"]),
        ("text-embedding-005", &["embeddings"], 1, &["embeddings"]),
        (
            "text-multilingual-embedding-002",
            &["embeddings"],
            1,
            &["embeddings"],
        ),
        (
            "textembedding-gecko@003",
            &["embeddings"],
            1,
            &["embeddings"],
        ),
        (
            "imagen-4.0-generate-001",
            &["image_generation"],
            1,
            &["image"],
        ),
        ("gemma-4-31b-it", &["chat", "completions"], 0, &["text"]),
    ] {
        for host in [Studio, Vertex] {
            let facts = of(name, host);
            assert_eq!(facts.operations, operations, "{name}");
            assert_eq!(facts.input.len(), input, "{name}");
            assert_eq!(facts.output, output, "{name}");
        }
    }
}

#[test]
fn other_names_tell_nothing() {
    for name in [
        "",
        "gpt-4o",
        "text-embedding-3-small",
        "text-embedding-ada-002",
        "meta/llama-4",
        "x/gemini-2.5-flash",
        "tunedModels/gemini-2.5-flash-abc",
        "gemini",
        "gemini-pro",
        "gemini-1.0-pro-vision",
        "gemini-live-2.5-flash-preview",
        "gemini-2.5-flash-native-audio-latest",
        "gemini-2.5-computer-use-preview-10-2025",
        "gemini-robotics-er-1.5-preview",
        "learnlm-2.0-flash",
        "veo-3.0-generate-001",
        "1234567890",
        "my-gemini-2.5-flash",
        "\u{e9}\u{0}/@",
    ] {
        for host in [Studio, Vertex] {
            assert_eq!(of(name, host), Facts::default(), "{name}");
        }
    }
}

#[test]
fn limits_are_documented_of_chat_models_since_2_5() {
    let large = [Some(1_048_576), Some(65_536)];
    for (name, expected) in [
        ("gemini-2.5-flash", large),
        ("gemini-2.5-flash-lite", large),
        ("gemini-3.8-flash", large),
        ("gemini-pro-latest", large),
        ("gemini-2.0-flash", [None; 2]),
        ("gemini-exp-1206", [None; 2]),
        ("gemini-flash", [None; 2]),
        ("gemini-2.5-flash-image", [None; 2]),
        ("gemini-3.1-flash-tts-preview", [None; 2]),
        ("gemini-embedding-2", [None; 2]),
        ("gemma-4-31b-it", [None; 2]),
        ("imagen-4.0", [None; 2]),
    ] {
        let facts = of(name, Studio);
        let limits = [facts.context_length, facts.max_output_tokens];
        assert_eq!(limits, expected, "{name}");
    }
}

/// A parameter, a model that is given it, and one that is not.
#[test]
fn parameters_are_those_a_chat_makes_use_of() {
    type Model = (&'static str, Host);
    let rows: [(&str, Model, Model); 13] = [
        (
            "temperature",
            ("gemini-3.5-flash", Studio),
            ("gemini-3.6-flash", Studio),
        ),
        (
            "top_p",
            ("gemma-4-31b-it", Studio),
            ("gemini-flash-latest", Studio),
        ),
        (
            "presence_penalty",
            ("gemini-2.5-pro", Vertex),
            ("gemini-2.5-pro", Studio),
        ),
        (
            "frequency_penalty",
            ("gemini-2.5-pro", Vertex),
            ("gemini-3-flash-preview", Vertex),
        ),
        (
            "logprobs",
            ("gemini-2.5-pro", Vertex),
            ("gemini-2.5-pro", Studio),
        ),
        (
            "reasoning_effort",
            ("gemini-2.5-pro", Studio),
            ("gemini-2.0-flash", Studio),
        ),
        (
            "response_format",
            ("gemma-3-27b-it", Studio),
            ("gemini-2.5-flash-image", Studio),
        ),
        (
            "structured_outputs",
            ("gemma-4-31b-it", Studio),
            ("gemma-3-27b-it", Studio),
        ),
        (
            "tools",
            ("gemma-4-31b-it", Studio),
            ("gemma-3-27b-it", Studio),
        ),
        (
            "tool_choice",
            ("gemini-2.0-flash", Studio),
            ("gemini-3-pro-image", Studio),
        ),
        (
            "web_search_options",
            ("gemini-2.5-pro", Studio),
            ("gemma-4-31b-it", Studio),
        ),
        (
            "modalities",
            ("gemini-3-pro-image", Studio),
            ("gemini-2.5-pro", Studio),
        ),
        (
            "max_tokens",
            ("gemini-3-pro-image", Studio),
            ("gemini-2.5-pro-tts", Studio),
        ),
    ];
    for (parameter, able, unable) in rows {
        for ((name, host), expected) in [(able, true), (unable, false)] {
            let facts = of(name, host);
            let has = facts.parameters.contains(&parameter);
            assert_eq!(has, expected, "{parameter} of {name}");
        }
    }
    for parameter in ["max_tokens", "max_completion_tokens", "stop", "n", "seed"] {
        let facts = of("gemini-3.8-flash", Studio);
        assert!(facts.parameters.contains(&parameter), "{parameter}");
    }
}

/// Each parameter as a request has it, and what stands beside it.
fn given() -> Vec<(&'static str, Value, Value)> {
    let tools = json!([{"type": "function", "function": {"name": "f"}}]);
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let json_object = json!({"response_format": {"type": "json_object"}});
    let schema = json!({"type": "json_schema", "json_schema": {"name": "a", "schema": schema}});
    vec![
        ("max_tokens", json!({"max_tokens": 9}), json!({})),
        (
            "max_completion_tokens",
            json!({"max_completion_tokens": 9}),
            json!({}),
        ),
        ("stop", json!({"stop": "x"}), json!({})),
        ("n", json!({"n": 2}), json!({})),
        ("seed", json!({"seed": 2}), json!({})),
        ("temperature", json!({"temperature": 0.5}), json!({})),
        ("top_p", json!({"top_p": 0.5}), json!({})),
        ("top_k", json!({"top_k": 5}), json!({})),
        (
            "presence_penalty",
            json!({"presence_penalty": 1}),
            json!({}),
        ),
        (
            "frequency_penalty",
            json!({"frequency_penalty": 1}),
            json!({}),
        ),
        ("logprobs", json!({"logprobs": true}), json!({})),
        (
            "top_logprobs",
            json!({"top_logprobs": 2}),
            json!({"logprobs": true}),
        ),
        (
            "reasoning_effort",
            json!({"reasoning_effort": "high"}),
            json!({}),
        ),
        ("response_format", json_object.clone(), json!({})),
        (
            "structured_outputs",
            json!({"response_format": schema}),
            json_object,
        ),
        ("tools", json!({"tools": tools}), json!({})),
        (
            "tool_choice",
            json!({"tool_choice": "none"}),
            json!({"tools": tools}),
        ),
        (
            "parallel_tool_calls",
            json!({"parallel_tool_calls": false}),
            json!({"tools": tools}),
        ),
        (
            "web_search_options",
            json!({"web_search_options": {}}),
            json!({}),
        ),
        ("service_tier", json!({"service_tier": "flex"}), json!({})),
        (
            "modalities",
            json!({"modalities": ["text", "image"]}),
            json!({}),
        ),
    ]
}

/// What is said to be made use of changes what Google is asked, or what becomes of its answer.
#[test]
fn parameters_are_translated() {
    for model in [
        "gemini-2.0-flash",
        "gemini-2.5-flash",
        "gemini-2.5-pro",
        "gemini-2.5-flash-image",
        "gemini-3-flash-preview",
        "gemini-3-pro-image",
        "gemini-3.8-flash",
        "gemma-3-27b-it",
        "gemma-4-31b-it",
    ] {
        for host in [Studio, Vertex] {
            let mut known = of(model, host).parameters;
            for (parameter, members, beside) in given() {
                let Some(at) = known.iter().position(|it| *it == parameter) else {
                    continue;
                };
                known.remove(at);
                let messages = json!([{"role": "user", "content": "a"}]);
                let mut without = json!({"model": model, "messages": messages});
                let object = without.as_object_mut().unwrap();
                object.extend(beside.as_object().unwrap().clone());
                let mut with = without.clone();
                let object = with.as_object_mut().unwrap();
                object.extend(members.as_object().unwrap().clone());
                let asking = Asking::new(Operation::Chat, model);
                let asking = if host == Vertex {
                    asking.on_vertex()
                } else {
                    asking
                };
                let is_used = asking.json(&with).unwrap() != asking.json(&without).unwrap();
                assert!(is_used, "{parameter} of {model} on {host:?}");
            }
            assert!(known.is_empty(), "{known:?}");
        }
    }
}
