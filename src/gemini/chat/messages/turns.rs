//! Turns of the user and the model, as Google wants them to follow each other.

use super::parts::Part;
use crate::json::Writer;

/// In place of a user who said nothing: contents begin with the user, and media wants a text beside it ("Unable to
/// submit request because it must have a text parameter").
const NOTHING: &[u8] = b" ";

/// No turn is empty, and neighbours of one role are one turn.
#[derive(Debug, Default)]
pub(super) struct Turns<'t>(Vec<Turn<'t>>);

#[derive(Debug)]
struct Turn<'t> {
    role: Role,
    parts: Vec<Part<'t>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    User,
    Model,
    /// The results of calls. They are the user's to Google, but stand alone: beside anything else Vertex takes the
    /// whole turn for the model's.
    Tools,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::User | Self::Tools => "user",
            Self::Model => "model",
        }
    }
}

impl<'t> Turns<'t> {
    pub(super) fn add(&mut self, role: Role, parts: Vec<Part<'t>>) {
        if parts.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.role == role && role != Role::Tools => last.parts.extend(parts),
            _ => self.0.push(Turn { role, parts }),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn end_with_the_model(&self) -> bool {
        let last = self.0.last();
        last.is_some_and(|turn| turn.role == Role::Model)
    }

    /// Writes `contents`. `told`: the inside of a text that the first user says before all else.
    pub(super) fn write(&self, mut told: Option<Vec<u8>>, out: &mut Writer) {
        out.open_list("contents");
        let first = self.0.first();
        if first.is_none_or(|turn| turn.role != Role::User) {
            // "Please ensure that function call turn comes immediately after a user turn", and older models want any
            // first content from the user.
            open(Role::User, out);
            write_text(&told.take().unwrap_or_else(|| NOTHING.to_vec()), out);
            close(out);
        }
        for turn in &self.0 {
            turn.write(told.take(), out);
        }
        out.close_list();
    }
}

impl Turn<'_> {
    fn write(&self, told: Option<Vec<u8>>, out: &mut Writer) {
        open(self.role, out);
        let is_told = told.is_some();
        if let Some(told) = told {
            write_text(&told, out);
        }
        for part in &self.parts {
            part.write(out);
        }
        let is_silent = !is_told && !self.parts.iter().any(Part::is_text);
        if self.role == Role::User && is_silent {
            write_text(NOTHING, out);
        }
        close(out);
    }
}

fn open(role: Role, out: &mut Writer) {
    out.open();
    out.word("role", role.name());
    out.open_list("parts");
}

fn close(out: &mut Writer) {
    out.close_list();
    out.close();
}

fn write_text(inside: &[u8], out: &mut Writer) {
    out.open();
    out.joined("text", inside);
    out.close();
}
