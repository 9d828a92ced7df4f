//! What an answer of `generateContent` says, or an event of its stream: the same message.

use crate::json::{Value, is_json, member, without_mark};

use super::blob::Blob;
use super::cursor::{Cursor, inside};

/// An answer. Strings are what stands between their quotes, empty where there is none; other values are JSON.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer<'t> {
    pub id: &'t [u8],
    pub model: &'t [u8],
    /// A time in the words of RFC 3339; only Vertex AI says it.
    pub created: &'t [u8],
    pub usage: Option<&'t [u8]>,
    pub error: Option<&'t [u8]>,
    /// Why the prompt was not answered.
    pub block_reason: &'t [u8],
    pub block_message: &'t [u8],
    candidates: List<'t, Candidate<'t>>,
}

/// One of the answers to choose from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Candidate<'t> {
    /// Left out for the first.
    pub index: Option<usize>,
    pub finish_reason: &'t [u8],
    pub finish_message: &'t [u8],
    pub logprobs: Option<&'t [u8]>,
    pub grounding: Option<&'t [u8]>,
    pub citations: Option<&'t [u8]>,
    parts: List<'t, Part<'t>>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Part<'t> {
    pub is_thought: bool,
    pub signature: &'t [u8],
    pub content: Content<'t>,
}

/// What a part is. Strings are what stands between their quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content<'t> {
    Text(&'t [u8]),
    /// A call of the client's, as JSON.
    Call(&'t [u8]),
    /// Bytes in base64.
    Inline(Blob<'t>),
    Code {
        language: &'t [u8],
        code: &'t [u8],
    },
    CodeResult(&'t [u8]),
    /// Calls of Google's own tools, and kinds that are not known.
    #[default]
    Other,
}

impl<'t> Answer<'t> {
    /// None if it is no object of JSON.
    pub fn read(text: &'t [u8]) -> Option<Self> {
        let text = without_mark(text);
        is_json(text).then(|| Self::of(text)).flatten()
    }

    fn of(text: &'t [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(text);
        let mut answer = Self::default();
        if !cursor.enter(b'{') {
            return None;
        }
        while let Some(key) = cursor.key() {
            match key {
                b"candidates" => answer.candidates = List::read(&mut cursor),
                b"usageMetadata" => answer.usage = said(cursor.value()),
                b"responseId" => answer.id = cursor.text(),
                b"modelVersion" => answer.model = cursor.text(),
                b"createTime" => answer.created = cursor.text(),
                b"error" => answer.error = said(cursor.value()),
                b"promptFeedback" => answer.feedback(&mut cursor),
                _ => _ = cursor.value(),
            }
        }
        Some(answer)
    }

    fn feedback(&mut self, cursor: &mut Cursor<'t>) {
        if !cursor.enter(b'{') {
            return;
        }
        while let Some(key) = cursor.key() {
            match key {
                b"blockReason" => self.block_reason = cursor.text(),
                b"blockReasonMessage" => self.block_message = cursor.text(),
                _ => _ = cursor.value(),
            }
        }
    }

    pub fn candidates(&self) -> impl Iterator<Item = Candidate<'t>> + use<'t> {
        self.candidates.elements()
    }

    /// The candidates with their numbers, which all are below `most`; one that says none has that of its place.
    pub fn numbered(&self, most: usize) -> impl Iterator<Item = (usize, Candidate<'t>)> + use<'t> {
        let candidates = self.candidates().take(most).enumerate();
        candidates.map(move |(position, candidate)| {
            let index = candidate.index.filter(|index| *index < most);
            (index.unwrap_or(position), candidate)
        })
    }

    /// Whether the prompt was not answered.
    pub fn is_blocked(&self) -> bool {
        !matches!(self.block_reason, b"" | b"BLOCK_REASON_UNSPECIFIED")
    }
}

impl<'t> Read<'t> for Candidate<'t> {
    fn read(cursor: &mut Cursor<'t>) -> Self {
        let mut candidate = Self::default();
        if !cursor.enter(b'{') {
            return candidate;
        }
        while let Some(key) = cursor.key() {
            match key {
                b"content" => candidate.content(cursor),
                b"index" => candidate.index = number(cursor.value()),
                b"finishReason" => candidate.finish_reason = cursor.text(),
                b"finishMessage" => candidate.finish_message = cursor.text(),
                b"logprobsResult" => candidate.logprobs = said(cursor.value()),
                b"groundingMetadata" => candidate.grounding = said(cursor.value()),
                b"citationMetadata" => candidate.citations = said(cursor.value()),
                _ => _ = cursor.value(),
            }
        }
        candidate
    }
}

impl<'t> Candidate<'t> {
    fn content(&mut self, cursor: &mut Cursor<'t>) {
        if !cursor.enter(b'{') {
            return;
        }
        while let Some(key) = cursor.key() {
            match key {
                b"parts" => self.parts = List::read(cursor),
                _ => _ = cursor.value(),
            }
        }
    }

    pub fn parts(&self) -> impl Iterator<Item = Part<'t>> + use<'t> {
        self.parts.elements()
    }

    /// The text, where there is one piece of it and nothing else.
    pub fn only_text(&self) -> Option<&'t [u8]> {
        let more = [self.logprobs, self.grounding, self.citations];
        if !self.finish_reason.is_empty() || more.iter().any(Option::is_some) {
            return None;
        }
        let mut parts = self.parts();
        let only = parts.next().filter(|_| parts.next().is_none())?;
        match only.content {
            Content::Text(text) if !only.is_thought && only.signature.is_empty() => Some(text),
            _ => None,
        }
    }

    /// What it says, as it stands between quotes.
    pub fn text(&self) -> Vec<u8> {
        let mut joined = Vec::new();
        for part in self.parts().filter(|part| !part.is_thought) {
            if let Content::Text(text) = part.content {
                joined.extend_from_slice(text);
            }
        }
        joined
    }

    /// What it shows or plays of a kind (`image/`).
    pub fn blobs(&self, kind: &'static str) -> impl Iterator<Item = Blob<'t>> + use<'t> {
        // Image models think in pictures, too.
        let parts = self.parts().filter(|part| !part.is_thought);
        parts.filter_map(move |part| match part.content {
            Content::Inline(blob) if blob.is(kind) && !blob.data.is_empty() => Some(blob),
            _ => None,
        })
    }
}

impl<'t> Read<'t> for Part<'t> {
    fn read(cursor: &mut Cursor<'t>) -> Self {
        let mut part = Self::default();
        if !cursor.enter(b'{') {
            return part;
        }
        while let Some(key) = cursor.key() {
            let value = cursor.value();
            if value == b"null" {
                continue;
            }
            match key {
                b"text" => part.content = Content::Text(inside(value)),
                b"thought" => part.is_thought = value == b"true",
                b"thoughtSignature" => part.signature = inside(value),
                b"functionCall" => part.content = Content::Call(value),
                b"inlineData" => part.content = Content::Inline(Blob::read(value)),
                b"executableCode" => {
                    let [language, code] = strings(value, [b"language", b"code"]);
                    part.content = Content::Code { language, code };
                }
                b"codeExecutionResult" => {
                    let [output] = strings(value, [b"output"]);
                    part.content = Content::CodeResult(output);
                }
                _ => {}
            }
        }
        part
    }
}

/// The object that is an answer of another method; None if it is none, or an error.
pub(crate) fn object(text: &[u8]) -> Option<Value<'_>> {
    let root = Value::first(text).filter(|it| is_json(without_mark(text)) && it.is_object())?;
    member(root, "error").is_none().then_some(root)
}

/// An array whose first element is known: an event mostly has one candidate with one part, which then is read once,
/// not first passed to see what follows.
#[derive(Clone, Copy, Debug)]
struct List<'t, T> {
    first: Option<T>,
    rest: Cursor<'t>,
}

trait Read<'t> {
    fn read(cursor: &mut Cursor<'t>) -> Self;
}

impl<'t, T: Read<'t> + Copy> List<'t, T> {
    fn read(cursor: &mut Cursor<'t>) -> Self {
        let mut list = Self::default();
        if cursor.enter(b'[') && cursor.item() {
            list.first = Some(T::read(cursor));
            list.rest = *cursor;
            while cursor.item() {
                cursor.value();
            }
        }
        list
    }

    fn elements(&self) -> impl Iterator<Item = T> + use<'t, T> {
        let mut cursor = self.rest;
        let rest = std::iter::from_fn(move || cursor.item().then(|| T::read(&mut cursor)));
        self.first.into_iter().chain(rest)
    }
}

impl<T> Default for List<'_, T> {
    fn default() -> Self {
        Self {
            first: None,
            rest: Cursor::new(b"]"),
        }
    }
}

/// The elements of an array, each read where it stands.
pub(crate) fn elements<'t, T>(
    array: &'t [u8],
    mut read: impl FnMut(&mut Cursor<'t>) -> T,
) -> impl Iterator<Item = T> {
    let mut cursor = Cursor::new(array);
    let mut is_inside = cursor.enter(b'[');
    std::iter::from_fn(move || {
        is_inside = is_inside && cursor.item();
        is_inside.then(|| read(&mut cursor))
    })
}

/// Members of an object that are strings, without their quotes.
pub(crate) fn strings<'t, const N: usize>(object: &'t [u8], names: [&[u8]; N]) -> [&'t [u8]; N] {
    values(object, names).map(|value| value.map_or(&[][..], inside))
}

/// Members of an object that are there and not null.
pub(crate) fn values<'t, const N: usize>(
    object: &'t [u8],
    names: [&[u8]; N],
) -> [Option<&'t [u8]>; N] {
    members(object, names).map(|value| value.and_then(said))
}

/// Members of an object that are there; of several of one name the last.
pub(crate) fn members<'t, const N: usize>(
    object: &'t [u8],
    names: [&[u8]; N],
) -> [Option<&'t [u8]>; N] {
    let mut found = [None; N];
    let mut cursor = Cursor::new(object);
    if !cursor.enter(b'{') {
        return found;
    }
    while let Some(key) = cursor.key() {
        let value = cursor.value();
        let place = names.iter().position(|name| *name == key);
        if let Some(place) = place.and_then(|place| found.get_mut(place)) {
            *place = Some(value);
        }
    }
    found
}

/// A count; a string where it is a 64-bit number, and `4.0` where it was any number at all.
pub(crate) fn number<T: std::str::FromStr>(value: &[u8]) -> Option<T> {
    let digits = match inside(value) {
        [] => value,
        inside => inside,
    };
    let digits = digits.split(|byte| *byte == b'.').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn said(value: &[u8]) -> Option<&[u8]> {
    (value != b"null").then_some(value)
}
