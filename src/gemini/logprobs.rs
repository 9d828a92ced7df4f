//! Tokens' probabilities.

use crate::gemini::answer::cursor::{Cursor, inside, unescaped};
use crate::gemini::answer::read::{elements, values};
use crate::json::Writer;

/// The member `logprobs` of a choice: null where there are none. Google's two lists may differ in length.
pub fn write(out: &mut Writer, result: Option<&[u8]>) {
    let Some(result) = result.filter(|result| result.starts_with(b"{")) else {
        out.raw("logprobs", b"null");
        return;
    };
    let [chosen, top] = values(result, [b"chosenCandidates", b"topCandidates"]);
    let mut tops = elements(top.unwrap_or_default(), Cursor::value);
    out.open_member("logprobs");
    out.open_list("content");
    for token in elements(chosen.unwrap_or_default(), Cursor::value) {
        out.open();
        write_token(out, token);
        out.open_list("top_logprobs");
        let [others] = values(tops.next().unwrap_or_default(), [b"candidates"]);
        for other in elements(others.unwrap_or_default(), Cursor::value) {
            out.open();
            write_token(out, other);
            out.close();
        }
        out.close_list();
        out.close();
    }
    out.close_list();
    out.raw("refusal", b"null");
    out.close();
}

/// A probability that is not said is that of certainty: 0 is what its logarithm is.
fn write_token(out: &mut Writer, candidate: &[u8]) {
    let [token, probability] = values(candidate, [b"token", b"logProbability"]);
    let token = token.filter(|token| token.starts_with(b"\""));
    let token = token.unwrap_or(b"\"\"");
    out.raw("token", token);
    let is_number = |value: &&[u8]| matches!(value.first(), Some(b'-' | b'0'..=b'9'));
    out.raw("logprob", probability.filter(is_number).unwrap_or(b"0.0"));
    let text = unescaped(inside(token));
    out.open_list("bytes");
    for byte in text.bytes() {
        out.item(byte.to_string().as_bytes());
    }
    out.close_list();
}
