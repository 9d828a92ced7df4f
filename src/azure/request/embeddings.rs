//! Embeddings.

use crate::azure::request::Draft;
use crate::error::{Error, Result};
use crate::json::{self, Value};

/// Whether the client wants its numbers in base64, as OpenAI's SDKs do where nobody said otherwise.
pub fn asks_for_base64(text: &[u8]) -> bool {
    let format = Value::first(text).and_then(|body| body.get("encoding_format"));
    format.is_some_and(|it| it.is("base64"))
}

pub(super) fn repair(draft: &mut Draft<'_, '_>) -> Result<()> {
    let lessons = draft.lessons;
    draft.body.retain(|name, _| !lessons.drops(name));
    if !draft.is_inference() {
        return Ok(());
    }
    for input in draft.body.values("input") {
        if input.is_string() {
            draft.inside.extend(json::wrap(input, "[", "]"));
        } else if input.elements().any(|it| !it.is_string()) {
            refuse_tokens(input)?;
        }
    }
    Ok(())
}

/// Whose tokens they are cannot be seen, so that they cannot be made a text again.
fn refuse_tokens(input: Value<'_>) -> Result<()> {
    let is_number = |it: Value<'_>| it.as_f64().is_some();
    let are_tokens = |it: Value<'_>| is_number(it) || it.elements().any(is_number);
    if !input.elements().any(are_tokens) {
        return Ok(());
    }
    let problem =
        "This model takes text, not tokens: `input` must be a string or an array of strings.";
    Err(Error::bad_request("unsupported_input", problem).param("input"))
}
