//! Legacy completions: a prompt is a user's turn.

use crate::error::Result;
use crate::gemini::{Context, Decoded, Encoded, Manner, Request, nonsense, unserved};

/// What a request means for its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expects {
    /// The client asked for an event stream.
    pub stream: bool,
    /// A stream is to end with its usage.
    pub usage: bool,
    /// How many choices each answer has to give: the requests go prompt by prompt.
    pub choices_per_prompt: usize,
    /// The prompts, if each choice is to begin with its own.
    pub echo: Option<Vec<String>>,
}

pub fn encode(manner: &Manner, request: &Request<'_>) -> Result<Encoded> {
    Err(unserved(manner.host, request.operation))
}

pub fn decode(_bodies: &[Vec<u8>], _expects: &Expects, _context: &Context<'_>) -> Result<Decoded> {
    Err(nonsense())
}
