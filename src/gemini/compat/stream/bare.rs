//! Errors that come into a stream without being an event.

use crate::json::{Value, without_mark};

use super::error_in;

/// Longer ones were never seen; more of a text is not searched for one.
const MAX_BARE: usize = 64 << 10;

/// An error that a text begins with, as it would be the body of a refusal: in an array, and over several lines.
pub(super) fn error(text: &[u8]) -> Option<Vec<u8>> {
    let text = without_mark(text);
    // No field of an event begins so.
    if !matches!(text.first(), Some(b'[' | b'{')) {
        return None;
    }
    let head = text.get(..MAX_BARE).unwrap_or(text);
    let error = error_in(Value::first(head)?)?;
    Some(error.raw().to_vec())
}
