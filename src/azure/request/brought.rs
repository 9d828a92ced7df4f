//! What a tool brought that is no text. In its own message it is refused, so a user's message behind shows it.

use std::mem;

use crate::azure::request::content;
use crate::json::{self, Value};
use crate::platform::Edit;

/// In the place of a content that has all gone.
const GONE: &str = r#""The result is in the next message of the user.""#;

/// Parts on their way out of tools' messages, and the place behind the last of these: nothing may stand between the
/// answers to calls that were made together.
#[derive(Default)]
pub(super) struct Brought {
    parts: Vec<String>,
    behind: u64,
}

impl Brought {
    /// Comes by a message of a tool's.
    pub(super) fn pass(&mut self, message: Value<'_>) {
        self.behind = message.range().end;
    }

    /// A content without those parts, if there are any.
    pub(super) fn take(&mut self, content: Value<'_>, is_strict: bool) -> Option<Edit> {
        if !content.elements().any(is_media) {
            return None;
        }
        let (media, texts): (Vec<_>, Vec<_>) = content.elements().partition(|it| is_media(*it));
        self.parts.extend(media.into_iter().map(content::alone));
        let texts: Vec<String> = texts.into_iter().map(content::alone).collect();
        if texts.is_empty() {
            return Some(json::replace(content, GONE.to_owned()));
        }
        let kept = format!("[{}]", texts.join(","));
        let joined = Value::first(kept.as_bytes())
            .filter(|_| is_strict)
            .and_then(content::joined);
        Some(json::replace(content, joined.unwrap_or(kept)))
    }

    /// The message that shows what was taken so far.
    pub(super) fn message(&mut self) -> Option<Edit> {
        let parts = mem::take(&mut self.parts).join(",");
        let message = || format!(r#",{{"role":"user","content":[{parts}]}}"#);
        (!parts.is_empty()).then(|| Edit::insert(self.behind, message()))
    }
}

fn is_media(part: Value<'_>) -> bool {
    ["image_url", "input_audio"]
        .iter()
        .any(|name| part.get(name).is_some())
}
