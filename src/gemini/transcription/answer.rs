//! What a model wrote down, in the form that was asked for.

use super::{Expects, Format};
use crate::error::Result;
use crate::gemini::Decoded;
use crate::gemini::answer::cursor::unescaped;
use crate::gemini::answer::fence::unfenced;
use crate::gemini::answer::nothing::{nothing, problem};
use crate::gemini::answer::read;
use crate::gemini::usage::Usage;
use crate::json::Writer;

/// Google's for sound.
const TOKENS_PER_SECOND: u64 = 32;

/// What OpenAI sends for everything but JSON.
const PLAIN: &str = "text/plain; charset=utf-8";

/// Silence is an empty text.
pub fn decode(bodies: &[Vec<u8>], expects: &Expects) -> Result<Decoded> {
    let answers = read(bodies)?;
    let candidates = answers.iter().filter_map(|it| it.candidates().next());
    let said = candidates.map(|it| it.text()).collect::<Vec<_>>().concat();
    if said.is_empty() && answers.iter().any(|it| problem(it).is_some()) {
        return Err(nothing(&answers, "content_filter", "no_transcript"));
    }
    // Models like to put a fence around what is not prose.
    let said = match expects.format {
        Format::Srt | Format::Vtt => unfenced(&said),
        Format::Json | Format::VerboseJson | Format::Text => &said,
    };
    let said = unescaped(said);
    let said = said.trim();
    let usage = Usage::sum(&answers);
    Ok(match expects.format {
        Format::Json => Decoded::json(json(said, &usage)),
        Format::VerboseJson => Decoded::json(verbose(said, expects, &usage)),
        Format::Text | Format::Srt => plain(said.to_owned()),
        Format::Vtt => plain(subtitles(said)),
    })
}

fn plain(mut text: String) -> Decoded {
    text.push('\n');
    Decoded {
        content_type: PLAIN,
        body: text.into_bytes(),
    }
}

/// Without its first line players take `WebVTT` for nothing at all.
fn subtitles(text: &str) -> String {
    if text.starts_with("WEBVTT") {
        return text.to_owned();
    }
    ["WEBVTT\n\n", text].concat()
}

fn json(said: &str, usage: &Usage) -> Vec<u8> {
    let mut out = Writer::default();
    out.open();
    out.string("text", said);
    usage.write_of_transcription(&mut out);
    out.close();
    out.into_bytes()
}

fn verbose(said: &str, expects: &Expects, usage: &Usage) -> Vec<u8> {
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
    let hundredths = usage.prompt_audio.saturating_mul(100) / TOKENS_PER_SECOND;
    let duration = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    out.raw("duration", duration.as_bytes());
    out.string("text", said);
    out.raw("segments", b"[]");
    usage.write_of_transcription(&mut out);
    out.close();
    out.into_bytes()
}
