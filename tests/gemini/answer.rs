//! Whole answers.

use isthmus::gemini::options::Options;
use isthmus::gemini::{Context, Host, answer, chat};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::any_json::any_json;
use crate::stream::WORDS;

fn decoded(bodies: &[Value], expects: &chat::Expects, options: Options) -> Value {
    let context = Context {
        model: "gemini",
        id: "ours",
        now_secs: 1,
        host: Host::Studio,
        options,
    };
    let bodies: Vec<_> = bodies
        .iter()
        .map(|body| body.to_string().into_bytes())
        .collect();
    match answer::decode(&bodies, expects, &context) {
        Ok(decoded) => serde_json::from_slice(&decoded.body).expect("JSON"),
        Err(error) => {
            assert_eq!(error.status(), 502);
            json!(error.code)
        }
    }
}

fn plain(body: Value) -> Value {
    decoded(&[body], &chat::Expects::default(), Options::default())
}

fn parts(parts: Value) -> Value {
    json!({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]})
}

fn message(body: Value) -> Value {
    plain(body)["choices"][0]["message"].clone()
}

#[test]
fn a_whole_answer() {
    let body = json!({
        "candidates": [{
            "content": {"parts": [{"text": "Hello "}, {"text": "\"world\"", "thoughtSignature": "U0lH"}], "role": "model"},
            "finishReason": "STOP",
        }],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5, "serviceTier": "standard"},
        "modelVersion": "gemini-3.8-flash",
        "responseId": "r1",
        "createTime": "1970-01-02T00:00:00Z",
    });
    let expected = json!({
        "id": "chatcmpl-r1",
        "object": "chat.completion",
        "created": 86400,
        "model": "gemini-3.8-flash",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": "Hello \"world\"", "refusal": null},
            "logprobs": null,
            "finish_reason": "stop",
        }],
        "usage": {
            "prompt_tokens": 3,
            "completion_tokens": 2,
            "total_tokens": 5,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
    });
    assert_eq!(plain(body), expected);
}

#[test]
fn what_there_is_none_of_has_a_meaning() {
    for (body, content, reason) in [
        (json!({}), json!(""), "stop"),
        (json!({"candidates": null}), json!(""), "stop"),
        (json!({"candidates": [{}]}), json!(""), "stop"),
        (
            json!({"candidates": [{"content": null, "finishReason": null}]}),
            json!(""),
            "stop",
        ),
        (
            json!({"candidates": [{"finishReason": "OTHER"}]}),
            json!(""),
            "stop",
        ),
        (
            json!({"candidates": [{"finishReason": "MAX_TOKENS"}]}),
            json!(""),
            "length",
        ),
        (
            json!({"candidates": [{"finishReason": "SPII"}]}),
            Value::Null,
            "content_filter",
        ),
        (
            json!({"promptFeedback": {"blockReason": "JAILBREAK"}}),
            Value::Null,
            "content_filter",
        ),
        (
            json!({"promptFeedback": {"safetyRatings": []}}),
            json!(""),
            "stop",
        ),
        (
            parts(json!([{"functionCall": {"name": "f"}}])),
            Value::Null,
            "tool_calls",
        ),
        (
            parts(json!([{"toolCall": {"id": "s"}}, {"brandNew": 1}, 7, null])),
            json!(""),
            "stop",
        ),
    ] {
        let answer = plain(body.clone());
        let choice = &answer["choices"][0];
        assert_eq!(answer["id"], "chatcmpl-ours");
        assert_eq!(
            (&answer["created"], &answer["model"]),
            (&json!(1), &json!("gemini"))
        );
        assert_eq!(choice["message"]["content"], content, "{body}");
        assert_eq!(choice["finish_reason"], reason, "{body}");
        let is_refused = reason == "content_filter";
        assert_eq!(
            choice["message"]["refusal"].is_string(),
            is_refused,
            "{body}"
        );
    }
}

#[test]
fn a_refusal_is_in_googles_words_if_there_are_any() {
    for (body, words) in [
        (
            json!({"candidates": [{"finishReason": "SAFETY", "finishMessage": "\"No\""}]}),
            "\"No\"",
        ),
        (
            json!({"promptFeedback": {"blockReason": "SAFETY", "blockReasonMessage": "Never"}}),
            "Never",
        ),
        (
            json!({"promptFeedback": {"blockReason": "MODEL_ARMOR"}}),
            "The prompt was blocked by a filter of Google's (MODEL_ARMOR).",
        ),
    ] {
        assert_eq!(message(body)["refusal"], words);
    }
    let cut = json!({"candidates": [{"content": {"parts": [{"text": "Once"}]}, "finishReason": "RECITATION"}]});
    assert_eq!(message(cut.clone())["content"], "Once");
    assert_eq!(message(cut)["refusal"], Value::Null);
}

#[test]
fn malformed_calls_are_never_given() {
    let call = json!({"functionCall": {"name": "f"}});
    let answer = |reason: &str, parts: Value| json!({"candidates": [{"content": {"parts": parts}, "finishReason": reason}]});
    for reason in [
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MALFORMED_RESPONSE",
    ] {
        let code = reason.to_ascii_lowercase();
        assert_eq!(plain(answer(reason, json!([call]))), code);
        assert_eq!(
            plain(answer(reason, json!([{"text": "Hm", "thought": true}]))),
            code
        );
        let with_text = plain(answer(reason, json!([{"text": "Hm"}, call])));
        let choice = &with_text["choices"][0];
        assert_eq!(choice["finish_reason"], "stop");
        assert!(choice["message"].get("tool_calls").is_none());
    }
    for nonsense in [json!([]), json!("x"), json!({"error": {"code": 500}})] {
        assert_eq!(plain(nonsense), "upstream_nonsense");
    }
}

#[test]
fn parts_find_their_places() {
    for (parts_of, expected) in [
        (
            json!([{"text": "Hm", "thought": true}, {"text": "42"}, {"text": ".", "thought": true}]),
            json!({"content": "42", "reasoning_content": "Hm."}),
        ),
        (
            json!([{"executableCode": {"language": "PYTHON", "code": "1"}}, {"codeExecutionResult": {"outcome": "OUTCOME_OK"}}]),
            json!({"content": "```python\n1\n```\n```output\n```\n"}),
        ),
        (
            json!([{"inlineData": {"mimeType": "image/png", "data": "QQ=="}}, {"inlineData": {"mimeType": "image/png", "data": "Qg=="}, "thought": true}]),
            json!({"content": "", "images": [{"type": "image_url", "index": 0, "image_url": {"url": "data:image/png;base64,QQ=="}}]}),
        ),
        (
            json!([{"inlineData": {"mimeType": "audio/pcm", "data": "QQ=="}}, {"inlineData": {"mimeType": "audio/pcm", "data": "Qg=="}}]),
            json!({"content": null, "audio": {"id": "audio_ours_0", "data": "QUI=", "expires_at": 3601, "transcript": ""}}),
        ),
        (
            json!([{"inlineData": {"mimeType": "text/csv", "data": "QQ=="}}, {"inlineData": {"data": "QQ=="}}]),
            json!({"content": "data:text/csv;base64,QQ==data:application/octet-stream;base64,QQ=="}),
        ),
    ] {
        let mut message = message(parts(parts_of));
        let fields = message.as_object_mut().unwrap();
        assert_eq!(fields.remove("role"), Some(json!("assistant")));
        assert_eq!(fields.remove("refusal"), Some(Value::Null));
        assert_eq!(message, expected);
    }
}

#[test]
fn calls_keep_ids_and_signatures() {
    let body = parts(json!([
        {"functionCall": {"id": "fc-1", "name": "f", "args": {"a": {"b": "\n"}}}, "thoughtSignature": "U0lH"},
        {"functionCall": {"id": "", "name": "f", "args": {"n": 1.0}}},
        {"functionCall": {"args": {}}},
    ]));
    let calls = message(body.clone())["tool_calls"].clone();
    assert_eq!(calls.as_array().unwrap().len(), 2);
    assert_eq!(calls[0]["id"], "fc-1");
    assert_eq!(
        calls[0]["function"],
        json!({"name": "f", "arguments": "{\"a\":{\"b\":\"\\n\"}}"})
    );
    assert_eq!(
        calls[0]["extra_content"],
        json!({"google": {"thought_signature": "U0lH"}})
    );
    assert_eq!(calls[1]["function"]["arguments"], "{\"n\":1.0}");
    assert_eq!(calls[1]["id"].as_str().unwrap().len(), 29);
    assert!(calls[1].get("extra_content").is_none());

    let in_ids = Options {
        signatures_in_ids: true,
        ..Options::default()
    };
    let answer = decoded(
        std::slice::from_ref(&body),
        &chat::Expects::default(),
        in_ids,
    );
    let id = &answer["choices"][0]["message"]["tool_calls"][0]["id"];
    assert_eq!(id, "fc-1__thought__U0lH");
    let one = chat::Expects {
        one_call: true,
        ..chat::Expects::default()
    };
    let answer = decoded(std::slice::from_ref(&body), &one, Options::default());
    assert_eq!(
        answer["choices"][0]["message"]["tool_calls"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let legacy = chat::Expects {
        function_call: true,
        ..chat::Expects::default()
    };
    let answer = decoded(&[body], &legacy, Options::default());
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "function_call");
    assert_eq!(choice["message"]["function_call"]["name"], "f");
    assert!(choice["message"].get("tool_calls").is_none());
}

#[test]
fn sources_are_annotations_at_their_characters() {
    let grounding = json!({
        "groundingChunks": [
            {"web": {"uri": "https://a.example", "title": "a"}},
            {"image": {"sourceUri": "https://b.example", "imageUri": "https://b.example/b.png"}},
            {"maps": {"uri": "https://c.example", "title": "c"}},
            {"retrievedContext": {"title": "without an address"}},
        ],
        "groundingSupports": [
            {"segment": {"partIndex": 1, "startIndex": 2, "endIndex": 4}, "groundingChunkIndices": [0, 1, 3, 99, -1]},
            {"segment": {"partIndex": 1, "startIndex": 2, "endIndex": 4}, "groundingChunkIndices": [0]},
            {"groundingChunkIndices": [0]},
        ],
    });
    let body = json!({"candidates": [{
        "content": {"parts": [{"text": "Né "}, {"text": "éàx"}]},
        "groundingMetadata": grounding,
        "citationMetadata": {"citations": [{"startIndex": 1, "endIndex": 3, "uri": "https://d.example", "title": "d"}, {"endIndex": 3}]},
    }]});
    let annotations = message(body)["annotations"].clone();
    let annotations = annotations.as_array().unwrap().iter();
    let told = annotations.map(|it| {
        assert_eq!(it["type"], "url_citation");
        let it = &it["url_citation"];
        json!([it["start_index"], it["end_index"], it["url"], it["title"]])
    });
    let expected = json!([
        [4, 5, "https://a.example", "a"],
        [4, 5, "https://b.example", "https://b.example"],
        [0, 0, "https://a.example", "a"],
        [1, 2, "https://d.example", "d"],
        [6, 6, "https://c.example", "c"],
    ]);
    assert_eq!(told.collect::<Value>(), expected);
}

#[test]
fn several_answers_are_one() {
    let usage = json!({"promptTokenCount": 3, "candidatesTokenCount": 2, "thoughtsTokenCount": 2, "totalTokenCount": 5});
    let body = |text: &str| {
        json!({
            "candidates": [{"content": {"parts": [{"text": text}, {"functionCall": {"name": "f"}}]}}],
            "usageMetadata": usage,
            "responseId": text,
        })
    };
    let expects = chat::Expects::default();
    let answer = decoded(&[body("a"), body("b")], &expects, Options::default());
    assert_eq!(answer["id"], "chatcmpl-a");
    let choices = answer["choices"].as_array().unwrap();
    let told = choices
        .iter()
        .map(|it| json!([it["index"], it["message"]["content"]]));
    assert_eq!(told.collect::<Value>(), json!([[0, "a"], [1, "b"]]));
    let id = |choice: &Value| choice["message"]["tool_calls"][0]["id"].clone();
    assert_ne!(choices.first().map(id), choices.last().map(id));
    assert_eq!(answer["usage"]["total_tokens"], 10);
    assert_eq!(answer["usage"]["completion_tokens"], 4);

    let malformed = json!({"candidates": [{"finishReason": "MALFORMED_RESPONSE"}]});
    let answer = decoded(&[malformed, body("b")], &expects, Options::default());
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
}

#[test]
fn a_fence_around_json_is_taken_off() {
    let unfence = chat::Expects {
        unfence: true,
        ..chat::Expects::default()
    };
    let body = parts(json!([{"text": "```json\n{\"a\":"}, {"text": "1}\n```\n"}]));
    let answer = decoded(std::slice::from_ref(&body), &unfence, Options::default());
    assert_eq!(answer["choices"][0]["message"]["content"], "{\"a\":1}");
    assert_eq!(message(body)["content"], "```json\n{\"a\":1}\n```\n");
}

#[test]
fn deep_answers_are_only_deep() {
    let deep = |open: &str, close: &str| [open.repeat(200_000), close.repeat(200_000)].concat();
    let bodies = [
        deep("[", "]"),
        format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"functionCall":{{"name":"f","args":{}}}}}]}}}}]}}"#,
            deep("{\"a\":[", "]}").replace("[]", "[1]")
        ),
    ];
    let context = Context {
        model: "gemini",
        id: "ours",
        now_secs: 1,
        host: Host::Vertex,
        options: Options::default(),
    };
    for (body, is_answer) in bodies.into_iter().zip([false, true]) {
        let expects = chat::Expects::default();
        let decoded = answer::decode(&[body.into_bytes()], &expects, &context);
        assert_eq!(decoded.is_ok(), is_answer);
    }
}

proptest! {
    /// An answer, or an error that names an upstream's fault.
    #[test]
    fn any_json_is_an_answer_or_none(message in any_json(WORDS)) {
        let nested = json!({"candidates": [message, {"content": {"parts": message}}]});
        for body in [message.clone(), parts(message), nested] {
            let answer = plain(body);
            let choices = answer["choices"].as_array().map_or(0, Vec::len);
            prop_assert!(answer.is_string() || choices > 0);
        }
    }
}
