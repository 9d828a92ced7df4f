//! JSON written member by member, with values taken as they stand in another text.

use super::Value;
use crate::base64;

/// Text that grows. A comma goes in front of everything but the first of its container, which the byte before tells:
/// no value ends in an opening bracket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writer {
    text: Vec<u8>,
}

impl Writer {
    /// For what will be at least so long.
    pub fn with_room(bytes: usize) -> Self {
        // And for what stands around it: to grow a text of megabytes is to copy it.
        let text = Vec::with_capacity(bytes + 1024);
        Self { text }
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.text
    }

    /// The same as a string, which all JSON is: of bytes that are none nothing is left.
    pub fn into_text(self) -> String {
        String::from_utf8(self.text).unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Begins an object as the next item of a list.
    pub fn open(&mut self) {
        self.separate();
        self.text.push(b'{');
    }

    pub fn close(&mut self) {
        self.text.push(b'}');
    }

    pub fn open_member(&mut self, name: &str) {
        self.key(name);
        self.text.push(b'{');
    }

    pub fn open_list(&mut self, name: &str) {
        self.key(name);
        self.text.push(b'[');
    }

    pub fn close_list(&mut self) {
        self.text.push(b']');
    }

    /// A member that is JSON already, or a part of it.
    pub fn raw(&mut self, name: &str, value: &[u8]) {
        self.key(name);
        self.text.extend_from_slice(value);
    }

    pub fn value(&mut self, name: &str, value: Option<Value<'_>>) {
        if let Some(value) = value {
            self.raw(name, value.raw());
        }
    }

    pub fn string(&mut self, name: &str, value: &str) {
        self.key(name);
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut self.text, value);
    }

    /// Bytes as a string in base64.
    pub fn base64(&mut self, name: &str, bytes: &[u8]) {
        self.key(name);
        // With room for what usually follows: to grow a text of megabytes is to copy it.
        self.text.reserve(base64::encoded_len(bytes) + 1024);
        self.text.push(b'"');
        base64::encode_into(&mut self.text, bytes);
        self.text.push(b'"');
    }

    pub fn number(&mut self, name: &str, value: u64) {
        self.raw(name, value.to_string().as_bytes());
    }

    pub fn flag(&mut self, name: &str, value: bool) {
        self.raw(name, if value { b"true" } else { b"false" });
    }

    pub fn list(&mut self, name: &str, items: &Self) {
        self.open_list(name);
        self.text.extend_from_slice(&items.text);
        self.close_list();
    }

    /// A word of ours, with nothing to escape.
    pub fn word(&mut self, name: &str, value: &str) {
        self.joined(name, value.as_bytes());
    }

    /// Several strings as one: what stands between their quotes can be joined unread.
    pub fn joined(&mut self, name: &str, insides: &[u8]) {
        self.key(name);
        self.text.push(b'"');
        self.text.extend_from_slice(insides);
        self.text.push(b'"');
    }

    /// An item that is JSON already, or several with their commas.
    pub fn item(&mut self, value: &[u8]) {
        if !value.is_empty() {
            self.separate();
            self.text.extend_from_slice(value);
        }
    }

    pub fn items(&mut self, other: &Self) {
        self.item(&other.text);
    }

    /// Names are ours: letters and underscores.
    fn key(&mut self, name: &str) {
        self.separate();
        self.text.push(b'"');
        self.text.extend_from_slice(name.as_bytes());
        self.text.extend_from_slice(b"\":");
    }

    fn separate(&mut self) {
        if !matches!(self.text.last(), None | Some(b'{' | b'[')) {
            self.text.push(b',');
        }
    }
}

/// What stands between the quotes of a string.
pub fn inside(value: Value<'_>) -> &[u8] {
    match value.raw() {
        [b'"', inside @ .., b'"'] => inside,
        _ => &[],
    }
}

/// A member that is there and not null, which to OpenAI's clients is the same as absent.
pub fn member<'t>(object: Value<'t>, name: &str) -> Option<Value<'t>> {
    object.get(name).filter(|value| !value.is_null())
}

/// Whether a text is JSON, through and through: what is taken from it unread is then JSON too.
pub fn is_json(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok()
        && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}

/// Whether JSON has more than so many levels: [`is_json`] goes down any number of them, most parsers do not.
pub fn is_deeper(text: &[u8], most: usize) -> bool {
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_string,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{is_deeper, is_json};

    #[test]
    fn levels_are_those_outside_of_strings() {
        for (text, levels) in [
            ("", 0),
            ("7", 0),
            (r#""[[[""#, 0),
            (r#"["\"[[", "\\", {"]": "}"}, [[]]]"#, 3),
            (r#"{"a": {}, "b": [], "c": [{}]}"#, 3),
        ] {
            assert!(!is_deeper(text.as_bytes(), levels), "{text}");
            assert!(
                levels == 0 || is_deeper(text.as_bytes(), levels - 1),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_utf8_is_no_json() {
        assert!(is_json(b"[\"\xc3\xa9\"]"));
        for broken in [&b"\"\xff\""[..], b"\"\xed\xa0\x80\"", b"\"\xc3\"", b"\xff"] {
            assert!(!is_json(broken), "{broken:?}");
        }
    }
}
