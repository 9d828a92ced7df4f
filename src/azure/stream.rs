//! A chat stream of Azure's, or one of legacy completions, repaired on the way to OpenAI's clients.
//!
//! Azure sends events without choices, without ids, without deltas, after the end and without an end; each broke
//! some client (langchain#18977, autogen#6465, spring-ai#7014, modelfusion#185). An event that needs nothing passes
//! byte for byte; one that does is edited in its text. Not kept for `OpenAI`'s clients: what the filter found in the
//! prompt, and the annotations of the asynchronous filter, which come in events of their own
//! ([`Rules::keep_annotation_chunks`]).

mod changes;
mod choice;
mod chunk;
mod delta;
mod half;
mod refused;
mod tail;
mod tool_calls;
mod twin;

use std::mem;

use crate::sse::MAX_EVENT;
use crate::sse::frames::{self, Event, Output, Search};
use crate::stream::{Ended, Step, Tail};
use crate::usage::Usage;
use chunk::Chunks;
use tail::End;

/// What is to be done to one stream.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent wishes of the owner and the client"
)]
pub struct Rules {
    /// Remove content-filter annotations.
    pub strip_azure_fields: bool,
    /// The client did not ask for the usage chunk that we asked for.
    pub hide_usage: bool,
    /// Leave events that hold nothing but annotations as they are, for clients that know Azure.
    pub keep_annotation_chunks: bool,
    /// Nothing but lines that begin with `data: `: the parser of azure-ai-inference for Python raises on comments,
    /// `event:`, `\r\n` and a missing blank.
    pub plain_lines: bool,
    /// It may turn out in the head that nothing further needs a change (the endpoint is Azure OpenAI's own).
    pub may_settle: bool,
    /// Once settled, its end is still to be looked at: where it may look like an end and be none.
    pub watch_end: bool,
    /// The model the client asked for, where the upstream names none.
    pub model: String,
    /// For chunks that come without an id: unique, without a prefix.
    pub id: String,
    pub now_secs: u64,
}

/// What must survive between chunks: the bytes of the unfinished event and how far its end was searched, what the
/// events so far have told, and what has been given out. Always `held.len() <= MAX_EVENT`.
pub struct Repair {
    rules: Rules,
    held: Vec<u8>,
    search: Search,
    chunks: Chunks,
    /// A byte-order mark may only come first.
    has_begun: bool,
    /// Some byte went out, so that it is too late for a status.
    is_given: bool,
    end: End,
}

/// What becomes of one event.
enum Fate {
    Kept,
    Gone,
    /// This goes in its place, as the data of an event.
    Changed(Vec<u8>),
    /// It is an error.
    Error {
        status: u16,
        body: Vec<u8>,
    },
}

impl Repair {
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            held: Vec::new(),
            search: Search::default(),
            chunks: Chunks::default(),
            has_begun: false,
            is_given: false,
            end: End::default(),
        }
    }

    pub fn push(&mut self, chunk: &[u8]) -> Step {
        let mut held = mem::take(&mut self.held);
        let step = Step::edited(&mut held, chunk, |out| self.walk(out));
        self.held = held;
        self.is_given |= step.gives(chunk);
        step
    }

    /// Nothing that is still to come needs a change. Azure's own service in its synchronous mode puts the filter's
    /// findings beside the text; the asynchronous one sends text without, and annotations in need of repair later.
    pub fn is_settled(&self) -> bool {
        let rules = &self.rules;
        let may = rules.may_settle
            && !(rules.strip_azure_fields || rules.hide_usage || rules.plain_lines);
        let is_over = self.end.is_done || self.end.has_failed;
        may && self.chunks.is_proven() && self.held.is_empty() && !is_over
    }

    /// What the chunks so far have told, if one did.
    pub fn usage(&self) -> Option<Usage> {
        self.chunks.usage()
    }

    pub fn finish(&mut self, ended: Ended) -> Tail {
        let held = mem::take(&mut self.held);
        let mut bytes = Vec::new();
        if ended == Ended::Cleanly && !self.end.is_done {
            self.last_event(&held, &mut bytes);
        }
        tail::complete(bytes, ended, self.end())
    }

    /// Once settled, whether its last bytes are wanted.
    pub fn watches_end(&self) -> bool {
        self.rules.watch_end
    }

    /// The same after the rest has passed unseen. `last` is the end of what passed, cut anywhere.
    pub fn finish_unseen(&mut self, ended: Ended, last: &[u8]) -> Tail {
        tail::complete_unseen(last, ended, self.end())
    }

    fn end(&self) -> End {
        End {
            is_finished: self.chunks.are_finished(),
            ..self.end
        }
    }

    /// Goes through the events that are whole. What is left of the text is the beginning of the next.
    fn walk(&mut self, out: &mut Output<'_>) -> Option<Step> {
        while !self.end.is_done {
            let Some(length) = self.search.end(out.rest()) else {
                let is_too_long = out.rest().len() > MAX_EVENT;
                return is_too_long.then(|| self.too_large(out)).flatten();
            };
            let event = self.event(out.rest().get(..length).unwrap_or_default());
            match self.decide(&event) {
                Fate::Kept => out.keep(length),
                Fate::Gone => out.drop(length),
                Fate::Changed(data) => out.put(length, &data),
                Fate::Error { status, body } => {
                    let refused = self.fail(out, length, status, body);
                    if refused.is_some() {
                        return refused;
                    }
                }
            }
        }
        out.drop(out.rest().len());
        None
    }

    /// An error in the place of the next bytes: the whole answer while nothing is given out, and else an event.
    fn fail(
        &mut self,
        out: &mut Output<'_>,
        length: usize,
        status: u16,
        body: Vec<u8>,
    ) -> Option<Step> {
        self.end.has_failed = true;
        if !mem::replace(&mut self.is_given, true) {
            self.end.is_done = true;
            return Some(Step::Refused { status, body });
        }
        out.put(length, &body);
        None
    }

    /// The stream ends here: `OpenAI`'s clients stop at shorter lines themselves.
    fn too_large(&mut self, out: &mut Output<'_>) -> Option<Step> {
        let all = out.rest().len();
        let refused = self.fail(out, all, 502, tail::TOO_LARGE.to_vec());
        out.put(0, tail::DONE);
        self.end.is_done = true;
        refused
    }

    fn event<'t>(&mut self, block: &'t [u8]) -> Event<'t> {
        let is_first = !mem::replace(&mut self.has_begun, true);
        Event::parse(block, is_first)
    }

    fn decide(&mut self, event: &Event<'_>) -> Fate {
        let Some(data) = event.data.as_deref() else {
            // Comments, and blank lines where no event is.
            return if self.rules.plain_lines {
                Fate::Gone
            } else {
                Fate::Kept
            };
        };
        let fate = self.data(data, event.name);
        self.is_given |= matches!(fate, Fate::Kept | Fate::Changed(_));
        match fate {
            Fate::Kept if self.rules.plain_lines && !event.is_plain => Fate::Changed(data.to_vec()),
            fate => fate,
        }
    }

    fn data(&mut self, data: &[u8], name: &[u8]) -> Fate {
        // As OpenAI's own clients look for it.
        if data.starts_with(tail::DONE) {
            self.end.is_done = true;
            return Fate::Kept;
        }
        if let Some(fate) = self.chunks.as_the_last(data) {
            return fate;
        }
        let Some(object) = frames::object(data) else {
            return Fate::Kept;
        };
        self.chunks.take(&self.rules, data, object, name)
    }

    /// What was held at a clean end: an event where only the blank line is missing, else a piece of one, which no
    /// client could parse.
    fn last_event(&mut self, held: &[u8], bytes: &mut Vec<u8>) {
        let event = self.event(held);
        let data = event.data.as_deref().unwrap_or_default();
        if frames::object(data).is_none() && data.trim_ascii() != tail::DONE {
            return;
        }
        match self.decide(&event) {
            Fate::Gone => {}
            Fate::Kept => frames::write(bytes, data),
            Fate::Changed(data) => frames::write(bytes, &data),
            Fate::Error { body, .. } => {
                self.end.has_failed = true;
                frames::write(bytes, &body);
            }
        }
    }
}
