//! What of a request has to change for Google's endpoints to take it.
//!
//! AI Studio's refuses what it does not know (`Unknown name "seed": Cannot find field.`), Vertex AI's ignores it.

mod chat;
mod extra;
mod format;
mod messages;
mod tools;

use crate::error::Result;
use crate::gemini::Host;
use crate::json::{self, Patch, Value};
use crate::platform::Edit;
use crate::surface::Operation;

use super::Spoken;

pub(super) use chat::knows;

/// What AI Studio's endpoint knows of a request for embeddings.
const EMBEDDINGS: [&str; 4] = ["model", "input", "dimensions", "encoding_format"];

/// What it knows of a request for images; all else would be ignored.
const IMAGES: [&str; 6] = [
    "model",
    "prompt",
    "n",
    "size",
    "response_format",
    "extra_body",
];

/// A null that says something, and those that are set to something else.
const MAY_BE_NULL: [&str; 3] = ["content", "model", "extra_content"];

/// A client's request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub operation: Operation,
    /// The body: JSON, maybe with a byte-order mark.
    pub text: &'a [u8],
    /// What the model is called there.
    pub model: &'a str,
    /// The usage of a stream is wanted, whether or not the client asks for it.
    pub counts_tokens: bool,
}

/// What has to change in a client's JSON for the endpoint to understand it. The edits are sorted and apart from each
/// other.
pub fn edits(spoken: Spoken, request: &Request<'_>) -> Result<Vec<Edit>> {
    let Request {
        operation,
        text,
        model,
        counts_tokens,
    } = *request;
    let Some(body) = Value::first(text).filter(|it| it.is_object()) else {
        return Ok(Vec::new());
    };
    let mut draft = Draft {
        host: spoken.host(),
        model,
        counts_tokens,
        body: Patch::of(body),
        inside: Vec::new(),
    };
    draft.name_model(operation);
    match (spoken, operation) {
        (Spoken::Studio | Spoken::Vertex, Operation::Chat) => chat::repair(&mut draft)?,
        (Spoken::Studio, Operation::Embeddings) => keep(&mut draft.body, &EMBEDDINGS),
        (Spoken::Studio, Operation::ImageGeneration) => keep(&mut draft.body, &IMAGES),
        _ => {}
    }
    Ok(draft.body.edits_of_text(text, draft.inside))
}

/// A body, and what becomes of it.
struct Draft<'a, 't> {
    host: Host,
    model: &'a str,
    counts_tokens: bool,
    /// Its own members.
    body: Patch<'t>,
    /// Changes inside of members that stay and keep their values.
    inside: Vec<Edit>,
}

impl<'t> Draft<'_, 't> {
    fn is_strict(&self) -> bool {
        self.host == Host::Studio
    }

    /// A member that is there and not null; of several the last.
    fn get(&self, name: &str) -> Option<Value<'t>> {
        self.body.get(name).filter(|it| !it.is_null())
    }

    fn name_model(&mut self, operation: Operation) {
        let may_have_none = operation == Operation::Relay;
        let is_named = self.get("model").is_some_and(Value::is_string);
        if !self.model.is_empty() && (is_named || !may_have_none) {
            self.body.set("model", &json::quoted(self.model));
        }
    }
}

/// Keeps the members of these names only: of several of one name the last, and none that is null. What is set has to
/// be set before, for setting brings back what is gone.
fn keep(object: &mut Patch<'_>, names: &[&str]) {
    let places = places(object, names);
    object.retain(|_, value| places.contains(&value.range().start));
}

/// The same for members of these names, where others stay as they are.
fn keep_once(object: &mut Patch<'_>, names: &[&str]) {
    let places = places(object, names);
    object.retain(|name, value| !names.contains(&name) || places.contains(&value.range().start));
}

fn places(object: &Patch<'_>, names: &[&str]) -> Vec<u64> {
    let stays = |name: &&str| {
        let value = object.get(name)?;
        let is_there = !value.is_null() || MAY_BE_NULL.contains(name);
        is_there.then(|| value.range().start)
    };
    names.iter().filter_map(stays).collect()
}
