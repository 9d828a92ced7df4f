//! Anthropic's Messages API for OpenAI's chat clients: Claude, as Azure AI Foundry serves it. Pure: text in, text out.
//!
//! Texts are looked at in place ([`crate::json`]) and written anew: a string, a schema or a call's arguments keep
//! the bytes they came in. Where it lives and which headers it takes is the provider's to know.

pub mod answer;
pub mod errors;
mod model;
pub mod request;
pub mod stream;
mod usage;

/// What a request means for its answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expects {
    /// A stream is to end with its usage.
    pub usage: bool,
    /// The client offered `functions`, from before there were tools: it reads `function_call` alone.
    pub function_call: bool,
    /// The model was given [`ANSWER_TOOL`]: what it calls that with is the answer.
    pub answer_tool: bool,
}

/// How an answer is bound to a schema: as the input of a tool, which every Claude since the third knows. Anthropic's
/// own structured outputs came with 4.5, and refuse many schemas that OpenAI takes.
const ANSWER_TOOL: &str = "answer_as_json";

/// OpenAI's `finish_reason`. What is not known has at least stopped.
fn finish_reason(stop_reason: &str) -> &'static str {
    match stop_reason {
        "max_tokens" | "model_context_window_exceeded" => "length",
        "tool_use" => "tool_calls",
        "refusal" => "content_filter",
        _ => "stop",
    }
}

impl Expects {
    /// The same for an answer with as many calls of the client's own tools.
    fn finish_reason(self, stop_reason: &str, calls: usize) -> &'static str {
        match finish_reason(stop_reason) {
            "tool_calls" if calls == 0 => "stop",
            "tool_calls" if self.function_call => "function_call",
            reason => reason,
        }
    }
}
