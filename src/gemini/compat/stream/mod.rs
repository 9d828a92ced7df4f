//! A chat stream of Google's OpenAI-shaped endpoints, repaired on the way to the client.
//!
//! It comes with tool calls that have no number and no id, with `stop` where tools are called, and with the usage so far
//! on every chunk, which clients add up. An event that needs nothing passes byte for byte.

mod bare;
mod choice;
mod chunk;

use std::mem;

use crate::gemini::{errors, interrupted};
use crate::json::Value;
use crate::sse::frames::{self, Event, Output, Search};
use crate::sse::{MAX_EVENT, too_large};
use crate::stream::{Ended, Step, Tail};
use crate::usage::Usage;

use super::{Defaults, error_in};
use chunk::Chunks;

/// What a repaired stream is the answer to.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub defaults: Defaults,
    /// The client asked for the usage.
    pub usage: bool,
}

/// What must survive between chunks: the bytes of the unfinished event and how far its end was searched, what the
/// events so far have told, and what has been given out. Always `held.len() <= MAX_EVENT`.
pub struct Repair {
    held: Vec<u8>,
    search: Search,
    chunks: Chunks,
    /// A byte-order mark may only come first.
    has_begun: bool,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing went out: there may still be a status.
    Silent,
    Open,
    /// `[DONE]` went out.
    Whole,
    /// And an error before it.
    Failed,
}

/// What becomes of one event.
enum Fate {
    Kept,
    Gone,
    /// This goes in its place, as the data of an event.
    Changed(Vec<u8>),
    /// It is the end.
    Done,
    /// It is an error, as Google writes them.
    Failed(Vec<u8>),
}

const DONE: &[u8] = b"[DONE]";

impl Repair {
    pub fn new(rules: Rules) -> Self {
        Self {
            held: Vec::new(),
            search: Search::default(),
            chunks: Chunks::new(rules),
            has_begun: false,
            phase: Phase::Silent,
        }
    }

    pub fn push(&mut self, chunk: &[u8]) -> Step {
        let mut held = mem::take(&mut self.held);
        let step = Step::edited(&mut held, chunk, |out| self.walk(out));
        self.held = held;
        step
    }

    pub fn usage(&self) -> Option<Usage> {
        self.chunks.counted()
    }

    /// A stream in which every choice has ended is whole, whatever became of its last event.
    pub fn finish(&mut self, _ended: Ended) -> Tail {
        let held = mem::take(&mut self.held);
        let mut out = Output::of(&held);
        if self.phase == Phase::Silent {
            self.phase = Phase::Open;
        }
        self.last_event(&mut out);
        if self.phase == Phase::Open {
            self.end(&mut out);
        }
        Tail {
            bytes: out.bytes().into_owned(),
            is_whole: self.phase == Phase::Whole,
        }
    }

    /// Goes through the events that are whole. What is left of the text is the beginning of the next.
    fn walk(&mut self, out: &mut Output<'_>) -> Option<Step> {
        while !self.is_over() {
            let found = self.search.end(out.rest());
            let length = found.unwrap_or(out.rest().len());
            let block = out.rest().get(..length).unwrap_or_default();
            if let Some(error) = bare::error(block) {
                return self.fail(out, length, error);
            }
            if length > MAX_EVENT {
                return self.fail_for_length(out, length);
            }
            found?;
            let event = self.event(block);
            let fate = self.decide(&event);
            let refused = self.settle(fate, length, out);
            if refused.is_some() {
                return refused;
            }
        }
        out.drop(out.rest().len());
        None
    }

    fn settle(&mut self, fate: Fate, length: usize, out: &mut Output<'_>) -> Option<Step> {
        match fate {
            Fate::Kept => out.keep(length),
            Fate::Gone => {
                out.drop(length);
                return None;
            }
            Fate::Changed(data) => out.put(length, &data),
            Fate::Done => {
                self.complete(out);
                out.keep(length);
                return None;
            }
            Fate::Failed(error) => return self.fail(out, length, error),
        }
        self.phase = Phase::Open;
        None
    }

    /// While nothing is given out, Google's error is the whole answer, with the status it would have had as one.
    fn fail(&mut self, out: &mut Output<'_>, length: usize, error: Vec<u8>) -> Option<Step> {
        let (status, event) = errors::of_event(&error);
        let status = stated(&error).unwrap_or(status);
        self.break_off(out, length, (status, error), &event)
    }

    /// The stream ends here: OpenAI's clients stop at shorter lines themselves.
    fn fail_for_length(&mut self, out: &mut Output<'_>, length: usize) -> Option<Step> {
        let error = too_large();
        let event = error.openai_body().into_bytes();
        self.break_off(out, length, (error.status(), event.clone()), &event)
    }

    fn break_off(
        &mut self,
        out: &mut Output<'_>,
        length: usize,
        (status, body): (u16, Vec<u8>),
        event: &[u8],
    ) -> Option<Step> {
        let phase = mem::replace(&mut self.phase, Phase::Failed);
        if phase == Phase::Silent {
            return Some(Step::Refused { status, body });
        }
        out.put(length, event);
        out.put(0, DONE);
        out.drop(out.rest().len());
        None
    }

    fn event<'t>(&mut self, block: &'t [u8]) -> Event<'t> {
        let is_first = !mem::replace(&mut self.has_begun, true);
        Event::parse(block, is_first)
    }

    fn decide(&mut self, event: &Event<'_>) -> Fate {
        match event.data.as_deref() {
            Some(data) => self.data(data),
            // A comment in front of an error would be an answer.
            None if self.phase == Phase::Silent => Fate::Gone,
            None => Fate::Kept,
        }
    }

    fn data(&mut self, data: &[u8]) -> Fate {
        // As OpenAI's own clients look for it.
        if data.starts_with(DONE) {
            return Fate::Done;
        }
        if let Some(error) = Value::first(data).and_then(error_in) {
            return Fate::Failed(error.raw().to_vec());
        }
        match frames::object(data) {
            Some(chunk) => self.chunks.take(data, chunk),
            None => Fate::Kept,
        }
    }

    /// What was held at the end: an event where only the blank line is missing, else a piece of one, which no client
    /// could parse.
    fn last_event(&mut self, out: &mut Output<'_>) {
        let length = out.rest().len();
        let event = self.event(out.rest());
        let data = event.data.as_deref().unwrap_or_default();
        let is_error = || Value::first(data).and_then(error_in).is_some();
        let is_done = data.trim_ascii() == DONE;
        if self.is_over() || !is_done && frames::object(data).is_none() && !is_error() {
            return out.drop(length);
        }
        match self.data(data) {
            Fate::Kept => out.put(length, data),
            Fate::Done => {
                self.complete(out);
                out.put(length, DONE);
            }
            // Nothing can be refused any more.
            fate => drop(self.settle(fate, length, out)),
        }
    }

    /// Ends a stream that did not end itself.
    fn end(&mut self, out: &mut Output<'_>) {
        if self.chunks.are_finished() {
            self.complete(out);
        } else {
            self.phase = Phase::Failed;
            out.put(0, interrupted().openai_body().as_bytes());
        }
        out.put(0, DONE);
    }

    fn complete(&mut self, out: &mut Output<'_>) {
        self.phase = Phase::Whole;
        if let Some(usage) = self.chunks.usage() {
            out.put(0, &usage);
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Whole | Phase::Failed)
    }
}

/// The status an error would have been refused with.
fn stated(error: &[u8]) -> Option<u16> {
    let code = Value::first(error)?.get("error")?.get("code")?.as_u64()?;
    let status = u16::try_from(code).ok()?;
    (400..600).contains(&status).then_some(status)
}
