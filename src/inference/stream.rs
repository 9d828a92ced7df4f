//! A chat's event stream as nothing but lines that begin with `data: `.
//!
//! azure-ai-inference for Python splits what comes at `\n` and raises on every line that is neither empty nor begins
//! with these six bytes: on comments, `event:`, `id:`, `retry:`, carriage returns, a missing blank. JSON has to stand
//! on one line. An error in the middle of a stream it skips, as an update without choices, and takes the half answer
//! for a whole one: so a stream that fails is broken off, which every client notices.
//!
//! Every chunk is looked at. A comment to keep a connection open, or an error, may come at any time, and no server that
//! is not our own promises otherwise. For an event that is plain already that is one search for its end and two for
//! words, and a chunk of such passes uncopied.

use std::mem;

use memchr::memmem;

use crate::azure;
use crate::json::Value;
use crate::sse::MAX_EVENT;
use crate::sse::frames::{self, Event, Output, Search};
use crate::stream::{Ended, Rewrite, Step, Tail};
use crate::usage::Usage;

const DONE: &[u8] = b"[DONE]";

const TOO_LARGE: &[u8] = concat!(
    r#"{"error":{"message":"An event of the upstream's stream is larger than 16777216 bytes.","#,
    r#""type":"server_error","param":null,"code":"event_too_large","status":502}}"#
)
.as_bytes();

/// How far the client's stream has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Open,
    /// `[DONE]` went out.
    Done,
    /// What came is an error, or no end: the client is to see that.
    Broken,
}

/// What must survive between chunks: the bytes of the unfinished event and how far its end was searched, whether
/// anything was read or given out, and how far the answer has come. Always `held.len() <= MAX_EVENT` between chunks.
pub struct Plain {
    /// What is done to the upstream's stream before.
    inner: Option<Rewrite>,
    held: Vec<u8>,
    search: Search,
    /// A byte-order mark may only come first.
    has_begun: bool,
    /// Some byte went out, so that it is too late for a status.
    is_given: bool,
    /// A choice has its finish reason.
    is_finished: bool,
    course: Course,
}

/// What becomes of one event.
enum Fate {
    Kept,
    Gone,
    /// Its data goes out, on one line.
    Rewritten,
    /// It is the end.
    Done,
    Error,
}

impl Plain {
    pub fn over(inner: Option<Rewrite>) -> Self {
        Self {
            inner,
            held: Vec::new(),
            search: Search::default(),
            has_begun: false,
            is_given: false,
            is_finished: false,
            course: Course::Open,
        }
    }

    pub fn push(&mut self, chunk: &[u8]) -> Step {
        match self.inner.as_mut().map(|inner| inner.push(chunk)) {
            None | Some(Step::AsItIs) => self.plain(chunk),
            Some(Step::Instead(bytes)) => match self.plain(&bytes) {
                Step::AsItIs => Step::Instead(bytes),
                step => step,
            },
            Some(refused) => refused,
        }
    }

    /// The client is to see that the stream did not come to its end.
    pub fn breaks_off(&self) -> bool {
        self.course == Course::Broken
    }

    pub fn usage(&self) -> Option<Usage> {
        self.inner.as_ref().and_then(Rewrite::usage)
    }

    pub fn finish(&mut self, ended: Ended) -> Tail {
        let mut bytes = Vec::new();
        if let Some(inner) = &mut self.inner {
            let tail = inner.finish(ended);
            match self.plain(&tail.bytes) {
                Step::AsItIs => bytes.extend(tail.bytes),
                Step::Instead(plain) => bytes.extend(plain),
                Step::Refused { .. } => {}
            }
            if !tail.is_whole && self.is_open() {
                self.course = Course::Broken;
            }
        }
        let held = mem::take(&mut self.held);
        if ended == Ended::Cleanly && self.is_open() {
            self.last_event(&held, &mut bytes);
        }
        if self.is_open() {
            let is_whole = ended == Ended::Cleanly && self.is_finished;
            self.course = if is_whole {
                frames::write(&mut bytes, DONE);
                Course::Done
            } else {
                Course::Broken
            };
        }
        Tail {
            bytes,
            is_whole: self.course == Course::Done,
        }
    }

    fn is_open(&self) -> bool {
        self.course == Course::Open
    }

    fn plain(&mut self, chunk: &[u8]) -> Step {
        let mut held = mem::take(&mut self.held);
        let step = Step::edited(&mut held, chunk, |out| self.walk(out));
        self.held = held;
        step
    }

    /// Goes through the events that are whole. What is left of the text is the beginning of the next.
    fn walk(&mut self, out: &mut Output<'_>) -> Option<Step> {
        while self.is_open() {
            let Some(length) = self.search.end(out.rest()) else {
                if out.rest().len() <= MAX_EVENT {
                    return None;
                }
                let refused = self.fail(TOO_LARGE);
                out.drop(out.rest().len());
                return refused;
            };
            let event = self.event(out.rest().get(..length).unwrap_or_default());
            let data = event.data.as_deref().unwrap_or_default();
            match self.decide(&event) {
                Fate::Kept => out.keep(length),
                Fate::Gone => out.drop(length),
                Fate::Rewritten => out.put(length, data),
                Fate::Done => out.put(length, DONE),
                Fate::Error => {
                    let refused = self.fail(data);
                    if refused.is_some() {
                        out.drop(out.rest().len());
                        return refused;
                    }
                }
            }
        }
        out.drop(out.rest().len());
        None
    }

    /// An error is the whole answer while nothing is given out.
    fn fail(&mut self, data: &[u8]) -> Option<Step> {
        self.course = Course::Broken;
        (!self.is_given).then(|| Step::Refused {
            status: status(data),
            body: data.to_vec(),
        })
    }

    fn event<'t>(&mut self, block: &'t [u8]) -> Event<'t> {
        let is_first = !mem::replace(&mut self.has_begun, true);
        Event::parse(block, is_first)
    }

    /// What is neither an object nor the end, no parser of theirs takes.
    fn decide(&mut self, event: &Event<'_>) -> Fate {
        let data = event.data.as_deref().unwrap_or_default().trim_ascii();
        if data.starts_with(DONE) {
            self.course = Course::Done;
            return Fate::Done;
        }
        if !data.starts_with(b"{") {
            return Fate::Gone;
        }
        if is_error(data, event.name) {
            return Fate::Error;
        }
        self.is_given = true;
        self.is_finished |= says_finished(data);
        if event.is_plain {
            Fate::Kept
        } else {
            Fate::Rewritten
        }
    }

    /// What was held at a clean end: an event where only the blank line is missing, else a piece of one.
    fn last_event(&mut self, held: &[u8], bytes: &mut Vec<u8>) {
        let event = self.event(held);
        let data = event.data.as_deref().unwrap_or_default();
        if frames::object(data).is_none() && data.trim_ascii() != DONE {
            return;
        }
        match self.decide(&event) {
            Fate::Kept | Fate::Rewritten => frames::write(bytes, data),
            Fate::Done => frames::write(bytes, DONE),
            Fate::Gone => {}
            Fate::Error => self.course = Course::Broken,
        }
    }
}

/// Whether an event is an error, in OpenAI's shape or as vLLM and API Management have it. Quotes in a text are escaped:
/// most chunks do not hold the word.
fn is_error(data: &[u8], name: &[u8]) -> bool {
    let is_named = name == b"error";
    let may_be = is_named
        || memmem::find(data, b"\"error\"").is_some()
        || memmem::find(data, b"\"statusCode\"").is_some();
    let Some(object) = frames::object(data).filter(|_| may_be) else {
        return false;
    };
    let says = object.get("error").is_some_and(|it| !is_nothing(it));
    let is_flat = is_named
        || object.get("object").is_some_and(|it| it.is("error"))
        || object.get("statusCode").is_some();
    says || is_flat && object.get("choices").is_none()
}

fn is_nothing(error: Value<'_>) -> bool {
    error.is_null() || error.is_empty() || error.raw() == b"false"
}

/// The status an error would have had as an answer.
fn status(data: &[u8]) -> u16 {
    let stated = frames::object(data).and_then(|whole| {
        let error = whole.get("error").filter(|it| it.is_object());
        let error = error.unwrap_or(whole);
        let numbers = ["status", "statusCode", "code"].iter();
        let mut numbers = numbers.filter_map(|name| error.get(name)?.as_u64());
        numbers.find(|number| (400..600).contains(number))
    });
    let stated = stated.and_then(|number| u16::try_from(number).ok());
    stated.unwrap_or_else(|| azure::errors::status_in_success(data))
}

/// Whether a choice has a finish reason: read only where it is not the `null` that stands in nearly all of them.
fn says_finished(data: &[u8]) -> bool {
    memmem::find_iter(data, b"\"finish_reason\"").any(|at| {
        let rest = data.get(at..).unwrap_or_default();
        let value = rest.iter().skip(b"\"finish_reason\"".len());
        let mut value = value.filter(|byte| !byte.is_ascii_whitespace() && **byte != b':');
        value.next() == Some(&b'"')
    })
}
