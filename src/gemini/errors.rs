//! Google's refusals as OpenAI's.

use crate::dialect::Refusal;
use crate::headers::Headers;

/// A refusal of Google's, as the client gets it.
pub fn refusal(status: u16, _headers: &Headers, body: &[u8]) -> Refusal {
    Refusal::new(status, body.to_vec())
}

/// An error that came as an event: its status, and OpenAI's body for it.
pub fn of_event(error: &[u8]) -> (u16, Vec<u8>) {
    (502, error.to_vec())
}

/// Whether a refusal is about the key alone, so that another may do; for how long it is of no use then.
pub fn unusable_millis(_status: u16, _headers: &Headers, _body: &[u8]) -> Option<u64> {
    None
}

/// Whether a refusal says that the model is not there.
pub fn is_missing_model(status: u16, body: &[u8]) -> bool {
    let _ = body;
    status == 404
}
