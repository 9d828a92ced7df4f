//! Whole answers.

use isthmus::answer::Body;
use serde_json::json;

use super::{Outcome, provider, run, usage};
use crate::fake::{Upstream, json as answers};

const ANSWER: &str = r#"{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}"#;
const CHAT: &str = r#"{"model":"m","messages":[]}"#;

/// It is read for its usage, and passes as it is.
#[test]
fn an_answer_that_passes_is_counted() {
    let embeddings = r#"{"object":"list","data":[{"embedding":[0.1]}],"usage":{"prompt_tokens":9,"total_tokens":9}}"#;
    for (path, body, answer, told) in [
        ("/v1/chat/completions", CHAT, ANSWER, usage(9, 4, 13)),
        (
            "/v1/embeddings",
            r#"{"model":"m","input":"a"}"#,
            embeddings,
            usage(9, 0, 9),
        ),
    ] {
        let gateway =
            provider(&json!({"kind": "openai", "endpoint": "https://up.test/v1", "key": "$KEY"}));
        gateway.script(answers(200, answer));
        let Outcome { got, usage, sent } = run(&gateway, path, body, true);
        assert!(matches!(&got.0.body, Body::Native(body) if body.is_kept));
        assert_eq!((got.text().as_str(), usage), (answer, Some(told)));
        assert_eq!(sent, [body]);
        // Nobody looks where nobody counts.
        gateway.script(answers(200, answer));
        let uncounted = run(&gateway, path, body, false);
        assert!(matches!(&uncounted.got.0.body, Body::Native(body) if !body.is_kept));
        assert_eq!(uncounted.usage, None);
    }
}

/// What is no JSON has no usage, and is not held back.
#[test]
fn sound_is_not_read() {
    let gateway =
        provider(&json!({"kind": "openai", "endpoint": "https://up.test/v1", "key": "$KEY"}));
    let sound = vec![("content-type", "audio/mpeg")];
    gateway.script(Upstream::Answers(200, sound, "sound"));
    let body = r#"{"model":"m","input":"a","voice":"v"}"#;
    let Outcome { got, usage, .. } = run(&gateway, "/v1/audio/speech", body, true);
    assert!(matches!(&got.0.body, Body::Native(body) if !body.is_kept));
    assert_eq!(usage, None);
}

/// A server that does not stream: the client gets what it would have got.
#[test]
fn an_answer_where_a_stream_was_asked_for_is_counted() {
    let gateway =
        provider(&json!({"kind": "openai", "endpoint": "https://up.test/v1", "key": "$KEY"}));
    gateway.script(answers(200, ANSWER));
    let body = r#"{"model":"m","messages":[],"stream":true}"#;
    let Outcome {
        got, usage: told, ..
    } = run(&gateway, "/v1/chat/completions", body, true);
    assert_eq!(got.text(), ANSWER);
    assert_eq!(told, Some(usage(9, 4, 13)));
}

/// What is read anyway tells its usage to the report, whoever counts.
#[test]
fn what_is_read_anyway_is_told() {
    let gemini = r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":4,"totalTokenCount":13}}"#;
    for (options, answer) in [
        (json!({"kind": "google", "key": "$KEY"}), gemini),
        (
            json!({"kind": "azure", "endpoint": "https://r.openai.azure.com", "key": "$KEY"}),
            ANSWER,
        ),
    ] {
        let gateway = provider(&options);
        gateway.script(answers(200, answer));
        let body = r#"{"model":"gemini-3.8-flash","messages":[{"role":"user","content":"a"}]}"#;
        gateway.send(crate::fake::chat(body));
        let line = gateway.line();
        assert_eq!(
            (&line["tokens_in"], &line["tokens_out"]),
            (&json!(9), &json!(4))
        );
    }
}
