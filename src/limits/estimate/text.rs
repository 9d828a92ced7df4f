//! How many tokens a text is likely to be, by its characters: the vocabularies of today cut English at four of them,
//! most other alphabets at two or three, Chinese, Japanese and Korean at one.

/// Of text as it stands in JSON: an escape is the character it stands for.
pub(super) fn tokens(text: &[u8]) -> u64 {
    let mut quarters = 0;
    let mut rest = text;
    loop {
        let (weight, behind) = match rest {
            [] => return u64::div_ceil(quarters, 4),
            [b'\\', b'u', first, second, third, _, behind @ ..] => {
                (of_escape([*first, *second], *third), behind)
            }
            [b'\\', _, behind @ ..] => (1, behind),
            [byte, behind @ ..] => (of_byte(*byte), behind),
        };
        quarters += weight;
        rest = behind;
    }
}

/// Quarters of a token, by the first byte of a character in UTF-8.
fn of_byte(byte: u8) -> u64 {
    match byte {
        ..0x80 => 1,
        // Inside of a character.
        0x80..0xc0 => 0,
        // From U+3000 on: kana, hanzi, hangul, forms of full width; and pictograms.
        0xe3..=0xed | 0xef.. => 4,
        _ => 2,
    }
}

/// The same by the digits of `\u1234`, of which two tell all but whether it is ASCII. Half a surrogate pair is half a
/// character.
fn of_escape(digits: [u8; 2], third: u8) -> u64 {
    let digits = std::str::from_utf8(&digits).ok();
    match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
        None => 1,
        Some(0) if third < b'8' => 1,
        Some(0x30..=0xd7 | 0xf0..) => 4,
        Some(_) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn characters_weigh_what_their_script_does() {
        for (text, expected) in [
            ("", 0),
            ("a", 1),
            ("four", 1),
            ("fives", 2),
            ("four score and seven years ago", 8),
            ("привет", 3),
            ("日本語", 3),
            ("ひらがな", 4),
            ("한국어", 3),
            ("ｆｕｌｌ", 4),
            ("😀😀", 2),
            ("\\n\\n\\\"\\\\", 1),
            ("\\u0061\\u0062\\u0063\\u007e", 1),
            ("\\u00e9\\u00e9", 1),
            ("\\u65e5\\u672c\\u8a9e", 3),
            ("\\ud83d\\ude00", 1),
            ("\\uzzzz\\u00", 1),
            ("\\", 1),
        ] {
            assert_eq!(tokens(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_text_is_counted_too() {
        assert_eq!(tokens(&[0xff, 0x80, 0xe3]), 2);
    }
}
