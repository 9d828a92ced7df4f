//! Legacy completions: `POST completions`.

use serde_json::{Value, json};

use crate::error::{Error, Result, invalid};
use crate::sse;

use super::fields::{Fields, missing};
use super::input::{self, Input};
use super::text::{self, Limits, Spoken};
use super::{Ask, Reply, Usage, whole};

/// OpenAI's default, a surprise to everybody.
const MAX_TOKENS: u64 = 16;

/// Prompts times `n`; each choice then still has twice [`MAX_TOKENS`].
const MAX_CHOICES: usize = 2048;

/// What `echo` may repeat over all choices, in bytes.
const MAX_ECHO: usize = 4 << 20;

/// Everything the answer is written from, streamed or not.
struct Answer<'a> {
    ask: &'a Ask<'a>,
    model: &'a str,
    choices: Vec<Choice>,
    usage: Usage,
}

struct Choice {
    /// The prompt, if it is to be repeated; not counted as output.
    echo: Option<String>,
    spoken: Spoken,
}

pub(super) fn answer(ask: &Ask<'_>, fields: &Fields) -> Result<Reply> {
    let model = fields.model()?.ok_or_else(|| missing("model"))?;
    check_unused(fields)?;
    let prompts = read_prompts(fields)?;
    let choices = read_choices(fields, &prompts)?;
    let answer = Answer {
        ask,
        model,
        usage: Usage {
            input: prompts.iter().map(|prompt| prompt.tokens).sum(),
            output: choices.iter().map(|choice| choice.spoken.count()).sum(),
        },
        choices,
    };
    let with_usage = fields.include_usage()?;
    Ok(match fields.flag("stream")? {
        Some(true) => Reply::events(answer.stream(with_usage), answer.usage),
        _ => Reply::json(&answer.completion(), Some(answer.usage)),
    })
}

fn check_unused(fields: &Fields) -> Result<()> {
    fields.check_sampling()?;
    fields.integer("logprobs", &(0..=5))?;
    fields.integer("best_of", &(0..=20))?;
    fields.string("suffix")?;
    Ok(())
}

/// Without a prompt OpenAI starts a new document.
fn read_prompts(fields: &Fields) -> Result<Vec<Input>> {
    let prompts = input::read(fields, "prompt")?;
    if prompts.is_empty() {
        return Ok(vec![Input::default()]);
    }
    Ok(prompts)
}

/// The choices of each prompt stand together, in the order of the prompts.
fn read_choices(fields: &Fields, prompts: &[Input]) -> Result<Vec<Choice>> {
    let each = fields.integer("n", &(1..=128))?.unwrap_or(1);
    let each = usize::try_from(each).unwrap_or(usize::MAX);
    let all = prompts.len().saturating_mul(each);
    if all > MAX_CHOICES {
        return Err(invalid("n", "such that there are at most 2048 choices"));
    }
    let most = fields.integer("max_tokens", &(0..=u64::MAX))?;
    let limits = Limits::new(text::stops(fields)?, most.or(Some(MAX_TOKENS)), all);
    let echo = fields.flag("echo")?.unwrap_or(false);
    let echoed: usize = prompts.iter().map(|prompt| prompt.text.len()).sum();
    if echo && echoed.saturating_mul(each) > MAX_ECHO {
        return Err(Error::bad_request(
            "echo_too_large",
            format!("The demo provider echoes up to {MAX_ECHO} bytes."),
        )
        .param("echo"));
    }
    let repeated = prompts
        .iter()
        .flat_map(|prompt| std::iter::repeat_n(prompt, each));
    Ok(repeated
        .map(|prompt| Choice {
            echo: echo.then(|| prompt.text.clone()),
            spoken: limits.speak(&text::reply(&prompt.text)),
        })
        .collect())
}

impl Answer<'_> {
    fn completion(&self) -> Value {
        let choices: Vec<Value> = self.choices.iter().enumerate().map(whole_choice).collect();
        let mut completion = self.chunk(&Value::Array(choices));
        put_usage(&mut completion, self.usage.plain());
        completion
    }

    fn stream(&self, with_usage: bool) -> String {
        let mut stream = String::new();
        let mut send = |choices: &Value, usage: Value| {
            let mut chunk = self.chunk(choices);
            if with_usage {
                put_usage(&mut chunk, usage);
            }
            sse::write_data(&mut stream, &chunk.to_string());
        };
        for (index, choice) in self.choices.iter().enumerate() {
            let pieces = choice.echo.iter().chain(&choice.spoken.pieces);
            for piece in pieces {
                send(&json!([part(index, piece, None)]), Value::Null);
            }
            let finish = Some(choice.spoken.finish.name());
            send(&json!([part(index, "", finish)]), Value::Null);
        }
        if with_usage {
            send(&json!([]), self.usage.plain());
        }
        stream
    }

    fn chunk(&self, choices: &Value) -> Value {
        json!({
            "id": format!("cmpl-{}", self.ask.id),
            "object": "text_completion",
            "created": self.ask.now_secs,
            "model": self.model,
            "choices": choices,
            "system_fingerprint": null,
        })
    }
}

fn whole_choice((index, choice): (usize, &Choice)) -> Value {
    let text = choice.echo.clone().unwrap_or_default() + &choice.spoken.text();
    part(index, &text, Some(choice.spoken.finish.name()))
}

fn part(index: usize, text: &str, finish: Option<&str>) -> Value {
    json!({"text": text, "index": whole(index), "logprobs": null, "finish_reason": finish})
}

fn put_usage(completion: &mut Value, usage: Value) {
    if let Some(completion) = completion.as_object_mut() {
        completion.insert("usage".to_owned(), usage);
    }
}
