//! What of a whole answer has to change for OpenAI's clients to take it.

use crate::azure::Manner;
use crate::surface::Operation;

/// What an answer is the answer to.
pub struct Context<'a> {
    pub operation: Operation,
    pub method: &'a str,
    /// Below `/v1`.
    pub path: &'a str,
    /// The model the client asked for.
    pub model: Option<&'a str>,
    /// For what lacks an id of its own: unique, without a prefix.
    pub id: &'a str,
    pub now_secs: u64,
}

/// What became of an answer.
pub enum Answered {
    /// Nothing had to be changed.
    AsItIs,
    Changed(Vec<u8>),
    /// It is an error under a status of success.
    Refused {
        status: u16,
    },
}

pub fn normalise(_manner: &Manner, _context: &Context<'_>, _text: &[u8]) -> Answered {
    Answered::AsItIs
}

/// A whole chat answer as the events of a stream, for a client that asked for one.
pub fn as_events(_text: &[u8], _include_usage: bool) -> Option<Vec<u8>> {
    None
}

pub fn bound(_m: &Manner, _o: Operation, _method: &str, _path: &str) -> Option<usize> {
    None
}

pub fn status(upstream: u16) -> u16 {
    upstream
}
