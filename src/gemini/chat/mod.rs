//! A chat request as a `generateContent` request.

pub mod config;
pub mod messages;

use crate::error::Result;
use crate::gemini::tools::Names;
use crate::gemini::{Encoded, Manner, Request, unserved};
use crate::json::{Fields, Writer};

/// What a chat request means for its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

/// A `generateContent` request with a prompt as the user's only turn.
pub fn prompted(
    _manner: &Manner,
    _request: &Request<'_>,
    fields: &Fields<'_>,
    prompt: &str,
) -> Result<Vec<u8>> {
    let mut out = Writer::default();
    out.open();
    out.open_list("contents");
    out.open();
    out.word("role", "user");
    out.open_list("parts");
    out.open();
    out.string("text", prompt);
    out.close();
    out.close_list();
    out.close();
    out.close_list();
    out.open_member("generationConfig");
    out.value("maxOutputTokens", fields.get("max_tokens"));
    out.value("logprobs", fields.get("top_logprobs"));
    out.close();
    out.close();
    Ok(out.into_bytes())
}
