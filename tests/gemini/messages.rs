//! The conversation as Google gets it.

mod calls;
mod media;
mod results;
mod total;
mod turns;

use isthmus::error::Error;
use isthmus::gemini::chat::messages::{Conversation, Setting};
use isthmus::gemini::lessons::{Lesson, Lessons};
use isthmus::gemini::media::Fetched;
use isthmus::gemini::model::Model;
use isthmus::gemini::options::Options;
use isthmus::gemini::tools::Names;
use isthmus::gemini::{Host, Manner};
use isthmus::json::{self, Writer};
use serde_json::{Value, json};

const OLD: &str = "gemini-2.5-flash";
const NEW: &str = "gemini-3.8-flash";
const GEMMA: &str = "gemma-3-27b-it";

/// Whom it is told to.
#[derive(Clone, Debug, Default)]
struct Listener {
    model: &'static str,
    host: Host,
    options: Options,
    lessons: Lessons,
    fetched: Vec<Fetched>,
}

impl Listener {
    fn studio(model: &'static str) -> Self {
        Self {
            model,
            ..Self::default()
        }
    }

    fn vertex(model: &'static str) -> Self {
        let host = Host::Vertex;
        Self {
            host,
            ..Self::studio(model)
        }
    }

    fn taught(self, lesson: Lesson) -> Self {
        let lessons = self.lessons.with(lesson);
        Self { lessons, ..self }
    }

    fn manner(&self) -> Manner {
        Manner {
            host: self.host,
            options: self.options,
        }
    }

    fn with<T>(&self, tell: impl FnOnce(&Setting<'_>) -> T) -> T {
        let (manner, names) = (self.manner(), Names::default());
        tell(&Setting {
            manner: &manner,
            model: Model::of(self.model, self.host),
            lessons: self.lessons,
            fetched: &self.fetched,
            names: &names,
        })
    }

    fn hear(&self, messages: &Value) -> Result<Value, Error> {
        self.with(|setting| {
            let text = messages.to_string();
            let messages = json::Value::first(text.as_bytes());
            Ok(written(&Conversation::read(messages, setting)?))
        })
    }

    fn body(&self, messages: Value) -> Value {
        let heard = self.hear(&messages);
        heard.unwrap_or_else(|error| panic!("{messages}: {error:?}"))
    }

    fn contents(&self, messages: Value) -> Value {
        self.body(messages)["contents"].take()
    }

    /// The parts of the one turn that a user's content becomes.
    fn parts(&self, content: Value) -> Value {
        self.contents(json!([user(content)]))[0]["parts"].take()
    }

    fn refuse(&self, messages: Value) -> Error {
        match self.hear(&messages) {
            Err(error) => {
                assert_eq!((error.status(), error.param), (400, Some("messages")));
                error
            }
            Ok(body) => panic!("{messages} became {body}"),
        }
    }
}

fn written(conversation: &Conversation<'_>) -> Value {
    let mut out = Writer::default();
    out.open();
    conversation.write(&mut out);
    out.close();
    let text = out.into_bytes();
    let shown = String::from_utf8_lossy(&text);
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{shown}: {error}"))
}

fn user(content: Value) -> Value {
    json!({"role": "user", "content": content})
}

fn assistant(content: Value) -> Value {
    json!({"role": "assistant", "content": content})
}

fn calling(calls: Value) -> Value {
    json!({"role": "assistant", "content": null, "tool_calls": calls})
}

fn call(id: &str, arguments: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}})
}

fn result(id: &str, content: Value) -> Value {
    json!({"role": "tool", "tool_call_id": id, "content": content})
}

/// A turn of Google's.
fn turn(role: &str, parts: Value) -> Value {
    json!({"role": role, "parts": parts})
}

fn text(text: &str) -> Value {
    json!({"text": text})
}
