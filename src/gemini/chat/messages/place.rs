//! Where in the conversation something stands, for the client to find it.

use crate::error::Error;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    message: usize,
    below: Option<(&'static str, usize)>,
}

impl Place {
    pub(super) fn of(message: usize) -> Self {
        let below = None;
        Self { message, below }
    }

    pub(super) fn below(self, list: &'static str, index: usize) -> Self {
        let below = Some((list, index));
        Self { below, ..self }
    }

    pub(super) fn refuse(self, member: &str, problem: &str) -> Error {
        self.error("invalid_value", member, problem)
    }

    /// What OpenAI takes and this place of Google's cannot: OpenAI has no code for it.
    pub(super) fn unopened(self, member: &str, problem: &str) -> Error {
        self.error("", member, problem)
    }

    pub(super) fn name(self) -> String {
        let mut name = ["messages[", &self.message.to_string(), "]"].concat();
        if let Some((list, index)) = self.below {
            name.push_str(&[".", list, "[", &index.to_string(), "]"].concat());
        }
        name
    }
    fn error(self, code: &'static str, member: &str, problem: &str) -> Error {
        let message = [&self.name(), member, " ", problem, "."].concat();
        Error::bad_request(code, message).param("messages")
    }
}
