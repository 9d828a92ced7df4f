//! Spoken answers as the bytes of a file.

use super::{Expects, Format};
use crate::base64;
use crate::error::Result;
use crate::gemini::reply::{Reply, blobs, nothing};
use crate::gemini::{Context, Decoded, nonsense};

/// Where the type of the sound does not say.
const USUAL_RATE: u32 = 24_000;

/// A long speech may come in pieces, each in base64 of its own.
pub fn decode(bodies: &[Vec<u8>], expects: &Expects, _context: &Context<'_>) -> Result<Decoded> {
    let replies = Reply::all(bodies)?;
    let candidates = replies.iter().filter_map(|it| it.candidates().next());
    let mut samples = Vec::new();
    let mut rate = None;
    for piece in candidates.flat_map(|it| blobs(it, "audio/")) {
        rate = rate.or_else(|| said_rate(&piece.mime));
        let data = piece.data.as_str().ok_or_else(nonsense)?;
        let bytes = base64::decode(data.as_bytes()).ok_or_else(nonsense)?;
        if samples.is_empty() {
            samples = bytes;
        } else {
            samples.extend_from_slice(&bytes);
        }
    }
    if samples.is_empty() {
        return Err(nothing(&replies, "content_filter", "no_audio"));
    }
    let is_file = samples.starts_with(b"RIFF");
    let (content_type, body) = match expects.format {
        Format::Pcm if !is_file => ("audio/pcm", samples),
        Format::Wav if !is_file => ("audio/wav", wav(&samples, rate.unwrap_or(USUAL_RATE))),
        _ => ("audio/wav", samples),
    };
    Ok(Decoded { content_type, body })
}

/// Of `audio/L16;codec=pcm;rate=24000`.
fn said_rate(mime: &str) -> Option<u32> {
    let (_, rate) = mime.split_once("rate=")?;
    let digits = rate.split(|it: char| !it.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|rate| *rate > 0)
}

/// Behind the 44 bytes that say what they are. Half a sample at the end is none.
fn wav(samples: &[u8], rate: u32) -> Vec<u8> {
    let (pairs, _) = samples.as_chunks::<2>();
    let samples = pairs.as_flattened();
    let length = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    let header: [&[u8]; 13] = [
        b"RIFF",
        &length.saturating_add(36).to_le_bytes(),
        b"WAVE",
        b"fmt ",
        &16_u32.to_le_bytes(),
        // PCM, one channel; bytes a second and a sample, bits a sample.
        &1_u16.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &rate.to_le_bytes(),
        &rate.saturating_mul(2).to_le_bytes(),
        &2_u16.to_le_bytes(),
        &16_u16.to_le_bytes(),
        b"data",
        &length.to_le_bytes(),
    ];
    [&header.concat(), samples].concat()
}
