//! What the client said: chat's `messages` and the `input` items of responses.

use serde_json::Value;

use crate::error::{Result, invalid};

use super::text;

const ROLES: [&str; 6] = [
    "system",
    "developer",
    "user",
    "assistant",
    "tool",
    "function",
];

/// Around every message, as OpenAI counts it.
const MESSAGE_TOKENS: u64 = 3;

/// An image, a sound or a file, whatever its size: what OpenAI takes for an image of low detail.
const MEDIA_TOKENS: u64 = 85;

/// A conversation: how long it is and its last word, the user's or a tool's.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) tokens: u64,
    /// The last word is a tool's result.
    pub(super) is_result: bool,
    last: Turn,
}

/// The content of one message.
#[derive(Default)]
struct Turn {
    text: String,
    images: u64,
    audio: u64,
    files: u64,
}

impl Heard {
    /// One message, said as a string.
    pub(super) fn line(line: &str) -> Self {
        let mut heard = Self::default();
        heard.hear("user", Turn::of_text(line));
        heard
    }

    pub(super) fn messages(messages: &[Value]) -> Result<Self> {
        let refused = || invalid("messages", "messages with a known role and content");
        let mut heard = Self::default();
        for message in messages {
            let role = message.get("role").and_then(Value::as_str);
            let role = role.filter(|role| ROLES.contains(role));
            let role = role.ok_or_else(refused)?;
            let content = message.get("content").filter(|content| !content.is_null());
            if content.is_none() && !matches!(role, "assistant" | "function") {
                return Err(refused());
            }
            heard.hear(role, Turn::read(content).ok_or_else(refused)?);
            heard.count(message, &["tool_calls", "function_call"]);
        }
        Ok(heard)
    }

    pub(super) fn items(items: &[Value]) -> Result<Self> {
        let refused = || invalid("input", "items with a known role, or a type");
        let mut heard = Self::default();
        for item in items {
            let kind = item.get("type").and_then(Value::as_str);
            let (role, content) = match (kind, item.get("role")) {
                (None | Some("message"), Some(Value::String(role))) => {
                    (role.as_str(), item.get("content"))
                }
                (Some("function_call_output"), _) => ("tool", item.get("output")),
                (Some("message") | None, _) => return Err(refused()),
                // Calls, reasoning and references are context, and say nothing themselves.
                (Some(_), _) => ("assistant", None),
            };
            if !ROLES.contains(&role) {
                return Err(refused());
            }
            heard.hear(role, Turn::read(content).ok_or_else(refused)?);
            heard.count(item, &["arguments"]);
        }
        Ok(heard)
    }

    fn hear(&mut self, role: &str, turn: Turn) {
        self.tokens += MESSAGE_TOKENS + text::count(&turn.text);
        self.tokens += MEDIA_TOKENS * (turn.images + turn.audio + turn.files);
        if matches!(role, "user" | "tool" | "function") {
            self.is_result = role != "user";
            self.last = turn;
        }
    }

    /// What is in the request beside text: calls made before, tools on offer.
    fn count(&mut self, message: &Value, names: &[&str]) {
        for value in names.iter().filter_map(|name| message.get(name)) {
            self.tokens += text::count(&value.to_string());
        }
    }

    pub(super) fn count_tools(&mut self, tools: &[Value]) {
        for tool in tools {
            self.tokens += text::count(&tool.to_string());
        }
    }

    pub(super) fn reply(&self) -> String {
        if self.is_result {
            return format!(
                "The tool's result arrived: {}",
                text::excerpt(&self.last.text)
            );
        }
        match (self.last.text.trim(), self.last.media()) {
            (said, None) => text::reply(said),
            ("", Some(sent)) => sent,
            (said, Some(sent)) => format!("{} {sent}", text::reply(said)),
        }
    }
}

impl Turn {
    fn of_text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }

    fn read(content: Option<&Value>) -> Option<Self> {
        match content {
            None | Some(Value::Null) => Some(Self::default()),
            Some(Value::String(text)) => Some(Self::of_text(text)),
            Some(Value::Array(parts)) => {
                let mut turn = Self::default();
                parts.iter().try_for_each(|part| turn.add(part))?;
                Some(turn)
            }
            Some(_) => None,
        }
    }

    /// A part of chat or of responses, which differ in the prefix `input_`.
    fn add(&mut self, part: &Value) -> Option<()> {
        match part.get("type")?.as_str()? {
            "text" | "input_text" | "output_text" => self.add_text(part.get("text")?.as_str()?),
            "refusal" => self.add_text(part.get("refusal")?.as_str()?),
            "image_url" => {
                part.get("image_url")?.get("url")?.as_str()?;
                self.images += 1;
            }
            "input_image" => self.images += 1,
            "input_audio" => self.audio += 1,
            "file" | "input_file" => self.files += 1,
            _ => return None,
        }
        Some(())
    }

    fn add_text(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    /// "You sent 2 images and 1 file."
    fn media(&self) -> Option<String> {
        let seen = [
            (self.images, "image"),
            (self.audio, "audio clip"),
            (self.files, "file"),
        ];
        let seen: Vec<String> = seen
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| format!("{count} {noun}{}", if *count == 1 { "" } else { "s" }))
            .collect();
        let (last, before) = seen.split_last()?;
        Some(match before {
            [] => format!("You sent {last}."),
            _ => format!("You sent {} and {last}.", before.join(", ")),
        })
    }
}
