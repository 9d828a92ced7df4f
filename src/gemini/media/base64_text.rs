//! Base64 as Google takes it, of base64 as people have it.

use std::borrow::Cow;

/// In the standard alphabet and without blanks. Text that is so already is not copied; None if it is no base64.
pub fn clean_base64(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let body = text.trim_end_matches('=');
    let is_clean = body.bytes().all(is_standard) && text.len() - body.len() <= 2;
    if is_clean {
        return Some(text);
    }
    let mut clean = String::with_capacity(text.len() + 2);
    for byte in text.trim_ascii_end().trim_end_matches('=').bytes() {
        match byte {
            b'-' => clean.push('+'),
            b'_' => clean.push('/'),
            _ if is_standard(byte) => clean.push(char::from(byte)),
            _ if byte.is_ascii_whitespace() => {}
            _ => return None,
        }
    }
    while !clean.len().is_multiple_of(4) {
        clean.push('=');
    }
    Some(Cow::Owned(clean))
}

fn is_standard(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::clean_base64;

    #[test]
    fn what_is_clean_is_not_copied() {
        for text in ["", "AA==", "AAA=", "ab+/", "AAA"] {
            let clean = clean_base64(Cow::Borrowed(text));
            assert!(
                matches!(clean, Some(Cow::Borrowed(it)) if it == text),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_clean_is_made_so() {
        for (text, clean) in [
            ("_-8", Some("/+8=")),
            ("_-8=", Some("/+8=")),
            ("AQ\r\n ID\n", Some("AQID")),
            ("AQ==\n", Some("AQ==")),
            ("AQ.D", None),
            ("A=Q=", None),
            ("\u{e9}", None),
        ] {
            let given = clean_base64(Cow::Borrowed(text));
            assert_eq!(given.as_deref(), clean, "{text}");
        }
    }
}
