//! The inside of strings: skipped eight bytes at a time, unescaped where it is wanted.

/// How many bytes from here are neither quote, backslash nor control character. Eight at a time: most of a
/// request is the inside of long strings (prompts, base64 images).
pub(super) fn plain_prefix(bytes: &[u8]) -> usize {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The classic test for a zero byte; its false positives stand only above a true one.
    let has_zero = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    let mut plain = 0;
    let (words, _) = bytes.as_chunks::<8>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        let quote = has_zero(word ^ (LOW * u64::from(b'"')));
        let backslash = has_zero(word ^ (LOW * u64::from(b'\\')));
        let control = has_zero(word & (LOW * 0xe0));
        if quote | backslash | control != 0 {
            break;
        }
        plain += 8;
    }
    let rest = bytes.get(plain..).unwrap_or_default();
    plain
        + rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
            .unwrap_or(rest.len())
}

pub(super) fn unescape(raw: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(raw).ok()?;
    if !text.contains('\\') {
        return Some(text.to_owned());
    }
    serde_json::from_str(&format!("\"{text}\"")).ok()
}
