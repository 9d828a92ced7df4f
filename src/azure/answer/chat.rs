//! Chat completions, and the older ones of text.

use crate::azure::usage;
use crate::json::{Patch, Value, compact, quoted};
use crate::platform::Edit;

use super::{Repair, set_if_blank};

impl Repair<'_> {
    pub(super) fn chat(&self, root: Value<'_>) -> Vec<Edit> {
        self.completion(root, "chat.completion", "chatcmpl")
    }

    pub(super) fn completions(&self, root: Value<'_>) -> Vec<Edit> {
        self.completion(root, "text_completion", "cmpl")
    }

    fn completion(&self, root: Value<'_>, object: &str, prefix: &str) -> Vec<Edit> {
        let Some(choices) = root.get("choices").filter(|it| it.is_array()) else {
            return Vec::new();
        };
        let mut patch = Patch::of(root);
        set_if_blank(&mut patch, "id", || {
            quoted(&format!("{prefix}-{}", self.context.id))
        });
        set_if_blank(&mut patch, "object", || quoted(object));
        // The forms of the first completions, and of the first On Your Data.
        let is_old =
            |it: Value<'_>| it.is("text.completion") || it.is("extensions.chat.completion");
        if patch.get("object").is_some_and(is_old) {
            patch.set("object", &quoted(object));
        }
        set_if_blank(&mut patch, "created", || self.context.now_secs.to_string());
        self.name_model(&mut patch);
        self.strip(&mut patch);
        let mut edits = patch.edits();
        for choice in choices.elements() {
            self.choice(choice, &mut edits);
        }
        edits.extend(root.get("usage").and_then(usage::complete));
        edits
    }

    fn choice(&self, choice: Value<'_>, edits: &mut Vec<Edit>) {
        let mut patch = Patch::of(choice);
        if patch.get("finish_reason").is_some_and(is_stop) {
            patch.set("finish_reason", r#""stop""#);
        }
        self.strip(&mut patch);
        edits.extend(patch.edits());
        if let Some(message) = choice.get("message") {
            self.message(message, edits);
        }
    }

    fn message(&self, message: Value<'_>, edits: &mut Vec<Edit>) {
        if !message.is_object() {
            return;
        }
        let mut patch = Patch::of(message);
        if !patch.has("content") {
            // What the filter took away whole; OpenAI's schema wants the member.
            patch.set("content", "null");
        }
        patch.retain(|name, value| match name {
            "tool_calls" => !(value.is_null() || value.is_array() && value.is_empty()),
            "function_call" => !value.is_null(),
            _ => true,
        });
        self.strip(&mut patch);
        edits.extend(patch.edits());
        let calls = message.get("tool_calls");
        for call in calls.iter().flat_map(|calls| calls.elements()) {
            tool_call(call, edits);
        }
    }
}

/// Other makers' words for the same: Anthropic's, Mistral's and Llama's servers', and none.
fn is_stop(reason: Value<'_>) -> bool {
    ["end_turn", "eos", "eos_token", ""]
        .iter()
        .any(|it| reason.is(it))
}

/// Serverless models leave the type out and give arguments as the object they are.
fn tool_call(call: Value<'_>, edits: &mut Vec<Edit>) {
    let Some(function) = call.get("function").filter(|it| it.is_object()) else {
        return;
    };
    let mut patch = Patch::of(call);
    set_if_blank(&mut patch, "type", || quoted("function"));
    edits.extend(patch.edits());
    let mut patch = Patch::of(function);
    match function.get("arguments") {
        Some(arguments) if arguments.is_string() => return,
        Some(arguments) if !arguments.is_null() => {
            patch.set("arguments", &quoted(&compact(arguments.raw())));
        }
        _ => patch.set("arguments", &quoted("{}")),
    }
    edits.extend(patch.edits());
}
