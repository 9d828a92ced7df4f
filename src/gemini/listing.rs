//! Lists of models, and one of them.

use crate::error::Result;
use crate::gemini::{Context, Decoded, nonsense};

/// The pages of a list, or a single model, as OpenAI has them.
pub fn decode(_pages: &[Vec<u8>], _context: &Context<'_>) -> Result<Decoded> {
    Err(nonsense())
}

/// What a further page is asked for with.
pub fn next_page(_page: &[u8]) -> Option<String> {
    None
}
