//! A stream of Messages events as the chunks of a chat completion.

mod chunks;

use crate::anthropic::usage::Usage;
use crate::anthropic::{ANSWER_TOOL, Expects, errors};
use crate::json::{self, Value, Writer, inside, is_json, member};
use crate::openai;
use crate::sse::{self, Decoder};
use crate::stream::{Ended, Step, Tail};
use crate::surface::Operation;
use crate::usage;

use chunks::Chunks;

/// The longest thought that is held to be given out whole with its signature: a token is some four bytes, and no
/// budget goes beyond 128000.
const MAX_THOUGHT: usize = 1 << 20;

/// What is to be made of one stream.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The model the client asked for, where the upstream names none.
    pub model: String,
    /// For what comes without an id: unique, without a prefix.
    pub id: String,
    pub now_secs: u64,
    pub expects: Expects,
}

/// What must survive between chunks: the unfinished event (`decoder`); what the client's chunks have in common, and
/// whether it was given one (`chunks`); the block that is open; how many calls there were; the tokens counted so far;
/// why the model stopped; and whether all is over, and if so, well.
pub struct Translation {
    decoder: Decoder,
    chunks: Chunks,
    block: Block,
    calls: usize,
    usage: Usage,
    finish_reason: Option<&'static str>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Whole,
    Failed,
}

/// The block that is open. They come one after the other.
enum Block {
    /// None, or one that need not be known.
    Other,
    /// What the assistant thinks: insides of strings, so far. `signature` the same.
    Thought { text: Vec<u8>, signature: Vec<u8> },
    /// A call, or the answer as one. A call without arguments has no piece of them at all.
    Input { of: Input, is_empty: bool },
}

#[derive(Clone, Copy)]
enum Input {
    /// Of the call with this number.
    Call(usize),
    FunctionCall,
    /// Of the tool of ours.
    Answer,
    /// Of a second call, where the client only reads one.
    Nothing,
}

/// An error instead of an answer, or in the middle of one.
struct Failure {
    status: u16,
    body: Vec<u8>,
}

impl Translation {
    pub fn new(rules: Rules) -> Self {
        Self {
            decoder: Decoder::default(),
            chunks: Chunks::new(rules),
            block: Block::Other,
            calls: 0,
            usage: Usage::default(),
            finish_reason: None,
            state: State::Open,
        }
    }

    pub fn push(&mut self, chunk: &[u8]) -> Step {
        let mut out = String::new();
        match self.take(chunk, &mut out) {
            Ok(()) => Step::Instead(out.into_bytes()),
            Err(Failure { status, body }) if !self.chunks.has_begun() => {
                Step::Refused { status, body }
            }
            Err(failure) => {
                write_failure(&mut out, &failure);
                Step::Instead(out.into_bytes())
            }
        }
    }

    /// Known when the model has stopped: what is said before counts little more than the input.
    pub fn usage(&self) -> Option<usage::Usage> {
        self.finish_reason.map(|_| self.usage.told())
    }

    /// A stream that said why the model stopped is whole, whatever became of its last event.
    pub fn finish(&mut self, ended: Ended) -> Tail {
        let mut out = String::new();
        // The last event may lack the blank line that ends it.
        match self.take(b"\n\n", &mut out) {
            Err(failure) => write_failure(&mut out, &failure),
            Ok(()) if self.state != State::Open => {}
            Ok(()) if self.finish_reason.is_some() => self.end(&mut out),
            Ok(()) => {
                self.state = State::Failed;
                out.push_str(match ended {
                    Ended::Cleanly => TRUNCATED,
                    Ended::Broken => openai::errors::broken_stream(Operation::Chat),
                });
            }
        }
        Tail {
            bytes: out.into_bytes(),
            is_whole: self.state == State::Whole,
        }
    }

    fn take(&mut self, chunk: &[u8], out: &mut String) -> Result<(), Failure> {
        if self.state != State::Open {
            return Ok(());
        }
        let events = self.decoder.push(chunk).map_err(|error| Failure {
            status: error.status(),
            body: error.openai_body().into_bytes(),
        });
        let taken = events.and_then(|events| {
            let mut texts = events.iter().map(|event| event.data.as_bytes());
            texts.try_for_each(|text| self.event(text, out))
        });
        if taken.is_err() {
            self.state = State::Failed;
        }
        taken
    }

    /// What an event is, its data says as well as its name. Those that are not known, and pings, say nothing.
    fn event(&mut self, text: &[u8], out: &mut String) -> Result<(), Failure> {
        let event = Value::first(text).filter(|_| self.state == State::Open && is_json(text));
        let Some(event) = event else {
            return Ok(());
        };
        match event.get("type").and_then(Value::as_str).as_deref() {
            Some("message_start") => self.begin(event.get("message")),
            Some("content_block_start") => {
                if let Some(block) = event.get("content_block") {
                    self.begin_block(block, out);
                }
            }
            Some("content_block_delta") => {
                if let Some(delta) = event.get("delta") {
                    self.delta(delta, out);
                }
            }
            Some("content_block_stop") => self.end_block(out),
            Some("message_delta") => self.message_delta(event),
            Some("message_stop") => self.end(out),
            Some("error") => return Err(failure(event)),
            // A proxy on the way has no type to its errors.
            None if member(event, "error").is_some() => return Err(failure(event)),
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, message: Option<Value<'_>>) {
        self.chunks.name(message);
        if let Some(usage) = message.and_then(|message| member(message, "usage")) {
            self.usage.update(usage);
        }
    }

    fn begin_block(&mut self, block: Value<'_>, out: &mut String) {
        self.end_block(out);
        self.chunks.begin(out);
        match block.get("type").and_then(Value::as_str).as_deref() {
            Some("text") => self.chunks.piece("content", block.get("text"), out),
            Some("thinking") => {
                self.block = Block::Thought {
                    text: Vec::new(),
                    signature: Vec::new(),
                };
                self.think(block.get("thinking"), out);
            }
            Some("redacted_thinking") => {
                let mut thoughts = Writer::default();
                thoughts.item(block.raw());
                self.chunks.thoughts(&thoughts, out);
            }
            Some("tool_use") => self.begin_call(block, out),
            _ => {}
        }
    }

    fn begin_call(&mut self, block: Value<'_>, out: &mut String) {
        let Some(name) = block.get("name").filter(|name| name.is_string()) else {
            return;
        };
        let of = if self.chunks.rules().expects.answer_tool && name.is(ANSWER_TOOL) {
            Input::Answer
        } else {
            self.name_call(block, name, out)
        };
        // Some servers send a short input whole.
        let whole = block
            .get("input")
            .filter(|it| it.is_object() && !it.is_empty());
        if let Some(input) = whole {
            let text = json::quoted(&String::from_utf8_lossy(input.raw()));
            self.chunks.input(of, text.as_bytes(), out);
        }
        let is_empty = whole.is_none();
        self.block = Block::Input { of, is_empty };
    }

    fn name_call(&mut self, block: Value<'_>, name: Value<'_>, out: &mut String) -> Input {
        let index = self.calls;
        self.calls += 1;
        if !self.chunks.rules().expects.function_call {
            self.chunks.call(block, name, index, out);
            return Input::Call(index);
        }
        if index > 0 {
            return Input::Nothing;
        }
        self.chunks.function_call(name, out);
        Input::FunctionCall
    }

    fn delta(&mut self, delta: Value<'_>, out: &mut String) {
        self.chunks.begin(out);
        match delta.get("type").and_then(Value::as_str).as_deref() {
            Some("text_delta") => self.chunks.piece("content", delta.get("text"), out),
            Some("input_json_delta") => self.give_input(delta.get("partial_json"), out),
            Some("thinking_delta") => self.think(delta.get("thinking"), out),
            Some("signature_delta") => {
                if let (Block::Thought { signature, .. }, Some(more)) =
                    (&mut self.block, delta.get("signature"))
                {
                    hold(signature, more);
                }
            }
            // Citations have no place in a chunk.
            _ => {}
        }
    }

    fn think(&mut self, more: Option<Value<'_>>, out: &mut String) {
        if let (Block::Thought { text, .. }, Some(more)) = (&mut self.block, more) {
            hold(text, more);
        }
        self.chunks.piece("reasoning_content", more, out);
    }

    /// `piece` is a string with a part of the JSON.
    fn give_input(&mut self, piece: Option<Value<'_>>, out: &mut String) {
        let Some(piece) = piece.filter(|piece| piece.is_string() && !piece.is_empty()) else {
            return;
        };
        if let Block::Input { of, is_empty } = &mut self.block {
            *is_empty = false;
            let of = *of;
            self.chunks.input(of, piece.raw(), out);
        }
    }

    /// A thought goes out once more, whole and signed: so the client can send it back.
    fn end_block(&mut self, out: &mut String) {
        match std::mem::replace(&mut self.block, Block::Other) {
            Block::Input { of, is_empty: true } => self.chunks.input(of, b"\"{}\"", out),
            Block::Thought { text, signature } if is_signed(&text, &signature) => {
                let mut thought = Writer::default();
                thought.open();
                thought.word("type", "thinking");
                thought.joined("thinking", &text);
                thought.joined("signature", &signature);
                thought.close();
                self.chunks.thoughts(&thought, out);
            }
            _ => {}
        }
    }

    fn message_delta(&mut self, event: Value<'_>) {
        if let Some(usage) = member(event, "usage") {
            self.usage.update(usage);
        }
        let delta = event.get("delta");
        let reason = delta.and_then(|delta| member(delta, "stop_reason"));
        if let Some(reason) = reason.and_then(Value::as_str) {
            let expects = self.chunks.rules().expects;
            self.finish_reason = Some(expects.finish_reason(&reason, self.calls));
        }
    }

    fn end(&mut self, out: &mut String) {
        self.end_block(out);
        let reason = self.finish_reason.unwrap_or("stop");
        self.chunks.finish(reason, &self.usage, out);
        self.state = State::Whole;
    }
}

const TRUNCATED: &str = concat!(
    r#"data: {"error":{"message":"The upstream's stream ended before its answer did.","#,
    r#""type":"server_error","param":null,"code":"stream_truncated"}}"#,
    "\n\ndata: [DONE]\n\n"
);

fn failure(event: Value<'_>) -> Failure {
    let (status, body) = errors::of_event(event);
    Failure { status, body }
}

fn write_failure(out: &mut String, failure: &Failure) {
    sse::write_data(out, &String::from_utf8_lossy(&failure.body));
    sse::write_done(out);
}

fn hold(text: &mut Vec<u8>, more: Value<'_>) {
    if text.len() <= MAX_THOUGHT {
        text.extend_from_slice(inside(more));
    }
}

fn is_signed(text: &[u8], signature: &[u8]) -> bool {
    !signature.is_empty() && text.len() <= MAX_THOUGHT && signature.len() <= MAX_THOUGHT
}
