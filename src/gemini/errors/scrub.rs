//! Keys do not reach clients, whatever an upstream quotes.

/// What keys of the API begin with, the older and the newer ones, and tokens of OAuth.
const MARKS: [&str; 3] = ["AIza", "AQ.", "ya29."];

/// A message without keys.
pub fn text(said: &str) -> String {
    if !MARKS.iter().any(|mark| said.contains(mark)) {
        return said.to_owned();
    }
    let mut out = String::with_capacity(said.len());
    for piece in said.split_inclusive(|c| !is_of_word(c)) {
        let word = piece.trim_end_matches(|c| !is_of_word(c) || c == '.');
        let rest = piece.get(word.len()..).unwrap_or_default();
        let is_key = |mark: &str| word.len() > mark.len() && word.starts_with(mark);
        let is_key = MARKS.iter().any(|mark| is_key(mark));
        out.push_str(if is_key { "[key]" } else { word });
        out.push_str(rest);
    }
    out
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn keys_are_taken_out() {
        let [key, newer, token] = ["AIza", "AQ.", "ya29."].map(|mark| mark.to_owned() + "aB3_-x.y");
        for (said, expected) in [
            (
                format!("API key {key} is blocked."),
                "API key [key] is blocked.".to_owned(),
            ),
            (
                format!("consumer 'api_key:{key}'"),
                "consumer 'api_key:[key]'".to_owned(),
            ),
            (
                format!("?key={newer}&alt=sse"),
                "?key=[key]&alt=sse".to_owned(),
            ),
            (format!("Bearer {token}."), "Bearer [key].".to_owned()),
            (format!("{key}, {token}"), "[key], [key]".to_owned()),
            (
                "FAQ.html, AQ. AIza".to_owned(),
                "FAQ.html, AQ. AIza".to_owned(),
            ),
            (
                "nothing ärgerlich".to_owned(),
                "nothing ärgerlich".to_owned(),
            ),
        ] {
            assert_eq!(text(&said), expected);
        }
    }
}
