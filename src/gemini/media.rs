//! Pictures, sounds and files: what Google takes of what OpenAI's clients send.

/// What stood behind an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub url: String,
    /// Without parameters.
    pub mime: String,
    /// Base64.
    pub data: String,
}
