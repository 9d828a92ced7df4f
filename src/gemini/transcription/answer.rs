//! What a model wrote down, in the form that was asked for.

use super::{Expects, Format};
use crate::error::Result;
use crate::gemini::reply::{Counts, Ending, Reply, nothing, text};
use crate::gemini::{Context, Decoded};
use crate::json::{Value, Writer};

/// Google's for sound.
const TOKENS_PER_SECOND: u64 = 32;

/// What OpenAI sends for everything but JSON.
const PLAIN: &str = "text/plain; charset=utf-8";

/// Silence is an empty text.
pub fn decode(bodies: &[Vec<u8>], expects: &Expects, _context: &Context<'_>) -> Result<Decoded> {
    let replies = Reply::all(bodies)?;
    let mut said = Vec::new();
    for candidate in replies.iter().filter_map(|it| it.candidates().next()) {
        said.extend_from_slice(&text(candidate));
    }
    if said.is_empty() && replies.iter().any(|it| it.ending() != Ending::Stopped) {
        return Err(nothing(&replies, "content_filter", "no_transcript"));
    }
    let said = unquoted(&said);
    let said = said.trim();
    let counts = Counts::sum(&replies);
    Ok(match expects.format {
        Format::Json => Decoded::json(json(said, &counts)),
        Format::VerboseJson => Decoded::json(verbose(said, expects, &counts)),
        Format::Text => plain(said.to_owned()),
        Format::Srt => plain(unfenced(said).to_owned()),
        Format::Vtt => plain(subtitles(unfenced(said))),
    })
}

fn unquoted(insides: &[u8]) -> String {
    let quoted = [b"\"", insides, b"\""].concat();
    let text = Value::first(&quoted).and_then(Value::as_str);
    text.unwrap_or_default().into_owned()
}

fn plain(mut text: String) -> Decoded {
    text.push('\n');
    Decoded {
        content_type: PLAIN,
        body: text.into_bytes(),
    }
}

/// Models like to put a fence around what is not prose.
fn unfenced(text: &str) -> &str {
    let inside = text
        .strip_prefix("```")
        .and_then(|it| it.strip_suffix("```"));
    let inside = inside.and_then(|it| it.split_once('\n'));
    inside.map_or(text, |(_, inside)| inside.trim())
}

/// Without its first line players take `WebVTT` for nothing at all.
fn subtitles(text: &str) -> String {
    if text.starts_with("WEBVTT") {
        return text.to_owned();
    }
    ["WEBVTT\n\n", text].concat()
}

fn json(said: &str, counts: &Counts) -> Vec<u8> {
    let mut out = Writer::default();
    out.open();
    out.string("text", said);
    write_usage(&mut out, counts);
    out.close();
    out.into_bytes()
}

fn verbose(said: &str, expects: &Expects, counts: &Counts) -> Vec<u8> {
    let mut out = Writer::default();
    out.open();
    let (task, language) = if expects.translates {
        ("translate", "english")
    } else {
        let asked = expects.language.as_deref();
        ("transcribe", asked.unwrap_or("unknown"))
    };
    out.word("task", task);
    out.string("language", language);
    let hundredths = counts.input_audio.saturating_mul(100) / TOKENS_PER_SECOND;
    let duration = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    out.raw("duration", duration.as_bytes());
    out.string("text", said);
    out.raw("segments", b"[]");
    write_usage(&mut out, counts);
    out.close();
    out.into_bytes()
}

fn write_usage(out: &mut Writer, counts: &Counts) {
    out.open_member("usage");
    out.word("type", "tokens");
    out.number("input_tokens", counts.input);
    out.open_member("input_token_details");
    let texts = counts.input.saturating_sub(counts.input_audio);
    out.number("text_tokens", texts);
    out.number("audio_tokens", counts.input_audio);
    out.close();
    out.number("output_tokens", counts.output);
    out.number("total_tokens", counts.total);
    out.close();
}
