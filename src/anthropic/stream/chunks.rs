//! The chunks of a chat completion, as they are written.

use crate::anthropic::answer::{Context, write_call_id, write_head};
use crate::anthropic::usage::Usage;
use crate::json::{Value, Writer};
use crate::sse;

use super::{Input, Rules};

/// What every chunk has in common, and whether the client has been given any: the first one carries the role.
pub(super) struct Chunks {
    rules: Rules,
    /// An object that is still open; empty until something is known of the message.
    head: Vec<u8>,
    has_begun: bool,
}

impl Chunks {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            head: Vec::new(),
            has_begun: false,
        }
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Takes the id and the model; a stream without its first event still has one id for all its chunks.
    pub(super) fn name(&mut self, message: Option<Value<'_>>) {
        let mut head = Writer::default();
        head.open();
        write_head(&mut head, message, &self.context(), "chat.completion.chunk");
        self.head = head.into_bytes();
    }

    /// Only when there is something to say: until then an error can still be an answer of its own.
    pub(super) fn begin(&mut self, out: &mut String) {
        if self.has_begun {
            return;
        }
        self.has_begun = true;
        let role = |delta: &mut Writer| {
            delta.word("role", "assistant");
            delta.word("content", "");
        };
        self.give(role, out);
    }

    /// A piece of a text, unread.
    pub(super) fn piece(&mut self, name: &str, piece: Option<Value<'_>>, out: &mut String) {
        if let Some(piece) = piece.filter(|piece| piece.is_string() && !piece.is_empty()) {
            self.give(|delta| delta.raw(name, piece.raw()), out);
        }
    }

    pub(super) fn thoughts(&mut self, thoughts: &Writer, out: &mut String) {
        self.give(|delta| delta.list("thinking_blocks", thoughts), out);
    }

    /// The first chunk of a call names it; the others go by its number.
    pub(super) fn call(
        &mut self,
        block: Value<'_>,
        name: Value<'_>,
        index: usize,
        out: &mut String,
    ) {
        let mut call = Writer::default();
        call.open();
        call.raw("index", index.to_string().as_bytes());
        write_call_id(&mut call, block, &self.context(), index);
        call.word("type", "function");
        write_named(&mut call, "function", name);
        call.close();
        self.give(|delta| delta.list("tool_calls", &call), out);
    }

    pub(super) fn function_call(&mut self, name: Value<'_>, out: &mut String) {
        self.give(|delta| write_named(delta, "function_call", name), out);
    }

    /// `piece` is a string with a part of the input's JSON.
    pub(super) fn input(&mut self, of: Input, piece: &[u8], out: &mut String) {
        let mut delta = Writer::default();
        match of {
            Input::Nothing => return,
            Input::Answer => delta.raw("content", piece),
            Input::FunctionCall => write_arguments(&mut delta, "function_call", piece),
            Input::Call(index) => {
                delta.open_list("tool_calls");
                delta.open();
                delta.raw("index", index.to_string().as_bytes());
                write_arguments(&mut delta, "function", piece);
                delta.close();
                delta.close_list();
            }
        }
        self.write(&delta, None, out);
    }

    pub(super) fn finish(&mut self, reason: &str, usage: &Usage, out: &mut String) {
        self.begin(out);
        self.write(&Writer::default(), Some(reason), out);
        if self.rules.expects.usage {
            let mut chunk = self.open();
            chunk.close_list();
            usage.write(&mut chunk);
            write_event(out, chunk);
        }
        sse::write_done(out);
    }

    fn give(&mut self, write: impl FnOnce(&mut Writer), out: &mut String) {
        let mut delta = Writer::default();
        write(&mut delta);
        self.write(&delta, None, out);
    }

    fn write(&mut self, delta: &Writer, finish_reason: Option<&str>, out: &mut String) {
        let mut chunk = self.open();
        chunk.open();
        chunk.raw("index", b"0");
        chunk.open_member("delta");
        chunk.items(delta);
        chunk.close();
        chunk.raw("logprobs", b"null");
        match finish_reason {
            Some(reason) => chunk.word("finish_reason", reason),
            None => chunk.raw("finish_reason", b"null"),
        }
        chunk.close();
        chunk.close_list();
        if self.rules.expects.usage {
            chunk.raw("usage", b"null");
        }
        write_event(out, chunk);
    }

    /// Up to its choices.
    fn open(&mut self) -> Writer {
        if self.head.is_empty() {
            self.name(None);
        }
        let mut chunk = Writer::default();
        chunk.item(&self.head);
        chunk.open_list("choices");
        chunk
    }

    fn context(&self) -> Context<'_> {
        Context {
            model: &self.rules.model,
            id: &self.rules.id,
            now_secs: self.rules.now_secs,
            expects: self.rules.expects,
        }
    }
}

fn write_named(out: &mut Writer, key: &str, name: Value<'_>) {
    out.open_member(key);
    out.raw("name", name.raw());
    out.word("arguments", "");
    out.close();
}

fn write_arguments(out: &mut Writer, key: &str, piece: &[u8]) {
    out.open_member(key);
    out.raw("arguments", piece);
    out.close();
}

fn write_event(out: &mut String, mut chunk: Writer) {
    chunk.close();
    sse::write_data(out, &String::from_utf8_lossy(&chunk.into_bytes()));
}
