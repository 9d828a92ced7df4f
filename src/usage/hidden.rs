//! What a client that did not ask for the usage of a stream is not to see of an event.
//!
//! Asked for it, `OpenAI` adds a chunk without choices that has it, and to every other chunk a `usage` that is null.

use std::ops::Range;

use memchr::memmem;

use crate::json::{Backwards, Value};
use crate::sse::frames::Event;
use crate::usage::{self, Usage};

/// What becomes of an event.
#[derive(Debug, PartialEq, Eq)]
pub enum Fate {
    Kept,
    Gone,
    /// These bytes of it go.
    Without(Range<usize>),
}

/// What is hidden of an event, and the usage it tells.
pub fn look(block: &[u8], is_first: bool) -> (Fate, Option<Usage>) {
    // In most streams nearly no event has the word: within a text its quotes are escaped.
    if memmem::find(block, KEY).is_none() {
        return (Fate::Kept, None);
    }
    let line = data_line(block, is_first);
    let text = match &line {
        Some(line) => block.get(..line.end).unwrap_or_default(),
        None => return in_lines(block, is_first),
    };
    let Some(chunk) = Chunk::read(text) else {
        return (Fate::Kept, None);
    };
    let fate = if chunk.is_extra() {
        Fate::Gone
    } else {
        chunk.member().map_or(Fate::Kept, Fate::Without)
    };
    (fate, usage::of(chunk.usage))
}

/// An event with its data on several lines, as nobody sends it: it goes or stays as a whole.
fn in_lines(block: &[u8], is_first: bool) -> (Fate, Option<Usage>) {
    let event = Event::parse(block, is_first);
    let data = event.data.as_deref().unwrap_or_default();
    let Some(chunk) = Chunk::read(data) else {
        return (Fate::Kept, None);
    };
    let fate = if chunk.is_extra() {
        Fate::Gone
    } else {
        Fate::Kept
    };
    (fate, usage::of(chunk.usage))
}

const KEY: &[u8] = b"\"usage\"";

/// A chunk that has the member.
struct Chunk<'t> {
    text: &'t [u8],
    key: Value<'t>,
    usage: Value<'t>,
    /// Where the member behind it begins.
    behind: Option<u64>,
    choices: Option<Value<'t>>,
}

impl<'t> Chunk<'t> {
    /// Of the object a text ends with. Of one whose usage is null no more is read than that.
    fn read(text: &'t [u8]) -> Option<Self> {
        let (mut found, mut choices, mut behind) = (None, None, None);
        for (key, value) in Backwards::of(text)? {
            match key.raw() {
                KEY if found.is_none() => {
                    found = Some((key, value, behind));
                    if value.is_null() {
                        break;
                    }
                }
                b"\"choices\"" => choices = choices.or(Some(value)),
                _ => {}
            }
            behind = Some(key.range().start);
        }
        let (key, usage, behind) = found?;
        Some(Self {
            text,
            key,
            usage,
            behind,
            choices,
        })
    }

    /// It is there for the usage alone.
    fn is_extra(&self) -> bool {
        let has_none = |it: Value<'_>| it.is_array() && it.is_empty();
        self.usage.is_object() && self.choices.is_some_and(has_none)
    }

    /// Where the member stands, with one comma: that in front of it, or, of the first, that behind it.
    fn member(&self) -> Option<Range<usize>> {
        let place = |at: u64| usize::try_from(at).ok();
        let start = place(self.key.range().start)?;
        let before = self.text.get(..start)?.trim_ascii_end();
        if before.ends_with(b",") {
            return Some(before.len() - 1..place(self.usage.range().end)?);
        }
        Some(start..place(self.behind.unwrap_or(self.usage.range().end))?)
    }
}

/// Where the data of an event stands that has one line of it.
fn data_line(block: &[u8], is_first: bool) -> Option<Range<usize>> {
    let has_mark = is_first && block.starts_with(b"\xef\xbb\xbf");
    let mut at = if has_mark { 3 } else { 0 };
    let mut found = None;
    while let Some(rest) = block.get(at..).filter(|rest| !rest.is_empty()) {
        let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let is_data = rest.starts_with(b"data:");
        if is_data && found.replace(at..at + length).is_some() {
            return None;
        }
        at += length + 1;
    }
    found
}
