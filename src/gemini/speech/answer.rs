//! Spoken answers as the bytes of a file.

use super::Expects;
use crate::error::Result;
use crate::gemini::answer::nothing::nothing;
use crate::gemini::answer::read;
use crate::gemini::{Decoded, nonsense};

/// A long speech may come in pieces, each in base64 of its own.
pub fn decode(bodies: &[Vec<u8>], expects: &Expects) -> Result<Decoded> {
    let answers = read(bodies)?;
    let candidates = answers.iter().filter_map(|it| it.candidates().next());
    let mut samples = Vec::new();
    let mut mime = None;
    for piece in candidates.flat_map(|it| it.blobs("audio/")) {
        mime = mime.or_else(|| Some(piece.mime()));
        let bytes = piece.bytes().ok_or_else(nonsense)?;
        if samples.is_empty() {
            samples = bytes;
        } else {
            samples.extend_from_slice(&bytes);
        }
    }
    if samples.is_empty() {
        return Err(nothing(&answers, "content_filter", "no_audio"));
    }
    let (content_type, body) = expects.format.file(&mime.unwrap_or_default(), samples);
    Ok(Decoded { content_type, body })
}
