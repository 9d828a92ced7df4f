//! Where in a request's messages something stands, for the client to find it.

use crate::error::Error;

#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    message: usize,
    below: Option<(&'static str, usize)>,
}

impl Place {
    pub fn of(message: usize) -> Self {
        let below = None;
        Self { message, below }
    }

    #[must_use]
    pub fn below(self, list: &'static str, index: usize) -> Self {
        let below = Some((list, index));
        Self { below, ..self }
    }

    pub fn refuse(self, member: &str, problem: &str) -> Error {
        self.error("invalid_value", member, problem)
    }

    /// What OpenAI takes and an upstream cannot: OpenAI has no code for it.
    pub fn unopened(self, member: &str, problem: &str) -> Error {
        self.error("", member, problem)
    }

    pub fn name(self) -> String {
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
