//! JSON without the blanks between its parts; digits and escapes stay as they are.

/// For a line of an event stream, or for JSON that becomes a string's content.
pub fn compact(json: &[u8]) -> String {
    let mut out = Vec::with_capacity(json.len());
    let (mut is_inside, mut is_escaped) = (false, false);
    for byte in json {
        if is_inside {
            is_inside = is_escaped || *byte != b'"';
            is_escaped = !is_escaped && *byte == b'\\';
        } else if byte.is_ascii_whitespace() {
            continue;
        } else {
            is_inside = *byte == b'"';
        }
        out.push(*byte);
    }
    String::from_utf8_lossy(&out).into_owned()
}
