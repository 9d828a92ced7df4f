//! Where a call for a model would go, and what would be sent there.

use isthmus::answer::{Answer, Body};
use isthmus::clients::Access;
use isthmus::config::Config;
use isthmus::headers::Headers;
use isthmus::pool::Target;
use isthmus::proxy::{self, Request};
use serde_json::{Map, Value, json};

use crate::offline::{Offline, Sample, Sent, now};
use crate::secrets::MASK;

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
    let path = path.trim_matches('/');
    let below = path.strip_prefix("v1/").unwrap_or(path);
    let found = OPERATIONS.into_iter().find(|it| it.path == below);
    found.unwrap_or(Operation::json("other", "", "{}"))
}

/// Explains a call. Nothing of a secret is in it.
pub fn explain(mut config: Config, model: &str, path: Option<&str>) -> Value {
    let path = path.unwrap_or("/v1/chat/completions");
    let path = format!("/{}", path.trim_start_matches('/'));
    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
    let (content_type, body) = operation_at(path).body(model);
    let mut headers = Headers::default();
    headers.push("content-type", content_type);
    headers.push("content-length", &body.len().to_string());
    if !matches!(config.access, Access::Keys(_)) {
        headers.push("authorization", "Bearer the-clients-own");
    }
    // Whoever runs the gateway may make any call.
    config.access = Access::Anonymous;
    let request = Request {
        id: "explained".to_owned(),
        method: "POST".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: Sample {
            bytes: body.clone(),
            is_read: false,
        },
    };
    let platform = Offline::default();
    let answer = now(proxy::handle(&platform, &config, request));
    let sent = platform.sent.take();
    let of_owner = of_owner(&config);
    let requests = sent.iter().map(|it| described(it, &body, &of_owner));
    let requests: Vec<Value> = requests.collect();
    let answer = sent.is_empty().then(|| match answer {
        Ok(answer) => answered(answer),
        Err(error) => json!({"status": error.status(), "message": error.message}),
    });
    json!({
        "method": "POST",
        "path": path,
        "model": model,
        "targets": targets(&config, model),
        "requests": requests,
        "answer": answer,
    })
}

/// The headers an owner adds: each may be a secret.
fn of_owner(config: &Config) -> Vec<&str> {
    let providers = config.providers().iter();
    let headers = providers.flat_map(|provider| provider.headers.iter());
    headers.map(|(name, _)| name.as_str()).collect()
}

fn targets(config: &Config, model: &str) -> Vec<Value> {
    let pool = config.route(Some(model)).ok();
    let describe = |target: &Target| {
        let tried = target.deployments(Some(model)).unwrap_or_default();
        let names: Vec<String> = tried.into_iter().map(|it| it.name).collect();
        json!({"provider": target.provider.name, "models": names})
    };
    let targets = pool.iter().flat_map(|pool| pool.order().map(describe));
    targets.collect()
}

fn described(sent: &Sent, asked: &[u8], of_owner: &[&str]) -> Value {
    let headers = sent.headers.iter().map(|(name, value)| {
        let is_secret = of_owner.contains(&name) || is_credential(name);
        let shown = if is_secret {
            masked(value)
        } else {
            value.to_owned()
        };
        (name.to_owned(), Value::from(shown))
    });
    json!({
        "method": sent.method,
        "url": sent.url,
        "headers": headers.collect::<Map<_, _>>(),
        "body": body(&sent.body),
        "changes": changes(asked, &sent.body),
    })
}

fn is_credential(header: &str) -> bool {
    matches!(
        header,
        "authorization" | "api-key" | "x-api-key" | "x-goog-api-key" | "cookie"
    )
}

fn masked(value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("bearer") => format!("{scheme} {MASK}"),
        _ => MASK.to_owned(),
    }
}

fn body(bytes: &[u8]) -> Value {
    let text = || String::from_utf8_lossy(bytes).into_owned().into();
    serde_json::from_slice(bytes).unwrap_or_else(|_| text())
}

/// Member by member, where both are objects; null where they are not.
fn changes(asked: &[u8], sent: &[u8]) -> Value {
    if asked == sent {
        return Value::Array(Vec::new());
    }
    let (Value::Object(asked), Value::Object(sent)) = (body(asked), body(sent)) else {
        return Value::Null;
    };
    let mut changes = Vec::new();
    for (name, before) in &asked {
        match sent.get(name) {
            Some(after) if after == before => {}
            Some(after) => changes.push(format!("{name}: {before} -> {after}")),
            None => changes.push(format!("{name}: {before} is left out")),
        }
    }
    let added = sent.iter().filter(|(name, _)| !asked.contains_key(*name));
    changes.extend(added.map(|(name, value)| format!("{name}: {value} is added")));
    changes.into()
}

/// What the Worker says itself.
fn answered(answer: Answer<Vec<u8>>) -> Value {
    let Body::Bytes(bytes) = answer.body else {
        return json!({"status": answer.status, "message": null});
    };
    let message = body(&bytes);
    let message = message.pointer("/error/message").cloned();
    json!({"status": answer.status, "message": message})
}
