//! The one shape of `prompt` and of an embedding's `input`: a string, strings, tokens, arrays of tokens.

use serde_json::Value;

use crate::error::{Result, invalid};

use super::fields::Fields;
use super::{text, whole};

/// OpenAI's limit for embeddings.
const MAX_INPUTS: usize = 2048;

#[derive(Default)]
pub(super) struct Input {
    /// Tokens are those of a vocabulary the demo does not have: their text is their numbers.
    pub(super) text: String,
    pub(super) tokens: u64,
}

/// The inputs of the field; none if it is absent. Nothing in it may be empty except a text.
pub(super) fn read(fields: &Fields, name: &'static str) -> Result<Vec<Input>> {
    let Some(value) = fields.get(name) else {
        return Ok(vec![]);
    };
    inputs(value)
        .filter(|inputs| inputs.len() <= MAX_INPUTS)
        .ok_or_else(|| {
            invalid(
                name,
                "a string, an array of up to 2048 strings, an array of tokens or an array of such arrays",
            )
        })
}

fn inputs(value: &Value) -> Option<Vec<Input>> {
    match value {
        Value::String(said) => Some(vec![of_text(said)]),
        Value::Array(values) => match values.first()? {
            Value::String(_) => values
                .iter()
                .map(|value| value.as_str().map(of_text))
                .collect(),
            Value::Array(_) => values
                .iter()
                .map(|value| of_tokens(value.as_array()?))
                .collect(),
            _ => Some(vec![of_tokens(values)?]),
        },
        _ => None,
    }
}

fn of_text(said: &str) -> Input {
    Input {
        text: said.to_owned(),
        tokens: text::count(said),
    }
}

fn of_tokens(tokens: &[Value]) -> Option<Input> {
    let numbers: Vec<String> = tokens
        .iter()
        .map(|token| token.as_u64().map(|token| token.to_string()))
        .collect::<Option<_>>()?;
    (!numbers.is_empty()).then(|| Input {
        text: numbers.join(" "),
        tokens: whole(numbers.len()),
    })
}
