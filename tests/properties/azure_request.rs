//! Edits of requests for Azure against a model that works on parsed JSON.

use isthmus::azure::batch::{file_part, rewrite_lines};
use isthmus::azure::family::Family;
use isthmus::azure::lessons::Lessons;
use isthmus::azure::request::{Request, edits};
use isthmus::azure::version::Version;
use isthmus::azure::{Manner, Options, Spoken};
use isthmus::json;
use isthmus::openai::streaming::asks_for_usage;
use isthmus::platform::Edit;
use isthmus::surface::Operation;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// What some rule looks at, by where it stands.
fn names(parent: &str) -> Vec<&'static str> {
    match parent {
        "messages" => vec![
            "role",
            "content",
            "content",
            "tool_calls",
            "reasoning_content",
            "cache_control",
        ],
        "content" => vec!["type", "text", "image_url", "image_url", "cache_control"],
        "image_url" => vec!["url", "format"],
        "tools" => vec!["type", "function", "function"],
        "function" => vec!["name", "parameters"],
        "tool_calls" => vec!["index", "id"],
        "input" => vec!["type", "status", "content"],
        "reasoning" => vec!["effort"],
        "stream_options" => vec!["include_usage"],
        _ => vec![
            "model",
            "messages",
            "messages",
            "messages",
            "tools",
            "tools",
            "input",
            "tool_choice",
            "parallel_tool_calls",
            "stream",
            "stream",
            "stream_options",
            "max_tokens",
            "max_completion_tokens",
            "temperature",
            "top_p",
            "n",
            "logprobs",
            "logit_bias",
            "stop",
            "reasoning_effort",
            "reasoning",
            "data_sources",
            "store",
            "response_format",
            "context_management",
            "endpoint",
            "user",
        ],
    }
}

fn leaf() -> impl Strategy<Value = String> {
    let words = [
        "null",
        "true",
        "false",
        "0",
        "1",
        "1.0",
        "0.5",
        "12345678901234567890",
        "[]",
        "{}",
        "[ ]",
        "\"\"",
        "\"developer\"",
        "\"system\"",
        "\"user\"",
        "\"text\"",
        "\"reasoning\"",
        "\"none\"",
        "\"minimal\"",
        "\"low\"",
        "\"\\u00e9\\\"\"",
        "\"/v1/embeddings\"",
        "[1,2]",
    ];
    select(words.to_vec()).prop_map(str::to_owned)
}

fn blank() -> impl Strategy<Value = &'static str> {
    select(vec!["", "", " ", "\r\n\t"])
}

/// A member of an object that stands under this name.
fn member(parent: &'static str) -> BoxedStrategy<String> {
    let odd = vec!["other", "\\u0072ole", "", "\\ud800"];
    let name = prop_oneof![9 => select(names(parent)), 1 => select(odd)];
    let named = name.prop_flat_map(|name| (Just(name), blank(), value(name), blank()));
    named
        .prop_map(|(name, a, value, b)| format!("{a}\"{name}\"{b}:{a}{value}{b}"))
        .boxed()
}

/// What a request has there, mostly.
fn value(name: &'static str) -> BoxedStrategy<String> {
    let fitting = match name {
        "messages" | "content" | "tools" | "tool_calls" | "input" => {
            let items = prop::collection::vec(object(name), 0..4);
            items
                .prop_map(|items| format!("[{}]", items.join(" ,")))
                .boxed()
        }
        "image_url" | "function" | "reasoning" | "stream_options" => object(name),
        _ => return leaf().boxed(),
    };
    prop_oneof![3 => fitting, 1 => leaf()].boxed()
}

/// With duplicates and blanks.
fn object(name: &'static str) -> BoxedStrategy<String> {
    let members = prop::collection::vec(member(name), 0..7);
    members
        .prop_map(|members| format!("{{{}}}", members.join(" ,")))
        .boxed()
}

fn body() -> impl Strategy<Value = String> {
    (object(""), any::<bool>()).prop_map(|(body, mark)| {
        let mark = if mark { "\u{feff}" } else { "" };
        format!("{mark}{body}")
    })
}

fn manner() -> impl Strategy<Value = Manner> {
    let forms = vec![Spoken::Classic, Spoken::V1, Spoken::Models, Spoken::Single];
    let versions = vec!["2024-02-01", "2024-10-21", "2025-04-01-preview", "v1"];
    let models = vec![
        "prod",
        "gpt-4",
        "gpt-4o",
        "o1-mini",
        "o1",
        "o3",
        "gpt-5",
        "gpt-5.1",
        "gpt-5.5",
        "gpt-5-chat",
        "gpt-5.2-chat",
        "gpt-5-codex",
        "gpt-image-1",
        "mistral-large",
        "gpt-oss-20b",
        "grok-4",
        "deepseek-r1",
    ];
    (
        select(forms),
        select(versions),
        select(models),
        any::<[bool; 2]>(),
    )
        .prop_map(
            |(spoken, version, model, [drop_unsupported, always_include_usage])| Manner {
                spoken,
                version: Version::parse(version).unwrap_or(Version::V1),
                family: Family::of(model),
                is_direct: true,
                options: Options {
                    drop_unsupported,
                    always_include_usage,
                    ..Options::default()
                },
            },
        )
}

fn operation() -> impl Strategy<Value = (Operation, &'static str)> {
    select(vec![
        (Operation::Chat, "chat/completions"),
        (Operation::Chat, "chat/completions"),
        (Operation::Completions, "completions"),
        (Operation::Embeddings, "embeddings"),
        (Operation::Responses, "responses"),
        (Operation::ImageGeneration, "images/generations"),
        (Operation::Relay, "batches"),
        (Operation::Relay, "assistants"),
    ])
}

fn changed(
    text: &str,
    manner: &Manner,
    wanted: (Operation, &str),
    (lessons, counts_tokens): (u32, bool),
) -> Option<String> {
    let request = Request {
        operation: wanted.0,
        path: wanted.1,
        text: text.as_bytes(),
        model: Some("deployment"),
        lessons: Lessons::from_bits(lessons),
        counts_tokens,
    };
    let edits = edits(manner, &request).ok()?;
    assert_apart(&edits);
    Some(String::from_utf8(json::apply(text.as_bytes(), &edits)).unwrap())
}

fn assert_apart(edits: &[Edit]) {
    let mut at = 0;
    for edit in edits {
        assert!(
            at <= edit.range.start && edit.range.start <= edit.range.end,
            "{edits:?}"
        );
        at = edit.range.end;
    }
}

/// Members of the body that no rule looks at, as they are written.
fn others(text: &str) -> Vec<String> {
    let body = json::Value::first(text.as_bytes()).unwrap();
    let others = body
        .members()
        .filter(|(key, _)| key.is("other") || key.is(""));
    others
        .map(|(_, value)| String::from_utf8(value.raw().to_vec()).unwrap())
        .collect()
}

proptest! {
    #[test]
    fn what_was_changed_is_json_and_needs_no_further_change(
        text in body(), manner in manner(), wanted in operation(),
        lessons in prop_oneof![Just(0), any::<u32>()],
        counts: bool,
    ) {
        let _ = asks_for_usage(text.as_bytes());
        let Some(once) = changed(&text, &manner, wanted, (lessons, counts)) else { return Ok(()); };
        // A lone surrogate is no text to a full parser, on neither side.
        let parses = |text: &str| serde_json::from_str::<Value>(&text.replace("\\ud800", "x")).is_ok();
        prop_assert!(parses(&once), "{}", once);
        let again = changed(&once, &manner, wanted, (lessons, counts));
        prop_assert_eq!(again.as_deref(), Some(once.as_str()));
        if wanted.0 != Operation::Responses {
            prop_assert_eq!(others(&once), others(&text));
        }
    }

    #[test]
    fn an_unknown_model_gets_what_is_safe_and_nothing_else(text in body()) {
        let Ok(mut expected) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else {
            return Ok(());
        };
        let manner = Manner {
            spoken: Spoken::V1,
            version: Version::V1,
            family: Family::Unknown,
            is_direct: true,
            options: Options::default(),
        };
        // A parser keeps one of several members of a name, and edits mean all.
        let text = expected.to_string();
        let text = changed(&text, &manner, (Operation::Chat, "chat/completions"), (0, false)).unwrap();
        repair(&mut expected);
        prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), manner in manner()) {
        for operation in [Operation::Chat, Operation::Responses, Operation::Embeddings] {
            let lessons = Lessons::from_bits(u32::MAX);
            let text = &bytes;
            let request = Request { operation, path: "", text, model: Some("m"), lessons, counts_tokens: true };
            if let Ok(edits) = edits(&manner, &request) {
                assert_apart(&edits);
            }
            let _ = Lessons::default().learn(operation, 400, &bytes);
        }
        assert_apart(&rewrite_lines(&bytes, |_| Some("m".to_owned())));
        let _ = file_part(&bytes, "multipart/form-data; boundary=b");
        let form = [b"--b\r\nContent-Disposition: form-data; name=file\r\n\r\n", &bytes[..], b"\r\n--b--"].concat();
        if let Some(file) = file_part(&form, "multipart/form-data; boundary=b") {
            prop_assert_eq!(&form[file.content], &bytes[..]);
        }
    }
}

fn repair(body: &mut Value) {
    let body = body.as_object_mut().unwrap();
    body.insert("model".to_owned(), json!("deployment"));
    let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    if body.get("tools").is_some_and(is_empty) {
        body.shift_remove("tools");
    }
    let none = [Value::Null, json!({}), json!("")];
    if body.get("tools").is_none_or(|it| none.contains(it)) {
        for name in ["tool_choice", "parallel_tool_calls"] {
            if body.get(name).is_some_and(|it| !it.is_null()) {
                body.shift_remove(name);
            }
        }
    }
    if body.get("stream") != Some(&json!(true)) || body.contains_key("data_sources") {
        body.shift_remove("stream_options");
    }
    for tool in items(body.get_mut("tools")) {
        if let Some(function) = tool.get_mut("function").and_then(Value::as_object_mut)
            && function.get("parameters").is_none_or(Value::is_null)
        {
            function.insert(
                "parameters".to_owned(),
                json!({"type": "object", "properties": {}}),
            );
        }
    }
    for message in items(body.get_mut("messages")) {
        for part in items(message.get_mut("content")) {
            match part.get_mut("image_url") {
                Some(url @ Value::String(_)) => *url = json!({"url": url.clone()}),
                Some(Value::Object(image)) => {
                    image.shift_remove("format");
                }
                _ => {}
            }
        }
    }
}

fn items(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_array_mut).into_iter().flatten()
}
