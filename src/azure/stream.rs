//! A chat stream of Azure's, repaired on the way to OpenAI's clients.

use crate::stream::{Ended, Step, Tail};

/// What is to be done to one stream.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Remove content-filter annotations.
    pub strip_azure_fields: bool,
    /// The client did not ask for the usage chunk that we asked for.
    pub hide_usage: bool,
    /// It may turn out in the head that nothing further needs a change (the endpoint is Azure OpenAI's own).
    pub may_settle: bool,
    /// The model the client asked for, where the upstream names none.
    pub model: String,
    /// For chunks that come without an id: unique, without a prefix.
    pub id: String,
    pub now_secs: u64,
}

pub struct Repair {}

impl Repair {
    pub fn new(_rules: Rules) -> Self {
        Self {}
    }

    pub fn push(&mut self, _chunk: &[u8]) -> Step {
        Step::AsItIs
    }

    pub fn is_settled(&self) -> bool {
        false
    }

    pub fn finish(&mut self, _ended: Ended) -> Tail {
        Tail {
            bytes: Vec::new(),
            is_whole: true,
        }
    }

    pub fn finish_unseen(&mut self, ended: Ended, _last: &[u8]) -> Tail {
        self.finish(ended)
    }
}
