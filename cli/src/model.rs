//! Where a call for a model would go, and what would be sent there.

use isthmus::clients::Caller;
use isthmus::config::Config;
use isthmus::error::{Error, Result};
use isthmus::exchange;
use isthmus::headers::Headers;
use isthmus::surface::{Arrival, BodyLimits, Call, Route, Unread};
use serde_json::{Map, Value, json};

use crate::offline::{Offline, Sample, now};

const METHOD: &str = "POST";

/// A call as a client may make it.
pub struct Operation {
    pub name: &'static str,
    /// Below `/v1`.
    pub path: &'static str,
    /// What is sent beside the model, as JSON; for a form its fields.
    sample: &'static str,
    is_form: bool,
}

pub const OPERATIONS: [Operation; 9] = [
    Operation::json(
        "chat",
        "chat/completions",
        r#"{"messages": [{"role": "user", "content": "Hello"}]}"#,
    ),
    Operation::json("completions", "completions", r#"{"prompt": "Hello"}"#),
    Operation::json("embeddings", "embeddings", r#"{"input": "Hello"}"#),
    Operation::json("responses", "responses", r#"{"input": "Hello"}"#),
    Operation::json("images", "images/generations", r#"{"prompt": "A bridge"}"#),
    Operation::json(
        "speech",
        "audio/speech",
        r#"{"input": "Hello", "voice": "alloy"}"#,
    ),
    Operation::json("moderations", "moderations", r#"{"input": "Hello"}"#),
    Operation::form("transcriptions", "audio/transcriptions", "hello.wav"),
    Operation::form("translations", "audio/translations", "hello.wav"),
];

impl Operation {
    const fn json(name: &'static str, path: &'static str, sample: &'static str) -> Self {
        Self {
            name,
            path,
            sample,
            is_form: false,
        }
    }

    const fn form(name: &'static str, path: &'static str, sample: &'static str) -> Self {
        Self {
            name,
            path,
            sample,
            is_form: true,
        }
    }

    /// Content type and body of a call for a model.
    fn body(&self, model: &str) -> (&'static str, Vec<u8>) {
        if self.is_form {
            return (
                "multipart/form-data; boundary=part",
                form(model, self.sample),
            );
        }
        let mut body = Map::from_iter([("model".to_owned(), Value::from(model))]);
        if let Ok(Value::Object(sample)) = serde_json::from_str(self.sample) {
            body.extend(sample);
        }
        ("application/json", Value::Object(body).to_string().into())
    }
}

fn form(model: &str, file: &str) -> Vec<u8> {
    let model = model.replace(['\r', '\n'], " ");
    format!(
        "--part\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n--part\r\nContent-Disposition: \
         form-data; name=\"file\"; filename=\"{file}\"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n--part--\r\n"
    )
    .into()
}

/// What a path below `/v1` takes; of one that is not among the samples nothing is known but the model.
fn operation_at(path: &str) -> Operation {
    let path = path.split('?').next().unwrap_or_default().trim_matches('/');
    let below = path.strip_prefix("v1/").unwrap_or(path);
    let found = OPERATIONS.into_iter().find(|it| it.path == below);
    found.unwrap_or(Operation::json("other", "", "{}"))
}

/// Explains a call as the Worker does; of one that cannot be made, why.
pub fn explain(config: &Config, model: &str, path: Option<&str>) -> Value {
    let path = path.unwrap_or("/v1/chat/completions");
    let shown = now(explained(config, model, path)).and_then(|it| it);
    let problem = |error: Error| json!({"problem": error.message});
    let mut shown = shown.unwrap_or_else(problem);
    if let Some(shown) = shown.as_object_mut() {
        let asked = format!("{METHOD} {path} for {model}");
        shown.insert("asked".to_owned(), asked.into());
        let (_, body) = operation_at(path).body(model);
        if let Ok(sample) = serde_json::from_slice(&body) {
            shown.insert("sample".to_owned(), sample);
        }
    }
    shown
}

async fn explained(config: &Config, model: &str, path: &str) -> Result<Value> {
    let path = format!("/{}", path.trim_start_matches('/'));
    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
    let (content_type, body) = operation_at(path).body(model);
    let mut headers = Headers::default();
    headers.push("content-type", content_type);
    headers.push("content-length", &body.len().to_string());
    let arrival = Arrival {
        method: METHOD,
        path,
        query,
        headers: &headers,
    };
    let Route::Call(wanted) = config.recognise(&arrival)? else {
        return Ok(json!({"problem": "The Worker itself answers that."}));
    };
    let unread = Unread {
        method: METHOD.to_owned(),
        query: query.to_owned(),
        headers,
        body: Sample::of(body),
    };
    let limits = BodyLimits {
        exact: false,
        ..config.body_limits
    };
    let call = Call::read(wanted, unread, limits).await?;
    exchange::explain(&Offline::default(), config, &Caller::owner(), call).await
}
