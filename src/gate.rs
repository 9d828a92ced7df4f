//! The head of a stream that may still be given up for another: nothing of it goes to the client before its first real
//! output, so that what fails before can be tried elsewhere unseen.

mod output;

use std::mem;

use crate::openai::{errors, fault};
use crate::sse::frames::{self, Event, Search};

/// So much is held at most. Azure's annotations and the first events of a response stay far below.
pub const MOST_EVENTS: usize = 64;
pub const MOST_BYTES: usize = 256 << 10;

const DONE: &[u8] = b"[DONE]";

/// What must survive between chunks: the event that has not come to its end and how far that was searched, whether any
/// was read (a byte-order mark may only come first), and how much was held. Always `held.len() <= MOST_BYTES`.
#[derive(Default)]
pub struct Gate {
    held: Vec<u8>,
    search: Search,
    has_begun: bool,
    events: usize,
    bytes: usize,
}

/// What a stream's head tells so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing yet.
    Wait,
    /// There is output, or more than is held, or what nobody here understands.
    Open,
    /// It is an error, in OpenAI's shape, under a status of its own.
    Failed { status: u16, body: Vec<u8> },
    /// It ended, and nothing was in it.
    Over,
}

impl Gate {
    /// The next bytes, as the client would get them: OpenAI's events. A verdict other than to wait is the last.
    pub fn push(&mut self, chunk: &[u8]) -> Verdict {
        let room = MOST_BYTES.saturating_sub(self.bytes).min(chunk.len());
        self.held
            .extend_from_slice(chunk.get(..room).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(chunk.len());
        match self.walk() {
            Verdict::Wait if self.bytes > MOST_BYTES => Verdict::Open,
            verdict => verdict,
        }
    }

    /// The stream is over. An event where only the blank line is missing counts; a piece of one is nothing that a
    /// client could read.
    pub fn finish(&mut self) -> Verdict {
        let held = mem::take(&mut self.held);
        let event = self.event(&held);
        let data = event.data.as_deref().unwrap_or_default();
        if frames::object(data).is_none() {
            return Verdict::Over;
        }
        match judge(data, event.name) {
            Verdict::Wait => Verdict::Over,
            verdict => verdict,
        }
    }

    /// Goes through the events that are whole. What is left is the beginning of the next.
    fn walk(&mut self) -> Verdict {
        let mut held = mem::take(&mut self.held);
        let mut used = 0;
        let mut verdict = Verdict::Wait;
        while verdict == Verdict::Wait {
            let rest = held.get(used..).unwrap_or_default();
            let Some(length) = self.search.end(rest) else {
                break;
            };
            verdict = self.take(rest.get(..length).unwrap_or_default());
            used += length;
        }
        held.drain(..used);
        self.held = held;
        verdict
    }

    fn take(&mut self, block: &[u8]) -> Verdict {
        let event = self.event(block);
        // Comments, too: by them an upstream that is silent keeps a connection open, and they do not reach the client's
        // before the gate opens.
        self.events += 1;
        let data = event.data.as_deref();
        match data.map_or(Verdict::Wait, |data| judge(data, event.name)) {
            Verdict::Wait if self.events >= MOST_EVENTS => Verdict::Open,
            verdict => verdict,
        }
    }

    fn event<'t>(&mut self, block: &'t [u8]) -> Event<'t> {
        let is_first = !mem::replace(&mut self.has_begun, true);
        Event::parse(block, is_first)
    }
}

/// What an answer is that came as JSON where a stream was asked for: an error, or to be passed on.
pub fn of_answer(body: &[u8]) -> Verdict {
    let error = frames::object(body).and_then(|object| fault::of_event(object, b""));
    error.map_or(Verdict::Open, |(status, body)| Verdict::Failed {
        status,
        body,
    })
}

fn judge(data: &[u8], name: &[u8]) -> Verdict {
    let text = data.trim_ascii();
    if text.is_empty() {
        return Verdict::Wait;
    }
    // As OpenAI's own clients look for it.
    if text.starts_with(DONE) {
        return Verdict::Over;
    }
    let Some(object) = frames::object(data) else {
        return of_words(text, name);
    };
    match fault::of_event(object, name) {
        Some((status, body)) => Verdict::Failed { status, body },
        None if output::is_in(object) => Verdict::Open,
        None => Verdict::Wait,
    }
}

/// Data that is no object: an error only by the event's name.
fn of_words(text: &[u8], name: &[u8]) -> Verdict {
    if name != b"error" {
        return Verdict::Open;
    }
    let status = 502;
    Verdict::Failed {
        status,
        body: errors::reshape(status, text.to_vec()),
    }
}
