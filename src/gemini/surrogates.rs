//! Halves of characters. JavaScript cuts texts between the two halves of one (`slice`) and writes what is left as an
//! escape; most parsers take it, Google's refuses the request.

use std::borrow::Cow;

use memchr::{memchr, memmem};

/// How the escapes of halves begin.
const MARKS: [&[u8]; 2] = [b"\\ud", b"\\uD"];

/// What stands for a character that is none.
const REPLACEMENT: &[u8; 4] = b"fffd";

/// JSON whose halves stand together. What changes keeps its length.
pub(super) fn mended(json: &[u8]) -> Cow<'_, [u8]> {
    let mut mended = Cow::Borrowed(json);
    if MARKS.iter().all(|mark| memmem::find(json, mark).is_none()) {
        return mended;
    }
    let mut at = 0;
    while let Some(found) = memchr(b'\\', json.get(at..).unwrap_or_default()) {
        at += found;
        at += match unit(json, at) {
            None => 2,
            Some(0xd800..0xdc00) if matches!(unit(json, at + 6), Some(0xdc00..0xe000)) => 12,
            Some(0xd800..0xe000) => {
                if let Some(digits) = mended.to_mut().get_mut(at + 2..at + 6) {
                    digits.copy_from_slice(REPLACEMENT);
                }
                6
            }
            Some(_) => 6,
        };
    }
    mended
}

/// The number in an escape that stands here.
fn unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::mended;

    #[test]
    fn halves_alone_are_replaced() {
        for (json, expected) in [
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""a\uD83D b""#, r#""a\ufffd b""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (
                r#""\ud83d\ud83d\ude00\u00e9""#,
                r#""\ufffd\ud83d\ude00\u00e9""#,
            ),
            (r#""\\ud83d\n\\\ud83d""#, r#""\\ud83d\n\\\ufffd""#),
            (r#""\ud8""#, r#""\ud8""#),
            (r"\ud", r"\ud"),
        ] {
            assert_eq!(mended(json.as_bytes()), expected.as_bytes(), "{json}");
        }
    }
}
