//! Which call a result belongs to.

use std::collections::{BTreeMap, BTreeSet};

/// The id a legacy function call goes under, which had none.
pub(super) const FUNCTION: &str = "function_call";

/// The calls of a conversation so far.
#[derive(Default)]
pub(super) struct Calls {
    /// Every id given to Anthropic, which wants each only once; some servers call every first call `call_0`.
    given: BTreeSet<String>,
    /// The client's ids that wait for a result, with the ids they were given. Their names stand in `given`.
    pending: BTreeMap<String, String>,
    renamed: usize,
    names: BTreeSet<Vec<u8>>,
}

impl Calls {
    /// The id for Anthropic; None if the client made two calls of one id at once.
    pub(super) fn begin(&mut self, id: &str, name: &[u8]) -> Option<&str> {
        self.names.insert(name.to_vec());
        let known = clean(id);
        let mut given = known.clone();
        while !self.given.insert(given.clone()) {
            // Only ever counts up: no ids are bad enough to make this slow.
            self.renamed += 1;
            given = known.clone() + "_" + &self.renamed.to_string();
        }
        if self.pending.contains_key(id) {
            return None;
        }
        Some(self.pending.entry(id.to_owned()).or_insert(given))
    }

    /// The id a result goes under; None if nobody waits for it.
    pub(super) fn end(&mut self, id: &str) -> Option<String> {
        self.pending.remove(id)
    }

    pub(super) fn first_pending(&self) -> Option<&str> {
        self.pending.keys().next().map(String::as_str)
    }

    /// As they stood, quotes included.
    pub(super) fn names(&self) -> &BTreeSet<Vec<u8>> {
        &self.names
    }
}

/// "String should match pattern '^[a-zA-Z0-9_-]+$'": Kimi's `functions.name:0` does not.
fn clean(id: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let clean: String = id
        .chars()
        .map(|c| if allowed(c) { c } else { '_' })
        .collect();
    if clean.is_empty() {
        "_".to_owned()
    } else {
        clean
    }
}
