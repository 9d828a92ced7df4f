//! Programs written for Azure OpenAI, by whole requests: what they ask, at every kind of provider, and what they read.

mod answers;
mod errors;
mod limits;
mod paths;
mod realtime;
mod strangers;
mod versions;

use serde_json::{Value, json};

use crate::fake::{Ask, Gateway, ask, gateway};

const AT: &str = "https://res.openai.azure.com";
const UP: &str = "https://up.test/v1";
const GOOGLES: &str = "https://generativelanguage.googleapis.com/v1beta";
const CHAT: &str = "/openai/deployments/prod/chat/completions?api-version=2024-10-21";
const HELLO: &str = r#"{"messages":[{"role":"user","content":"hi"}]}"#;

/// Three providers, and names for their models; what has no name goes to the server.
fn behind() -> Gateway {
    gateway_of_document(&json!({
        "providers": {
            "up": {"kind": "openai", "endpoint": UP, "key": "up-key"},
            "az": {"kind": "azure", "endpoint": AT, "key": "az-key", "api_version": "2024-06-01"},
            "go": {"kind": "google", "key": "go-key"},
        },
        "default": "up",
        "models": {"prod": "up/gpt-4o", "east": "az/east-4o", "gemini": "go/gemini-2.5-flash", "vendor/m": "up/vendor-m"},
    }))
}

fn gateway_of_document(document: &Value) -> Gateway {
    gateway([
        ("GATEWAY", document.to_string().as_str()),
        ("PROXY_API_KEYS", "alice:client-key,bob:bobs-key:prod|east"),
    ])
}

/// With the key where Azure's clients put it.
fn call(method: &str, path: &str) -> Ask {
    ask(method, path).header("api-key", "client-key")
}

fn post(path: &str, body: &str) -> Ask {
    call("POST", path).json(body)
}
