//! Provider files as people write them: JSON with comments, and commas where a line may be added.

use std::ops::Range;

use serde_json::Value;

/// Reads such a text; what is wrong with it, and where.
pub fn parse(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(&plain(text))
}

/// The same without what only people read: comments (`//`, `#`, `/* */`) and a comma before a closing bracket become
/// blanks, so that everything stays in its line.
pub fn plain(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    let mut out = text.as_bytes().to_vec();
    let mut comma = None;
    let mut at = 0;
    while let Some(rest) = text.as_bytes().get(at..)
        && let Some(byte) = rest.first()
    {
        if let Some(length) = comment(rest) {
            blank(&mut out, at..at + length);
            at += length;
            continue;
        }
        match byte {
            b',' => comma = Some(at),
            b'}' | b']' => {
                if let Some(comma) = comma.take() {
                    blank(&mut out, comma..comma + 1);
                }
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        at += if *byte == b'"' { string(rest) } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// How long the comment is that begins here. One that never ends is none: a reader of JSON will stop there.
fn comment(rest: &[u8]) -> Option<usize> {
    if rest.starts_with(b"#") || rest.starts_with(b"//") {
        return Some(memchr::memchr(b'\n', rest).unwrap_or(rest.len()));
    }
    let inside = rest.strip_prefix(b"/*")?;
    Some(memchr::memmem::find(inside, b"*/")? + 4)
}

/// How long the string is that begins here, with its quotes.
fn string(rest: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    rest.len()
}

fn blank(out: &mut [u8], range: Range<usize>) {
    for byte in out.get_mut(range).into_iter().flatten() {
        if !byte.is_ascii_whitespace() {
            *byte = b' ';
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{parse, plain};

    #[test]
    fn comments_and_last_commas_fall() {
        for (text, value) in [
            ("{}", json!({})),
            ("\u{feff}{\"a\":1}", json!({"a": 1})),
            ("# x\n// y\n/* z\n */ [1, 2, ] # end", json!([1, 2])),
            ("{\"a\": 1, // é\n}", json!({"a": 1})),
            (
                r#"{"a":"x // y # z /* q */ ,]","b":"\\",}"#,
                json!({"a": "x // y # z /* q */ ,]", "b": "\\"}),
            ),
            (r#"["\",]", /* , */ ]"#, json!(["\",]"])),
            ("[1, /* a */ // b\n # c\n]", json!([1])),
            ("[1//\n,2/**/]", json!([1, 2])),
        ] {
            assert_eq!(parse(text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_stays_wrong_in_its_line() {
        for (text, line) in [
            ("[1,\n,]", 2),
            ("// a\n/* b\n*/ {\n x}", 4),
            ("{} /* never ends", 1),
            ("\n\"never ends", 2),
            ("", 1),
        ] {
            assert_eq!(parse(text).unwrap_err().line(), line, "{text}");
            assert_eq!(plain(text).lines().count(), text.lines().count());
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
