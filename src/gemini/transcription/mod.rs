//! Transcription and translation of speech: a model is told to write down what it hears.

mod answer;
mod sound;

pub use answer::decode;

use crate::error::{Result, invalid};
use crate::gemini::asked::{Asked, fields, missing};
use crate::gemini::chat::config::Config;
use crate::gemini::form::Form;
use crate::gemini::model::Model;
use crate::gemini::{self, Encoded, Manner, Outgoing, Request, turn};
use crate::json::{Writer, is_json};
use crate::surface::Operation;

/// What a request means for its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expects {
    /// The client asked for an event stream.
    pub stream: bool,
    pub format: Format,
    /// What is said is to be put into English.
    pub translates: bool,
    /// The language, or languages, the client says are spoken.
    pub language: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Json,
    /// With what the model cannot know left empty: places in time.
    VerboseJson,
    Text,
    Srt,
    Vtt,
}

/// `include`, `timestamp_granularities` and `chunking_strategy` have no counterpart and are left out.
pub fn encode(manner: &Manner, request: &Request<'_>) -> Result<Encoded> {
    let form = Form::read(request.text, request.content_type)?;
    let format = format(&form)?;
    let expects = Expects {
        // As with Whisper, what is not plain text comes whole.
        stream: form.flag("stream")? && matches!(format, Format::Json | Format::Text),
        format,
        translates: request.operation == Operation::Translation,
        language: form.list("language")?.or(form.list("languages")?),
    };
    let config = config(&form, manner, request)?;
    let file = form.files("file").next().ok_or_else(|| missing("file"))?;
    let mime = sound::mime(&file)?;
    let mut out = turn::begin();
    turn::media(&mut out, mime, file.bytes);
    let hints = [form.list("prompt")?, form.list("keywords")?];
    let instruction = instruction(&expects, &hints);
    turn::text(&mut out, &instruction);
    let method = turn::method(expects.stream);
    let body = turn::finish(out, &config, manner)?;
    Ok(Encoded {
        requests: vec![Outgoing { method, body }],
        expects: gemini::Expects::Transcription(expects),
    })
}

fn format(form: &Form<'_>) -> Result<Format> {
    match form.value("response_format")?.map(str::trim) {
        None | Some("json") => Ok(Format::Json),
        Some("verbose_json") => Ok(Format::VerboseJson),
        Some("text") => Ok(Format::Text),
        Some("srt") => Ok(Format::Srt),
        Some("vtt") => Ok(Format::Vtt),
        Some(_) => {
            let wanted = "\"json\", \"text\", \"srt\", \"verbose_json\" or \"vtt\"";
            Err(invalid("response_format", wanted))
        }
    }
}

fn config(form: &Form<'_>, manner: &Manner, request: &Request<'_>) -> Result<Writer> {
    let mut wish = Writer::default();
    wish.open();
    if let Some(temperature) = form.value("temperature")? {
        let temperature = temperature.trim();
        let number = temperature.parse::<f64>().ok();
        let is_right = number.is_some_and(|it| (0.0..=1.0).contains(&it));
        if !is_right || !is_json(temperature.as_bytes()) {
            return Err(invalid("temperature", "a number from 0 to 1"));
        }
        wish.raw("temperature", temperature.as_bytes());
    }
    wish.close();
    let wish = wish.into_bytes();
    let model = Model::of(request.model, manner.host);
    let config = Config::read(&fields(&wish)?, model, manner, request.lessons)?;
    let mut out = Writer::default();
    config.write(&mut out);
    Ok(out)
}

fn instruction(expects: &Expects, hints: &[Option<String>]) -> String {
    let (task, result) = if expects.translates {
        ("Translate the speech to English.", "translation")
    } else {
        (
            "Generate a verbatim transcript of the speech.",
            "transcript",
        )
    };
    let form = match expects.format {
        Format::Srt => " as subtitles in the SubRip (SRT) format",
        Format::Vtt => " as subtitles in the WebVTT format",
        Format::Json | Format::VerboseJson | Format::Text => "",
    };
    let mut text = format!("{task} Output only the {result}{form}.");
    if let Some(language) = &expects.language {
        text.push_str(" The language of the speech is: ");
        text.push_str(language);
        text.push('.');
    }
    for hint in hints.iter().flatten() {
        text.push_str("\nContext for style and spelling, not to be written down: ");
        text.push_str(hint);
    }
    text
}
