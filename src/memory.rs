//! What an isolate remembers between requests: tokens, names of deployments, what refusals taught. It may vanish with the isolate at any
//! time, so nothing depends on it but a round trip.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::catalogue::Shelf;

/// More than any configuration needs. Full, it begins anew: simpler than to choose, and as good.
const MOST: usize = 4096;

/// Texts by name, each until a time. Never holds more than [`MOST`].
#[derive(Default)]
pub struct Memory {
    kept: RefCell<HashMap<String, Kept>>,
    lists: Shelf,
}

struct Kept {
    value: String,
    until_millis: u64,
}

impl Memory {
    /// Lists of models, which are large and shared.
    pub fn lists(&self) -> &Shelf {
        &self.lists
    }

    pub fn recall(&self, key: &str, now_millis: u64) -> Option<String> {
        let kept = self.kept.borrow();
        let found = kept.get(key)?;
        (now_millis < found.until_millis).then(|| found.value.clone())
    }

    pub fn keep(&self, key: &str, value: &str, until_millis: u64) {
        let mut kept = self.kept.borrow_mut();
        if kept.len() >= MOST && !kept.contains_key(key) {
            kept.clear();
        }
        let value = value.to_owned();
        kept.insert(
            key.to_owned(),
            Kept {
                value,
                until_millis,
            },
        );
    }

    pub fn forget(&self, key: &str) {
        self.kept.borrow_mut().remove(key);
    }

    /// The right to do what one call of an isolate should do for all, if no other has it: until it is dropped, or so
    /// much time has passed.
    pub fn turn(&self, key: &str, now_millis: u64, millis: u64) -> Option<Turn<'_>> {
        let name = format!("{key}:turn");
        if self.recall(&name, now_millis).is_some() {
            return None;
        }
        self.keep(&name, "", now_millis + millis);
        Some(Turn { memory: self, name })
    }
}

/// See [`Memory::turn`].
pub struct Turn<'a> {
    memory: &'a Memory,
    name: String,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.memory.forget(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Memory};

    #[test]
    fn what_is_kept_is_recalled_until_its_time() {
        let memory = Memory::default();
        memory.keep("a", "1", 10);
        assert_eq!(memory.recall("a", 9).as_deref(), Some("1"));
        assert_eq!(memory.recall("a", 10), None);
        memory.forget("a");
        assert_eq!(memory.recall("a", 0), None);
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let memory = Memory::default();
        for number in 0..=MOST {
            memory.keep(&number.to_string(), "", 10);
        }
        assert_eq!(memory.kept.borrow().len(), 1);
    }
}
