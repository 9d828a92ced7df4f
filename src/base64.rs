//! Base64, both ways.

/// <https://www.rfc-editor.org/rfc/rfc4648#section-4>
pub fn encode(bytes: &[u8]) -> String {
    let mut encoded = Vec::new();
    encode_into(&mut encoded, bytes);
    // Letters and digits alone.
    String::from_utf8(encoded).unwrap_or_default()
}

/// The same behind what is there already: of a file of many megabytes there is no second copy.
pub fn encode_into(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(encoded_len(bytes));
    let (triples, rest) = bytes.as_chunks::<3>();
    for triple in triples {
        out.extend_from_slice(&letters(*triple));
    }
    match *rest {
        [first] => {
            let [one, two, ..] = letters([first, 0, 0]);
            out.extend_from_slice(&[one, two, b'=', b'=']);
        }
        [first, second] => {
            let [one, two, three, _] = letters([first, second, 0]);
            out.extend_from_slice(&[one, two, three, b'=']);
        }
        _ => {}
    }
}

/// How long the text of these bytes is.
pub fn encoded_len(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4
}

fn letters([first, second, third]: [u8; 3]) -> [u8; 4] {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = usize::from(first) << 16 | usize::from(second) << 8 | usize::from(third);
    [18, 12, 6, 0].map(|shift| ALPHABET.get(bits >> shift & 63).copied().unwrap_or(b'='))
}

/// The bytes of a text in either alphabet (of URLs, too), with line breaks and without padding as people have them;
/// None if there is anything else in it.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    let padded = text.trim_ascii_end();
    let end = padded.iter().rposition(|byte| *byte != b'=');
    for byte in padded.get(..end.map_or(0, |end| end + 1))? {
        if byte.is_ascii_whitespace() {
            continue;
        }
        bits = bits << 6 | sextet(*byte)?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.extend(u8::try_from(bits >> count & 255).ok());
        }
    }
    // One letter alone is no byte.
    (count < 6).then_some(bytes)
}

fn sextet(byte: u8) -> Option<u32> {
    let letter = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(letter))
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn what_is_written_is_read() {
        for length in 0..10 {
            let bytes: Vec<u8> = (0..length).map(|at| 251_u8.wrapping_add(at)).collect();
            assert_eq!(decode(encode(&bytes).as_bytes()), Some(bytes));
        }
        for (text, bytes) in [
            ("_-8", Some(&[255, 239][..])),
            ("/+8=\n", Some(&[255, 239])),
            ("AQ\r\nID", Some(&[1, 2, 3])),
            ("", Some(&[])),
            ("A", None),
            ("A=B=", None),
            ("AQ.D", None),
        ] {
            assert_eq!(decode(text.as_bytes()).as_deref(), bytes, "{text}");
        }
    }
}
