//! How many tokens an answer says it took.

pub mod watch;

pub use watch::Watch;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub input: u64,
    pub output: u64,
    /// As the answer says; else the sum.
    pub total: u64,
}

/// Of a whole answer, in any of OpenAI's shapes.
pub fn of_answer(body: &[u8]) -> Option<Usage> {
    let _ = body;
    None
}
