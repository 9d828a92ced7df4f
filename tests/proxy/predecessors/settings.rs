//! The settings of other proxies, under the names and in the spellings they have there.

use isthmus::config::known;

use crate::fake::{chat, gateway_of, json};

const HELLO: &str = r#"{"model":"m"}"#;

/// The names that other proxies read, but for those of files of their own.
const OTHERS: [&str; 41] = [
    "AZURE_INSTANCES",
    "AZURE_INSTANCE_PRIMARY_API_KEY",
    "AZURE_INSTANCE_PRIMARY_API_BASE",
    "AZURE_INSTANCE_PRIMARY_API_VERSION",
    "AZURE_INSTANCE_PRIMARY_PRIORITY",
    "AZURE_INSTANCE_PRIMARY_WEIGHT",
    "AZURE_INSTANCE_PRIMARY_MAX_TPM",
    "AZURE_INSTANCE_MY_EAST-1_NAME",
    "AZURE_ROUTING_STRATEGY",
    "TOKEN_RATE_LIMIT",
    "AZURE_INSTANCES_JSON",
    "AZURE_OPENAI_TOKEN",
    "AZURE_OPENAI_API_KEY",
    "AZURE_OPENAI_KEY",
    "AZURE_OPENAI_KEY_MISTRAL-LARGE-2407",
    "GOOGLE_AI_STUDIO_API_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "OPENAI_API_KEY",
    "PROXY_API_KEYS",
    "AZURE_OPENAI_ENDPOINT",
    "AZURE_OPENAI_APIVERSION",
    "AZURE_OPENAI_MODEL_MAPPER",
    "AZURE_OPENAI_PROXY_MODE",
    "AZURE_OPENAI_PROXY_ADDRESS",
    "AZURE_AI_STUDIO_DEPLOYMENTS",
    "VERTEX_AI_PROJECT_ID",
    "AZURE_OPENAI_MODELS_APIVERSION",
    "AZURE_OPENAI_RESPONSES_APIVERSION",
    "ANTHROPIC_APIVERSION",
    "OPENAI_API_ENDPOINT",
    "OPENAI_BASE_URL",
    "AZURE_OPENAI_API_BASE",
    "AZURE_OPENAI_API_VERSION",
    "MODEL_MAP_GPT4o",
    "LOG_LEVEL",
    "USE_REDIS_RATE_LIMITER",
    "REDIS_URL",
    "PORT",
    "HOST",
    "FOAP_HOST",
    "FOAP_PORT",
];

/// Each is read, or it is said what replaces it; never both.
#[test]
fn the_settings_of_other_proxies_are_known() {
    for name in OTHERS {
        for name in [name.to_owned(), name.to_ascii_lowercase()] {
            let is_replaced = known::replacement(&name).is_some();
            assert_ne!(known::is_known(&name), is_replaced, "{name}");
        }
    }
}

/// A setting, beside others -> the URL and the credential that a chat with `m` brings with it. As `.env` files and shells
/// leave it: blanks, quotes, any letters.
#[test]
fn the_settings_of_other_proxies_are_read_however_they_are_written() {
    let azure = "https://r.openai.azure.com/openai/deployments";
    let version = "api-version=2024-10-21";
    for (settings, url, credential) in [
        (
            &[(
                "AZURE_OPENAI_ENDPOINT",
                "https://R.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-06-01",
            )][..],
            format!("{azure}/d/chat/completions?api-version=2024-06-01"),
            "client-key",
        ),
        (
            &[
                ("AZURE_OPENAI_API_BASE", "r.openai.azure.com/"),
                ("AZURE_OPENAI_API_VERSION", "2023-05-15 00:00:00 +0000 UTC"),
            ],
            format!("{azure}/m/chat/completions?api-version=2023-05-15"),
            "client-key",
        ),
        (
            &[
                ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"),
                ("AZURE_OPENAI_TOKEN", "t"),
                ("AZURE_OPENAI_API_KEY", "k"),
            ],
            format!("{azure}/m/chat/completions?{version}"),
            "t",
        ),
        (
            &[
                ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"),
                ("MODEL_MAP_M", "d"),
                ("AZURE_OPENAI_APIVERSION", "2024-06-01"),
            ],
            format!("{azure}/d/chat/completions?api-version=2024-06-01"),
            "client-key",
        ),
        (
            &[
                ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"),
                ("AZURE_OPENAI_MODEL_MAPPER", " M = d ,, x=y"),
            ],
            format!("{azure}/d/chat/completions?{version}"),
            "client-key",
        ),
        (
            &[
                ("AZURE_OPENAI_PROXY_MODE", "OpenAI"),
                ("OPENAI_API_KEY", "k"),
            ],
            "https://api.openai.com/v1/chat/completions".to_owned(),
            "Bearer k",
        ),
        (
            &[("OPENAI_API_ENDPOINT", "https://up.test/v1/chat/completions")],
            "https://up.test/v1/chat/completions".to_owned(),
            "Bearer client-key",
        ),
    ] {
        for quote in ["", "\"", "'"] {
            let wrapped = |value: &str| format!(" {quote} {value} {quote} ");
            let written = settings
                .iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), wrapped(value)));
            let anonymous = ("Allow_Anonymous".to_owned(), wrapped("TRUE"));
            let gateway = gateway_of(written.chain([anonymous])).meets(json(200, "{}"));
            let got = gateway.send(chat(HELLO));
            assert_eq!(got.status(), 200, "{}", got.text());
            let sent = gateway.sent();
            assert_eq!(sent.url, url);
            let name = if url.contains("azure.com") {
                "api-key"
            } else {
                "authorization"
            };
            assert_eq!(sent.headers.get(name), Some(credential), "{url}");
        }
    }
}
