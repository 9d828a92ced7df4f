//! The end of what went by of a stream, and how much that was.

use crate::json::{Value, inside};
use crate::sse::frames::{self, Event, Search};
use crate::usage::{self, Usage};

/// So much is kept at least: the chunk with the usage, what may follow it, and enough events to judge the others by.
const KEPT: usize = 4 << 10;

/// A chunk of `OpenAI`'s has a token in about as many bytes; Azure's are larger, most others' smaller.
const BYTES_PER_TOKEN: u64 = 250;

/// English in the usual vocabularies.
const TEXT_PER_TOKEN: usize = 4;

/// Always `bytes.len() <= total`, and at most twice `KEPT` but for what was read elsewhere.
#[derive(Default)]
pub struct Recent {
    bytes: Vec<u8>,
    total: u64,
}

impl Recent {
    pub fn push(&mut self, chunk: &[u8]) {
        self.total = self.total.saturating_add(count(chunk));
        let last = chunk.get(chunk.len().saturating_sub(KEPT)..);
        let last = last.unwrap_or_default();
        if self.bytes.len() + last.len() > 2 * KEPT {
            let kept = KEPT - last.len();
            self.bytes.drain(..self.bytes.len() - kept);
        }
        self.bytes.extend_from_slice(last);
    }

    /// So many bytes went by elsewhere, and these were the last of them.
    pub fn pass(&mut self, last: &[u8], unseen: u64) {
        self.total = self.total.saturating_add(unseen);
        if count(last) < unseen {
            self.bytes.clear();
        }
        self.bytes.extend_from_slice(last);
    }

    /// The usage that was told last.
    pub fn usage(&self) -> Option<Usage> {
        let told = self.blocks().filter_map(|(block, _)| {
            usage::at_the_end(block).or_else(|| {
                // On several lines, or with another field behind it.
                let event = Event::parse(block, false);
                usage::at_the_end(event.data.as_deref()?)
            })
        });
        told.last()
    }

    /// About how many tokens went by: as many as there were in its last events, for all of its bytes. An event has one at
    /// least, and one for four bytes of its text. An estimate: off by a fifth where a token has an event of its own, and
    /// by more where the text is not English or the events are of several kinds.
    pub fn tokens(&self) -> u64 {
        let is_cut = self.total > count(&self.bytes);
        let blocks = self.blocks().skip(usize::from(is_cut));
        let (mut tokens, mut bytes) = (0_u64, 0_u64);
        for (block, _) in blocks.filter(|(_, is_whole)| *is_whole) {
            tokens = tokens.saturating_add(tokens_of(block));
            bytes = bytes.saturating_add(count(block));
        }
        match tokens {
            // Nothing that can be counted: sound, pictures, an event larger than what is kept.
            0 => self.total / BYTES_PER_TOKEN,
            _ => tokens.saturating_mul(self.total) / bytes.max(1),
        }
    }

    /// The events, and whether each has come to its end. The first may lack its beginning.
    fn blocks(&self) -> impl Iterator<Item = (&[u8], bool)> {
        let mut rest = self.bytes.as_slice();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let end = Search::default().end(rest);
            let (block, behind) = rest.split_at(end.unwrap_or(rest.len()));
            rest = behind;
            Some((block, end.is_some()))
        })
    }
}

fn tokens_of(block: &[u8]) -> u64 {
    let event = Event::parse(block, false);
    let data = event.data.as_deref().unwrap_or_default();
    let length = frames::object(data).map_or(0, text);
    let tokens = (length / TEXT_PER_TOKEN).max(usize::from(length > 0));
    u64::try_from(tokens).unwrap_or(u64::MAX)
}

/// How long the text is that an event adds to the answer. Of the Responses API those count that are no more than that;
/// others say it all again.
fn text(event: Value<'_>) -> usize {
    if let Some(delta) = event.get("delta").filter(|it| it.is_string()) {
        return inside(delta).len();
    }
    let choices = event.get("choices").into_iter();
    let choices = choices.flat_map(Value::elements);
    let lengths = choices.map(|choice| {
        let text = choice.get("text").map_or(0, |it| inside(it).len());
        text + choice.get("delta").map_or(0, of_delta)
    });
    lengths.sum()
}

/// Texts, thoughts, refusals, and the arguments of calls.
fn of_delta(delta: Value<'_>) -> usize {
    let arguments = |call: Value<'_>| call.get("arguments").map_or(0, |it| inside(it).len());
    let lengths = delta.members().map(|(key, value)| match key.raw() {
        b"\"role\"" => 0,
        b"\"function_call\"" => arguments(value),
        b"\"tool_calls\"" => {
            let functions = value.elements().filter_map(|it| it.get("function"));
            functions.map(arguments).sum()
        }
        _ => inside(value).len(),
    });
    lengths.sum()
}

fn count(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
