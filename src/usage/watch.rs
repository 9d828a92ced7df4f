//! An event stream whose usage is wanted.
//!
//! Where the client asked for it, too, the stream passes as it is and only its end is looked at; where we asked for it,
//! each chunk is, and the one with the usage is left out.

use crate::stream::{Ended, Rewrite, Step, Tail};
use crate::usage::Usage;

/// What must survive between chunks: what `inner` keeps, the usage found, and how much of an answer went by.
pub struct Watch {
    /// What is done to the upstream's stream before.
    inner: Option<Rewrite>,
    hides: bool,
    usage: Option<Usage>,
    bytes: u64,
}

impl Watch {
    /// `hides`: the client did not ask for the chunk with the usage.
    pub fn over(inner: Option<Rewrite>, hides: bool) -> Self {
        Self {
            inner,
            hides,
            usage: None,
            bytes: 0,
        }
    }

    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// Tokens of output, by the bytes that went by: for a client that left before the usage came.
    pub fn estimated_output(&self) -> u64 {
        self.bytes / 4
    }

    pub fn push(&mut self, chunk: &[u8]) -> Step {
        match &mut self.inner {
            Some(inner) => inner.push(chunk),
            None => Step::AsItIs,
        }
    }

    pub fn is_settled(&self) -> bool {
        !self.hides && self.inner.as_ref().is_none_or(Rewrite::is_settled)
    }

    pub fn breaks_off(&self) -> bool {
        self.inner.as_ref().is_some_and(Rewrite::breaks_off)
    }

    pub fn finish(&mut self, ended: Ended) -> Tail {
        match &mut self.inner {
            Some(inner) => inner.finish(ended),
            None => Tail {
                bytes: Vec::new(),
                is_whole: ended == Ended::Cleanly,
            },
        }
    }

    /// `unseen`: how many bytes passed unseen, of which `last` is the end.
    pub fn finish_unseen(&mut self, ended: Ended, last: &[u8], unseen: u64) -> Tail {
        self.bytes += unseen;
        match &mut self.inner {
            Some(inner) => inner.finish_unseen(ended, last, unseen),
            None => Tail {
                bytes: Vec::new(),
                is_whole: ended == Ended::Cleanly,
            },
        }
    }
}
