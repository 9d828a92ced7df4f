//! Azure's endpoints behind OpenAI's API, by whole requests.

mod answers;
mod entra;
mod find;
mod lists;
mod routes;
mod uploads;

use crate::fake::{Gateway, Upstream, chat, gateway_of, json};

const AT: &str = "https://res.openai.azure.com";
const MISSING: &str = r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#;
const DONE: &str = r#"{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}"#;

/// One resource by flat settings, with a key of ours, and these settings besides.
fn azure(more: &[(&str, &str)]) -> Gateway {
    let usual = [
        ("AZURE_OPENAI_ENDPOINT", AT),
        ("AZURE_OPENAI_API_KEY", "azure-key"),
        ("PROXY_API_KEYS", "alice:client-key"),
    ];
    let settings = usual
        .iter()
        .filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    let chosen = more.iter().filter(|(_, value)| !value.is_empty());
    gateway_of(settings.chain(chosen).copied())
}

fn missing() -> Upstream {
    json(404, MISSING)
}

fn done() -> Upstream {
    json(200, DONE)
}

fn ask_for(model: &str) -> crate::fake::Ask {
    chat(&format!(r#"{{"model":"{model}","messages":[]}}"#))
}

/// The deployments that were asked since the last look, by their URLs.
fn deployments(gateway: &Gateway) -> Vec<String> {
    let sent = gateway.platform.sent.take();
    let segment = |url: &str| {
        url.split("/deployments/")
            .nth(1)?
            .split('/')
            .next()
            .map(str::to_owned)
    };
    sent.iter()
        .map(|it| segment(&it.url).unwrap_or_else(|| it.url.clone()))
        .collect()
}
