//! Google's own OpenAI-shaped endpoints: nearly OpenAI's API, and what has to be made up for.
//!
//! What a client sends is edited in place ([`edits`]); so is what comes back, whole ([`repair`]) or as a stream
//! ([`Repair`]). What nobody has to change keeps every byte.

mod answer;
mod calls;
mod listing;
mod names;
mod reason;
mod request;
mod stream;

pub use answer::repair;
pub use listing::{facts, listed};
pub use names::Defaults;
pub use request::{Request, edits};
pub use stream::{Repair, Rules};

use crate::gemini::Host;
use crate::json::Value;

/// Who answers there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// AI Studio's endpoint: what it does not know it refuses.
    Studio,
    /// Vertex AI's, for Gemini.
    Vertex,
    /// Vertex AI's, for models of other makers: passed as it is, but for the errors.
    Others,
}

impl Spoken {
    pub fn host(self) -> Host {
        match self {
            Self::Studio => Host::Studio,
            Self::Vertex | Self::Others => Host::Vertex,
        }
    }
}

/// Missing in all but name.
fn is_blank(value: Option<Value<'_>>) -> bool {
    value.is_none_or(|it| matches!(it.raw(), b"null" | b"\"\"" | b"0"))
}

/// The error that stands in the place of an answer: `{"error"}`, which these endpoints wrap in an array as well.
fn error_in(root: Value<'_>) -> Option<Value<'_>> {
    let whole = if root.is_array() {
        root.elements().next()?
    } else {
        root
    };
    let error = whole.get("error").filter(|it| !it.is_empty())?;
    let is_one = error.is_object() || error.is_string();
    let choices = whole.get("choices");
    let is_answer = choices.is_some_and(|it| it.elements().next().is_some());
    (is_one && !is_answer).then_some(whole)
}
