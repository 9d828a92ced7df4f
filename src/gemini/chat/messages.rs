//! The conversation: `messages` as `systemInstruction` and `contents`.
//!
//! Each value is looked at where it stands and copied once, when the request is written.

mod calls;
mod instructions;
mod media;
mod parts;
mod remote;
mod results;
mod signatures;
mod text;
mod turns;

use crate::error::{Error, Result};
use crate::gemini::Manner;
use crate::gemini::lessons::Lessons;
use crate::gemini::media::Fetched;
use crate::gemini::model::Model;
use crate::gemini::tools::Names;
use crate::json::{Fields, Value, Writer};
use crate::openai::place::Place;

pub use remote::remote;

use calls::Key;
use instructions::Instructions;
use parts::Part;
use results::Pending;
use text::Text;
use turns::{Role, Turns};

/// From 3.6 on: "Requests ending with a model turn are not supported". OpenAI's models never go on with the last
/// message: they add one.
const GO_ON: &[u8] = br#""Continue.""#;

/// What decides how a conversation is told.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    pub manner: &'a Manner,
    pub model: Model,
    pub lessons: Lessons,
    pub fetched: &'a [Fetched],
    pub names: &'a Names,
}

/// What is said: never nothing.
#[derive(Debug)]
pub struct Conversation<'t> {
    instructions: Instructions<'t>,
    turns: Turns<'t>,
}

impl<'t> Conversation<'t> {
    /// `messages` stand in a text that is JSON.
    pub fn read(messages: Option<Value<'t>>, setting: &Setting<'t>) -> Result<Self> {
        let some = |it: &Value<'_>| it.is_array() && !it.is_empty();
        let Some(messages) = messages.filter(some) else {
            let problem = "'messages' must be an array with at least one message.";
            return Err(Error::bad_request("invalid_value", problem).param("messages"));
        };
        let mut reader = Reader::new(setting);
        for (index, message) in messages.elements().enumerate() {
            reader.add(&Fields::of(message), Place::of(index))?;
        }
        reader.finish()
    }

    /// One user's turn with one text: for prompts that are no conversation.
    pub fn of_text(text: &str, setting: &Setting<'_>) -> Self {
        let mut turns = Turns::default();
        turns.add(Role::User, Part::text(Text::of(text)).into_iter().collect());
        Self {
            instructions: Instructions::new(setting),
            turns,
        }
    }

    /// Adds a part behind the instructions.
    pub fn instruct(&mut self, text: &str) {
        self.instructions.add(Text::of(text));
    }

    /// Writes the members `systemInstruction`, if there is one, and `contents`.
    pub fn write(&self, out: &mut Writer) {
        self.instructions.write(out);
        self.turns.write(self.instructions.for_the_user(), out);
    }
}

/// A conversation as far as it is read.
struct Reader<'t, 's> {
    setting: &'s Setting<'t>,
    instructions: Instructions<'t>,
    turns: Turns<'t>,
    /// The calls of the last message of the assistant.
    pending: Pending<'t>,
}

impl<'t, 's> Reader<'t, 's> {
    fn new(setting: &'s Setting<'t>) -> Self {
        Self {
            setting,
            instructions: Instructions::new(setting),
            turns: Turns::default(),
            pending: Pending::default(),
        }
    }

    fn add(&mut self, message: &Fields<'t>, place: Place) -> Result<()> {
        let role = message.get("role").and_then(Value::as_str);
        let content = message.get("content");
        match role.as_deref() {
            // Late ones too: they have one place here, in front of all.
            Some("system" | "developer") => {
                for text in parts::texts(content, place)? {
                    self.instructions.add(text);
                }
                Ok(())
            }
            Some("user") => {
                let parts = parts::read(content, self.setting, place)?;
                self.say(Role::User, parts)
            }
            Some("assistant") => self.add_assistant(message, place),
            Some("tool") => {
                let id = message.get("tool_call_id").and_then(Value::as_str);
                let key = Key::of_id(id.unwrap_or_default());
                self.pending.answer(&key, content, self.setting, place)
            }
            Some("function") => {
                let pending = &mut self.pending;
                pending.answer(&Key::Legacy, content, self.setting, place)
            }
            _ => Err(place.refuse(
                ".role",
                "is none of system, developer, user, assistant, tool, function",
            )),
        }
    }

    /// What was thought before (`reasoning_content`) stays here: without its signature it is worth nothing to Google.
    /// Sound is only named by its id, which Google does not know.
    fn add_assistant(&mut self, message: &Fields<'t>, place: Place) -> Result<()> {
        let mut parts = parts::read(message.get("content"), self.setting, place)?;
        let refusal = message.get("refusal").and_then(Text::read);
        parts.extend(refusal.and_then(Part::text));
        parts.extend(parts::images(message.get("images"), self.setting, place)?);
        let mut calls = calls::read(message, self.setting, place)?;
        if let Some(signature) = signatures::of_message(message, self.setting) {
            signatures::put(signature, &mut parts, &mut calls);
        }
        signatures::complete(&mut calls, self.setting);
        let pending = Pending::of(&calls, place)?;
        parts.extend(calls.into_iter().map(Part::call));
        self.say(Role::Model, parts)?;
        if !pending.is_empty() {
            self.pending = pending;
        }
        Ok(())
    }

    fn say(&mut self, role: Role, parts: Vec<Part<'t>>) -> Result<()> {
        if !parts.is_empty() {
            self.settle()?;
            self.turns.add(role, parts);
        }
        Ok(())
    }

    /// The results stand right behind their calls: nobody else speaks while one is missing.
    fn settle(&mut self) -> Result<()> {
        let (results, shown) = std::mem::take(&mut self.pending).settle()?;
        self.turns.add(Role::Tools, results);
        self.turns.add(Role::User, shown);
        Ok(())
    }

    fn finish(mut self) -> Result<Conversation<'t>> {
        self.settle()?;
        if self.turns.is_empty() {
            // Instructions alone are a request too, and `contents` may not be empty.
            self.turns.add(Role::User, self.instructions.take());
        }
        if self.turns.end_with_the_model() && self.setting.model.ends_with_user() {
            if self.setting.manner.options.strict {
                let problem = "The model does not continue a message of the assistant: \
                               'messages' must end with one of the user or a tool.";
                return Err(Error::bad_request("unsupported_value", problem).param("messages"));
            }
            let go_on = Part::text(Text::ours(GO_ON));
            self.turns.add(Role::User, go_on.into_iter().collect());
        }
        Ok(Conversation {
            instructions: self.instructions,
            turns: self.turns,
        })
    }
}
