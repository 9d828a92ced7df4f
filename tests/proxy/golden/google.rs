//! Situations of Google's: `kind` is `request` (what goes out for a client's body), `response`, `stream` and `error`
//! (what becomes of what comes back). Of a call that becomes several requests the others' bodies are `further_bodies`.
//! `input.context` is the provider: `aistudio`, `vertex`, `vertex-express`, with options.
//! `$KEY`, `$TOKEN`, `$ANY_STRING`, `$ANY_INT` and `$TOOL_CALL_ID` stand for what may be anything of that kind.
//! The `upstream` may be several answers, one after the other: the pages of a list. The items of a list of models have at
//! least the members recorded: more is said of a model where more is known, which has tests of its own.

use isthmus::base64;
use serde_json::{Map, Value, json};

use crate::fake::{Ask, Gateway, Got, Sent, Upstream, ask, gateway_of, leaked};
use crate::golden::answered;
use crate::golden::matching::{KEY, TOKEN, differs};

/// That one call becomes.
const MOST_REQUESTS: usize = 4;

const CLIENT_KEY: &str = "PROXYKEY";

pub fn check(case: &Value) -> Result<(), String> {
    let (input, expected) = (&case["input"], &case["expected"]);
    match case["kind"].as_str() {
        Some("request") => request(input, expected),
        Some("response" | "error") => response(input, expected),
        Some("stream") => stream(input, expected),
        other => Err(format!("nobody knows the kind {other:?}")),
    }
}

fn request(input: &Value, expected: &Value) -> Result<(), String> {
    let context = &input["context"];
    let gateway = gateway(context);
    for _ in 0..MOST_REQUESTS {
        gateway.script(answer(200, "application/json", "{}"));
    }
    let method = context["method"].as_str().unwrap_or("POST");
    let path = context["path"].as_str().unwrap();
    let asked = match &input["body"] {
        Value::Null => ask(method, path),
        body => ask(method, path).json(&body.to_string()),
    };
    let got = gateway.send(asked.key(CLIENT_KEY));
    if let Some(local) = expected.get("local_error") {
        let is_local = !gateway.platform.sent.borrow().iter().any(is_the_call);
        return if is_local {
            answered(&got, local)
        } else {
            Err("an upstream was asked".to_owned())
        };
    }
    let mut all = gateway.platform.sent.take();
    all.retain(is_the_call);
    let Some((sent, further)) = all.split_first() else {
        return Err(format!("nothing was sent: {}", got.text()));
    };
    let body = |it: &Sent| serde_json::from_str(&it.body).unwrap_or(Value::Null);
    let further: Value = further.iter().map(body).collect();
    let wanted = expected.get("further_bodies").cloned().unwrap_or(json!([]));
    differs(&wanted, Some(&further), "further_bodies")?;
    let seen = json!({"method": sent.method, "url": sent.url, "body": body(sent)});
    for part in ["method", "url", "body"] {
        differs(&expected[part], Some(&seen[part]), part)?;
    }
    headers(expected, &sent.headers)
}

fn is_the_call(sent: &Sent) -> bool {
    !sent.url.ends_with("/token")
}

fn response(input: &Value, expected: &Value) -> Result<(), String> {
    let upstream = &input["upstream"];
    let gateway = gateway(&context_of(input));
    let one = std::slice::from_ref(upstream);
    for upstream in upstream.as_array().map_or(one, Vec::as_slice) {
        let status = upstream["status"].as_u64().unwrap().try_into().unwrap();
        let body = match &upstream["body"] {
            Value::String(raw) => raw.clone(),
            body => body.to_string(),
        };
        gateway.script(answer_with(status, &upstream["headers"], &body));
    }
    let got = gateway.send(asked(input));
    let mut expected = expected.clone();
    if input["request"]["path"] == "/v1/models" {
        let items = expected.pointer_mut("/body/data");
        for item in items.and_then(Value::as_array_mut).into_iter().flatten() {
            item["$partial"] = true.into();
        }
    }
    answered(&got, &expected)
}

fn stream(input: &Value, expected: &Value) -> Result<(), String> {
    let events = input["upstream_sse"].as_str().unwrap();
    let gateway = gateway(&context_of(input)).meets(answer(200, "text/event-stream", events));
    let got = gateway.send(asked(input));
    answered(&got, expected)
}

/// Only Vertex answers with `predictions`, or with one `embedding` to a call of OpenAI's.
fn context_of(input: &Value) -> Value {
    if input["context"].is_object() {
        return input["context"].clone();
    }
    let body = &input["upstream"]["body"];
    let is_vertex = body["predictions"].is_array() || body["embedding"].is_object();
    json!({"provider": if is_vertex { "vertex" } else { "aistudio" }})
}

/// The client's request that is answered, filled up to one that can be sent.
fn asked(input: &Value) -> Ask {
    let mut body = input["request"].as_object().cloned().unwrap_or_default();
    let path = body.remove("path");
    let path = path
        .as_ref()
        .and_then(Value::as_str)
        .unwrap_or("/v1/chat/completions");
    let mut usual = |name: &str, value: Value| {
        body.entry(name).or_insert(value);
    };
    usual("model", "gemini-2.5-flash".into());
    match path {
        path if path.starts_with("/v1/models") || path.starts_with("/v1beta/models") => {
            return ask("GET", path).key(CLIENT_KEY);
        }
        "/v1/chat/completions" => usual("messages", json!([{"role": "user", "content": "x"}])),
        "/v1/embeddings" => {
            let predictions = input["upstream"]["body"]["predictions"].as_array();
            let embeddings = input["upstream"]["body"]["embeddings"].as_array();
            let count = predictions.or(embeddings).map_or(1, Vec::len);
            usual("input", vec!["x"; count].into());
            usual("encoding_format", "float".into());
        }
        "/v1/audio/speech" => usual("input", "x".into()),
        _ => usual("prompt", "x".into()),
    }
    ask("POST", path)
        .key(CLIENT_KEY)
        .json(&Value::Object(body).to_string())
}

fn gateway(context: &Value) -> Gateway {
    let mut options = Map::new();
    for (name, value) in context.as_object().into_iter().flatten() {
        if !["provider", "path", "method", "mode"].contains(&name.as_str()) {
            options.insert(name.clone(), value.clone());
        }
    }
    let provider = context["provider"].as_str().unwrap();
    let is_vertex = provider.starts_with("vertex");
    options.insert(
        "kind".to_owned(),
        if is_vertex { "vertex" } else { "google" }.into(),
    );
    let has_account = provider == "vertex";
    if has_account {
        options.entry("project").or_insert("my-proj".into());
        options.insert("credentials".to_owned(), "$ACCOUNT".into());
    } else {
        options.insert("key".to_owned(), KEY.into());
    }
    if context["mode"] == "openai_passthrough" {
        options.insert("dialect".to_owned(), "openai".into());
    }
    let document = json!({"providers": {"google": options}});
    let gateway = gateway_of([
        ("GATEWAY", document.to_string()),
        ("PROXY_API_KEYS", CLIENT_KEY.to_owned()),
        ("ACCOUNT", account()),
    ]);
    if has_account {
        let token = json!({"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"});
        gateway.script(answer(200, "application/json", &token.to_string()));
    }
    gateway
}

/// A service account whose key is none, which the fake Platform does not mind.
fn account() -> String {
    let key = base64::encode(&[0x30, 0x82, 0, 0]);
    json!({
        "type": "service_account",
        "project_id": "project-of-the-account",
        "client_email": "gateway@my-proj.iam.gserviceaccount.com",
        "private_key_id": "key-1",
        "private_key": format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n"),
        "token_uri": "https://oauth2.googleapis.com/token",
    })
    .to_string()
}

fn answer(status: u16, content_type: &str, body: &str) -> Upstream {
    answer_with(status, &json!({"content-type": content_type}), body)
}

/// JSON, if the headers do not say otherwise.
fn answer_with(status: u16, headers: &Value, body: &str) -> Upstream {
    let mut all = json!({"content-type": "application/json"});
    for (name, value) in headers.as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    let all = all.as_object().into_iter().flatten();
    let all = all.map(|(name, value)| (leaked(name), leaked(value.as_str().unwrap())));
    Upstream::Answers(status, all.collect(), leaked(body))
}

fn answered(got: &Got, wanted: &Value) -> Result<(), String> {
    answered::status(got, wanted)?;
    headers(wanted, &got.0.headers)?;
    if let Some(bytes) = wanted["body_base64"].as_str() {
        let is_same = base64::encode(got.bytes()) == bytes;
        return if is_same {
            Ok(())
        } else {
            Err("other bytes".to_owned())
        };
    }
    answered::content(got, wanted)
}

fn headers(wanted: &Value, got: &isthmus::headers::Headers) -> Result<(), String> {
    for (name, value) in wanted["headers"].as_object().into_iter().flatten() {
        let (value, got) = match (value.as_str(), got.get(name)) {
            // A wildcard behind a word.
            (Some(value), Some(got)) => match value.split_once(" $") {
                Some((word, wild)) => (
                    Value::from(format!("${wild}")),
                    got.strip_prefix(word)
                        .map(|rest| Value::from(rest.trim_start())),
                ),
                None => (Value::from(value), Some(Value::from(got))),
            },
            (_, got) => (value.clone(), got.map(Value::from)),
        };
        differs(&value, got.as_ref(), name)?;
    }
    Ok(())
}
