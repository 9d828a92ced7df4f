//! A secret that cannot be printed: no Display, no Debug, no Serialize. It leaves through [`Secret::expose`],
//! which only `credentials.rs` calls, and only to write a header.

#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// None for what is only blanks.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}
