//! Event streams of `streamGenerateContent` as OpenAI's.

use crate::gemini::{Expects, Host, options::Options};
use crate::stream::{Ended, Step, Tail};

/// What a stream is the answer to.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The model as the client calls it, where the upstream names none.
    pub model: String,
    pub id: String,
    pub now_secs: u64,
    pub host: Host,
    pub options: Options,
    pub expects: Expects,
    /// How many streams come as one: then the first byte of every chunk is the number of its stream.
    pub sources: usize,
}

pub struct Translation {
    rules: Rules,
}

impl Translation {
    pub fn new(rules: Rules) -> Self {
        Self { rules }
    }

    pub fn push(&mut self, _chunk: &[u8]) -> Step {
        let _ = &self.rules;
        Step::Instead(Vec::new())
    }

    pub fn finish(&mut self, _ended: Ended) -> Tail {
        Tail {
            bytes: Vec::new(),
            is_whole: false,
        }
    }
}
