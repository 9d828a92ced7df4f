//! Under which name the body asks for its model.

use crate::azure::Spoken;
use crate::azure::request::{Draft, Request};
use crate::json::{self, Value};
use crate::surface::Operation;

/// What the body says of the model, at one kind of endpoint.
enum Naming {
    /// The path names it.
    AsItIs,
    /// A model in the body makes the call fail.
    Nowhere,
    /// Every name that is there is the deployment's.
    Replaced,
    /// The same, and there has to be one.
    Needed,
}

pub(super) fn name(draft: &mut Draft<'_, '_>, request: &Request<'_>) {
    match (naming(draft.manner.spoken, request), request.model) {
        (Naming::Nowhere, _) => draft.body.remove("model"),
        (Naming::Needed, Some(model)) => draft.body.set("model", &json::quoted(model)),
        (Naming::Replaced, Some(model)) => {
            let is_named = draft.body.get("model").is_some_and(Value::is_string);
            if is_named {
                draft.body.set("model", &json::quoted(model));
            }
        }
        _ => {}
    }
}

fn naming(spoken: Spoken, request: &Request<'_>) -> Naming {
    match (spoken, request.operation) {
        // gpt-image-* fail on a path with a deployment when there is a model too (litellm#26316).
        (
            Spoken::Classic,
            Operation::ImageGeneration | Operation::ImageEdit | Operation::ImageVariation,
        ) => Naming::Nowhere,
        (
            Spoken::Classic,
            Operation::Chat
            | Operation::Completions
            | Operation::Embeddings
            | Operation::Speech
            | Operation::Transcription
            | Operation::Translation,
        ) => Naming::AsItIs,
        (_, Operation::Relay | Operation::Models) => Naming::Replaced,
        _ => Naming::Needed,
    }
}
