//! How many tokens a call may need, before anybody has counted them.
//!
//! An estimate is what a call reserves; it is replaced by what the answer says. So it need not be exact, but it must be
//! quick, also of megabytes, and rather too high than too low where a limit is nearly used up.

mod content;
mod text;

use crate::json::Value;
use crate::platform::ClientBody;
use crate::surface::{Call, Naming, Operation};

/// What a call may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    pub input: u64,
    /// At most, as far as the request says.
    pub output: u64,
}

impl Estimate {
    /// Of a form, or of a path whose request says nothing: no more than a mark that there was a call.
    pub const UNKNOWN: Self = Self {
        input: 100,
        output: 0,
    };

    pub fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

/// An answer, where its request sets no end to it: what most stay below.
const USUAL_OUTPUT: u64 = 256;
/// The same of the old completions, as OpenAI documents it.
const USUAL_COMPLETION: u64 = 16;
/// No model writes more. What asks for it means "as much as there is".
const MOST_OUTPUT: u64 = 1 << 20;
/// As many answers as OpenAI gives to one request.
const MOST_ANSWERS: u64 = 128;

/// Of a call; its body is only taken out of the runtime where something can be read in it.
pub fn of_call(call: &Call<impl ClientBody>) -> Estimate {
    let operation = call.wanted.operation;
    if matches!(call.method.as_str(), "GET" | "HEAD" | "DELETE") {
        return Estimate::default();
    }
    let is_json = matches!(call.naming, Naming::Json(_));
    if is_json && says_something(operation) && call.body.is_replayable() {
        return of_request(operation, &call.body.whole());
    }
    Estimate::UNKNOWN
}

fn says_something(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::Chat
            | Operation::Completions
            | Operation::Responses
            | Operation::Embeddings
            | Operation::Moderation
            | Operation::Speech
            | Operation::ImageGeneration
    )
}

/// Of the text of a request's body.
pub fn of_request(operation: Operation, body: &[u8]) -> Estimate {
    let body = Value::first(body).filter(|body| body.is_object());
    let Some(asked) = body.map(Asked::read) else {
        return Estimate::UNKNOWN;
    };
    let input = asked.input;
    let output = match operation {
        Operation::Chat => asked.output(USUAL_OUTPUT, asked.answers()),
        Operation::Responses => asked.output(USUAL_OUTPUT, 1),
        Operation::Completions => asked.output(USUAL_COMPLETION, asked.completions()),
        Operation::ImageGeneration => asked.picture.saturating_mul(asked.answers()),
        Operation::Embeddings | Operation::Moderation => 0,
        _ => {
            return Estimate {
                input: input.max(Estimate::UNKNOWN.input),
                output: 0,
            };
        }
    };
    Estimate { input, output }
}

/// What a request says of its size. Null is as good as nothing, and so is what is no number where one belongs.
#[derive(Default)]
struct Asked {
    input: u64,
    /// Of the old completions: each is answered by itself.
    prompts: u64,
    max_completion_tokens: Option<u64>,
    max_tokens: Option<u64>,
    max_output_tokens: Option<u64>,
    n: Option<u64>,
    best_of: Option<u64>,
    /// Tokens of a picture to draw.
    picture: u64,
}

impl Asked {
    fn read(body: Value<'_>) -> Self {
        let mut asked = Self {
            prompts: 1,
            picture: picture(None),
            ..Self::default()
        };
        for (name, value) in body.members() {
            match name.as_str().unwrap_or_default().as_ref() {
                "messages" | "input" | "instructions" | "suffix" | "prediction" => {
                    asked.input += content::tokens(value);
                }
                "prompt" => {
                    asked.input += content::tokens(value);
                    asked.prompts = prompts(value);
                }
                // Schemas become text of about their length.
                "tools" | "functions" | "response_format" | "text" if !value.is_null() => {
                    asked.input += text::tokens(value.raw());
                }
                "max_completion_tokens" => asked.max_completion_tokens = number(value),
                "max_tokens" => asked.max_tokens = number(value),
                "max_output_tokens" => asked.max_output_tokens = number(value),
                "n" => asked.n = number(value),
                "best_of" => asked.best_of = number(value),
                "quality" => asked.picture = picture(Some(value)),
                _ => {}
            }
        }
        asked
    }

    fn output(&self, usual: u64, answers: u64) -> u64 {
        let most = self.max_completion_tokens;
        let most = most.or(self.max_tokens).or(self.max_output_tokens);
        most.unwrap_or(usual)
            .min(MOST_OUTPUT)
            .saturating_mul(answers)
    }

    fn answers(&self) -> u64 {
        self.n.unwrap_or(1).clamp(1, MOST_ANSWERS)
    }

    fn completions(&self) -> u64 {
        let best_of = self.best_of.unwrap_or(1).min(MOST_ANSWERS);
        self.answers().max(best_of).saturating_mul(self.prompts)
    }
}

/// A whole number; one that is too long to be any is the largest.
fn number(value: Value<'_>) -> Option<u64> {
    let digits = value.raw();
    let is_whole = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_whole.then(|| value.as_u64().unwrap_or(u64::MAX))
}

/// A list of numbers is one prompt, in tokens.
fn prompts(prompt: Value<'_>) -> u64 {
    let is_several = |first: Value<'_>| first.is_string() || first.is_array();
    if !prompt.elements().next().is_some_and(is_several) {
        return 1;
    }
    u64::try_from(prompt.elements().count()).unwrap_or(u64::MAX)
}

/// OpenAI's figures for a square picture; which quality it takes by itself it does not say.
fn picture(quality: Option<Value<'_>>) -> u64 {
    match quality {
        Some(quality) if quality.is("low") => 272,
        Some(quality) if quality.is("high") => 4160,
        _ => 1056,
    }
}
