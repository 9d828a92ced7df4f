//! How deep JSON is nested.

/// Whether containers stand in each other deeper than so. Parsers that recurse give up at some hundreds.
pub fn is_deeper_than(most: usize, json: &[u8]) -> bool {
    let mut depth = 0_usize;
    let (mut is_inside, mut is_escaped) = (false, false);
    for byte in json {
        if is_inside {
            is_inside = is_escaped || *byte != b'"';
            is_escaped = !is_escaped && *byte == b'\\';
            continue;
        }
        match byte {
            b'"' => is_inside = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_deeper_than;

    #[test]
    fn only_containers_count() {
        for (json, depth) in [
            ("1", 0),
            (r#""[[\"[{""#, 0),
            ("[]", 1),
            (r#"{"a":[{"b":"]"}],"c":[]}"#, 3),
        ] {
            assert!(!is_deeper_than(depth, json.as_bytes()), "{json}");
            assert!(
                depth == 0 || is_deeper_than(depth - 1, json.as_bytes()),
                "{json}"
            );
        }
    }
}
