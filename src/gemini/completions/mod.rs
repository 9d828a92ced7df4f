//! Legacy completions: a prompt is a user's turn.

mod answer;
mod logprobs;

pub use answer::decode;

use std::borrow::Cow;

use crate::error::{Error, Result, invalid};
use crate::gemini::asked::{Asked, fields, missing, unsupported};
use crate::gemini::chat::config::{Config, MAX_LOGPROBS};
use crate::gemini::model::Model;
use crate::gemini::{self, Encoded, Manner, Outgoing, Request, chat, turn};
use crate::json::{Fields, Value};

/// Each prompt, and with newer models each choice, is a request; they are sent at once.
const MAX_REQUESTS: usize = 128;

/// What a request means for its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expects {
    /// The client asked for an event stream.
    pub stream: bool,
    /// A stream is to end with its usage.
    pub usage: bool,
    /// How many choices each answer has to give: the requests go prompt by prompt, `n` choices to each.
    pub choices_per_prompt: usize,
    /// The prompts, if each choice is to begin with its own.
    pub echo: Option<Vec<String>>,
}

/// OpenAI's default of 16 tokens is not kept: a model that thinks would have used them up before its first word.
pub fn encode(manner: &Manner, request: &Request<'_>) -> Result<Encoded> {
    let fields = fields(request.text)?;
    // Not true or false, as a chat's.
    fields.integer("logprobs", 0..=MAX_LOGPROBS)?;
    refuse_suffix(&fields)?;
    let prompts = prompts(&fields)?;
    let choices = fields.integer("n", 1..=128)?.unwrap_or(1);
    let choices = usize::try_from(choices).unwrap_or(MAX_REQUESTS);
    let model = Model::of(request.model, manner.host);
    let config = Config::read(&fields, model, manner, request.lessons)?;
    let each = config.requests().clamp(1, choices);
    if prompts.len().saturating_mul(each) > MAX_REQUESTS {
        let problem = format!("such that there are at most {MAX_REQUESTS} choices in all");
        return Err(invalid("n", &problem));
    }
    turn::check_weight(request.text.len(), each)?;
    let stream = fields.flag("stream")?;
    let method = turn::method(stream);
    let mut requests = Vec::new();
    for prompt in &prompts {
        let body = chat::prompted(manner, request, &fields, prompt)?;
        let outgoing = Outgoing { method, body };
        requests.extend(std::iter::repeat_n(outgoing, each));
    }
    let echoed = fields.flag("echo")?;
    let options = fields.get("stream_options");
    Ok(Encoded {
        requests,
        expects: gemini::Expects::Completions(Expects {
            stream,
            usage: options
                .and_then(|it| it.get("include_usage"))
                .is_some_and(Value::is_true),
            choices_per_prompt: choices / each,
            echo: echoed.then(|| prompts.into_iter().map(Cow::into_owned).collect()),
        }),
    })
}

fn refuse_suffix(fields: &Fields<'_>) -> Result<()> {
    match fields.get("suffix") {
        Some(suffix) if !suffix.is_empty() => Err(unsupported(
            "suffix",
            "Gemini does not fill in between two texts: 'suffix' must be left out.",
        )),
        _ => Ok(()),
    }
}

fn prompts<'t>(fields: &Fields<'t>) -> Result<Vec<Cow<'t, str>>> {
    let prompt = fields.get("prompt").ok_or_else(|| missing("prompt"))?;
    let read = |text: Value<'t>| {
        if !text.is_string() {
            return Err(not_text(text));
        }
        let text = text.as_str().filter(|text| !text.is_empty());
        text.ok_or_else(|| invalid("prompt", "a string that is not empty, or several"))
    };
    if !prompt.is_array() {
        return Ok(vec![read(prompt)?]);
    }
    let prompts: Vec<_> = prompt.elements().map(read).collect::<Result<_>>()?;
    match prompts.len() {
        0 => Err(invalid("prompt", "a string that is not empty, or several")),
        1..=MAX_REQUESTS => Ok(prompts),
        _ => Err(invalid(
            "prompt",
            &format!("at most {MAX_REQUESTS} strings"),
        )),
    }
}

/// Tokens are numbers of OpenAI's vocabularies, alone or in lists.
fn not_text(value: Value<'_>) -> Error {
    let problem = if value.is_array() || value.as_f64().is_some() {
        "Tokens mean nothing to Gemini: 'prompt' must be text."
    } else {
        "'prompt' must be a string or an array of strings."
    };
    Error::bad_request("invalid_value", problem).param("prompt")
}
