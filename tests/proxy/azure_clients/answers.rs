//! Answers and streams, as Azure's clients get them.

use serde_json::{Value, json};

use super::{HELLO, behind, gateway_of_document, post};
use crate::fake::{Upstream, gateway, json as answers, leaked};

const PROMPT: &str = r#"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}"#;
const TEXT: &str = r#"{"choices":[{"delta":{"content":"hi","role":"assistant"},"finish_reason":null,"index":0,"logprobs":null}],"created":1,"id":"chatcmpl-1","model":"gpt-4o","object":"chat.completion.chunk"}"#;
const FILTER: &str = r#"{"id":"","object":"","created":0,"model":"","choices":[{"index":0,"finish_reason":null,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},"content_filter_offsets":{"check_offset":44,"start_offset":44,"end_offset":198}}]}"#;
const STOP: &str = r#"{"choices":[{"delta":{},"finish_reason":"stop","index":0,"logprobs":null}],"created":1,"id":"chatcmpl-1","model":"gpt-4o","object":"chat.completion.chunk"}"#;

fn stream(events: &[&str]) -> Upstream {
    let headers = vec![("content-type", "text/event-stream")];
    Upstream::Answers(200, headers, leaked(&written(events)))
}

fn written(events: &[&str]) -> String {
    format!("data: {}\n\n", events.join("\n\ndata: "))
}

fn streamed(path: &str) -> crate::fake::Ask {
    post(path, r#"{"model":"east","messages":[],"stream":true}"#)
}

/// Who asks -> whether the filter's own events are among what comes.
#[test]
fn annotations_are_for_azures_clients() {
    let all = [PROMPT, TEXT, FILTER, STOP, FILTER, "[DONE]"];
    for (path, wanted) in [
        (
            "/openai/deployments/east/chat/completions?api-version=2024-10-21",
            &all[..],
        ),
        ("/openai/chat/completions", &all[..]),
        ("/openai/v1/chat/completions", &[TEXT, STOP, "[DONE]"][..]),
        ("/v1/chat/completions", &[TEXT, STOP, "[DONE]"][..]),
    ] {
        let gateway = behind().meets(stream(&all));
        let got = gateway.send(streamed(path)).text();
        assert_eq!(got, written(wanted), "{path}");
    }
}

/// An owner who has them removed has them removed for everybody.
#[test]
fn annotations_the_owner_does_not_want() {
    let document = json!({"providers": {"az": {"kind": "azure", "endpoint": "https://res.openai.azure.com", "key": "k", "strip_azure_fields": true}}});
    let gateway =
        gateway_of_document(&document).meets(stream(&[PROMPT, TEXT, FILTER, STOP, "[DONE]"]));
    let got = gateway
        .send(streamed("/openai/deployments/east/chat/completions"))
        .text();
    assert!(
        !got.contains("filter_results") && got.contains("hi"),
        "{got}"
    );
}

#[test]
fn a_whole_answer_keeps_what_azure_says() {
    let answer = json!({"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o",
        "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {"jailbreak": {"filtered": false, "detected": false}}}],
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hi"},
            "content_filter_results": {"hate": {"filtered": false, "severity": "safe"}}}]});
    let gateway = behind().meets(answers(200, &answer.to_string()));
    assert_eq!(
        gateway
            .send(post("/openai/deployments/east/chat/completions", HELLO))
            .json(),
        answer
    );
}

/// A stream that breaks off ends in an error and `[DONE]`.
#[test]
fn a_broken_stream_says_so() {
    let gateway = behind().meets(stream(&[PROMPT, TEXT]));
    let got = gateway
        .send(streamed("/openai/deployments/east/chat/completions"))
        .text();
    let events: Vec<&str> = got.split("\n\n").filter(|it| !it.is_empty()).collect();
    let [.., error, done] = events.as_slice() else {
        panic!("{got}")
    };
    let error: Value = serde_json::from_str(error.strip_prefix("data: ").unwrap()).unwrap();
    assert!(error["error"]["message"].is_string());
    assert_eq!(*done, "data: [DONE]");
}

/// A Gemini model under an Azure client: chunks of OpenAI's, under the deployment's name.
#[test]
fn googles_stream_is_openais() {
    let event = r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2}}"#;
    let gateway = behind().meets(stream(&[event]));
    let path = "/openai/deployments/gemini/chat/completions?api-version=2024-10-21";
    let body = r#"{"model":null,"messages":[{"role":"user","content":"hi"}],"stream":true}"#;
    let got = gateway.send(post(path, body)).text();
    assert!(
        gateway
            .sent()
            .url
            .ends_with(":streamGenerateContent?alt=sse")
    );
    let first: Value =
        serde_json::from_str(got.lines().next().unwrap().strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(
        (&first["object"], &first["model"]),
        (&json!("chat.completion.chunk"), &json!("gemini"))
    );
    assert!(got.ends_with("data: [DONE]\n\n"));
}

/// The built-in provider knows the model of the path too.
#[test]
fn the_demo_answers_under_the_deployments_name() {
    let gateway = gateway([("PROXY_API_KEYS", "client-key")]);
    for (operation, body) in [
        ("chat/completions", HELLO),
        (
            "chat/completions",
            r#"{"model":null,"messages":[{"role":"user","content":"hi"}]}"#,
        ),
        (
            "chat/completions",
            r#"{"model":"other","messages":[{"role":"user","content":"hi"}]}"#,
        ),
        ("embeddings", r#"{"input":"x"}"#),
        ("responses", r#"{"input":"x"}"#),
    ] {
        let path = format!("/openai/deployments/prod/{operation}?api-version=2024-10-21");
        let got = gateway.send(post(&path, body));
        assert_eq!(
            (got.status(), &got.json()["model"]),
            (200, &json!("prod")),
            "{body}"
        );
    }
}
