//! Chat completions: `POST chat/completions`.

use serde_json::{Value, json};

use crate::error::{Result, invalid};
use crate::sse;

use super::fields::{Fields, missing};
use super::format::{self, Nesting};
use super::heard::Heard;
use super::text::{self, Finish, Limits, Spoken};
use super::tools::{self, Call, Forced};
use super::{Ask, Reply, Usage};

/// Everything the answer is written from, streamed or not.
struct Answer<'a> {
    ask: &'a Ask<'a>,
    model: &'a str,
    choices: u64,
    /// If there is one, `spoken` is its arguments.
    call: Option<Call>,
    spoken: Spoken,
    with_logprobs: bool,
    usage: Usage,
}

pub(super) fn answer(ask: &Ask<'_>, fields: &Fields) -> Result<Reply> {
    let model = fields.model()?.ok_or_else(|| missing("model"))?;
    check_unused(fields)?;
    let mut heard = read_messages(fields)?;
    heard.count_tools(tools::read_tools(fields)?);
    let choices = fields.integer("n", &(1..=128))?.unwrap_or(1);
    let limits = read_limits(fields, choices)?;
    let (call, spoken) = decide(fields, &heard, &limits)?;
    let answer = Answer {
        ask,
        model,
        choices,
        usage: Usage {
            input: heard.tokens,
            output: spoken.count() * choices,
        },
        call,
        spoken,
        with_logprobs: fields.flag("logprobs")?.unwrap_or(false),
    };
    let with_usage = fields.include_usage()?;
    Ok(match fields.flag("stream")? {
        Some(true) => Reply::events(answer.stream(with_usage), answer.usage),
        _ => Reply::json(&answer.completion(), Some(answer.usage)),
    })
}

fn check_unused(fields: &Fields) -> Result<()> {
    fields.check_sampling()?;
    fields.integer("top_logprobs", &(0..=20))?;
    fields.flag("parallel_tool_calls")?;
    fields.flag("store")?;
    fields.object("metadata")?;
    Ok(())
}

fn read_messages(fields: &Fields) -> Result<Heard> {
    match fields
        .array("messages")?
        .ok_or_else(|| missing("messages"))?
    {
        [] => Err(invalid("messages", "an array with at least one message")),
        messages => Heard::messages(messages),
    }
}

fn read_limits(fields: &Fields, choices: u64) -> Result<Limits> {
    let any = 1..=u64::MAX;
    let older = fields.integer("max_tokens", &any)?;
    let most = fields.integer("max_completion_tokens", &any)?.or(older);
    let choices = usize::try_from(choices).unwrap_or(usize::MAX);
    Ok(Limits::new(text::stops(fields)?, most, choices))
}

fn decide(fields: &Fields, heard: &Heard, limits: &Limits) -> Result<(Option<Call>, Spoken)> {
    let call = match tools::forced_call(fields, Nesting::Wrapped)? {
        Some(call) => Some(call),
        None => tools::forced_function(fields)?,
    };
    let format = fields.get("response_format");
    let said = format::dress(heard.reply(), format, Nesting::Wrapped)?;
    Ok(match call.filter(|_| !heard.is_result) {
        Some(call) => {
            let arguments = limits.write(&call.arguments);
            (Some(call), arguments)
        }
        None => (None, limits.speak(&said)),
    })
}

impl Answer<'_> {
    fn completion(&self) -> Value {
        let choices: Vec<Value> = (0..self.choices)
            .map(|index| {
                json!({
                    "index": index,
                    "message": self.message(index),
                    "logprobs": self.logprobs(&self.spoken.pieces),
                    "finish_reason": self.finish_reason(),
                })
            })
            .collect();
        json!({
            "id": self.id(),
            "object": "chat.completion",
            "created": self.ask.now_secs,
            "model": self.model,
            "choices": choices,
            "usage": self.usage.detailed(),
            "service_tier": "default",
            "system_fingerprint": null,
        })
    }

    fn message(&self, index: u64) -> Value {
        let mut message = json!({
            "role": "assistant",
            "content": null,
            "refusal": null,
            "annotations": [],
        });
        let text = self.spoken.text();
        let (key, value) = match &self.call {
            None => ("content", Value::String(text)),
            Some(call) if call.forced == Forced::Legacy => (
                "function_call",
                json!({"name": call.name, "arguments": text}),
            ),
            Some(call) => (
                "tool_calls",
                json!([{
                    "id": self.call_id(index),
                    "type": "function",
                    "function": {"name": call.name, "arguments": text},
                }]),
            ),
        };
        if let Some(place) = message.as_object_mut() {
            place.insert(key.to_owned(), value);
        }
        message
    }

    /// The choices grow side by side, a token of each in turn.
    fn stream(&self, with_usage: bool) -> String {
        let mut stream = String::new();
        let mut send = |index: u64, delta: Value, logprobs: Value, finish: Option<&str>| {
            let choice = json!({
                "index": index,
                "delta": delta,
                "logprobs": logprobs,
                "finish_reason": finish,
            });
            let chunk = self.chunk(&json!([choice]), with_usage.then_some(Value::Null));
            sse::write_data(&mut stream, &chunk.to_string());
        };
        for index in 0..self.choices {
            send(index, self.first_delta(index), Value::Null, None);
        }
        for piece in &self.spoken.pieces {
            for index in 0..self.choices {
                let logprobs = self.logprobs(std::slice::from_ref(piece));
                send(index, self.next_delta(piece), logprobs, None);
            }
        }
        for index in 0..self.choices {
            send(index, json!({}), Value::Null, Some(self.finish_reason()));
        }
        if with_usage {
            let chunk = self.chunk(&json!([]), Some(self.usage.detailed()));
            sse::write_data(&mut stream, &chunk.to_string());
        }
        stream
    }

    fn chunk(&self, choices: &Value, usage: Option<Value>) -> Value {
        let mut chunk = json!({
            "id": self.id(),
            "object": "chat.completion.chunk",
            "created": self.ask.now_secs,
            "model": self.model,
            "service_tier": "default",
            "system_fingerprint": null,
            "choices": choices,
        });
        if let (Some(usage), Some(chunk)) = (usage, chunk.as_object_mut()) {
            chunk.insert("usage".to_owned(), usage);
        }
        chunk
    }

    fn first_delta(&self, index: u64) -> Value {
        match &self.call {
            None => json!({"role": "assistant", "content": "", "refusal": null}),
            Some(call) if call.forced == Forced::Legacy => json!({
                "role": "assistant",
                "content": null,
                "function_call": {"name": call.name, "arguments": ""},
                "refusal": null,
            }),
            Some(call) => json!({
                "role": "assistant",
                "content": null,
                "tool_calls": [{
                    "index": 0,
                    "id": self.call_id(index),
                    "type": "function",
                    "function": {"name": call.name, "arguments": ""},
                }],
                "refusal": null,
            }),
        }
    }

    fn next_delta(&self, piece: &str) -> Value {
        match self.call.as_ref().map(|call| call.forced) {
            None => json!({"content": piece}),
            Some(Forced::Legacy) => json!({"function_call": {"arguments": piece}}),
            Some(_) => json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}),
        }
    }

    /// Only content has them, not a call's arguments.
    fn logprobs(&self, pieces: &[String]) -> Value {
        if !self.with_logprobs || self.call.is_some() {
            return Value::Null;
        }
        let content: Vec<Value> = pieces.iter().map(|piece| text::logprob(piece)).collect();
        json!({"content": content, "refusal": null})
    }

    fn finish_reason(&self) -> &'static str {
        match (self.spoken.finish, &self.call) {
            (Finish::Stop, Some(call)) if call.forced == Forced::AnyTool => "tool_calls",
            (finish, _) => finish.name(),
        }
    }

    fn id(&self) -> String {
        format!("chatcmpl-{}", self.ask.id)
    }

    fn call_id(&self, index: u64) -> String {
        format!("call_{}_{index}", self.ask.id)
    }
}
