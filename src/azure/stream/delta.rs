//! What a choice adds to its message.

use crate::json::{Patch, Value};

use super::choice::Findings;
use super::tool_calls::{self, Calls};

/// What is null in every chunk of some models (`DeepSeek`) and in none of OpenAI's. `refusal` is not: OpenAI
/// itself begins with a null there.
const NEVER_NULL: [&str; 4] = ["role", "tool_calls", "function_call", "reasoning_content"];

pub struct Delta<'t> {
    object: Value<'t>,
    pub has_role: bool,
    /// Anything but the role says something.
    pub carries: bool,
    has_needless: bool,
    content: Option<Value<'t>>,
    reasoning: Option<Value<'t>>,
    tool_calls: Option<Value<'t>>,
    function_call: Option<Value<'t>>,
}

impl<'t> Delta<'t> {
    pub fn of(object: Value<'t>) -> Self {
        let mut delta = Self {
            object,
            has_role: false,
            carries: false,
            has_needless: false,
            content: None,
            reasoning: None,
            tool_calls: None,
            function_call: None,
        };
        for (key, value) in object.members() {
            delta.see(&key.as_str().unwrap_or_default(), value);
        }
        delta
    }

    fn see(&mut self, name: &str, value: Value<'t>) {
        let says_something = !value.is_null() && !value.is_empty();
        match name {
            "role" => self.has_role |= says_something,
            _ => self.carries |= says_something,
        }
        self.has_needless |= is_needless(name, value);
        match name {
            "content" => self.content = Some(value),
            "reasoning_content" => self.reasoning = Some(value),
            "tool_calls" => self.tool_calls = Some(value),
            "function_call" => self.function_call = Some(value),
            _ => {}
        }
    }

    pub fn has_text(&self) -> bool {
        self.content
            .is_some_and(|it| it.is_string() && !it.is_empty())
    }

    pub fn repair(self, calls: &mut Calls, found: &mut Findings) {
        // Of a message that only calls tools OpenAI's first chunk says it.
        let drops_content = !self.has_role && self.content.is_some_and(Value::is_null);
        if self.has_needless || drops_content {
            let mut patch = Patch::of(self.object);
            patch.retain(|name, value| !is_needless(name, value));
            if drops_content {
                patch.remove("content");
            }
            found.edits.extend(patch.edits());
        }
        for text in self.content.into_iter().chain(self.reasoning) {
            found.text(text);
        }
        for call in self.tool_calls.into_iter().flat_map(Value::elements) {
            tool_calls::repair(call, calls, found);
        }
        if let Some(function) = self.function_call {
            tool_calls::write_arguments(function, found);
        }
    }
}

fn is_needless(name: &str, value: Value<'_>) -> bool {
    let is_empty_list = name == "tool_calls" && value.is_empty();
    is_empty_list || value.is_null() && NEVER_NULL.contains(&name)
}
