//! Provider files of fast-openai-api-proxy, by whole requests.

mod calls;
mod examples;
mod files;
mod images;
mod list;
mod vectors;

use crate::fake::{Gateway, gateway_of};

const CHAT: &str = r#"{"model":"openai-gpt-4o","messages":[]}"#;
const DONE: &str =
    r#"{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[]}"#;

/// One file, a client with a key, and these settings besides.
fn file(text: &str, more: &[(&str, &str)]) -> Gateway {
    let usual = [
        ("FOAP_CONFIG", text),
        ("PROXY_API_KEYS", "alice:client-key"),
        ("OPENAI_API_TOKEN", "openai-token"),
    ];
    gateway_of(usual.into_iter().chain(more.iter().copied()))
}

/// The project's first example, as its README has it.
const OPENAI: &str = r#"{
  "openai": {
    "api_key_variable": "OPENAI_API_TOKEN", // the name of the variable
    "prefix": "openai-", # in front of every model
    "target_base_url": "https://api.openai.com",
    "request_timeout": 60,
    "health_timeout": 10,
    "models": {
      "gpt-4o": {
        "endpoints": [
          {
            "path": "v1/chat/completions",
            "target_model_name": "gpt-4o",
          },
        ],
      },
      "text-embedding-3-small": {
        "endpoints": [
          /* another time, another name */
          {"path": "/v1/embeddings", "target_model_name": "text-embedding-3-small-1", "request_timeout": 5}
        ]
      }
    }
  }
}"#;
