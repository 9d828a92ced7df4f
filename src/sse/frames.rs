//! Where events end in bytes, what one holds, and how one is written.

use std::borrow::Cow;

use crate::json::Value;

/// How far an event has been searched for its end: where the line under search begins, and what of it is known.
/// Always `line <= at`.
#[derive(Default)]
pub struct Search {
    line: usize,
    at: usize,
}

impl Search {
    /// The length of the event that `text` begins with, its blank line included. Without an end it is remembered
    /// how far the search came; the next text must begin with this one.
    ///
    /// A `\r` at the end of the text may be half a line ending, and waits for what follows.
    pub fn end(&mut self, text: &[u8]) -> Option<usize> {
        loop {
            let rest = text.get(self.at..).unwrap_or_default();
            let Some(length) = memchr::memchr2(b'\n', b'\r', rest) else {
                self.at = text.len();
                return None;
            };
            let end = self.at + length;
            let next = match rest.get(length..) {
                Some([b'\r']) => {
                    self.at = end;
                    return None;
                }
                Some([b'\r', b'\n', ..]) => end + 2,
                _ => end + 1,
            };
            if end == self.line {
                *self = Self::default();
                return Some(next);
            }
            (self.line, self.at) = (next, next);
        }
    }
}

/// What the lines of an event say.
pub struct Event<'t> {
    pub name: &'t [u8],
    /// None without a `data` line: a comment, a blank line.
    pub data: Option<Cow<'t, [u8]>>,
    /// Whether it stands in the text as `data: ...\n\n` and nothing else.
    pub is_plain: bool,
}

impl<'t> Event<'t> {
    pub fn parse(block: &'t [u8], is_first: bool) -> Self {
        if let Some(data) = plain(block) {
            return Self {
                name: b"",
                data: Some(Cow::Borrowed(data)),
                is_plain: true,
            };
        }
        let mark = if is_first { &b"\xef\xbb\xbf"[..] } else { b"" };
        let text = block.strip_prefix(mark).unwrap_or(block);
        let mut event = Self {
            name: b"",
            data: None,
            is_plain: false,
        };
        for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
            event.line(line);
        }
        event
    }

    fn line(&mut self, line: &'t [u8]) {
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        let (field, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match (field, &mut self.data) {
            (b"data", None) => self.data = Some(Cow::Borrowed(value)),
            (b"data", Some(data)) => {
                data.to_mut().push(b'\n');
                data.to_mut().extend_from_slice(value);
            }
            (b"event", _) => self.name = value,
            _ => {}
        }
    }
}

/// The usual event, `data: ...\n\n` and nothing else.
fn plain(block: &[u8]) -> Option<&[u8]> {
    let data = block.strip_prefix(b"data: ")?.strip_suffix(b"\n\n")?;
    memchr::memchr2(b'\n', b'\r', data)
        .is_none()
        .then_some(data)
}

/// The object a text is; None where it is anything else, or not whole.
pub fn object(data: &[u8]) -> Option<Value<'_>> {
    let object = Value::first(data).filter(|it| it.is_object())?;
    let end = usize::try_from(object.range().end).ok()?;
    let rest = data.get(end..)?;
    rest.iter().all(u8::is_ascii_whitespace).then_some(object)
}

/// Writes an event as one line. JSON has line breaks between its tokens only, where a blank does as well.
pub fn write(out: &mut Vec<u8>, data: &[u8]) {
    out.extend_from_slice(b"data: ");
    let start = out.len();
    out.extend_from_slice(data);
    for byte in out.iter_mut().skip(start) {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    out.extend_from_slice(b"\n\n");
}

/// What goes out of a text: the text itself as far as nothing was changed. Always `at <= text.len()`.
pub struct Output<'t> {
    text: &'t [u8],
    at: usize,
    changed: Option<Vec<u8>>,
}

impl<'t> Output<'t> {
    pub fn of(text: &'t [u8]) -> Self {
        Self {
            text,
            at: 0,
            changed: None,
        }
    }

    pub fn used(&self) -> usize {
        self.at
    }

    pub fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub fn keep(&mut self, length: usize) {
        let kept = self.rest().get(..length).unwrap_or_default();
        self.at += kept.len();
        if let Some(bytes) = &mut self.changed {
            bytes.extend_from_slice(kept);
        }
    }

    pub fn drop(&mut self, length: usize) {
        if length > 0 {
            self.change(length);
        }
    }

    /// An event in the place of the next bytes.
    pub fn put(&mut self, length: usize, data: &[u8]) {
        write(self.change(length), data);
    }

    fn change(&mut self, length: usize) -> &mut Vec<u8> {
        let so_far = self.text.get(..self.at).unwrap_or_default();
        self.at = self.text.len().min(self.at + length);
        self.changed.get_or_insert_with(|| so_far.to_vec())
    }

    /// What goes out for what was used of the text; borrowed where nothing of it was changed.
    pub fn bytes(self) -> Cow<'t, [u8]> {
        let used = self.text.get(..self.at).unwrap_or_default();
        self.changed.map_or(Cow::Borrowed(used), Cow::Owned)
    }
}
