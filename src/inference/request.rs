//! What may stand in a request, what becomes of the rest, and what of it a server of another kind takes.

use crate::error::{Error, Kind, Result};
use crate::headers::Headers;
use crate::json::{Patch, Value, Writer, apply};
use crate::surface::Operation;

/// What becomes of members that the API does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    Error,
    Drop,
    /// They go to the model as they are.
    #[default]
    PassThrough,
}

/// Who is to read a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Azure AI Model Inference itself.
    Native,
    OpenAi,
    Gemini,
}

/// The codes of errors about extra parameters, which say it under `detail`, too: there the service itself says it.
pub const ABOUT_EXTRA: [&str; 2] = [EXTRA, UNEXPECTED];

const EXTRA: &str = "extra_parameters_not_allowed";
const UNEXPECTED: &str = "invalid_extra_parameters";

/// The newer name first; the first beta of the SDK for Python had the other.
const HEADERS: [&str; 2] = ["extra-parameters", "unknown-parameters"];

const CHAT: [&str; 14] = [
    "messages",
    "model",
    "frequency_penalty",
    "presence_penalty",
    "temperature",
    "top_p",
    "max_tokens",
    "seed",
    "stop",
    "stream",
    "response_format",
    "tools",
    "tool_choice",
    "modalities",
];

/// Of text and of images.
const EMBEDDINGS: [&str; 5] = [
    "input",
    "model",
    "dimensions",
    "encoding_format",
    "input_type",
];

/// An error names so many of the members it is about, and so much of each.
const NAMED: usize = 50;
const NAME: usize = 100;

impl Policy {
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "error" => Some(Self::Error),
            "drop" => Some(Self::Drop),
            "pass-through" => Some(Self::PassThrough),
            _ => None,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Drop => "drop",
            Self::PassThrough => "pass-through",
        }
    }

    /// What the client asks for, if it says anything.
    pub fn asked(headers: &Headers) -> Result<Option<Self>> {
        let Some(word) = extra(headers) else {
            return Ok(None);
        };
        Self::parse(word).map(Some).ok_or_else(|| {
            let word: String = word.chars().take(NAME).collect();
            let problem = format!(
                "Unexpected EXTRA_PARAMETERS option {word}, expected options are ['error', 'drop', 'pass-through']"
            );
            Error::new(Kind::BadRequest, UNEXPECTED, problem)
        })
    }
}

/// The header's value, under either name.
pub fn extra(headers: &Headers) -> Option<&str> {
    let mut values = HEADERS.iter().filter_map(|name| headers.get(name));
    values.find(|value| !value.is_empty())
}

/// Applies the policy: gives another text where something has to go.
pub fn admitted(policy: Policy, operation: Operation, text: &[u8]) -> Result<Option<Vec<u8>>> {
    let Some(body) = Value::first(text).filter(|it| it.is_object()) else {
        return Ok(None);
    };
    let known = match operation {
        Operation::Embeddings => &EMBEDDINGS[..],
        _ => &CHAT[..],
    };
    match policy {
        Policy::PassThrough => Ok(None),
        Policy::Error => refuse_unknown(body, known).map(|()| None),
        Policy::Drop => {
            let mut patch = Patch::of(body);
            patch.retain(|name, _| known.contains(&name));
            Ok(changed(text, patch))
        }
    }
}

fn refuse_unknown(body: Value<'_>, known: &[&str]) -> Result<()> {
    let mut unknown: Vec<String> = Vec::new();
    for (name, _) in body.members() {
        let name = name.as_str().unwrap_or_default();
        if known.contains(&name.as_ref()) || unknown.len() == NAMED {
            continue;
        }
        let quoted = as_python(&name);
        if !unknown.contains(&quoted) {
            unknown.push(quoted);
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    let problem = format!(
        "Extra parameters [{}] are not allowed when extra-parameters is not set or set to be 'error'. Set \
         extra-parameters to 'pass-through' to pass to the model.",
        unknown.join(", ")
    );
    Err(Error::new(Kind::BadRequest, EXTRA, problem))
}

/// A string as Python shows it: clients take the names out of the list between its quotes.
fn as_python(name: &str) -> String {
    let quote = match (name.contains('\''), name.contains('"')) {
        (true, false) => '"',
        _ => '\'',
    };
    let mut shown = String::from(quote);
    for c in name.chars().take(NAME) {
        match c {
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if c == quote => shown.extend(['\\', c]),
            c if c.is_control() => shown.extend(format!("\\x{:02x}", u32::from(c)).chars()),
            c => shown.push(c),
        }
    }
    shown.push(quote);
    shown
}

/// What a server that does not speak this API is to get; None where that is the text itself.
pub fn written_for(reader: Reader, operation: Operation, text: &[u8]) -> Result<Option<Vec<u8>>> {
    let body = Value::first(text).filter(|it| it.is_object() && reader != Reader::Native);
    let Some(body) = body else {
        return Ok(None);
    };
    let mut patch = Patch::of(body);
    if operation == Operation::Embeddings {
        check_encoding(&patch)?;
        translate_input_type(&mut patch, reader);
    } else {
        leave_out_usual_modalities(&mut patch);
        ask_for_usage(&mut patch);
    }
    Ok(changed(text, patch))
}

/// OpenAI's embeddings are numbers, as they are or in base64.
fn check_encoding(body: &Patch<'_>) -> Result<()> {
    let is_usual = |it: Value<'_>| it.is_null() || it.is("float") || it.is("base64");
    if body.get("encoding_format").is_none_or(is_usual) {
        return Ok(());
    }
    let problem = "This model gives embeddings as `float` or `base64` only.";
    Err(
        Error::new(Kind::Unprocessable, "parameter_not_supported", problem)
            .param("encoding_format"),
    )
}

/// What a text is for. OpenAI has no word for it, Google has two of the three.
fn translate_input_type(body: &mut Patch<'_>, reader: Reader) {
    let Some(kind) = body.get("input_type") else {
        return;
    };
    body.remove("input_type");
    let task = match kind.as_str().as_deref() {
        Some("query") => "\"RETRIEVAL_QUERY\"",
        Some("document") => "\"RETRIEVAL_DOCUMENT\"",
        _ => return,
    };
    if reader == Reader::Gemini && !body.has("task_type") && !body.has("taskType") {
        body.set("task_type", task);
    }
}

/// Text alone is what every model answers with; not every server knows the member.
fn leave_out_usual_modalities(body: &mut Patch<'_>) {
    let is_text = |it: Value<'_>| {
        let mut words = it.elements();
        words.next().is_some_and(|word| word.is("text")) && words.next().is_none()
    };
    if body.get("modalities").is_some_and(is_text) {
        body.remove("modalities");
    }
}

/// These clients show the usage of a stream and never ask for it: the service tells it anyway.
fn ask_for_usage(body: &mut Patch<'_>) {
    if !body.get("stream").is_some_and(Value::is_true) {
        return;
    }
    match body.get("stream_options") {
        Some(options) if options.is_object() => {
            if options.get("include_usage").is_none() {
                body.set("stream_options", &with_usage(options));
            }
        }
        _ => body.set("stream_options", "{\"include_usage\":true}"),
    }
}

fn with_usage(options: Value<'_>) -> String {
    let members = options.members();
    let members = members.map(|(name, value)| [name.raw(), b":", value.raw()].concat());
    let mut out = Writer::default();
    out.open();
    members.for_each(|member| out.item(&member));
    out.raw("include_usage", b"true");
    out.close();
    String::from_utf8_lossy(&out.into_bytes()).into_owned()
}

fn changed(text: &[u8], patch: Patch<'_>) -> Option<Vec<u8>> {
    let edits = patch.edits();
    (!edits.is_empty()).then(|| apply(text, &edits))
}
