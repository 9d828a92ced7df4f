//! Embeddings: what their clients want of an answer that OpenAI's do not.

use crate::json::{Patch, Value, apply, quoted};

/// The answer with an `id`, which the API requires and OpenAI does not have; None if it has one, or is no object.
pub fn with_id(answer: &[u8], id: &str) -> Option<Vec<u8>> {
    let root = Value::first(answer).filter(|it| it.is_object())?;
    let is_named = |it: Value<'_>| it.is_string() && !it.is_empty();
    if root.get("id").is_some_and(is_named) {
        return None;
    }
    let mut patch = Patch::of(root);
    patch.set("id", &quoted(&format!("embd-{id}")));
    Some(apply(answer, &patch.edits()))
}

#[cfg(test)]
mod tests {
    use super::with_id;

    #[test]
    fn an_answer_without_an_id_gets_one() {
        for (answer, wanted) in [
            (
                r#"{"object":"list"}"#,
                Some(r#"{"id":"embd-7","object":"list"}"#),
            ),
            (
                r#"{"id":null,"data":[]}"#,
                Some(r#"{"id":"embd-7","data":[]}"#),
            ),
            (r#"{"id":""}"#, Some(r#"{"id":"embd-7"}"#)),
            (r"{}", Some(r#"{"id":"embd-7"}"#)),
            (r#"{"id":"embd-1"}"#, None),
            ("[]", None),
            ("", None),
        ] {
            let got = with_id(answer.as_bytes(), "7");
            let got = got.map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(got.as_deref(), wanted, "{answer}");
        }
    }
}
