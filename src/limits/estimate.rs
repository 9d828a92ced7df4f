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
    let is_about_stored = matches!(call.method.as_str(), "GET" | "HEAD" | "DELETE");
    if is_about_stored && !call.is_upgrade() {
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

#[cfg(test)]
mod tests {
    use super::{Estimate, Operation, of_request};

    fn check(operation: Operation, rows: &[(&str, u64, u64)]) {
        for (body, input, output) in rows {
            let expected = Estimate {
                input: *input,
                output: *output,
            };
            assert_eq!(of_request(operation, body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn of_a_chat() {
        check(
            Operation::Chat,
            &[
                ("", 100, 0),
                ("[]", 100, 0),
                ("{}", 0, 256),
                (r#"{"messages":null}"#, 0, 256),
                (
                    r#"{"messages":[{"role":"user","content":"12345678"}]}"#,
                    6,
                    256,
                ),
                (
                    r#"{"messages":[{"role":"user","content":"日本語"},{"role":"assistant","content":null}]}"#,
                    11,
                    256,
                ),
                (
                    r#"{"messages":[{"role":"user","content":[{"type":"text","text":"12345678"}]}]}"#,
                    6,
                    256,
                ),
                (r#"{"max_tokens":10,"n":3}"#, 0, 30),
                (r#"{"max_tokens":10,"max_completion_tokens":20}"#, 0, 20),
                (
                    r#"{"max_completion_tokens":null,"max_tokens":10,"n":null}"#,
                    0,
                    10,
                ),
                (r#"{"max_tokens":"10","n":"2"}"#, 0, 256),
                (r#"{"max_tokens":-1}"#, 0, 256),
                (
                    r#"{"max_tokens":99999999999999999999999999,"n":1}"#,
                    0,
                    1 << 20,
                ),
                (r#"{"max_tokens":2000000,"n":2000000}"#, 0, 128 << 20),
                (r#"{"max_tokens":0,"n":0}"#, 0, 0),
            ],
        );
    }

    #[test]
    fn of_what_is_no_text() {
        let rows = [
            (
                r#"{"type":"image_url","image_url":{"url":"https://x.test/a.png"}}"#,
                765,
            ),
            (
                r#"{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}}"#,
                85,
            ),
            (
                r#"{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"}"#,
                85,
            ),
            (r#"{"type":"input_image","file_id":"file-1"}"#, 765),
            (
                r#"{"type":"input_audio","input_audio":{"data":"AAAAAAAA","format":"wav"}}"#,
                1,
            ),
            (r#"{"type":"file","file":{"file_id":"file-1"}}"#, 1500),
            (
                r#"{"type":"input_file","file_url":"https://x.test/a.pdf"}"#,
                1500,
            ),
            (
                r#"{"type":"video_url","video_url":{"url":"data:video/mp4;base64,AAAA"}}"#,
                765,
            ),
        ];
        for (part, tokens) in rows {
            let body = format!(r#"{{"messages":[{{"content":[{part}]}}]}}"#);
            // Their type and name, as words, may count besides.
            let got = of_request(Operation::Chat, body.as_bytes()).input;
            assert!((tokens..tokens + 8).contains(&got), "{part}: {got}");
        }
        let of = |key: &str, bytes: usize, rest: &str| {
            let data = "A".repeat(bytes);
            let body = format!(
                r#"{{"messages":[{{"{key}":{{"data":"{data}","file_data":"{data}"{rest}}}}}]}}"#
            );
            of_request(Operation::Chat, body.as_bytes()).input
        };
        assert_eq!(of("input_audio", 64_000, r#","format":"wav""#), 10);
        assert_eq!(of("input_audio", 64_000, ""), 30);
    }

    #[test]
    fn of_a_file_by_its_size() {
        for (bytes, pages) in [(10, 1), (240_000, 3), (40_000_000, 100)] {
            let data = "A".repeat(bytes);
            let body = format!(r#"{{"input":[{{"type":"input_file","file_data":"{data}"}}]}}"#);
            let got = of_request(Operation::Responses, body.as_bytes()).input;
            assert_eq!(got, pages * 1500, "{bytes}");
        }
    }

    #[test]
    fn of_tools_and_schemas() {
        check(
            Operation::Chat,
            &[
                (r#"{"tools":[{"type":"function"}]}"#, 6, 256),
                (
                    r#"{"response_format":{"type":"json_object"},"tools":null}"#,
                    6,
                    256,
                ),
                (
                    r#"{"messages":[{"tool_calls":[{"id":"x","function":{"arguments":"{\"a\":\"12345678\"}"}}]}]}"#,
                    4,
                    256,
                ),
            ],
        );
    }

    #[test]
    fn of_completions() {
        check(
            Operation::Completions,
            &[
                (r#"{"prompt":"12345678"}"#, 2, 16),
                (r#"{"prompt":["1234","1234"],"max_tokens":5}"#, 2, 10),
                (r#"{"prompt":[1,2,3],"n":2,"best_of":4}"#, 3, 64),
                (
                    r#"{"prompt":[[1,2],[3],[4]],"max_tokens":5,"n":2,"suffix":"1234"}"#,
                    5,
                    30,
                ),
                (r#"{"prompt":[]}"#, 0, 16),
            ],
        );
    }

    #[test]
    fn of_responses() {
        check(
            Operation::Responses,
            &[
                (r#"{"input":"12345678","instructions":"1234"}"#, 3, 256),
                (
                    r#"{"input":[{"role":"user","content":[{"type":"input_text","text":"1234"}]}],"max_output_tokens":7}"#,
                    5,
                    7,
                ),
                (
                    r#"{"input":[{"type":"function_call_output","call_id":"c","output":"12345678"}]}"#,
                    2,
                    256,
                ),
                (
                    r#"{"input":[{"type":"image_generation_call","id":"i","result":"AAAAAAAAAAAA"}]}"#,
                    765,
                    256,
                ),
                (r#"{"text":{"format":{"type":"text"}},"n":3}"#, 7, 256),
            ],
        );
    }

    #[test]
    fn of_the_others() {
        check(
            Operation::Embeddings,
            &[
                (r#"{"input":"12345678"}"#, 2, 0),
                (r#"{"input":["1234","12345"]}"#, 3, 0),
                (r#"{"input":[1,2,3]}"#, 3, 0),
                (r#"{"input":[[1,2,3],[4]]}"#, 4, 0),
                (
                    r#"{"input":[{"image":"data:image/png;base64,AAAA","text":"1234"}]}"#,
                    766,
                    0,
                ),
            ],
        );
        check(Operation::Moderation, &[(r#"{"input":["1234"]}"#, 1, 0)]);
        check(Operation::Speech, &[(r#"{"input":"1234"}"#, 100, 0)]);
        check(
            Operation::ImageGeneration,
            &[
                (r#"{"prompt":"1234"}"#, 1, 1056),
                (r#"{"prompt":"1234","n":2,"quality":"low"}"#, 1, 544),
                (r#"{"prompt":"1234","quality":"high"}"#, 1, 4160),
            ],
        );
    }
}
