//! One call as several requests of Google's, and keys that take turns.

use serde_json::{Value, json};

use crate::fake::{Gateway, Upstream, chat, gateway, gateway_of, get, leaked, post};

fn google(key: &str) -> Gateway {
    gateway([
        ("GOOGLE_AI_STUDIO_API_KEY", key),
        ("PROXY_API_KEYS", "alice:client-key"),
    ])
}

fn answers(status: u16, body: &Value) -> Upstream {
    crate::fake::json(status, &body.to_string())
}

fn says(text: &str) -> Value {
    json!({
        "candidates": [{"content": {"parts": [{"text": text}], "role": "model"}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5},
        "modelVersion": "gemini-3.8-flash",
        "responseId": "r1",
    })
}

fn streams(texts: &[&str]) -> Upstream {
    let mut events: Vec<Value> = texts.iter().map(|text| says(text)).collect();
    for event in &mut events {
        event["candidates"][0]["finishReason"] = Value::Null;
    }
    events.push(says(""));
    let events: Vec<String> = events
        .iter()
        .map(|event| format!("data: {event}\r\n\r\n"))
        .collect();
    let of_events = vec![("content-type", "text/event-stream")];
    Upstream::Answers(200, of_events, leaked(&events.concat()))
}

fn refuses(status: u16, word: &str, message: &str) -> Upstream {
    answers(
        status,
        &json!({"error": {"code": status, "message": message, "status": word}}),
    )
}

const THREE: &str =
    r#"{"model":"gemini-3.8-flash","n":3,"messages":[{"role":"user","content":"x"}]}"#;

#[test]
fn choices_a_model_refuses_to_give_together_are_asked_for_one_by_one() {
    let gateway = google("k");
    for text in ["a", "b", "c"] {
        gateway.script(answers(200, &says(text)));
    }
    let got = gateway.send(chat(THREE)).json();
    let choices = got["choices"].as_array().unwrap();
    let said: Vec<_> = choices
        .iter()
        .map(|choice| {
            (
                choice["index"].as_u64().unwrap(),
                choice["message"]["content"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(said, [(0, "a"), (1, "b"), (2, "c")]);
    assert_eq!(got["usage"]["prompt_tokens"], 9);
    assert_eq!(got["usage"]["completion_tokens"], 6);
    let sent = gateway.platform.sent.borrow();
    assert_eq!(sent.len(), 3);
    for one in sent.iter() {
        assert!(
            one.url
                .ends_with("/models/gemini-3.8-flash:generateContent")
        );
        assert!(!one.body.contains("candidateCount"));
    }
    assert_eq!(gateway.line()["attempts"], 3);
}

#[test]
fn several_streams_come_as_one() {
    let gateway = google("k");
    for texts in [&["a1 ", "a2"][..], &["b"], &["c1 ", "c2 ", "c3"]] {
        gateway.script(streams(texts));
    }
    let body = THREE.replace(
        "\"n\":3",
        r#""n":3,"stream":true,"stream_options":{"include_usage":true}"#,
    );
    let text = gateway.send(chat(&body)).text();
    let events: Vec<&str> = text.split("\n\n").filter(|it| !it.is_empty()).collect();
    assert_eq!(events.last(), Some(&"data: [DONE]"));
    assert_eq!(events.iter().filter(|it| it.contains("[DONE]")).count(), 1);
    let chunks: Vec<Value> = events[..events.len() - 1]
        .iter()
        .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
        .collect();
    let mut said = [String::new(), String::new(), String::new()];
    let (mut roles, mut ends) = ([0; 3], [0; 3]);
    for chunk in &chunks {
        for choice in chunk["choices"].as_array().unwrap() {
            let index = usize::try_from(choice["index"].as_u64().unwrap()).unwrap();
            said[index] += choice["delta"]["content"].as_str().unwrap_or_default();
            roles[index] += u32::from(choice["delta"]["role"] == "assistant");
            ends[index] += u32::from(choice["finish_reason"] == "stop");
        }
    }
    assert_eq!(said, ["a1 a2", "b", "c1 c2 c3"]);
    assert_eq!((roles, ends), ([1; 3], [1; 3]));
    let usages: Vec<_> = chunks.iter().filter(|it| it["usage"].is_object()).collect();
    assert_eq!(usages.len(), 1);
    assert_eq!(usages[0]["usage"]["total_tokens"], 15);
    let ids: std::collections::HashSet<_> = chunks.iter().map(|it| it["id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
}

#[test]
fn one_refusal_is_that_of_all_and_the_others_are_given_up() {
    let gateway = google("k")
        .meets(answers(200, &says("a")))
        .meets(refuses(400, "INVALID_ARGUMENT", "No."))
        .meets(answers(200, &says("c")));
    let got = gateway.send(chat(THREE));
    assert_eq!((got.status(), got.message().as_str()), (400, "No."));
    assert_eq!(gateway.platform.abandoned.get(), 1);
}

#[test]
fn keys_take_turns_and_rest_when_they_are_exhausted() {
    let gateway = google("k1, k2 ,k3");
    let body = r#"{"model":"gemini-3.8-flash","messages":[{"role":"user","content":"x"}]}"#;
    let key_of = |at: usize| {
        gateway.platform.sent.borrow()[at]
            .headers
            .get("x-goog-api-key")
            .unwrap()
            .to_owned()
    };
    gateway.script(refuses(
        429,
        "RESOURCE_EXHAUSTED",
        "Quota exceeded. Please retry in 20s.",
    ));
    gateway.script(refuses(
        400,
        "INVALID_ARGUMENT",
        "API key not valid. Please pass a valid API key.",
    ));
    gateway.script(answers(200, &says("a")));
    assert_eq!(gateway.send(chat(body)).status(), 200);
    assert_eq!([key_of(0), key_of(1), key_of(2)], ["k1", "k2", "k3"]);
    for _ in 0..2 {
        gateway.script(answers(200, &says("a")));
        gateway.send(chat(body));
    }
    assert_eq!([key_of(3), key_of(4)], ["k3", "k3"]);
    gateway.platform.wait(20_000);
    gateway.script(answers(200, &says("a")));
    gateway.send(chat(body));
    assert_eq!(key_of(5), "k1");
    // When all rest, the one that is back first is asked, and its refusal is the answer.
    let script = |gateway: &Gateway| {
        let quota = "Quota exceeded. Please retry in 30s.";
        gateway.script(refuses(429, "RESOURCE_EXHAUSTED", quota));
    };
    script(&gateway);
    script(&gateway);
    let got = gateway.send(chat(body));
    assert_eq!(got.status(), 429);
    assert_eq!(got.header("retry-after"), Some("30"));
    script(&gateway);
    assert_eq!(gateway.send(chat(body)).status(), 429);
    assert_eq!(gateway.platform.sent.borrow().len(), 9);
}

#[test]
fn a_key_without_a_share_of_one_model_serves_the_others() {
    let gateway = google("k1,k2");
    let ask = |model: &str| {
        let body = json!({"model": model, "messages": [{"role": "user", "content": "x"}]});
        gateway.send(chat(&body.to_string()))
    };
    let none = "Quota exceeded for metric: x, limit: 0, model: gemini-3.1-pro";
    gateway.script(refuses(429, "RESOURCE_EXHAUSTED", none));
    gateway.script(refuses(429, "RESOURCE_EXHAUSTED", none));
    assert_eq!(ask("gemini-3.1-pro-preview").status(), 429);
    for _ in 0..2 {
        gateway.script(answers(200, &says("a")));
        assert_eq!(ask("gemini-3.8-flash").status(), 200);
    }
    let sent = gateway.platform.sent.borrow();
    let keys: Vec<_> = sent
        .iter()
        .map(|it| it.headers.get("x-goog-api-key"))
        .collect();
    assert_eq!(keys, [Some("k1"), Some("k2"), Some("k1"), Some("k2")]);
}

#[test]
fn where_a_place_or_an_operation_is_not_served_another_target_is_asked() {
    let document = json!({
        "providers": {
            "google": {"kind": "google", "key": "k"},
            "other": {"kind": "openai", "endpoint": "https://other.test/v1", "key": "o"},
        },
        "models": {"m": ["google/gemini-3.8-flash", "other/gpt"]},
    });
    let gateway = gateway_of([
        ("GATEWAY", document.to_string()),
        ("PROXY_API_KEYS", "alice:client-key".to_owned()),
    ]);
    gateway.script(refuses(
        400,
        "FAILED_PRECONDITION",
        "User location is not supported for the API use.",
    ));
    gateway.script(answers(200, &json!({"id": "c"})));
    let body = r#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#;
    assert_eq!(gateway.send(chat(body)).status(), 200);
    gateway.script(answers(200, &json!({"id": "r"})));
    let body = r#"{"model":"m","input":"x"}"#;
    assert_eq!(gateway.send(post("/v1/responses", body)).status(), 200);
    assert_eq!(gateway.sent().url, "https://other.test/v1/responses");
}

#[test]
fn streams_are_asked_for_uncompressed_however_they_are_asked_for() {
    let gateway = google("k").meets(streams(&["a"]));
    let body = r#"{"model":"gemini-3.1-flash-tts-preview","input":"x","voice":"alloy","stream_format":"sse"}"#;
    gateway.send(post("/v1/audio/speech", body));
    let sent = gateway.sent();
    assert!(
        sent.url.ends_with(":streamGenerateContent?alt=sse"),
        "{}",
        sent.url
    );
    assert_eq!(sent.headers.get("accept-encoding"), Some("identity"));
}

#[test]
fn of_many_streams_none_is_taken_for_json_by_its_number() {
    // The number of the last is a brace's.
    let prompts: Vec<String> = (0..124).map(|at| format!("p{at}")).collect();
    let gateway = google("k");
    for _ in 0..123 {
        gateway.script(Upstream::Answers(
            200,
            vec![("content-type", "text/event-stream")],
            "",
        ));
    }
    gateway.script(streams(&["a"]));
    let body = json!({"model": "gemini-3.8-flash", "stream": true, "prompt": prompts});
    let text = gateway
        .send(post("/v1/completions", &body.to_string()))
        .text();
    assert!(text.starts_with("data: "), "{text}");
    assert!(text.contains(r#""index":123,"text":"a""#), "{text}");
}

#[test]
fn copies_of_a_large_chat_are_refused_before_they_are_made() {
    let large = "x".repeat(6 << 20);
    let body = json!({"model": "gemini-3.8-flash", "n": 8, "messages": [{"role": "user", "content": large}]});
    let gateway = google("k");
    let body = body.to_string();
    let ask = chat("").body(body.as_bytes(), 1 << 20);
    let got = gateway.send(ask);
    assert_eq!(got.refusal(), (413, "request_too_large".to_owned()));
    assert!(gateway.asked_nobody());
}

#[test]
fn what_is_the_requests_own_fault_rests_no_key() {
    let gateway = google("k1,k2");
    gateway.script(refuses(400, "INVALID_ARGUMENT", "Bad."));
    let body = r#"{"model":"gemini-3.8-flash","messages":[{"role":"user","content":"x"}]}"#;
    assert_eq!(gateway.send(chat(body)).status(), 400);
    assert_eq!(gateway.platform.sent.borrow().len(), 1);
}

#[test]
fn a_page_that_breaks_off_ends_the_list() {
    let first = json!({"models": [{"name": "models/gemini-a", "supportedGenerationMethods": ["generateContent"]}], "nextPageToken": "t"});
    let gateway = google("k")
        .meets(answers(200, &first))
        .meets(Upstream::BreaksOff);
    let got = gateway.send(get("/v1/models"));
    assert_eq!(got.status(), 200);
    assert_eq!(got.json()["data"][0]["id"], "gemini-a");
    assert_eq!(got.header("x-isthmus-models-partial"), Some("google"));
}

#[test]
fn a_long_list_is_read_page_by_page() {
    let page = |name: &str, next: &str| json!({"models": [{"name": format!("models/{name}"), "supportedGenerationMethods": ["generateContent"]}], "nextPageToken": next});
    let gateway = google("k")
        .meets(answers(200, &page("gemini-a", "t/1")))
        .meets(answers(200, &page("gemini-b", "")));
    let got = gateway.send(get("/v1/models")).json();
    let ids: Vec<_> = got["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["gemini-a", "gemini-b"]);
    let sent = gateway.platform.sent.borrow();
    assert!(
        sent[1]
            .url
            .ends_with("/v1beta/models?pageSize=1000&pageToken=t%2F1"),
        "{}",
        sent[1].url
    );
    assert_eq!(sent[1].headers.get("x-goog-api-key"), Some("k"));
}
