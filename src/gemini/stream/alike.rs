//! An event that differs from the one before in its text and the tokens counted so far says nothing else that is new.
//!
//! It is recognised without a walk through it, and without asking whether it is JSON: what is not the text and not a
//! number is known, byte by byte, from an event that was. A stream is made of little else.

/// An event that says a piece of text and no more, in the pieces around its text and around what it says of tokens.
pub(super) struct Alike {
    /// Whose text it is.
    pub(super) choice: usize,
    /// To the quote in front of the text.
    before: Vec<u8>,
    /// From the quote behind it; to what is said of tokens, if anything is.
    behind: Vec<u8>,
    usage: Option<Usage>,
}

struct Usage {
    said: Vec<u8>,
    behind: Vec<u8>,
}

impl Alike {
    /// `text` and `usage` are parts of the event. None where the tokens come before the text.
    pub(super) fn of(
        event: &[u8],
        choice: usize,
        text: &[u8],
        usage: Option<&[u8]>,
    ) -> Option<Self> {
        let (before, rest) = event.split_at_checked(place(event, text)?)?;
        let rest = rest.get(text.len()..)?;
        let (behind, usage) = match usage {
            None => (rest, None),
            Some(said) => {
                let (behind, after) = rest.split_at_checked(place(rest, said)?)?;
                let behind_usage = after.get(said.len()..)?;
                let usage = Usage {
                    said: said.to_vec(),
                    behind: behind_usage.to_vec(),
                };
                (behind, Some(usage))
            }
        };
        Some(Self {
            choice,
            before: before.to_vec(),
            behind: behind.to_vec(),
            usage,
        })
    }

    /// The text of an event that is alike, and what it says of tokens.
    pub(super) fn read<'e>(&self, event: &'e [u8]) -> Option<(&'e [u8], Option<&'e [u8]>)> {
        let rest = event.strip_prefix(&self.before[..])?;
        let (text, rest) = rest.split_at_checked(end_of_text(rest)?)?;
        let rest = rest.strip_prefix(&self.behind[..])?;
        let usage = match &self.usage {
            None => rest.is_empty().then_some(None),
            Some(usage) => {
                let said = rest.strip_suffix(&usage.behind[..])?;
                differs_in_numbers(&usage.said, said).then_some(Some(said))
            }
        };
        Some((text, usage?))
    }
}

/// Where a part of a text stands in it.
fn place(whole: &[u8], part: &[u8]) -> Option<usize> {
    let place = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    (place + part.len() <= whole.len()).then_some(place)
}

/// Where the inside of a string ends, if it is one that JSON allows.
fn end_of_text(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
        at += rest.iter().position(is_special)?;
        match text.get(at..)? {
            [b'"', ..] => {
                let inside = text.get(..at)?;
                return std::str::from_utf8(inside).is_ok().then_some(at);
            }
            [b'\\', b'u', digits @ ..] => {
                let digits = digits.get(..4)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
                at += 6;
            }
            [
                b'\\',
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
                ..,
            ] => at += 2,
            _ => return None,
        }
    }
}

/// Whether two texts are the same but for the whole numbers in them.
fn differs_in_numbers(known: &[u8], other: &[u8]) -> bool {
    let (mut known, mut other) = (known, other);
    loop {
        match (known, other) {
            ([], []) => return true,
            ([b'0'..=b'9', ..], [b'0'..=b'9', ..]) => {
                let Some(rest) = behind_number(other) else {
                    return false;
                };
                (known, other) = (behind_digits(known), rest);
            }
            ([one, known_rest @ ..], [same, other_rest @ ..]) if one == same => {
                (known, other) = (known_rest, other_rest);
            }
            _ => return false,
        }
    }
}

/// A zero in front of other digits is no number.
fn behind_number(text: &[u8]) -> Option<&[u8]> {
    let rest = behind_digits(text);
    let is_number = !text.starts_with(b"0") || rest.len() + 1 == text.len();
    is_number.then_some(rest)
}

fn behind_digits(text: &[u8]) -> &[u8] {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.get(digits..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Alike;

    const FIRST: &str = r#"{"parts":[{"text":"a"}],"i":0,"usage":{"in":4,"out":10},"id":"x1"}"#;

    fn part<'t>(whole: &'t str, part: &str) -> &'t [u8] {
        let at = whole.find(part).unwrap();
        &whole.as_bytes()[at..at + part.len()]
    }

    fn alike(event: &str) -> Option<(String, String)> {
        let usage = part(FIRST, r#"{"in":4,"out":10}"#);
        let first = Alike::of(
            FIRST.as_bytes(),
            0,
            part(FIRST, "a\"}").get(..1)?,
            Some(usage),
        )?;
        let (text, usage) = first.read(event.as_bytes())?;
        let word = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Some((word(text), word(usage?)))
    }

    #[test]
    fn an_event_is_alike_that_differs_in_its_text_and_its_tokens() {
        for (text, usage) in [
            ("", r#"{"in":4,"out":10}"#),
            (r#"b\n\u00e9 \\\""#, r#"{"in":4,"out":0}"#),
            ("é😀", r#"{"in":400,"out":123456}"#),
        ] {
            let event = FIRST.replacen("\"a\"", &format!("\"{text}\""), 1);
            let event = event.replace(r#"{"in":4,"out":10}"#, usage);
            assert_eq!(alike(&event), Some((text.to_owned(), usage.to_owned())));
        }
    }

    #[test]
    fn no_other_is() {
        for (was, is) in [
            (r#""i":0"#, r#""i":1"#),
            ("x1", "x2"),
            ("}]", "},{}]"),
            (r#"{"in":4,"#, r#"{"in":04,"#),
            (r#"{"in":4,"#, r#"{"in":,"#),
            (r#"{"in":4,"#, r#"{"in":4.5,"#),
            (r#"{"in":4,"#, r#"{"in":4,"more":1,"#),
            (r#"10},"id""#, r#"10},"error":{},"id""#),
            (r#""a"}"#, r#""a","thought":true}"#),
            (r#""a"}"#, "\"a\nb\"}"),
            (r#""a"}"#, r#""\x"}"#),
            (r#""a"}"#, r#""\u12"}"#),
            (r#""x1"}"#, r#""x1"} "#),
            ("{\"parts\"", " {\"parts\""),
        ] {
            let event = FIRST.replacen(was, is, 1);
            assert_ne!(event, FIRST);
            assert_eq!(alike(&event), None, "{event}");
        }
    }
}
