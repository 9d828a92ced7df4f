//! A whole Messages answer as a chat completion.

use crate::anthropic::usage::Usage;
use crate::anthropic::{ANSWER_TOOL, Expects};
use crate::json::{Value, Writer, inside, is_json, member};

/// What an answer is the answer to.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// The model the client asked for, where the upstream names none.
    pub model: &'a str,
    /// For what comes without an id: unique, without a prefix.
    pub id: &'a str,
    pub now_secs: u64,
    pub expects: Expects,
}

/// None if it is no Messages answer.
pub fn decode(text: &[u8], context: &Context<'_>) -> Option<Vec<u8>> {
    if !is_json(text) {
        return None;
    }
    let answer = Value::first(text)?;
    let blocks = answer.get("content").filter(|it| it.is_array())?;
    let mut message = Message::default();
    for block in blocks.elements() {
        message.add(block, context);
    }
    let mut usage = Usage::default();
    if let Some(said) = member(answer, "usage") {
        usage.update(said);
    }
    let stop = answer.get("stop_reason").and_then(Value::as_str);
    let reason = stop.unwrap_or_default();
    let reason = context.expects.finish_reason(&reason, message.call_count);

    let mut out = Writer::default();
    out.open();
    write_head(&mut out, Some(answer), context, "chat.completion");
    out.open_list("choices");
    out.open();
    out.raw("index", b"0");
    message.write(&mut out, context.expects);
    out.raw("logprobs", b"null");
    out.word("finish_reason", reason);
    out.close();
    out.close_list();
    usage.write(&mut out);
    out.close();
    Some(out.into_bytes())
}

/// What every chunk and the whole answer begin with; the upstream's own id and model, if it says them.
pub(super) fn write_head(
    out: &mut Writer,
    message: Option<Value<'_>>,
    context: &Context<'_>,
    object: &str,
) {
    let said = |name| member(message?, name).filter(|it| it.is_string() && !it.is_empty());
    match said("id") {
        Some(id) => out.raw("id", id.raw()),
        None => out.string("id", &["chatcmpl-", context.id].concat()),
    }
    out.word("object", object);
    out.number("created", context.now_secs);
    match said("model") {
        Some(model) => out.raw("model", model.raw()),
        None => out.string("model", context.model),
    }
}

/// The blocks, sorted into what OpenAI's message has a place for. What Anthropic's own tools did stays out.
#[derive(Default)]
struct Message<'t> {
    text: Vec<u8>,
    reasoning: Vec<u8>,
    thoughts: Writer,
    calls: Writer,
    call_count: usize,
    /// Name and input.
    function_call: Option<(Value<'t>, Value<'t>)>,
    /// The input of our own tool is the answer.
    answer: Option<Value<'t>>,
}

impl<'t> Message<'t> {
    fn add(&mut self, block: Value<'t>, context: &Context<'_>) {
        let join = |to: &mut Vec<u8>, name: &str| {
            to.extend_from_slice(block.get(name).map(inside).unwrap_or_default());
        };
        match block.get("type").and_then(Value::as_str).as_deref() {
            Some("text") => join(&mut self.text, "text"),
            Some("thinking") => {
                join(&mut self.reasoning, "thinking");
                self.thoughts.item(block.raw());
            }
            Some("redacted_thinking") => self.thoughts.item(block.raw()),
            Some("tool_use") => self.add_call(block, context),
            _ => {}
        }
    }

    fn add_call(&mut self, block: Value<'t>, context: &Context<'_>) {
        let (Some(name), Some(input)) = (block.get("name"), block.get("input")) else {
            return;
        };
        if context.expects.answer_tool && name.is(ANSWER_TOOL) {
            self.answer = Some(input);
            return;
        }
        self.function_call = self.function_call.or(Some((name, input)));
        self.calls.open();
        write_call_id(&mut self.calls, block, context, self.call_count);
        self.call_count += 1;
        self.calls.word("type", "function");
        write_function(&mut self.calls, "function", name, input);
        self.calls.close();
    }

    fn write(&self, out: &mut Writer, expects: Expects) {
        out.open_member("message");
        out.word("role", "assistant");
        match self.answer {
            Some(answer) => write_text(out, "content", answer),
            None if self.text.is_empty() && self.call_count > 0 => out.raw("content", b"null"),
            None => out.joined("content", &self.text),
        }
        out.raw("refusal", b"null");
        if !self.reasoning.is_empty() {
            out.joined("reasoning_content", &self.reasoning);
        }
        if !self.thoughts.is_empty() {
            out.list("thinking_blocks", &self.thoughts);
        }
        match self.function_call {
            Some((name, input)) if expects.function_call => {
                write_function(out, "function_call", name, input);
            }
            Some(_) => out.list("tool_calls", &self.calls),
            None => {}
        }
        out.close();
    }
}

pub(super) fn write_call_id(
    out: &mut Writer,
    block: Value<'_>,
    context: &Context<'_>,
    index: usize,
) {
    match block
        .get("id")
        .filter(|id| id.is_string() && !id.is_empty())
    {
        Some(id) => out.raw("id", id.raw()),
        None => out.string(
            "id",
            &["call_", context.id, "_", &index.to_string()].concat(),
        ),
    }
}

fn write_function(out: &mut Writer, key: &str, name: Value<'_>, input: Value<'_>) {
    out.open_member(key);
    out.raw("name", name.raw());
    write_text(out, "arguments", input);
    out.close();
}

/// JSON as text, digit by digit as it came.
fn write_text(out: &mut Writer, key: &str, value: Value<'_>) {
    out.string(key, &String::from_utf8_lossy(value.raw()));
}
