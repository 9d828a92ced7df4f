//! Errors that come as events, and the status each would have had as an answer.

use crate::json::Value;
use crate::openai::{errors, fault};

use super::chunk::Chunk;

/// The status of an error; None where the event is none. Besides OpenAI's `error` these are known: an event named
/// so, and [flat](fault::is_flat) ones.
pub fn status(chunk: &Chunk<'_>, object: Value<'_>, name: &[u8]) -> Option<u16> {
    let error = match chunk.error() {
        Some(error) => error,
        None if chunk.has_choices() => return None,
        None if name == b"error" || fault::is_flat(object) => object,
        None => return None,
    };
    Some(fault::status_of(error))
}

/// What goes to the client: OpenAI's own shape as it came, others in it.
pub fn body(chunk: &Chunk<'_>, status: u16, data: &[u8]) -> Vec<u8> {
    match chunk.error() {
        Some(error) if error.is_object() => data.to_vec(),
        _ => errors::reshape(status, data.to_vec()),
    }
}
