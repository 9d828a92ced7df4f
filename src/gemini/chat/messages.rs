//! The conversation: `messages` as `systemInstruction` and `contents`.

use crate::error::Result;
use crate::gemini::Manner;
use crate::gemini::lessons::Lessons;
use crate::gemini::media::Fetched;
use crate::gemini::model::Model;
use crate::gemini::tools::Names;
use crate::json::{Value, Writer};

/// What decides how a conversation is told.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    pub manner: &'a Manner,
    pub model: Model,
    pub lessons: Lessons,
    pub fetched: &'a [Fetched],
    pub names: &'a Names,
}

#[derive(Debug)]
pub struct Conversation {}

impl Conversation {
    pub fn read(_messages: Option<Value<'_>>, _setting: &Setting<'_>) -> Result<Self> {
        Ok(Self {})
    }

    /// One user's turn with one text: for prompts that are no conversation.
    pub fn of_text(_text: &str, _setting: &Setting<'_>) -> Self {
        Self {}
    }

    /// Adds a part behind the instructions.
    pub fn instruct(&mut self, _text: &str) {}

    /// Writes the members `systemInstruction`, if there is one, and `contents`.
    pub fn write(&self, _out: &mut Writer) {}
}

/// The addresses in the conversation that have to be fetched here, each once.
pub fn remote(_messages: Option<Value<'_>>, _manner: &Manner) -> Vec<String> {
    Vec::new()
}
