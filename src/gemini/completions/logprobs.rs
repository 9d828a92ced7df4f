//! Tokens' probabilities, as completions have them: in lists side by side.

use crate::json::{Value, Writer, inside, member};

/// Google gives no more for a place, and OpenAI's clients ask for fewer.
const MAX_TOP: usize = 20;

/// `offset`: how many characters stand before the first token, in a text that repeats its prompt.
pub(super) fn write_logprobs(out: &mut Writer, result: Option<&[u8]>, offset: usize) {
    let result = result.and_then(Value::first);
    let list = |name| result.and_then(|it| member(it, name));
    let Some(chosen) = list("chosenCandidates").filter(|it| it.is_array()) else {
        out.raw("logprobs", b"null");
        return;
    };
    let mut lists = Lists::default();
    let mut offset = offset;
    let mut tops = list("topCandidates").map(Value::elements);
    for token in chosen.elements() {
        let top = tops.as_mut().and_then(Iterator::next);
        lists.add(token, top, offset);
        let text = token.get("token").and_then(Value::as_str);
        offset += text.map_or(0, |text| text.chars().count());
    }
    out.open_member("logprobs");
    out.list("tokens", &lists.tokens);
    out.list("token_logprobs", &lists.logprobs);
    match list("topCandidates") {
        Some(_) => out.list("top_logprobs", &lists.tops),
        None => out.raw("top_logprobs", b"null"),
    }
    out.list("text_offset", &lists.offsets);
    out.close();
}

#[derive(Default)]
struct Lists {
    tokens: Writer,
    logprobs: Writer,
    tops: Writer,
    offsets: Writer,
}

impl Lists {
    fn add(&mut self, token: Value<'_>, top: Option<Value<'_>>, offset: usize) {
        self.tokens.item(&[b"\"", text(token), b"\""].concat());
        self.logprobs.item(logprob(token));
        self.offsets.item(offset.to_string().as_bytes());
        self.tops.open();
        let others = top.and_then(|it| member(it, "candidates"));
        let others = others.into_iter().flat_map(Value::elements).take(MAX_TOP);
        let mut seen = Vec::new();
        // The token that was taken need not be among the likeliest.
        for other in others.chain([token]) {
            if let Ok(name) = std::str::from_utf8(text(other))
                && !seen.contains(&name)
            {
                seen.push(name);
                self.tops.raw(name, logprob(other));
            }
        }
        self.tops.close();
    }
}

/// As it stands between its quotes.
fn text(token: Value<'_>) -> &[u8] {
    token.get("token").map(inside).unwrap_or_default()
}

/// Left out it is 0, a certainty.
fn logprob(token: Value<'_>) -> &[u8] {
    let said = member(token, "logProbability").filter(|it| it.as_f64().is_some());
    said.map_or(b"0", Value::raw)
}
