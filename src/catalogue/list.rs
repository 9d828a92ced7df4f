//! A list of models, and the shelf an isolate keeps its lists on.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use crate::inquiry::Failure;
use crate::listed::{self, Listed};

use super::shape;

/// What one upstream listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub provider: String,
    /// When it did: all of it then, or later.
    pub at_millis: u64,
    pub models: Vec<Listed>,
    /// It did not answer when it was asked last; what it said before still stands.
    pub is_failing: bool,
}

/// A name a client can send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: String,
    /// The other members of its item, as [`Listed`] has them.
    pub members: String,
    /// What it is called where it is served, if it is configured, or Azure says it is deployed.
    pub deployment: Option<String>,
}

impl Entry {
    /// As OpenAI's clients get it.
    pub fn item(&self) -> String {
        listed::item(&self.id, &self.members)
    }

    /// Of its item, about.
    pub fn size(&self) -> usize {
        self.id.len() + self.members.len() + 16
    }
}

pub struct List {
    pub asked_at: u64,
    pub sections: Vec<Section>,
    /// What is configured, then what upstreams list, each name once.
    pub entries: Vec<Entry>,
    /// There is nothing to show, for this reason.
    pub failure: Option<Failure>,
    /// Nobody has said a word yet, for this reason; what is configured may be there all the same.
    pub silence: Option<Failure>,
    /// For the log: who did not answer, and what was wrong.
    pub problems: Vec<String>,
    /// Somebody answered when it was made.
    pub has_news: bool,
    /// No upstream has a say in it: it stands as long as the configuration.
    pub is_constant: bool,
    text: OnceCell<Vec<u8>>,
}

impl List {
    pub fn new(asked_at: u64, sections: Vec<Section>, entries: Vec<Entry>) -> Self {
        Self {
            asked_at,
            sections,
            entries,
            failure: None,
            silence: None,
            problems: Vec::new(),
            has_news: false,
            is_constant: false,
            text: OnceCell::new(),
        }
    }

    /// All of it, in OpenAI's shape: made once.
    pub fn text(&self) -> &[u8] {
        self.text
            .get_or_init(|| shape::openai::list(&self.entries.iter().collect::<Vec<_>>()))
    }

    pub fn section(&self, provider: &str) -> Option<&Section> {
        let mut sections = self.sections.iter();
        sections.find(|section| section.provider == provider)
    }

    /// The providers whose lists could not be had.
    pub fn missing(&self) -> Vec<&str> {
        let failing = self.sections.iter().filter(|section| section.is_failing);
        failing.map(|section| section.provider.as_str()).collect()
    }

    /// Of its text, about.
    fn size(&self) -> usize {
        self.entries.iter().map(Entry::size).sum()
    }

    pub fn find(&self, id: &str) -> Option<&Entry> {
        let mut entries = self.entries.iter();
        entries.find(|entry| entry.id.eq_ignore_ascii_case(id))
    }
}

/// More lists than one configuration needs: where clients bring credentials of their own, each has its own.
const MOST: usize = 16;
/// Of all their texts together, which are in memory about three times. One list may be larger, alone.
const MOST_BYTES: usize = 12 << 20;

/// The lists an isolate holds, by their keys; of too many the one that was put there first goes.
#[derive(Default)]
pub struct Shelf {
    lists: RefCell<Vec<(String, Rc<List>)>>,
}

impl Shelf {
    pub fn get(&self, key: &str) -> Option<Rc<List>> {
        let lists = self.lists.borrow();
        let found = lists.iter().find(|(name, _)| name == key);
        found.map(|(_, list)| list.clone())
    }

    pub fn put(&self, key: &str, list: Rc<List>) {
        let mut lists = self.lists.borrow_mut();
        lists.retain(|(name, _)| name != key);
        lists.push((key.to_owned(), list));
        let mut bytes: usize = lists.iter().map(|(_, list)| list.size()).sum();
        while lists.len() > 1 && (lists.len() > MOST || bytes > MOST_BYTES) {
            let (_, oldest) = lists.remove(0);
            bytes = bytes.saturating_sub(oldest.size());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::{Entry, List, MOST, MOST_BYTES, Shelf};

    fn list(size: usize) -> Rc<List> {
        let entry = Entry {
            id: "m".to_owned(),
            members: "x".repeat(size),
            deployment: None,
        };
        Rc::new(List::new(0, Vec::new(), vec![entry]))
    }

    fn held(shelf: &Shelf) -> Vec<String> {
        let lists = shelf.lists.borrow();
        lists.iter().map(|(name, _)| name.clone()).collect()
    }

    #[test]
    fn it_holds_so_many_lists() {
        let shelf = Shelf::default();
        for number in 0..=MOST {
            shelf.put(&number.to_string(), list(1));
        }
        assert_eq!(held(&shelf).len(), MOST);
        assert!(shelf.get("0").is_none() && shelf.get("1").is_some());
        shelf.put("1", list(1));
        shelf.put("new", list(1));
        assert!(shelf.get("1").is_some() && shelf.get("2").is_none());
    }

    #[test]
    fn it_holds_so_many_bytes_and_one_list_however_large() {
        let shelf = Shelf::default();
        for name in ["a", "b", "c"] {
            shelf.put(name, list(MOST_BYTES / 2 - 100));
        }
        assert_eq!(held(&shelf), ["b", "c"]);
        shelf.put("large", list(2 * MOST_BYTES));
        assert_eq!(held(&shelf), ["large"]);
    }
}
