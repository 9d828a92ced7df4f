//! What of a request has to change for an endpoint of Azure's to take it.
//!
//! One file per kind of request; [`model`] for all of them.

mod batches;
mod brought;
mod chat;
mod content;
mod embeddings;
mod images;
mod messages;
mod model;
mod responses;
mod sampling;
mod schema;
mod session;
mod streaming;
mod token_limit;
mod tools;

use crate::azure::family::Traits;
use crate::azure::lessons::Lessons;
use crate::azure::{Manner, Spoken};
use crate::error::Result;
use crate::json::{Patch, Value};
use crate::platform::Edit;
use crate::surface::Operation;

pub use embeddings::asks_for_base64;

/// A request with a JSON body.
pub struct Request<'a> {
    pub operation: Operation,
    /// Below `/v1`.
    pub path: &'a str,
    /// The client's own text: valid JSON, maybe with a byte-order mark.
    pub text: &'a [u8],
    /// What the endpoint calls the model: the deployment.
    pub model: Option<&'a str>,
    pub lessons: Lessons,
    /// The usage of a stream is wanted, whether or not the client asks for it.
    pub counts_tokens: bool,
}

/// The edits, sorted and apart from each other.
pub fn edits(manner: &Manner, request: &Request<'_>) -> Result<Vec<Edit>> {
    let Some(body) = Value::first(request.text).filter(|it| it.is_object()) else {
        return Ok(Vec::new());
    };
    let mut draft = Draft {
        manner,
        traits: manner.family.traits(),
        lessons: request.lessons.about(request.operation),
        counts_tokens: request.counts_tokens,
        body: Patch::of(body),
        inside: Vec::new(),
    };
    match (request.operation, request.path) {
        (Operation::Chat, _) => chat::repair(&mut draft)?,
        (Operation::Completions, _) => chat::repair_completion(&mut draft)?,
        (Operation::Embeddings, _) => embeddings::repair(&mut draft)?,
        (Operation::Responses, _)
        | (Operation::Relay, "responses/compact" | "responses/input_tokens") => {
            responses::repair(&mut draft);
        }
        (Operation::ImageGeneration | Operation::ImageEdit, _) => images::repair(&mut draft),
        (Operation::Relay, "batches") => batches::repair(&mut draft),
        (Operation::Relay, "realtime/client_secrets") => session::repair(&mut draft),
        _ => {}
    }
    model::name(&mut draft, request);
    Ok(draft.body.edits_of_text(request.text, draft.inside))
}

/// A body, and what becomes of it.
struct Draft<'a, 't> {
    manner: &'a Manner,
    traits: &'static Traits,
    lessons: Lessons,
    counts_tokens: bool,
    /// Its own members.
    body: Patch<'t>,
    /// Changes inside of members that stay and keep their values.
    inside: Vec<Edit>,
}

impl Draft<'_, '_> {
    fn is_inference(&self) -> bool {
        self.manner.spoken.is_inference()
    }

    /// Whether members of a message that are not in the schema are refused.
    fn is_strict(&self) -> bool {
        self.traits.is_strict || self.is_inference()
    }

    /// Whether the version is known to be older than this one: only deployments' own paths are dated so.
    fn is_before(&self, year: u32, month: u32, day: u32) -> bool {
        self.manner.spoken == Spoken::Classic && !self.manner.version.since(year, month, day)
    }
}
