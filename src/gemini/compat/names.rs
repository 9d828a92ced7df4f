//! Who an answer says it is.

use crate::json::{Patch, Value, quoted};

use super::is_blank;

/// Longer names are not remembered.
const MAX_NAME: usize = 1024;

/// What stands in for what an endpoint leaves unnamed.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    /// The model as the client calls it.
    pub model: String,
    /// Unique, without a prefix.
    pub id: String,
    pub now_secs: u64,
}

/// The names of an answer as JSON text: those it gave last, else ours.
/// Those it gave are no longer than `MAX_NAME`.
pub(super) struct Names {
    pub id: String,
    pub created: String,
    pub model: String,
}

impl Names {
    pub fn of(defaults: &Defaults) -> Self {
        Self {
            id: quoted(&format!("chatcmpl-{}", defaults.id)),
            created: defaults.now_secs.to_string(),
            model: quoted(&defaults.model),
        }
    }

    pub fn learn(&mut self, answer: &Patch<'_>) {
        learn(&mut self.id, answer.get("id"));
        learn(&mut self.created, answer.get("created"));
        learn(&mut self.model, answer.get("model"));
    }

    /// Names an answer that says too little of itself.
    pub fn fill(&self, answer: &mut Patch<'_>, kind: &str) {
        if is_blank(answer.get("id")) {
            answer.set("id", &self.id);
        }
        if is_blank(answer.get("object")) {
            answer.set("object", &quoted(kind));
        }
        if is_blank(answer.get("created")) {
            answer.set("created", &self.created);
        }
        if is_blank(answer.get("model")) {
            answer.set("model", &self.model);
        }
    }
}

fn learn(known: &mut String, value: Option<Value<'_>>) {
    let Some(raw) = value.filter(|_| !is_blank(value)).map(Value::raw) else {
        return;
    };
    if known.as_bytes() == raw || raw.len() > MAX_NAME {
        return;
    }
    if let Ok(text) = std::str::from_utf8(raw) {
        text.clone_into(known);
    }
}
