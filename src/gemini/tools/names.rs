//! Google's names for the client's tools, and back.

/// The names that had to be changed, and the tools that are OpenAI's `custom` ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    changed: Vec<(String, String)>,
    custom: Vec<String>,
}

impl Names {
    /// Google's name for a tool of the client's, offered or only spoken of in the conversation.
    pub fn theirs<'a>(&self, original: &'a str) -> std::borrow::Cow<'a, str> {
        std::borrow::Cow::Borrowed(original)
    }

    /// The client's name for a tool that Google calls `theirs`; a prefix (`default_api:`) of the model's making is off.
    pub fn original<'a>(&'a self, theirs: &'a str) -> &'a str {
        let mut changed = self.changed.iter();
        let found = changed.find(|(_, it)| it == theirs);
        found.map_or(theirs, |(original, _)| original)
    }

    /// Whether a tool (by the client's name) is a `custom` one: it is called with a text, not with arguments.
    pub fn is_custom(&self, original: &str) -> bool {
        self.custom.iter().any(|name| name == original)
    }
}
