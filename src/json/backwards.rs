//! An object read from its end: what stands last is found without a look at what stands before.
//!
//! Usage comes last nearly everywhere, behind megabytes of embeddings or pictures; and of what has passed unseen only
//! the end is here. From outside of every string the way back is as sure as the way forth: a quote belongs to a text
//! if the backslashes in front of it are odd in number.

use super::view::Value;

/// The members of the object a text ends with, the last one first. Where the text lacks its beginning, those that are
/// whole. Always `at <= text.len()`: what stands before is still to be read.
pub struct Backwards<'t> {
    text: &'t [u8],
    at: usize,
    /// All were read.
    is_whole: bool,
}

impl<'t> Backwards<'t> {
    pub fn of(text: &'t [u8]) -> Option<Self> {
        let at = skipped(text, text.len());
        let at = (before(text, at)? == b'}').then(|| at - 1)?;
        let is_whole = false;
        Some(Self { text, at, is_whole })
    }

    /// After the last member: that of the object which the text cut off, if it cut one, as far as it is here.
    pub fn cut(&self) -> Option<Self> {
        if self.is_whole {
            return None;
        }
        Self::of(self.text.get(..self.at)?)
    }

    fn member(&mut self) -> Option<(Value<'t>, Value<'t>)> {
        let text = self.text;
        let end = skipped(text, self.at);
        if before(text, end) == Some(b'{') {
            self.is_whole = true;
            return None;
        }
        self.at = end;
        let start = start_of_value(text, end)?;
        let colon = skipped(text, start);
        let key_end = skipped(text, colon.checked_sub(1)?);
        let is_member = before(text, colon) == Some(b':') && before(text, key_end) == Some(b'"');
        let key = start_of_string(text, key_end).filter(|_| is_member)?;
        self.at = skipped(text, key);
        match before(text, self.at)? {
            b',' => self.at -= 1,
            b'{' => {}
            _ => return None,
        }
        let member = |start, end| Value::between(text, start, end);
        Some((member(key, key_end), member(start, end)))
    }
}

impl<'t> Iterator for Backwards<'t> {
    type Item = (Value<'t>, Value<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_whole { None } else { self.member() }
    }
}

fn before(text: &[u8], at: usize) -> Option<u8> {
    text.get(at.checked_sub(1)?).copied()
}

/// Where the blanks in front of a place begin.
fn skipped(text: &[u8], at: usize) -> usize {
    let text = text.get(..at).unwrap_or_default();
    let blanks = text.iter().rev();
    at - blanks
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
        .count()
}

fn start_of_value(text: &[u8], end: usize) -> Option<usize> {
    match before(text, end)? {
        b'"' => start_of_string(text, end),
        b'}' | b']' => start_of_container(text, end),
        b'{' | b'[' | b',' | b':' => None,
        _ => {
            let ends =
                |byte: &u8| !matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'E' | b'+' | b'-' | b'.');
            let at = text.get(..end)?.iter().rposition(ends)? + 1;
            (at < end).then_some(at)
        }
    }
}

/// Where a text's beginning is missing, what begins with backslashes tells nothing.
fn start_of_string(text: &[u8], end: usize) -> Option<usize> {
    let mut at = end.checked_sub(1)?;
    loop {
        at = memchr::memrchr(b'"', text.get(..at)?)?;
        let slashes = text.get(..at)?.iter().rev();
        let slashes = slashes.take_while(|byte| **byte == b'\\').count();
        if slashes == at && at > 0 {
            return None;
        }
        if slashes % 2 == 0 {
            return Some(at);
        }
    }
}

fn start_of_container(text: &[u8], end: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = end;
    loop {
        at -= 1;
        match text.get(at)? {
            b'"' => at = start_of_string(text, at + 1)?,
            b'}' | b']' => depth += 1,
            b'{' | b'[' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
        if at == 0 {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Backwards;

    fn read(text: &str) -> Vec<(String, String)> {
        let text_of = |it: super::Value<'_>| String::from_utf8(it.raw().to_vec()).unwrap();
        let members = Backwards::of(text.as_bytes()).into_iter().flatten();
        members
            .map(|(key, value)| (text_of(key), text_of(value)))
            .collect()
    }

    #[test]
    fn the_last_member_comes_first() {
        let text = r#" { "a" : "x\\\"}" , "b":[{"c":"]"},-1.5e+3],"d":{}, "e":null ,"f":true } "#;
        let members = [
            (r#""f""#, "true"),
            (r#""e""#, "null"),
            (r#""d""#, "{}"),
            (r#""b""#, r#"[{"c":"]"},-1.5e+3]"#),
            (r#""a""#, r#""x\\\"}""#),
        ];
        let members = members.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(read(text), members);
    }

    /// However much is missing, what is found is what is there.
    #[test]
    fn what_is_cut_at_the_front_has_its_last_members() {
        let text = r#"{"a":"\\\\\"{,:","b":["\\",{"x":1}],"\"":2,"c":"\"","d":{"e":[3]}}"#;
        let whole = read(text);
        for at in 1..text.len() {
            let members = read(&text[at..]);
            assert!(whole.starts_with(&members), "{}: {members:?}", &text[at..]);
        }
    }

    #[test]
    fn an_object_that_was_cut_can_be_gone_into() {
        let mut outer = Backwards::of(br#"1},"u":{"i":2},"m":{}},"n":3}"#).unwrap();
        assert_eq!(outer.by_ref().count(), 1);
        let inner = outer.cut().unwrap();
        assert_eq!(
            inner.map(|(key, _)| key.raw()).collect::<Vec<_>>(),
            [b"\"m\"", b"\"u\""]
        );
        let mut whole = Backwards::of(b"{\"a\":1}").unwrap();
        assert_eq!(whole.by_ref().count(), 1);
        assert!(whole.cut().is_none());
    }

    #[test]
    fn what_is_no_object_holds_nothing() {
        for text in [
            "",
            "}",
            "{}",
            "]}",
            "[{}]",
            "\"}",
            "\\\"}",
            "a}",
            ":}",
            "1:2}",
            "{1:2}",
            "\"a\":\"}",
        ] {
            assert!(read(text).is_empty(), "{text}");
        }
    }
}
