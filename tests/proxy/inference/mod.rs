//! Clients of Azure AI Model Inference, by whole requests.

mod answers;
mod errors;
mod info;
mod limits;
mod requests;
mod routes;
mod settings;
mod streams;

use serde_json::Value;

use crate::fake::{Ask, Gateway, Got, ask, gateway_of};

const CHAT: &str = "/models/chat/completions?api-version=2024-05-01-preview";
const EMBEDDINGS: &str = "/models/embeddings?api-version=2024-05-01-preview";

/// A chat that is answered, as JSON.
const COMPLETION: &str = r#"{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#;

/// As Azure's SDKs ask: one key in two headers.
fn post(path: &str, body: &str) -> Ask {
    ask("POST", path)
        .key("client-key")
        .header("api-key", "client-key")
        .json(body)
}

fn info(query: &str) -> Ask {
    ask("GET", &format!("/info?api-version=2025-04-01{query}")).key("client-key")
}

/// An OpenAI-compatible server and a client, with more settings.
fn gateway(settings: &[(&str, &str)]) -> Gateway {
    let usual = [
        ("OPENAI_BASE_URL", "https://up.test/v1"),
        ("OPENAI_API_KEY", "upstream-key"),
        ("PROXY_API_KEYS", "client-key"),
    ];
    gateway_of(usual.iter().chain(settings).copied())
}

/// Status, code and message of an error in this API's shape, which the header tells too.
fn refusal(got: &Got) -> (u16, String, String) {
    let body = got.json();
    let error = &body["error"];
    let text = |name: &str| error[name].as_str().expect("a text").to_owned();
    assert_eq!(error["status"], got.status(), "{body}");
    assert_eq!(
        got.header("x-ms-error-code"),
        error["code"].as_str(),
        "{body}"
    );
    assert!(error.get("type").is_none(), "{body}");
    (got.status(), text("code"), text("message"))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}
