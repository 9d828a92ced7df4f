//! Speech by Gemini's speaking models.

mod answer;
mod speakers;

pub use answer::decode;

use std::borrow::Cow;

use crate::error::{Result, invalid};
use crate::gemini::asked::{Asked, fields, required, unsupported};
use crate::gemini::google::{either, extension};
use crate::gemini::lessons::Lesson;
use crate::gemini::options::Options;
use crate::gemini::voices::voice;
use crate::gemini::{self, Encoded, Manner, Outgoing, Request, turn};
use crate::json::{Fields, Value, Writer, inside};
use crate::sound::Format;

use speakers::{voice_name, write_speakers};

/// What a request means for its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expects {
    /// The client asked for an event stream.
    pub stream: bool,
    pub format: Format,
}

/// `speed` has no counterpart and is left out.
pub fn encode(manner: &Manner, request: &Request<'_>) -> Result<Encoded> {
    let fields = fields(request.text)?;
    let stream = wants_events(&fields)?;
    let format = format(&fields, &manner.options, stream)?;
    let expects = Expects { stream, format };
    let voices = Voices::read(&fields)?;
    let config = voices.config()?;
    let is_dialogue = matches!(voices.speakers, Speakers::Several(_));
    let read_aloud = request.lessons.has(Lesson::ReadAloud);
    let text = text(&fields, read_aloud, is_dialogue)?;
    let mut out = turn::begin();
    out.open();
    out.joined("text", &text);
    out.close();
    let method = turn::method(expects.stream);
    let body = turn::finish(out, &config, manner)?;
    Ok(Encoded {
        requests: vec![Outgoing { method, body }],
        expects: gemini::Expects::Speech(expects),
    })
}

fn wants_events(fields: &Fields<'_>) -> Result<bool> {
    match fields.text("stream_format")?.as_deref() {
        None | Some("audio") => Ok(false),
        Some("sse") => Ok(true),
        Some(_) => Err(invalid("stream_format", "\"audio\" or \"sse\"")),
    }
}

/// Google gives bare samples, and what is heard less exactly is nothing that can be made here: a player knows a WAV by
/// its first bytes, whatever it was told to expect. OpenAI's own default is mp3. A FLAC is whole or not at all.
fn format(fields: &Fields<'_>, options: &Options, is_streamed: bool) -> Result<Format> {
    let asked = fields.text("response_format")?;
    match asked.as_deref().unwrap_or("mp3") {
        "pcm" => Ok(Format::Pcm),
        "flac" if !is_streamed => Ok(Format::Flac),
        "mp3" | "opus" | "aac" | "flac" if options.strict => {
            let problem = "Gemini's speech cannot be compressed here: 'response_format' must be \"wav\", \"pcm\", or \
                           \"flac\" without events.";
            Err(unsupported("response_format", problem))
        }
        "wav" | "mp3" | "opus" | "aac" | "flac" => Ok(Format::Wav),
        _ => {
            let wanted = "\"mp3\", \"opus\", \"aac\", \"flac\", \"wav\" or \"pcm\"";
            Err(invalid("response_format", wanted))
        }
    }
}

/// The models take directions as part of the text; they know neither instructions nor turns. As it stands between a
/// string's quotes. In a dialogue a speaker's name has to begin its line.
fn text(fields: &Fields<'_>, read_aloud: bool, is_dialogue: bool) -> Result<Vec<u8>> {
    let input = inside(required(fields, "input")?);
    let instructions = fields.get("instructions");
    if instructions.is_some_and(|it| !it.is_string()) {
        return Err(invalid("instructions", "a string"));
    }
    let instructions = instructions.map(inside).unwrap_or_default();
    let colon: &[u8] = if is_dialogue { br":\n" } else { b": " };
    Ok(match (read_aloud, instructions.is_empty()) {
        (false, true) => input.to_vec(),
        (false, false) => [instructions, colon, input].concat(),
        (true, true) => [b"Read aloud", colon, input].concat(),
        (true, false) => [b"Read aloud. ", instructions, colon, input].concat(),
    })
}

/// Who speaks.
enum Speakers<'t> {
    One(Cow<'t, str>),
    /// As Google's own field has it.
    Several(Value<'t>),
}

struct Voices<'t> {
    speakers: Speakers<'t>,
    language: Option<Value<'t>>,
}

impl<'t> Voices<'t> {
    fn read(fields: &Fields<'t>) -> Result<Self> {
        let own = extension(fields, ["speech_config", "speechConfig"])?;
        let said = |names| own.and_then(|it| either(it, names));
        let several = said(["multi_speaker_voice_config", "multiSpeakerVoiceConfig"]);
        let speakers = match (several, own.and_then(voice_name)) {
            (Some(several), _) => Speakers::Several(several),
            (None, Some(name)) => Speakers::One(name),
            (None, None) => Speakers::One(asked_voice(fields)?),
        };
        let language = said(["language_code", "languageCode"]);
        Ok(Self {
            speakers,
            language: language.filter(|it| it.is_string()),
        })
    }

    /// The members of `generationConfig`.
    fn config(&self) -> Result<Writer> {
        let mut out = Writer::default();
        out.raw("responseModalities", br#"["AUDIO"]"#);
        out.open_member("speechConfig");
        match &self.speakers {
            Speakers::One(name) => write_voice(&mut out, name),
            Speakers::Several(config) => write_speakers(&mut out, *config)?,
        }
        out.value("languageCode", self.language);
        out.close();
        Ok(out)
    }
}

/// A name, or an object with the `id` of a voice of one's own. Without one it is the usual voice.
fn asked_voice<'t>(fields: &Fields<'t>) -> Result<Cow<'t, str>> {
    let Some(asked) = fields.get("voice") else {
        return Ok("".into());
    };
    let name = asked.get("id").unwrap_or(asked);
    let name = Some(name).filter(|it| it.is_string());
    name.and_then(Value::as_str)
        .ok_or_else(|| invalid("voice", "a string, or an object with an 'id'"))
}

fn write_voice(out: &mut Writer, name: &str) {
    out.open_member("voiceConfig");
    out.open_member("prebuiltVoiceConfig");
    out.string("voiceName", voice(name));
    out.close();
    out.close();
}
