//! The built-in provider: a small OpenAI server without a model.
//!
//! It is canned and has no intelligence: chat says back what it was told, a forced tool call and a JSON
//! schema get the plainest value that fits the schema, an embedding is a hash. What it does have is the
//! wire: streams, choices, stops, limits, usage and errors are those of OpenAI, so that a first run works
//! without a key and every client can be tried against something that never changes its mind.
//!
//! - The same request gets the same answer, apart from ids and times. All choices of `n` are alike.
//! - Tokens are counted by one rule, [`text::pieces`]; a stream sends one of them an event.
//! - Any model name is answered under that name; `models` lists [`MODELS`].
//! - After a tool's result it always answers in text, so that an agent's loop ends.
//! - An answer has at most [`MAX_OUTPUT`] tokens over all its choices, and is then cut as by `max_tokens`.

mod chat;
mod completions;
mod embeddings;
mod fields;
mod format;
mod heard;
mod input;
pub mod models;
mod responses;
mod schema;
mod text;
mod tools;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::sse;
use crate::surface::Operation;

use fields::Fields;

pub use models::MODELS;

/// 64 Ki events of some 300 bytes are 20 MB, a good part of a Worker's 128 MB; it leaves each of 128
/// choices 512 tokens.
const MAX_OUTPUT: usize = 1 << 16;

/// One request, as far as the demo looks at it.
pub struct Ask<'a> {
    pub operation: Operation,
    /// Below `/v1`, without a slash in front: `models/demo`.
    pub path: &'a str,
    pub method: &'a str,
    pub body: &'a [u8],
    /// Unique per request; every id of the answer is made of it.
    pub id: &'a str,
    pub now_secs: u64,
}

/// What the request used, in the demo's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    pub input: u64,
    pub output: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    Json(Vec<u8>),
    /// A whole stream of server-sent events, `data: [DONE]` included.
    Events(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub payload: Payload,
    /// None where nothing is counted.
    pub usage: Option<Usage>,
}

pub fn answer(ask: &Ask<'_>) -> Result<Reply> {
    match ask.operation {
        Operation::Chat => chat::answer(ask, &Fields::parse(ask.body)?),
        Operation::Completions => completions::answer(ask, &Fields::parse(ask.body)?),
        Operation::Responses => responses::answer(ask, &Fields::parse(ask.body)?),
        Operation::Embeddings => embeddings::answer(&Fields::parse(ask.body)?),
        other => Err(Error::bad_request(
            "unsupported_operation",
            format!(
                "The demo provider does not answer this call ({}). It answers chat, completions, \
                 responses, embeddings and models.",
                other.name()
            ),
        )),
    }
}

impl Usage {
    /// The `usage` of chat.
    fn detailed(self) -> Value {
        json!({
            "prompt_tokens": self.input,
            "completion_tokens": self.output,
            "total_tokens": self.input + self.output,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        })
    }

    /// The `usage` of legacy completions.
    fn plain(self) -> Value {
        json!({
            "prompt_tokens": self.input,
            "completion_tokens": self.output,
            "total_tokens": self.input + self.output,
        })
    }
}

impl Reply {
    fn json(body: &Value, usage: Option<Usage>) -> Self {
        Self {
            payload: Payload::Json(body.to_string().into_bytes()),
            usage,
        }
    }

    fn events(mut stream: String, usage: Usage) -> Self {
        sse::write_done(&mut stream);
        Self {
            payload: Payload::Events(stream.into_bytes()),
            usage: Some(usage),
        }
    }
}

/// A length as JSON and [`Usage`] have it; a `usize` never exceeds a `u64` where this runs.
fn whole(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
