//! Responses: `POST responses`. Nothing is stored, so earlier responses and conversations say nothing.

mod events;

use serde_json::{Value, json};

use crate::error::{Result, invalid};

use super::fields::{Fields, missing};
use super::format::{self, Nesting};
use super::heard::Heard;
use super::text::{self, Finish, Limits, Spoken};
use super::tools::{self, Call};
use super::{Ask, Reply, Usage};

/// Everything the answer is written from, streamed or not.
struct Answer<'a> {
    ask: &'a Ask<'a>,
    fields: &'a Fields,
    model: &'a str,
    /// If there is one, `spoken` is its arguments.
    call: Option<Call>,
    spoken: Spoken,
    usage: Usage,
}

pub(super) fn answer(ask: &Ask<'_>, fields: &Fields) -> Result<Reply> {
    check_echoed(fields)?;
    let mut heard = read_input(fields)?;
    heard.tokens += text::count(fields.string("instructions")?.unwrap_or_default());
    heard.count_tools(tools::read_tools(fields)?);
    let most = fields.integer("max_output_tokens", &(1..=u64::MAX))?;
    let limits = Limits::new(vec![], most, 1);
    let (call, spoken) = decide(fields, &heard, &limits)?;
    let answer = Answer {
        ask,
        fields,
        model: fields.model()?.unwrap_or("demo"),
        usage: Usage {
            input: heard.tokens,
            output: spoken.count(),
        },
        call,
        spoken,
    };
    Ok(match fields.flag("stream")? {
        Some(true) => Reply::events(events::stream(&answer), answer.usage),
        _ => Reply::json(&answer.finished(), Some(answer.usage)),
    })
}

/// What is sent back as it came, or makes no difference, must still be what OpenAI takes.
fn check_echoed(fields: &Fields) -> Result<()> {
    fields.number("temperature", &(0.0..=2.0))?;
    fields.number("top_p", &(0.0..=1.0))?;
    fields.integer("top_logprobs", &(0..=20))?;
    fields.integer("max_tool_calls", &(0..=u64::MAX))?;
    for flag in ["parallel_tool_calls", "store", "background"] {
        fields.flag(flag)?;
    }
    for string in [
        "previous_response_id",
        "prompt_cache_key",
        "safety_identifier",
        "user",
    ] {
        fields.string(string)?;
    }
    if !matches!(
        fields.string("truncation")?,
        None | Some("auto" | "disabled")
    ) {
        return Err(invalid("truncation", "'auto' or 'disabled'"));
    }
    for object in ["prompt", "reasoning", "text"] {
        fields.object(object)?;
    }
    let mut metadata = fields.object("metadata")?.into_iter().flatten();
    if !metadata.all(|(_, value)| value.is_string()) {
        return Err(invalid("metadata", "an object of strings"));
    }
    Ok(())
}

/// The input may be absent where another field stands for it.
fn read_input(fields: &Fields) -> Result<Heard> {
    match fields.get("input") {
        Some(Value::String(line)) => Ok(Heard::line(line)),
        Some(Value::Array(items)) if !items.is_empty() => Heard::items(items),
        Some(_) => Err(invalid("input", "a string or an array of items")),
        None if ["previous_response_id", "conversation", "prompt"]
            .iter()
            .any(|name| fields.get(name).is_some()) =>
        {
            Ok(Heard::default())
        }
        None => Err(missing("input")),
    }
}

fn decide(fields: &Fields, heard: &Heard, limits: &Limits) -> Result<(Option<Call>, Spoken)> {
    let call = tools::forced_call(fields, Nesting::Flat)?;
    let format = fields.get("text").and_then(|text| text.get("format"));
    let said = format::dress(heard.reply(), format, Nesting::Flat)?;
    Ok(match call.filter(|_| !heard.is_result) {
        Some(call) => {
            let arguments = limits.write(&call.arguments);
            (Some(call), arguments)
        }
        None => (None, limits.speak(&said)),
    })
}

impl Answer<'_> {
    fn finished(&self) -> Value {
        let text = self.spoken.text();
        let output = self.item(self.status(), Some(&text));
        let usage = json!({
            "input_tokens": self.usage.input,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": self.usage.output,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": self.usage.input + self.usage.output,
        });
        self.response(self.status(), &json!([output]), &usage)
    }

    fn started(&self) -> Value {
        self.response("in_progress", &json!([]), &Value::Null)
    }

    fn status(&self) -> &'static str {
        match self.spoken.finish {
            Finish::Stop => "completed",
            Finish::Length => "incomplete",
        }
    }

    fn response(&self, status: &str, output: &Value, usage: &Value) -> Value {
        let incomplete = (status == "incomplete").then(|| json!({"reason": "max_output_tokens"}));
        let echo = |name: &str, default: Value| self.fields.get(name).cloned().unwrap_or(default);
        json!({
            "id": format!("resp_{}", self.ask.id),
            "object": "response",
            "created_at": self.ask.now_secs,
            "status": status,
            "background": echo("background", json!(false)),
            "completed_at": (status == "completed").then_some(self.ask.now_secs),
            "error": null,
            "incomplete_details": incomplete,
            "instructions": echo("instructions", Value::Null),
            "max_output_tokens": echo("max_output_tokens", Value::Null),
            "max_tool_calls": echo("max_tool_calls", Value::Null),
            "metadata": echo("metadata", json!({})),
            "model": self.model,
            "output": output,
            "parallel_tool_calls": echo("parallel_tool_calls", json!(true)),
            "previous_response_id": echo("previous_response_id", Value::Null),
            "prompt_cache_key": echo("prompt_cache_key", Value::Null),
            "reasoning": echo("reasoning", json!({"effort": null, "summary": null})),
            "safety_identifier": echo("safety_identifier", Value::Null),
            "service_tier": "default",
            "store": echo("store", json!(true)),
            "temperature": echo("temperature", json!(1.0)),
            "text": self.text_settings(),
            "tool_choice": echo("tool_choice", json!("auto")),
            "tools": self.tools(),
            "top_logprobs": echo("top_logprobs", json!(0)),
            "top_p": echo("top_p", json!(1.0)),
            "truncation": echo("truncation", json!("disabled")),
            "usage": usage,
            "user": echo("user", Value::Null),
        })
    }

    fn text_settings(&self) -> Value {
        let asked = self.fields.get("text");
        let setting = |name: &str| {
            let setting = asked.and_then(|text| text.get(name));
            setting.filter(|setting| !setting.is_null()).cloned()
        };
        json!({
            "format": setting("format").unwrap_or_else(|| json!({"type": "text"})),
            "verbosity": setting("verbosity").unwrap_or_else(|| json!("medium")),
        })
    }

    /// OpenAI writes out what a function leaves open; typed clients require it.
    fn tools(&self) -> Value {
        let mut tools = self.fields.get("tools").cloned().unwrap_or(json!([]));
        for tool in tools.as_array_mut().into_iter().flatten() {
            if let Some(tool) = tool.as_object_mut()
                && tool.get("type").is_some_and(|kind| kind == "function")
            {
                let defaults = [("description", Value::Null), ("parameters", Value::Null)];
                for (name, default) in defaults.into_iter().chain([("strict", json!(true))]) {
                    tool.entry(name).or_insert(default);
                }
            }
        }
        tools
    }

    /// The one item of the output; without a text while there is no content yet.
    fn item(&self, status: &str, text: Option<&str>) -> Value {
        match &self.call {
            Some(call) => json!({
                "id": self.item_id(),
                "type": "function_call",
                "status": status,
                "arguments": text.unwrap_or_default(),
                "call_id": format!("call_{}", self.ask.id),
                "name": call.name,
            }),
            None => json!({
                "id": self.item_id(),
                "type": "message",
                "status": status,
                "role": "assistant",
                "content": text.map(part).as_slice(),
            }),
        }
    }

    fn item_id(&self) -> String {
        let prefix = if self.call.is_some() { "fc" } else { "msg" };
        format!("{prefix}_{}", self.ask.id)
    }
}

fn part(text: &str) -> Value {
    json!({"type": "output_text", "annotations": [], "logprobs": [], "text": text})
}
