//! What the answer is made of, and the voice it is spoken in: `responseModalities` and `speechConfig`.

use crate::error::{Error, Result, invalid};
use crate::gemini::asked::object;
use crate::gemini::model::Model;
use crate::gemini::voices::voice;
use crate::json::{Fields, Value, Writer, member};
use crate::sound::Format;

const MODALITIES: [(&str, &str); 4] = [
    ("text", "TEXT"),
    ("image", "IMAGE"),
    ("audio", "AUDIO"),
    ("video", "VIDEO"),
];

/// What comes back is PCM, raw or with a head.
const FORMATS: [&str; 4] = ["pcm16", "pcm", "wav", "flac"];

pub(super) fn write(
    out: &mut Writer,
    request: &Fields<'_>,
    model: Model,
    is_strict: bool,
) -> Result<()> {
    let audio = object(request, "audio")?;
    let wanted = modalities(request.get("modalities"))?;
    let speaks = audio.is_some() || wanted.contains(&"AUDIO") || model.is_speech();
    if speaks {
        // A model that speaks does nothing else.
        out.raw("responseModalities", br#"["AUDIO"]"#);
    } else if !wanted.is_empty() {
        let mut words = Writer::default();
        for word in wanted {
            words.item(["\"", word, "\""].concat().as_bytes());
        }
        out.list("responseModalities", &words);
    }
    let Some(audio) = audio else {
        return Ok(());
    };
    if is_strict {
        refuse_other_formats(audio)?;
    }
    if let Some(name) = voice_named(audio)? {
        out.open_member("speechConfig");
        out.open_member("voiceConfig");
        out.open_member("prebuiltVoiceConfig");
        out.word("voiceName", voice(&name));
        out.close();
        out.close();
        out.close();
    }
    Ok(())
}

fn modalities(value: Option<Value<'_>>) -> Result<Vec<&'static str>> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let problem = || invalid("modalities", "an array of text, image, audio or video");
    if !value.is_array() {
        return Err(problem());
    }
    let mut found = Vec::new();
    for word in value.elements() {
        let known = MODALITIES.iter().find(|(name, _)| {
            let word = word.as_str();
            word.is_some_and(|word| word.eq_ignore_ascii_case(name))
        });
        let (_, word) = known.ok_or_else(problem)?;
        if !found.contains(word) {
            found.push(*word);
        }
    }
    Ok(found)
}

/// A name, or `{"id"}` of a voice that somebody made at OpenAI.
fn voice_named(audio: Value<'_>) -> Result<Option<String>> {
    let Some(voice) = member(audio, "voice") else {
        return Ok(None);
    };
    let name = member(voice, "id").unwrap_or(voice).as_str();
    let name = name.ok_or_else(|| invalid("audio", "with the name of a voice"))?;
    Ok(Some(name.into_owned()))
}

/// What is heard less exactly is a WAV instead.
pub(super) fn format(request: &Fields<'_>) -> Result<Format> {
    let audio = object(request, "audio")?;
    let Some(format) = audio.and_then(|audio| member(audio, "format")) else {
        return Ok(Format::Pcm);
    };
    match format.as_str().as_deref() {
        None => Err(invalid("audio", "with a format that is a string")),
        Some("pcm16" | "pcm") => Ok(Format::Pcm),
        Some("flac") => Ok(Format::Flac),
        Some(_) => Ok(Format::Wav),
    }
}

fn refuse_other_formats(audio: Value<'_>) -> Result<()> {
    let Some(format) = member(audio, "format") else {
        return Ok(());
    };
    if FORMATS.iter().any(|known| format.is(known)) {
        return Ok(());
    }
    let problem = "Gemini speaks in PCM: 'audio.format' must be pcm16, wav or flac.";
    Err(Error::bad_request("unsupported_value", problem).param("audio"))
}
