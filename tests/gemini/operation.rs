//! How the tests of the operations beside chat ask and answer.

use isthmus::error::Error;
use isthmus::gemini::lessons::Lessons;
use isthmus::gemini::options::Options;
use isthmus::gemini::{Context, Decoded, Encoded, Expects, Host, Manner, Request, decode, encode};
use isthmus::surface::Operation;
use serde_json::{Value, json};

/// One operation, as a model is asked for it.
#[derive(Clone, Copy)]
pub struct Asking {
    pub operation: Operation,
    pub host: Host,
    pub model: &'static str,
    /// What the client calls the model.
    pub asked: &'static str,
    pub options: Options,
    pub lessons: Lessons,
}

impl Asking {
    pub fn new(operation: Operation, model: &'static str) -> Self {
        Self {
            operation,
            host: Host::Studio,
            model,
            asked: model,
            options: Options::default(),
            lessons: Lessons::default(),
        }
    }

    pub fn on_vertex(self) -> Self {
        let host = Host::Vertex;
        Self { host, ..self }
    }

    pub fn strictly(mut self) -> Self {
        self.options.strict = true;
        self
    }

    pub fn bytes(self, text: &[u8], content_type: &str) -> Result<Encoded, Error> {
        let manner = Manner {
            host: self.host,
            options: self.options,
        };
        let request = Request {
            operation: self.operation,
            text,
            content_type,
            asked: self.asked,
            model: self.model,
            lessons: self.lessons,
            fetched: &[],
        };
        encode(&manner, &request)
    }

    pub fn json(self, request: &Value) -> Result<Encoded, Error> {
        self.bytes(request.to_string().as_bytes(), "application/json")
    }

    pub fn form(self, parts: &[Part<'_>]) -> Result<Encoded, Error> {
        self.bytes(&form(parts), "multipart/form-data; boundary=b")
    }

    /// Methods and bodies.
    pub fn sent(self, request: &Value) -> Vec<(&'static str, Value)> {
        let encoded = self.json(request);
        sent(&encoded.unwrap_or_else(|error| panic!("{request}: {error:?}")))
    }

    pub fn refusal(self, request: &Value) -> Error {
        match self.json(request) {
            Err(error) => error,
            Ok(encoded) => panic!("{request} became {:?}", sent(&encoded)),
        }
    }
}

pub fn sent(encoded: &Encoded) -> Vec<(&'static str, Value)> {
    let requests = encoded.requests.iter();
    let read = requests.map(|it| (it.method, serde_json::from_slice(&it.body).expect("JSON")));
    read.collect()
}

/// A field of a form: name, file name, type, content.
pub type Part<'a> = (&'a str, Option<&'a str>, Option<&'a str>, &'a [u8]);

pub fn field<'a>(name: &'a str, value: &'a str) -> Part<'a> {
    (name, None, None, value.as_bytes())
}

fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut form = Vec::new();
    for (name, file, kind, content) in parts {
        form.extend_from_slice(b"--b\r\nContent-Disposition: form-data; name=\"");
        form.extend_from_slice(name.as_bytes());
        form.push(b'"');
        if let Some(file) = file {
            form.extend_from_slice(format!("; filename=\"{file}\"").as_bytes());
        }
        form.extend_from_slice(b"\r\n");
        if let Some(kind) = kind {
            form.extend_from_slice(format!("Content-Type: {kind}\r\n").as_bytes());
        }
        form.extend_from_slice(b"\r\n");
        form.extend_from_slice(content);
        form.extend_from_slice(b"\r\n");
    }
    form.extend_from_slice(b"--b--\r\n");
    form
}

pub fn answered(bodies: &[Value], expects: Expects) -> Result<Decoded, Error> {
    let bodies: Vec<_> = bodies
        .iter()
        .map(|it| it.to_string().into_bytes())
        .collect();
    decode(&bodies, &expects, &context())
}

pub fn context() -> Context<'static> {
    Context {
        model: "asked",
        id: "7",
        now_secs: 1_700_000_000,
        host: Host::Studio,
        options: Options::default(),
    }
}

/// An answer that has to be JSON.
pub fn said(bodies: &[Value], expects: Expects) -> Value {
    let decoded = answered(bodies, expects).expect("an answer");
    assert_eq!(decoded.content_type, "application/json");
    serde_json::from_slice(&decoded.body).expect("JSON")
}

/// One candidate with these parts.
pub fn candidate(parts: Value, reason: &str) -> Value {
    json!({
        "candidates": [{"content": {"parts": parts, "role": "model"}, "finishReason": reason}],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5},
        "modelVersion": "gemini-2.5-flash",
        "responseId": "r1",
    })
}

/// Refused prompts, and models that say nothing, as most operations tell them.
pub const BLOCKED: &str = r#"{"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}"#;
