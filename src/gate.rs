//! The head of a stream that may still be given up for another: nothing of it goes to the client before its first real
//! output, so that what fails before can be tried elsewhere unseen.

/// So much is held at most. Azure's annotations and the first events of a response stay far below.
pub const MOST_EVENTS: usize = 64;
pub const MOST_BYTES: usize = 256 << 10;

/// What must survive between chunks: the event that has not come to its end, and how much was held.
#[derive(Default)]
pub struct Gate {
    held: usize,
}

/// What a stream's head tells so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing yet.
    Wait,
    /// There is output, or more than is held.
    Open,
    /// It is an error, in OpenAI's shape, under a status of its own.
    Failed { status: u16, body: Vec<u8> },
}

impl Gate {
    /// The next bytes, as the client would get them: OpenAI's events.
    pub fn push(&mut self, chunk: &[u8]) -> Verdict {
        self.held += chunk.len();
        Verdict::Open
    }
}
