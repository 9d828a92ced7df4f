//! How many tokens an answer says it took.

mod hidden;
mod recent;
pub mod watch;

pub use watch::Watch;

use crate::json::{Backwards, Value};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub input: u64,
    pub output: u64,
    /// As the answer says; else the sum.
    pub total: u64,
}

/// Of a whole answer, in any of OpenAI's shapes. It is read from its end: the usage comes behind what is large.
pub fn of_answer(body: &[u8]) -> Option<Usage> {
    at_the_end(body)
}

/// Of a member `usage`. Its names are those of chats, completions and embeddings, or those of responses, pictures and
/// sounds. A number that is missing is what the others leave; one that is no whole number is missing.
pub fn of(usage: Value<'_>) -> Option<Usage> {
    let (mut input, mut output, mut total) = (None, None, None);
    for (key, value) in usage.members() {
        match key.as_str().as_deref() {
            Some("prompt_tokens" | "input_tokens") => input = value.as_u64().or(input),
            Some("completion_tokens" | "output_tokens") => output = value.as_u64().or(output),
            Some("total_tokens") => total = value.as_u64().or(total),
            _ => {}
        }
    }
    let beside = |known| total.unwrap_or(known).saturating_sub(known);
    let (input, output) = match (input, output) {
        (Some(input), Some(output)) => (input, output),
        (Some(input), None) => (input, beside(input)),
        (None, Some(output)) => (beside(output), output),
        // Of embeddings: they have no output.
        (None, None) => (total?, 0),
    };
    let total = total.unwrap_or_else(|| input.saturating_add(output));
    Some(Usage {
        input,
        output,
        total,
    })
}

/// Of the object a text ends with: an answer, an event of a stream, or the end of one whose beginning is missing.
///
/// The last events of the Responses API have the usage in their `response`. Where the name of what holds it is missing,
/// too, it is taken for that: no other member of an event has a `usage`.
fn at_the_end(text: &[u8]) -> Option<Usage> {
    let mut members = Backwards::of(text)?;
    let mut response = None;
    for (key, value) in members.by_ref() {
        if key.is("usage") {
            return of(value);
        }
        if response.is_none() && key.is("response") {
            response = Backwards::of(value.raw()).and_then(member);
        }
    }
    response.or_else(|| members.cut().and_then(member))
}

fn member(mut members: Backwards<'_>) -> Option<Usage> {
    let (_, usage) = members.find(|(key, _)| key.is("usage"))?;
    of(usage)
}
