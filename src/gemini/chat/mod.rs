//! A chat request as a `generateContent` request.

pub mod config;
pub mod messages;

use crate::error::Result;
use crate::gemini::tools::Names;
use crate::gemini::{Encoded, Manner, Request, unserved};

/// What a chat request means for its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent wishes of a client"
)]
pub struct Expects {
    pub stream: bool,
    /// A stream is to end with its usage.
    pub usage: bool,
    /// The client offered `functions`, from before there were tools: it reads `function_call` alone.
    pub function_call: bool,
    /// `parallel_tool_calls` is false: the first call of an answer alone is given.
    pub one_call: bool,
    /// What the client's tools are called here.
    pub names: Names,
    /// The model was only told to answer in JSON: a fence around it all is taken off.
    pub unfence: bool,
    /// The client wants tokens' probabilities.
    pub logprobs: bool,
}

pub fn encode(manner: &Manner, request: &Request<'_>) -> Result<Encoded> {
    Err(unserved(manner.host, request.operation))
}

/// See [`crate::gemini::remote`].
pub fn remote(_manner: &Manner, _request: &Request<'_>) -> Vec<String> {
    Vec::new()
}
