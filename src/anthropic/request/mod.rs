//! A chat request as a Messages request.
//!
//! Fields that have no counterpart and only tune (`seed`, penalties, `logprobs`, `store`, `service_tier`, ...) are left
//! out: Anthropic refuses what it does not know. Where leaving something out would give another answer than was asked
//! for (`n`, sound, web search) the request is refused.

mod calls;
mod format;
mod messages;
mod parts;
mod thinking;
mod tools;

use crate::anthropic::Expects;
use crate::anthropic::model::Model;
use crate::error::{Error, Result, invalid};
use crate::json::{Fields, Value, Writer, inside};
use crate::openai::stop;

use format::Format;
use messages::Conversation;
use thinking::Plan;
use tools::Tools;

/// Anthropic's own, in a client's `extra_body`.
const EXTRAS: [&str; 4] = [
    "cache_control",
    "container",
    "context_management",
    "mcp_servers",
];

/// Anthropic's limit for `metadata.user_id`.
const MAX_USER_ID: usize = 256;

/// A request for Anthropic, and what its answer has to be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    pub body: Vec<u8>,
    pub expects: Expects,
}

/// `text` is valid JSON, maybe with a byte-order mark; `model` is the deployment.
pub fn encode(text: &[u8], model: &str) -> Result<Encoded> {
    let request = &read(text)?;
    refuse_what_cannot_be_done(request)?;
    let asked = request.get("model").and_then(Value::as_str);
    let generation = Model::of([model, asked.as_deref().unwrap_or_default()]);
    let mut tools = Tools::read(request)?;
    let mut conversation = Conversation::read(request.get("messages"))?;
    let may_think = !tools.is_forced();
    let plan = Plan::make(
        request,
        generation,
        may_think,
        conversation.is_thoughtless(),
    )?;
    let answer_tool = match format::read(request)? {
        Some(format) => apply(&format, &mut tools, &mut conversation, plan.thinks()),
        None => false,
    };
    tools.define(conversation.called());

    let mut out = Writer::default();
    out.open();
    out.string("model", model);
    out.number("max_tokens", plan.max_tokens);
    conversation.write(&mut out);
    if request.get("stream").is_some_and(Value::is_true) {
        out.raw("stream", b"true");
    }
    write_sampling(&mut out, request, generation, &plan)?;
    write_stops(&mut out, request.get("stop"))?;
    write_user(&mut out, request);
    tools.write(&mut out);
    plan.write(&mut out, request);
    for name in EXTRAS {
        out.value(name, request.get(name));
    }
    out.close();
    let expects = Expects {
        usage: request
            .get("stream_options")
            .and_then(|options| options.get("include_usage"))
            .is_some_and(Value::is_true),
        function_call: tools.are_functions(),
        answer_tool,
    };
    let body = out.into_bytes();
    Ok(Encoded { body, expects })
}

fn read(text: &[u8]) -> Result<Fields<'_>> {
    let problem = "The request's body is not a JSON object.";
    Value::first(text)
        .filter(|request| request.is_object())
        .map(Fields::of)
        .ok_or_else(|| Error::bad_request("invalid_json", problem))
}

/// Says whether the answer comes as the input of a tool. A model that thinks cannot be forced to call one.
fn apply(
    format: &Format<'_>,
    tools: &mut Tools<'_>,
    conversation: &mut Conversation,
    thinks: bool,
) -> bool {
    if let Some(tool) = format.tool().filter(|_| !thinks && !tools.is_forced()) {
        tools.force_answer(&tool);
        return true;
    }
    if !tools.is_forced() {
        conversation.instruct(&format.instruction());
    }
    false
}

fn refuse_what_cannot_be_done(request: &Fields<'_>) -> Result<()> {
    let speaks = |kinds: Value<'_>| kinds.elements().any(|kind| kind.is("audio"));
    for (name, is_wanted, problem) in [
        (
            "n",
            request.get("n").is_some_and(|n| n.raw() != b"1"),
            "Claude gives one choice: 'n' must be 1.",
        ),
        (
            "modalities",
            request.get("modalities").is_some_and(speaks),
            "Claude does not speak: 'modalities' must be text alone.",
        ),
        (
            "web_search_options",
            request.get("web_search_options").is_some(),
            "'web_search_options' is not available for Claude.",
        ),
    ] {
        if is_wanted {
            return Err(Error::bad_request("unsupported_value", problem).param(name));
        }
    }
    Ok(())
}

/// A model that thinks takes none of these. What is in range keeps its digits.
fn write_sampling(
    out: &mut Writer,
    request: &Fields<'_>,
    model: Model,
    plan: &Plan<'_>,
) -> Result<()> {
    let temperature = number(request, "temperature")?;
    let top_p = number(request, "top_p")?;
    if plan.thinks() || !model.takes_sampling() {
        return Ok(());
    }
    if let Some((value, temperature)) = temperature {
        // OpenAI's goes up to 2.
        match temperature {
            ..0.0 => out.raw("temperature", b"0"),
            0.0..=1.0 => out.raw("temperature", value.raw()),
            _ => out.raw("temperature", b"1"),
        }
    }
    if temperature.is_none() || model.takes_temperature_with_top_p() {
        out.value("top_p", top_p.map(|(value, _)| value));
    }
    out.value("top_k", request.get("top_k"));
    Ok(())
}

fn number<'t>(request: &Fields<'t>, name: &'static str) -> Result<Option<(Value<'t>, f64)>> {
    request
        .get(name)
        .map(|value| {
            let number = value.as_f64().filter(|number| number.is_finite());
            Ok((value, number.ok_or_else(|| invalid(name, "a number"))?))
        })
        .transpose()
}

/// The most tokens the client will take; the older name is still the one most send.
fn read_limit(request: &Fields<'_>) -> Result<Option<u64>> {
    for name in ["max_completion_tokens", "max_tokens"] {
        if let Some(value) = request.get(name) {
            let limit = value.as_u64().filter(|limit| *limit > 0);
            return limit
                .map(Some)
                .ok_or_else(|| invalid(name, "a positive integer"));
        }
    }
    Ok(None)
}

/// "each stop sequence must contain non-whitespace": those that do not are left out.
fn write_stops(out: &mut Writer, stop: Option<Value<'_>>) -> Result<()> {
    let mut stops = stop::sequences(stop)?;
    stops.retain(|stop| !is_blank(*stop));
    if !stops.is_empty() {
        out.open_list("stop_sequences");
        for stop in stops {
            out.item(stop.raw());
        }
        out.close_list();
    }
    Ok(())
}

/// OpenAI's newer name comes first.
fn write_user(out: &mut Writer, request: &Fields<'_>) {
    let metadata = request.get("metadata").and_then(|it| it.get("user_id"));
    let user = request
        .get("safety_identifier")
        .or_else(|| request.get("user"));
    let usable = |id: &Value<'_>| id.is_string() && (1..=MAX_USER_ID).contains(&inside(*id).len());
    if let Some(id) = metadata.or(user).filter(usable) {
        out.open_member("metadata");
        out.raw("user_id", id.raw());
        out.close();
    }
}

/// Anthropic refuses texts without a visible character.
fn is_blank(text: Value<'_>) -> bool {
    match inside(text).first() {
        Some(b'!'..=b'[' | b']'..=b'~') => false,
        _ => text.as_str().is_some_and(|text| text.trim().is_empty()),
    }
}
