//! Whole answers of `generateContent` as a chat completion.

pub mod blob;
pub mod calls;
pub mod code;
pub mod created;
pub mod cursor;
pub mod fence;
pub mod head;
pub(crate) mod message;
pub(crate) mod nothing;
pub mod places;
pub mod read;

use crate::error::Result;
use crate::gemini::usage::{self, Usage};
use crate::gemini::{Context, Decoded, chat, nonsense};
use crate::json::Writer;

use calls::Manner;
use head::Head;
use message::Choice;
use nothing::malformed;
use read::Answer;

/// Google knows eight at most; OpenAI 128.
const MAX_CHOICES: usize = 128;

/// Of several answers the choices are numbered on, the usage is added up.
pub fn decode(
    bodies: &[Vec<u8>],
    expects: &chat::Expects,
    context: &Context<'_>,
) -> Result<Decoded> {
    let answers = read(bodies)?;
    let manner = Manner {
        expects,
        options: context.options,
        id: context.id,
    };
    let mut choices = Vec::new();
    for answer in &answers {
        add_choices(&mut choices, answer, manner);
    }
    check(&choices)?;
    Ok(Decoded::json(write(&answers, &choices, context, manner)))
}

/// The answers, none of which may be an error.
pub fn read(bodies: &[Vec<u8>]) -> Result<Vec<Answer<'_>>> {
    let answers = bodies.iter().map(|body| {
        let answer = Answer::read(body).ok_or_else(nonsense)?;
        match answer.error {
            Some(_) => Err(nonsense()),
            None => Ok(answer),
        }
    });
    answers.collect()
}

/// One that holds no candidate is an empty one, or the prompt was blocked.
fn add_choices<'t>(choices: &mut Vec<Choice<'t>>, answer: &Answer<'t>, manner: Manner<'_>) {
    let start = choices.len();
    for (index, candidate) in answer.numbered(MAX_CHOICES) {
        choices.push(Choice::read(start + index, &candidate, manner));
    }
    if choices.len() > start {
        return;
    }
    choices.push(if answer.is_blocked() {
        Choice::blocked(start, answer.block_reason, answer.block_message)
    } else {
        Choice::read(start, &read::Candidate::default(), manner)
    });
}

/// A malformed call is the model's slip: a client that hears of an upstream's fault tries again.
fn check(choices: &[Choice<'_>]) -> Result<()> {
    let is_answered = choices.iter().any(|choice| !choice.is_empty());
    match choices.iter().find_map(Choice::failure) {
        Some(code) if !is_answered => Err(malformed(code)),
        _ => Ok(()),
    }
}

fn write(
    answers: &[Answer<'_>],
    choices: &[Choice<'_>],
    context: &Context<'_>,
    manner: Manner<'_>,
) -> Vec<u8> {
    let first = answers.first().copied().unwrap_or_default();
    let head = Head {
        prefix: "chatcmpl-",
        id: context.id,
        object: "chat.completion",
        now_secs: context.now_secs,
        model: context.model,
    };
    let mut out = Writer::default();
    out.open();
    head.write(&mut out, &first);
    out.open_list("choices");
    for choice in choices {
        choice.write(&mut out, manner, context.now_secs);
    }
    out.close_list();
    Usage::sum(answers).write(&mut out);
    if let Some(tier) = first.usage.and_then(usage::tier) {
        out.joined("service_tier", &tier);
    }
    out.close();
    out.into_bytes()
}
