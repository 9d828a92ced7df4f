//! The conversation: `system` apart, then turns of the user and the assistant that alternate.

use std::collections::BTreeSet;

use crate::error::{Result, invalid};
use crate::json::{Fields, Value, Writer, is_json, member};
use crate::openai::place::Place;

use super::calls::{Calls, FUNCTION};
use super::parts;

/// In place of a user who said nothing, or nothing yet: a text must have a visible character.
const NOTHING: &str = ".";

/// A conversation may not end with the assistant ("This model does not support assistant message prefill", from
/// 4.6 on), and OpenAI's never go on with the last message: they add one.
const GO_ON: &str = "Continue.";

/// Turns alternate, and the first is the user's. `last` is the one that may still grow.
#[derive(Default)]
pub(super) struct Conversation {
    system: Writer,
    before: Vec<Turn>,
    last: Turn,
    calls: Calls,
}

#[derive(Default)]
struct Turn {
    role: Role,
    blocks: Writer,
    /// It begins with a thought.
    is_thought_out: bool,
    has_calls: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Role {
    #[default]
    User,
    Assistant,
}

impl Conversation {
    pub(super) fn read(messages: Option<Value<'_>>) -> Result<Self> {
        let some = |it: &Value<'_>| it.is_array() && !it.is_empty();
        let messages = messages
            .filter(some)
            .ok_or_else(|| invalid("messages", "an array with at least one message"))?;
        let mut conversation = Self::default();
        let mut count = 0;
        for message in messages.elements() {
            conversation.add(&Fields::of(message), Place::of(count))?;
            count += 1;
        }
        conversation.check_all_answered(Place::of(count))?;
        conversation.end_with_the_user();
        Ok(conversation)
    }

    fn add(&mut self, message: &Fields<'_>, place: Place) -> Result<()> {
        let role = message.get("role").and_then(Value::as_str);
        match role.as_deref() {
            // Late ones too: only the newest models know instructions among the messages.
            Some("system" | "developer") => write_message(&mut self.system, message, place),
            Some("user") => {
                self.check_all_answered(place)?;
                write_message(&mut self.turn(Role::User).blocks, message, place)
            }
            Some("assistant") => {
                self.check_all_answered(place)?;
                self.add_assistant(message, place)
            }
            Some("tool") => {
                let id = message.get("tool_call_id").and_then(Value::as_str);
                self.add_result(id.as_deref().unwrap_or_default(), message, place)
            }
            Some("function") => self.add_result(FUNCTION, message, place),
            _ => Err(place.refuse(
                ".role",
                "is none of system, developer, user, assistant, tool",
            )),
        }
    }

    fn add_assistant(&mut self, message: &Fields<'_>, place: Place) -> Result<()> {
        let mut blocks = Writer::default();
        write_message(&mut blocks, message, place)?;
        parts::write_text(&mut blocks, message.get("refusal"), None);
        let called = message.get("tool_calls");
        for (index, call) in called.into_iter().flat_map(Value::elements).enumerate() {
            let place = place.below("tool_calls", index);
            let id = member(call, "id").and_then(Value::as_str);
            let function = member(call, "function")
                .ok_or_else(|| place.refuse("", "is no call of a function"))?;
            self.write_call(
                &mut blocks,
                id.as_deref().unwrap_or_default(),
                function,
                place,
            )?;
        }
        if let Some(function) = message.get("function_call") {
            self.write_call(&mut blocks, FUNCTION, function, place)?;
        }
        if blocks.is_empty() {
            return Ok(());
        }
        let has_calls = self.calls.first_pending().is_some();
        let thoughts = signed_thoughts(message);
        let turn = self.turn(Role::Assistant);
        turn.has_calls |= has_calls;
        turn.is_thought_out |= turn.blocks.is_empty() && !thoughts.is_empty();
        turn.blocks.items(&thoughts);
        turn.blocks.items(&blocks);
        Ok(())
    }

    fn write_call(
        &mut self,
        blocks: &mut Writer,
        id: &str,
        function: Value<'_>,
        place: Place,
    ) -> Result<()> {
        let name = member(function, "name").filter(|name| name.is_string());
        let name = name.ok_or_else(|| place.refuse("", "names no function"))?;
        let given = self.calls.begin(id, name.raw());
        let given = given.ok_or_else(|| place.refuse(".id", "is that of another call"))?;
        blocks.open();
        blocks.word("type", "tool_use");
        blocks.word("id", given);
        blocks.raw("name", name.raw());
        match member(function, "arguments") {
            None => blocks.raw("input", b"{}"),
            Some(object) if object.is_object() => blocks.raw("input", object.raw()),
            Some(arguments) => {
                let text = arguments.as_str();
                let input = text.as_deref().map(str::trim).and_then(read_arguments);
                let problem = || place.refuse(".function.arguments", "is not a JSON object");
                blocks.raw("input", input.ok_or_else(problem)?.as_bytes());
            }
        }
        blocks.close();
        Ok(())
    }

    /// Results come first in the turn behind their calls: no one else speaks while one is missing.
    fn add_result(&mut self, id: &str, message: &Fields<'_>, place: Place) -> Result<()> {
        let given = self.calls.end(id);
        let given = given.ok_or_else(|| place.refuse("", "answers no tool call before it"))?;
        let mut content = Writer::default();
        parts::write_content(&mut content, message.get("content"), None, place)?;
        let blocks = &mut self.turn(Role::User).blocks;
        blocks.open();
        blocks.word("type", "tool_result");
        blocks.word("tool_use_id", &given);
        if !content.is_empty() {
            blocks.list("content", &content);
        }
        blocks.value("cache_control", message.get("cache_control"));
        blocks.close();
        Ok(())
    }

    /// As OpenAI says it itself, instead of Anthropic's words about blocks that the client never wrote.
    fn check_all_answered(&self, place: Place) -> Result<()> {
        match self.calls.first_pending() {
            None => Ok(()),
            Some(id) => {
                let problem = "must be the tool's message for the call before it: ";
                Err(place.refuse("", &[problem, id].concat()))
            }
        }
    }

    fn turn(&mut self, role: Role) -> &mut Turn {
        if self.last.role != role {
            let next = Turn {
                role,
                ..Turn::default()
            };
            self.before.push(std::mem::replace(&mut self.last, next));
        }
        &mut self.last
    }

    fn end_with_the_user(&mut self) {
        if self.last.role == Role::Assistant {
            write_line(&mut self.turn(Role::User).blocks, GO_ON);
        } else if self.before.is_empty() && self.last.blocks.is_empty() {
            // Instructions alone are a request too.
            self.last.blocks = std::mem::take(&mut self.system);
        }
    }

    fn turns(&self) -> impl DoubleEndedIterator<Item = &Turn> {
        self.before.iter().chain([&self.last])
    }

    /// The last turn of the assistant called tools without a thought: with a budget Anthropic then says "Expected
    /// `thinking` or `redacted_thinking`, but found `tool_use`".
    pub(super) fn is_thoughtless(&self) -> bool {
        let last = self.turns().rfind(|turn| turn.role == Role::Assistant);
        last.is_some_and(|turn| turn.has_calls && !turn.is_thought_out)
    }

    pub(super) fn called(&self) -> &BTreeSet<Vec<u8>> {
        self.calls.names()
    }

    /// Adds an instruction of ours.
    pub(super) fn instruct(&mut self, text: &str) {
        write_line(&mut self.system, text);
    }

    pub(super) fn write(&self, out: &mut Writer) {
        if !self.system.is_empty() {
            out.list("system", &self.system);
        }
        out.open_list("messages");
        for turn in self.turns() {
            out.open();
            let role = match turn.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            out.word("role", role);
            if turn.blocks.is_empty() {
                out.word("content", NOTHING);
            } else {
                out.list("content", &turn.blocks);
            }
            out.close();
        }
        out.close_list();
    }
}

fn write_message(out: &mut Writer, message: &Fields<'_>, place: Place) -> Result<()> {
    let cache = message.get("cache_control");
    parts::write_content(out, message.get("content"), cache, place)
}

fn write_line(out: &mut Writer, text: &str) {
    out.open();
    out.word("type", "text");
    out.string("text", text);
    out.close();
}

/// What an assistant thought, as an answer of ours carried it. Without its signature Anthropic refuses it.
fn signed_thoughts(message: &Fields<'_>) -> Writer {
    let mut out = Writer::default();
    let thoughts = message.get("thinking_blocks");
    for thought in thoughts.into_iter().flat_map(Value::elements) {
        let proof = match thought.get("type").and_then(Value::as_str).as_deref() {
            Some("thinking") => "signature",
            Some("redacted_thinking") => "data",
            _ => continue,
        };
        if thought
            .get(proof)
            .is_some_and(|it| it.is_string() && !it.is_empty())
        {
            out.item(thought.raw());
        }
    }
    out
}

/// Arguments are text, and empty where a function takes none.
fn read_arguments(text: &str) -> Option<&str> {
    match text {
        "" | "null" => Some("{}"),
        _ if text.starts_with('{') && is_json(text.as_bytes()) => Some(text),
        _ => None,
    }
}
