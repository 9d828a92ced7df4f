//! A chat request as a `generateContent` request.
//!
//! Fields that have no counterpart and only tune (`store`, `user`, `verbosity`, `logit_bias`, ...) are left out, and so
//! is what the model or the host is known to refuse: Google refuses a request for any member it does not know.

pub mod config;
pub mod messages;

pub(super) mod extras;
mod format;
mod speech;
mod thinking;

use crate::error::Result;
use crate::gemini::asked::{self, Asked, object};
use crate::gemini::lessons::Lesson;
use crate::gemini::model::Model;
use crate::gemini::tools::{Names, Tools};
use crate::gemini::{self, Encoded, Host, Manner, Outgoing, Request, turn};
use crate::json::{Fields, Value, Writer, member};
use crate::sound;

use config::Config;
use format::{Bounds, Format};
use messages::{Conversation, Setting};

/// Behind a model's name: Google's search is to be used.
const SEARCH: &str = ":search";

/// In front of a text that is to be spoken, once the model took it for a request.
const READ_ALOUD: &str = "Read the following text aloud:";

/// Where Vertex AI reads the tier; AI Studio has a member for it.
const TIER: &str = "x-vertex-ai-llm-shared-request-type";

/// What a chat request means for its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a field of the request that means something alone"
)]
pub struct Expects {
    pub stream: bool,
    /// A stream is to end with its usage.
    pub usage: bool,
    /// The client offered `functions`, from before there were tools: it reads `function_call` alone.
    pub function_call: bool,
    /// `parallel_tool_calls` is false: the first call of an answer alone is given.
    pub one_call: bool,
    /// What the client's tools are called here.
    pub names: Names,
    /// The model was only told to answer in JSON: a fence around it all is taken off.
    pub unfence: bool,
    /// What sound is wrapped in.
    pub sound: sound::Format,
    /// The tier Vertex AI is asked for: its requests say so in a header ([`Expects::header`]).
    pub tier: Option<&'static str>,
}

impl Expects {
    /// What the request says beside its body.
    pub fn header(&self) -> Option<(&'static str, &'static str)> {
        self.tier.map(|tier| (TIER, tier))
    }
}

/// `request.text` is valid JSON, maybe with a byte-order mark.
pub fn encode(manner: &Manner, request: &Request<'_>) -> Result<Encoded> {
    let fields = &asked::fields(request.text)?;
    let mut expects = expectations(fields)?;
    if manner.host == Host::Vertex {
        expects.tier = extras::tier(fields)?;
    }
    let (model, wants_search) = asked_model(manner, request);
    let mut tools = Tools::read(fields, model, manner, request.lessons)?;
    if wants_search {
        tools.add_search();
    }
    expects.function_call = tools.are_legacy();
    expects.names = tools.names().clone();
    let setting = &setting(manner, request, model, tools.names());
    let mut conversation = Conversation::read(fields.get("messages"), setting)?;
    if model.is_speech() && request.lessons.has(Lesson::ReadAloud) {
        conversation.instruct(READ_ALOUD);
    }
    let config = Config::read(fields, model, manner, request.lessons)?;
    let mut drawn = Writer::default();
    config.write(&mut drawn);
    if let Some(format) = Format::read(fields)? {
        let bounds = Bounds {
            model,
            host: manner.host,
            lessons: request.lessons,
        };
        let has_tools = || !written(&tools).is_empty();
        expects.unfence = format.apply(&mut drawn, &mut conversation, bounds, has_tools);
    }
    let mut out = Writer::default();
    out.open();
    conversation.write(&mut out);
    tools.write(&mut out);
    finish(&mut out, &drawn, fields, manner)?;
    let outgoing = Outgoing {
        method: turn::method(expects.stream),
        body: out.into_bytes(),
    };
    let copies = config.requests();
    turn::check_weight(outgoing.body.len(), copies)?;
    Ok(Encoded {
        requests: vec![outgoing; copies],
        expects: gemini::Expects::Chat(expects),
    })
}

/// The body of a request with one prompt, which is a user's turn; `fields` are those of a chat but for its messages and
/// tools. Where [`Config::requests`] says so, it is to be sent several times.
pub fn prompted(
    manner: &Manner,
    request: &Request<'_>,
    fields: &Fields<'_>,
    prompt: &str,
) -> Result<Vec<u8>> {
    let (model, _) = asked_model(manner, request);
    let names = Names::default();
    let conversation = Conversation::of_text(prompt, &setting(manner, request, model, &names));
    let mut drawn = Writer::default();
    Config::read(fields, model, manner, request.lessons)?.write(&mut drawn);
    let mut out = Writer::default();
    out.open();
    conversation.write(&mut out);
    finish(&mut out, &drawn, fields, manner)?;
    Ok(out.into_bytes())
}

/// See [`crate::gemini::remote`].
pub fn remote(request: &Request<'_>) -> Vec<String> {
    let whole = Value::first(request.text);
    let messages = whole.and_then(|whole| member(whole, "messages"));
    messages::remote(messages)
}

fn expectations(request: &Fields<'_>) -> Result<Expects> {
    let stream = request.flag("stream")?;
    // A number is what completions have.
    request.flag("logprobs")?;
    let options = object(request, "stream_options")?;
    let usage = options.and_then(|options| member(options, "include_usage"));
    let one_call =
        request.get("parallel_tool_calls").is_some() && !request.flag("parallel_tool_calls")?;
    Ok(Expects {
        stream,
        usage: stream && usage.is_some_and(Value::is_true),
        one_call,
        sound: speech::format(request)?,
        ..Expects::default()
    })
}

/// The model, and whether its name asks for Google's search.
fn asked_model(manner: &Manner, request: &Request<'_>) -> (Model, bool) {
    let (own, searches) = without_search(request.model);
    let (_, asks) = without_search(request.asked);
    (Model::of(own, manner.host), searches || asks)
}

/// A name, and whether it asked for Google's search, which is no part of it.
pub fn without_search(name: &str) -> (&str, bool) {
    let parts = name.len().checked_sub(SEARCH.len());
    match parts.and_then(|at| name.split_at_checked(at)) {
        Some((own, suffix)) if suffix.eq_ignore_ascii_case(SEARCH) => (own, true),
        _ => (name, false),
    }
}

fn setting<'a>(
    manner: &'a Manner,
    request: &'a Request<'_>,
    model: Model,
    names: &'a Names,
) -> Setting<'a> {
    Setting {
        manner,
        model,
        lessons: request.lessons,
        fetched: request.fetched,
        names,
    }
}

fn written(tools: &Tools) -> Writer {
    let mut out = Writer::default();
    tools.write(&mut out);
    out
}

/// Writes what follows the conversation, and closes the request.
fn finish(out: &mut Writer, drawn: &Writer, fields: &Fields<'_>, manner: &Manner) -> Result<()> {
    if !drawn.is_empty() {
        out.open_member("generationConfig");
        out.items(drawn);
        out.close();
    }
    extras::write(out, fields, manner)?;
    out.close();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::without_search;

    #[test]
    fn a_name_may_ask_for_search() {
        for (name, expected) in [
            ("gemini-3.8-flash:search", ("gemini-3.8-flash", true)),
            ("gemini-3.8-flash:Search", ("gemini-3.8-flash", true)),
            ("gemini-3.8-flash", ("gemini-3.8-flash", false)),
            (":search", ("", true)),
            ("research", ("research", false)),
            ("\u{e9}search", ("\u{e9}search", false)),
            ("", ("", false)),
        ] {
            assert_eq!(without_search(name), expected, "{name}");
        }
    }
}
