//! Answers of `generateContent` as one text completion.

use super::Expects;
use super::logprobs::write_logprobs;
use crate::error::Result;
use crate::gemini::answer::head::Head;
use crate::gemini::answer::nothing::malformed;
use crate::gemini::answer::read;
use crate::gemini::answer::read::{Answer, Candidate};
use crate::gemini::finish::{Calls, Finish};
use crate::gemini::usage::Usage;
use crate::gemini::{Context, Decoded, nonsense};
use crate::json::{Writer, quoted};

/// The choices are numbered through: those of the first prompt first.
pub fn decode(bodies: &[Vec<u8>], expects: &Expects, context: &Context<'_>) -> Result<Decoded> {
    let answers = read(bodies)?;
    let first = answers.first().ok_or_else(nonsense)?;
    let head = Head {
        prefix: "cmpl-",
        id: context.id,
        object: "text_completion",
        now_secs: context.now_secs,
        model: context.model,
    };
    let mut out = Writer::default();
    out.open();
    head.write(&mut out, first);
    out.open_list("choices");
    for (number, answer) in answers.iter().enumerate() {
        let echo = echo(expects, number, answers.len());
        write_choices(&mut out, answer, number, expects, &echo)?;
    }
    out.close_list();
    Usage::sum(&answers).write(&mut out);
    out.close();
    Ok(Decoded::json(out.into_bytes()))
}

/// The prompt an answer belongs to, if it is to be repeated. Each has as many answers.
fn echo(expects: &Expects, number: usize, answers: usize) -> String {
    let prompts = expects.echo.as_deref().unwrap_or_default();
    let each = answers.checked_div(prompts.len()).unwrap_or(1).max(1);
    prompts.get(number / each).cloned().unwrap_or_default()
}

/// An answer without any is an empty one, or the prompt was blocked.
fn write_choices(
    out: &mut Writer,
    answer: &Answer<'_>,
    number: usize,
    expects: &Expects,
    echo: &str,
) -> Result<()> {
    let most = expects.choices_per_prompt.max(1);
    let base = number.saturating_mul(most);
    let mut is_answered = false;
    for (index, candidate) in answer.numbered(most) {
        is_answered = true;
        write_choice(out, &candidate, base + index, echo)?;
    }
    if !is_answered {
        let mut empty = Candidate::default();
        if answer.is_blocked() {
            empty.finish_reason = b"SAFETY";
        }
        write_choice(out, &empty, base, echo)?;
    }
    Ok(())
}

fn write_choice(
    out: &mut Writer,
    candidate: &Candidate<'_>,
    index: usize,
    echo: &str,
) -> Result<()> {
    let said = candidate.text();
    let finish = Finish::of(candidate.finish_reason).unwrap_or(Finish::Stop);
    if let Finish::Malformed(code) = finish
        && said.is_empty()
    {
        return Err(malformed(code));
    }
    let mut whole = quoted(echo).into_bytes();
    whole.pop();
    whole.extend_from_slice(&said);
    whole.push(b'"');
    out.open();
    out.raw("text", &whole);
    out.raw("index", index.to_string().as_bytes());
    write_logprobs(out, candidate.logprobs, echo.chars().count());
    out.word("finish_reason", finish.word(Calls::None));
    out.close();
    Ok(())
}
