//! A recorded request of a client of Azure's: what it was taken for, and what an OpenAI-compatible upstream got of it.

use serde_json::{Value, json};

use crate::fake::{Gateway, gateway};
use crate::golden::matching::differs;
use crate::golden::situation::{CLIENT_KEY, answered, answers, request};

/// Where its API begins.
const UPSTREAM: &str = "https://up.test/v1";

/// Of an inbound situation, whether an OpenAI-compatible server stands behind it.
pub fn is_one(input: &Value, expected: &Value) -> bool {
    let is_routed = !expected["routed"].is_null();
    input["direction"] == "inbound" && (is_routed || input["backend"]["type"] == "fake-openai")
}

pub fn check(input: &Value, expected: &Value) -> Result<(), String> {
    let mut gateway = behind();
    for answer in answers(input) {
        gateway = gateway.meets(answer);
    }
    let got = gateway.send(request(&input["client"], CLIENT_KEY));
    if !expected["routed"].is_null() {
        differs(&expected["routed"], Some(&routed(&gateway)), "routed")
            .map_err(|problem| format!("{problem}: {}", got.text()))?;
    }
    answered(&got, &expected["client"])
}

fn behind() -> Gateway {
    let provider = json!({"kind": "openai", "endpoint": UPSTREAM, "key": "upstream-key"});
    let document = json!({"providers": {"up": provider}}).to_string();
    gateway([
        ("GATEWAY", document.as_str()),
        ("PROXY_API_KEYS", CLIENT_KEY),
    ])
}

/// By the report and by the upstream, which must agree.
fn routed(gateway: &Gateway) -> Value {
    let (sent, line) = (gateway.sent(), gateway.line());
    let dialect = match line["surface"].as_str() {
        Some("azure") => "azure-openai",
        Some("inference") => "model-inference",
        other => other.unwrap_or_default(),
    };
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(line["model_asked"], body["model"]);
    let operation = sent.url.strip_prefix(UPSTREAM).unwrap();
    json!({"dialect": dialect, "operation": operation.trim_start_matches('/'), "model": body["model"]})
}
