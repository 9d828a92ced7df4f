//! Answers of `generateContent` as one text completion.

use super::Expects;
use super::logprobs::write_logprobs;
use crate::error::{Error, Kind, Result};
use crate::gemini::reply::{Counts, Ending, Reply, ending, text};
use crate::gemini::{Context, Decoded, nonsense};
use crate::json::{Value, Writer, inside, member, quoted};

/// The choices are numbered through: those of the first prompt first.
pub fn decode(bodies: &[Vec<u8>], expects: &Expects, context: &Context<'_>) -> Result<Decoded> {
    let replies = Reply::all(bodies)?;
    let first = replies.first().ok_or_else(nonsense)?;
    let mut out = Writer::default();
    out.open();
    write_head(&mut out, *first, context);
    out.open_list("choices");
    for (number, reply) in replies.iter().enumerate() {
        let echo = echo(expects, number, replies.len());
        write_choices(&mut out, *reply, number, expects, &echo)?;
    }
    out.close_list();
    Counts::sum(&replies).write_completion(&mut out);
    out.close();
    Ok(Decoded::json(out.into_bytes()))
}

fn write_head(out: &mut Writer, reply: Reply<'_>, context: &Context<'_>) {
    let said = |name| {
        let value = reply.get(name)?;
        Some(value).filter(|it| it.is_string() && !it.is_empty())
    };
    let id = said("responseId").map_or(context.id.as_bytes(), inside);
    out.joined("id", &[b"cmpl-", id].concat());
    out.word("object", "text_completion");
    out.number("created", context.now_secs);
    match said("modelVersion") {
        Some(model) => out.raw("model", model.raw()),
        None => out.string("model", context.model),
    }
}

/// The prompt an answer belongs to, if it is to be repeated. Each has as many answers.
fn echo(expects: &Expects, number: usize, answers: usize) -> String {
    let prompts = expects.echo.as_deref().unwrap_or_default();
    let each = answers.checked_div(prompts.len()).unwrap_or(1).max(1);
    prompts.get(number / each).cloned().unwrap_or_default()
}

fn write_choices(
    out: &mut Writer,
    reply: Reply<'_>,
    number: usize,
    expects: &Expects,
    echo: &str,
) -> Result<()> {
    let most = expects.choices_per_prompt.max(1);
    let base = number.saturating_mul(most);
    let mut count = 0;
    for candidate in reply.candidates().take(most) {
        // Left out it is 0, of each of several, too.
        let said = member(candidate, "index").and_then(Value::as_u64);
        let said = said.and_then(|index| usize::try_from(index).ok());
        let index = said.filter(|index| *index < most).unwrap_or(count);
        write_choice(out, candidate, base + index, echo)?;
        count += 1;
    }
    if count == 0 {
        let reason = if reply.is_blocked() {
            "content_filter"
        } else {
            "stop"
        };
        let text = quoted(echo);
        begin_choice(out, text.as_bytes(), base);
        out.raw("logprobs", b"null");
        out.word("finish_reason", reason);
        out.close();
    }
    Ok(())
}

fn write_choice(out: &mut Writer, candidate: Value<'_>, index: usize, echo: &str) -> Result<()> {
    let said = text(candidate);
    let reason = match ending(candidate) {
        Ending::Filtered => "content_filter",
        Ending::Length => "length",
        Ending::Broken(code) if said.is_empty() => {
            let problem = "The model's answer was malformed; another try may do.";
            return Err(Error::new(Kind::BadGateway, code, problem));
        }
        Ending::Stopped | Ending::Broken(_) => "stop",
    };
    let mut whole = quoted(echo).into_bytes();
    whole.pop();
    whole.extend_from_slice(&said);
    whole.push(b'"');
    begin_choice(out, &whole, index);
    write_logprobs(
        out,
        member(candidate, "logprobsResult"),
        echo.chars().count(),
    );
    out.word("finish_reason", reason);
    out.close();
    Ok(())
}

fn begin_choice(out: &mut Writer, text: &[u8], index: usize) {
    out.open();
    out.raw("text", text);
    out.raw("index", index.to_string().as_bytes());
}
