//! A value as its place in the text.

use std::borrow::Cow;
use std::ops::Range;

/// A JSON value: the whole text, and where in it the value stands. Always `start <= end <= text.len()`.
#[derive(Clone, Copy)]
pub struct Value<'t> {
    text: &'t [u8],
    start: usize,
    end: usize,
}

impl<'t> Value<'t> {
    /// The value a text begins with, behind blanks and a byte-order mark.
    pub fn first(text: &'t [u8]) -> Option<Self> {
        let mark = text.len() - without_mark(text).len();
        Self::at(text, blanks(text, mark))
    }

    /// The value that stands there.
    pub(super) fn between(text: &'t [u8], start: usize, end: usize) -> Self {
        Self { text, start, end }
    }

    fn at(text: &'t [u8], start: usize) -> Option<Self> {
        let end = end_of_value(text, start)?;
        Some(Self { text, start, end })
    }

    /// Where it stands, quotes and brackets included.
    pub fn range(self) -> Range<u64> {
        offset(self.start)..offset(self.end)
    }

    pub fn raw(self) -> &'t [u8] {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    pub fn is_null(self) -> bool {
        self.raw() == b"null"
    }

    pub fn is_true(self) -> bool {
        self.as_bool() == Some(true)
    }

    pub fn as_bool(self) -> Option<bool> {
        match self.raw() {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    pub fn is_string(self) -> bool {
        self.raw().starts_with(b"\"")
    }

    pub fn is_object(self) -> bool {
        self.raw().starts_with(b"{")
    }

    pub fn is_array(self) -> bool {
        self.raw().starts_with(b"[")
    }

    /// An array, object or string with nothing in it.
    pub fn is_empty(self) -> bool {
        match self.raw() {
            [b'"', inside @ .., b'"'] => inside.is_empty(),
            [b'[' | b'{', inside @ .., b']' | b'}'] => inside.iter().all(u8::is_ascii_whitespace),
            _ => false,
        }
    }

    pub fn as_str(self) -> Option<Cow<'t, str>> {
        let [b'"', inside @ .., b'"'] = self.raw() else {
            return None;
        };
        let text = std::str::from_utf8(inside).ok()?;
        if text.contains('\\') {
            serde_json::from_slice(self.raw()).ok().map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(text))
        }
    }

    pub fn as_f64(self) -> Option<f64> {
        std::str::from_utf8(self.raw()).ok()?.parse().ok()
    }

    pub fn as_u64(self) -> Option<u64> {
        std::str::from_utf8(self.raw()).ok()?.parse().ok()
    }

    /// Whether it is this string.
    pub fn is(self, text: &str) -> bool {
        self.as_str().is_some_and(|it| it == text)
    }

    /// The member of that name; of several the last counts, as in most parsers.
    pub fn get(self, name: &str) -> Option<Self> {
        let named = self.members().filter(|(key, _)| key.is(name));
        named.last().map(|(_, value)| value)
    }

    /// Names and values of an object; of anything else none.
    pub fn members(self) -> impl Iterator<Item = (Self, Self)> + use<'t> {
        let mut walk = Walk::into(self, b'{');
        std::iter::from_fn(move || {
            let key = walk.value()?;
            walk.pass(b':')?;
            let value = walk.value()?;
            walk.end_of_item();
            key.is_string().then_some((key, value))
        })
    }

    /// What stands in an array; of anything else nothing.
    pub fn elements(self) -> impl Iterator<Item = Self> + use<'t> {
        let mut walk = Walk::into(self, b'[');
        std::iter::from_fn(move || {
            let value = walk.value()?;
            walk.end_of_item();
            Some(value)
        })
    }
}

/// Goes through the items of an object or array. Outside of one, or behind the last item, `at` is None.
struct Walk<'t> {
    text: &'t [u8],
    at: Option<usize>,
}

impl<'t> Walk<'t> {
    fn into(container: Value<'t>, opening: u8) -> Self {
        let is_one = container.raw().first() == Some(&opening);
        Self {
            // The closing bracket is not looked at: no value begins with it.
            text: container.text.get(..container.end).unwrap_or_default(),
            at: is_one.then_some(container.start + 1),
        }
    }

    fn value(&mut self) -> Option<Value<'t>> {
        let value = Value::at(self.text, blanks(self.text, self.at?))?;
        self.at = Some(value.end);
        Some(value)
    }

    fn pass(&mut self, mark: u8) -> Option<()> {
        let at = blanks(self.text, self.at?);
        self.at = Some(at + 1);
        (self.text.get(at) == Some(&mark)).then_some(())
    }

    fn end_of_item(&mut self) {
        if self.pass(b',').is_none() {
            self.at = None;
        }
    }
}

/// A text behind its byte-order mark, if it has one.
pub fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

fn blanks(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        .count()
}

fn end_of_value(text: &[u8], start: usize) -> Option<usize> {
    match text.get(start)? {
        b'"' => end_of_string(text, start),
        b'{' | b'[' => end_of_container(text, start),
        b'}' | b']' | b',' | b':' => None,
        _ => {
            let is_mark = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b':' | b'"');
            let ends = |byte: &u8| is_mark(byte) || byte.is_ascii_whitespace();
            let rest = text.get(start..)?;
            Some(start + rest.iter().position(ends).unwrap_or(rest.len()))
        }
    }
}

fn end_of_string(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        match text.get(at)? {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// Brackets are counted, whichever they are: whether they match is for a validator to say.
fn end_of_container(text: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match text.get(at)? {
            b'"' => {
                at = end_of_string(text, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

fn offset(at: usize) -> u64 {
    u64::try_from(at).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Value;

    fn names(text: &str) -> Vec<String> {
        let value = Value::first(text.as_bytes()).expect("a value");
        let names = value.members().map(|(key, _)| key.as_str().unwrap());
        names.map(std::borrow::Cow::into_owned).collect()
    }

    #[test]
    fn members_are_found_where_they_stand() {
        let text = "\u{feff} { \"a\" : 1 , \"b\\u0063\":[{\"x\":\"}\"}],\"d\":null}";
        assert_eq!(names(text), ["a", "bc", "d"]);
        let value = Value::first(text.as_bytes()).unwrap();
        assert_eq!(value.get("bc").unwrap().raw(), br#"[{"x":"}"}]"#);
        assert!(value.get("d").unwrap().is_null());
        assert!(value.get("x").is_none());
    }

    #[test]
    fn of_several_the_last_counts() {
        let value = Value::first(br#"{"a":1,"a":2}"#).unwrap();
        assert_eq!(value.get("a").unwrap().raw(), b"2");
    }

    #[test]
    fn elements_of_an_array() {
        let value = Value::first(br#"[1, "two", [3], {} ]"#).unwrap();
        let raw: Vec<_> = value.elements().map(Value::raw).collect();
        assert_eq!(raw, [&b"1"[..], b"\"two\"", b"[3]", b"{}"]);
        assert_eq!(value.members().count(), 0);
        let empties = ["[ ]", "{}", "\"\""].map(|text| Value::first(text.as_bytes()).unwrap());
        assert!(empties.iter().all(|value| value.is_empty()));
        assert!(
            empties
                .iter()
                .all(|value| value.elements().next().is_none())
        );
    }

    #[test]
    fn what_is_not_json_holds_nothing() {
        for text in ["", "{", "{\"a", "{\"a\":", "[1", "}", "\"\\", ":"] {
            assert!(Value::first(text.as_bytes()).is_none(), "{text}");
        }
        assert!(names("{1:2}").is_empty());
        assert!(names("{\"a\" 1}").is_empty());
        assert_eq!(names("{\"a\":1 \"b\":2}"), ["a"]);
    }
}
