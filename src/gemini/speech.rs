//! Speech by Gemini's speaking models.

use crate::error::Result;
use crate::gemini::{Context, Decoded, Encoded, Manner, Request, nonsense, unserved};

/// What a request means for its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expects {
    /// The client asked for an event stream.
    pub stream: bool,
    pub format: Format,
}

/// What the sound is wrapped in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// In place of what would have to be compressed, too.
    #[default]
    Wav,
    /// Bare samples: 16 bits, little-endian, one channel. Google's rate is OpenAI's, 24 kHz.
    Pcm,
}

pub fn encode(manner: &Manner, request: &Request<'_>) -> Result<Encoded> {
    Err(unserved(manner.host, request.operation))
}

pub fn decode(_bodies: &[Vec<u8>], _expects: &Expects, _context: &Context<'_>) -> Result<Decoded> {
    Err(nonsense())
}
