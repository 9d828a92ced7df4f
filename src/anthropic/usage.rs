//! Tokens, as each side counts them.

use crate::json::{Value, Writer, member};
use crate::usage;

/// Anthropic counts what was read from a cache, and what was written to one, apart from the rest of the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    input: u64,
    cache_creation: u64,
    cache_read: u64,
    output: u64,
}

impl Usage {
    /// Takes what is said; a stream says some at its beginning and the rest, or all again, at its end.
    pub(super) fn update(&mut self, usage: Value<'_>) {
        for (name, count) in [
            ("input_tokens", &mut self.input),
            ("cache_creation_input_tokens", &mut self.cache_creation),
            ("cache_read_input_tokens", &mut self.cache_read),
            ("output_tokens", &mut self.output),
        ] {
            if let Some(said) = member(usage, name).and_then(Value::as_u64) {
                *count = said;
            }
        }
    }

    /// To OpenAI the prompt is all of it.
    pub(super) fn told(&self) -> usage::Usage {
        let cached = self.cache_creation.saturating_add(self.cache_read);
        let input = self.input.saturating_add(cached);
        usage::Usage {
            input,
            output: self.output,
            total: input.saturating_add(self.output),
        }
    }

    pub(super) fn write(&self, out: &mut Writer) {
        let told = self.told();
        out.open_member("usage");
        out.number("prompt_tokens", told.input);
        out.number("completion_tokens", told.output);
        out.number("total_tokens", told.total);
        out.open_member("prompt_tokens_details");
        out.number("cached_tokens", self.cache_read);
        out.close();
        out.close();
    }
}
