//! Google's own OpenAI-shaped endpoints: nearly OpenAI's API, and what has to be made up for.

use crate::error::Result;
use crate::gemini::Host;
use crate::platform::Edit;
use crate::stream::{Ended, Step, Tail};
use crate::surface::Operation;

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

/// What has to change in a client's JSON for the endpoint to understand it. `model`: what it is called there.
pub fn edits(
    _spoken: Spoken,
    _operation: Operation,
    _text: &[u8],
    _model: &str,
) -> Result<Vec<Edit>> {
    Ok(Vec::new())
}

/// Repairs a whole answer of a chat; None where nothing is to be done.
pub fn repair(_spoken: Spoken, _operation: Operation, _body: &[u8]) -> Option<Vec<u8>> {
    None
}

/// What a repaired stream is the answer to.
#[derive(Clone, Debug)]
pub struct Rules {
    pub id: String,
    /// The client asked for the usage.
    pub usage: bool,
}

pub struct Repair {
    rules: Rules,
}

impl Repair {
    pub fn new(rules: Rules) -> Self {
        Self { rules }
    }

    pub fn push(&mut self, _chunk: &[u8]) -> Step {
        let _ = &self.rules;
        Step::AsItIs
    }

    pub fn finish(&mut self, _ended: Ended) -> Tail {
        Tail {
            bytes: Vec::new(),
            is_whole: true,
        }
    }
}
