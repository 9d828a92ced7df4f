//! What the system and the developer say.

use super::Setting;
use super::parts::Part;
use super::text::Text;
use crate::gemini::lessons::Lesson;
use crate::json::Writer;

#[derive(Debug)]
pub(super) struct Instructions<'t> {
    texts: Vec<Text<'t>>,
    /// The model takes them apart from the conversation; "Developer instruction is not enabled" for the others.
    are_apart: bool,
}

impl<'t> Instructions<'t> {
    pub(super) fn new(setting: &Setting<'_>) -> Self {
        let is_refused = setting.lessons.has(Lesson::NoInstruction);
        Self {
            texts: Vec::new(),
            are_apart: setting.model.takes_instructions() && !is_refused,
        }
    }

    pub(super) fn add(&mut self, text: Text<'t>) {
        if !text.is_empty() {
            self.texts.push(text);
        }
    }

    /// All of them, to be said by the user.
    pub(super) fn take(&mut self) -> Vec<Part<'t>> {
        let texts = std::mem::take(&mut self.texts);
        texts.into_iter().filter_map(Part::text).collect()
    }

    pub(super) fn write(&self, out: &mut Writer) {
        if self.are_apart && !self.texts.is_empty() {
            out.open_member("systemInstruction");
            out.open_list("parts");
            for text in &self.texts {
                out.open();
                out.raw("text", text.literal());
                out.close();
            }
            out.close_list();
            out.close();
        }
    }

    /// For a model that takes them from the user alone: what stands between the quotes of one text with all of them.
    pub(super) fn for_the_user(&self) -> Option<Vec<u8>> {
        if self.are_apart || self.texts.is_empty() {
            return None;
        }
        let mut inside = Vec::new();
        for text in &self.texts {
            inside.extend_from_slice(text.inside());
            inside.extend_from_slice(br"\n\n");
        }
        Some(inside)
    }
}
