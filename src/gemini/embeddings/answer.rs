//! Google's vectors as OpenAI's list.

use super::Expects;
use super::vector::write_vector;
use crate::error::Result;
use crate::gemini::answer::read::{number, object};
use crate::gemini::{Context, Decoded, nonsense};
use crate::json::{Value, Writer, member};

/// Of several answers the vectors follow each other in the order of the texts.
pub fn decode(bodies: &[Vec<u8>], expects: &Expects, context: &Context<'_>) -> Result<Decoded> {
    let mut out = Writer::default();
    out.open();
    out.word("object", "list");
    out.open_list("data");
    let mut index = 0;
    let mut tokens = 0_u64;
    for (number, body) in bodies.iter().enumerate() {
        let answer = object(body).ok_or_else(nonsense)?;
        let before = index;
        for vector in vectors(answer) {
            out.open();
            out.word("object", "embedding");
            out.number("index", index);
            write_vector(&mut out, vector.values, expects).ok_or_else(nonsense)?;
            out.close();
            index += 1;
            tokens = tokens.saturating_add(vector.tokens);
        }
        check(index - before, expects.shares.get(number), bodies.len())?;
        let said = member(answer, "usageMetadata");
        let said = said.map_or(0, |usage| count(usage, "promptTokenCount"));
        tokens = tokens.saturating_add(said);
    }
    out.close_list();
    out.string("model", context.model);
    out.open_member("usage");
    out.number("prompt_tokens", tokens);
    out.number("total_tokens", tokens);
    out.close();
    out.close();
    Ok(Decoded::json(out.into_bytes()))
}

/// A vector that is missing would give all behind it to the wrong texts.
fn check(given: u64, wanted: Option<&usize>, answers: usize) -> Result<()> {
    let wanted = wanted.map_or(1, |wanted| *wanted as u64);
    let is_right = given == wanted || given > wanted && answers == 1;
    is_right.then_some(()).ok_or_else(nonsense)
}

struct Vector<'t> {
    values: Value<'t>,
    tokens: u64,
}

/// In whichever of the three shapes: what is there says which it is.
fn vectors(answer: Value<'_>) -> impl Iterator<Item = Vector<'_>> {
    let many = member(answer, "embeddings").or_else(|| member(answer, "predictions"));
    let one = member(answer, "embedding").filter(|_| many.is_none());
    let all = many.into_iter().flat_map(Value::elements);
    all.chain(one).map(|item| {
        // A prediction has its vector one level down.
        let embedding = member(item, "embeddings").unwrap_or(item);
        let statistics = member(embedding, "statistics");
        let counts = |it| count(it, "token_count").max(count(it, "tokenCount"));
        Vector {
            values: member(embedding, "values").unwrap_or(embedding),
            tokens: statistics.map_or(0, counts),
        }
    })
}

fn count(of: Value<'_>, name: &str) -> u64 {
    let said = member(of, name);
    said.and_then(|it| number(it.raw())).unwrap_or(0)
}
