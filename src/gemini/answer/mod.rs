//! Whole answers of `generateContent` as a chat completion.

use crate::error::Result;
use crate::gemini::{Context, Decoded, chat, nonsense};

/// Of several answers the choices are numbered on, the usage is added up.
pub fn decode(
    _bodies: &[Vec<u8>],
    _expects: &chat::Expects,
    _context: &Context<'_>,
) -> Result<Decoded> {
    Err(nonsense())
}
