//! A list of models, and the shelf an isolate keeps its lists on.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::inquiry::Failure;
use crate::json::is_json;
use crate::listed::Listed;

use super::shape;

/// What one upstream listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub provider: String,
    /// When it did.
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

pub struct List {
    pub asked_at: u64,
    pub sections: Vec<Section>,
    /// What is configured, then what upstreams list, each name once.
    pub entries: Vec<Entry>,
    /// Nobody listed anything, and nothing is configured.
    pub failure: Option<Failure>,
    text: OnceCell<Vec<u8>>,
}

impl List {
    pub fn new(
        asked_at: u64,
        sections: Vec<Section>,
        entries: Vec<Entry>,
        failure: Option<Failure>,
    ) -> Self {
        Self {
            asked_at,
            sections,
            entries,
            failure,
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

    pub fn find(&self, id: &str) -> Option<&Entry> {
        let mut entries = self.entries.iter();
        entries.find(|entry| entry.id.eq_ignore_ascii_case(id))
    }
}

/// The head of a list as it is stored; its models follow, a line each.
#[derive(Serialize, Deserialize)]
struct Head {
    asked_at: u64,
    sections: Vec<HeadOfSection>,
}

#[derive(Serialize, Deserialize)]
struct HeadOfSection {
    provider: String,
    at_millis: u64,
    models: usize,
    is_failing: bool,
}

/// What upstreams said, as it is stored.
pub fn to_text(asked_at: u64, sections: &[Section]) -> String {
    let head = Head {
        asked_at,
        sections: sections
            .iter()
            .map(|section| HeadOfSection {
                provider: section.provider.clone(),
                at_millis: section.at_millis,
                models: section.models.len(),
                is_failing: section.is_failing,
            })
            .collect(),
    };
    let mut text = serde_json::to_string(&head).unwrap_or_default();
    for model in sections.iter().flat_map(|section| &section.models) {
        for piece in ["\n", &model.id, "\t", &model.members] {
            text.push_str(piece);
        }
    }
    text
}

/// None for what is no such text: a store may hold anything.
pub fn from_text(text: &str) -> Option<(u64, Vec<Section>)> {
    let mut lines = text.split('\n');
    let head: Head = serde_json::from_str(lines.next()?).ok()?;
    let mut sections = Vec::with_capacity(head.sections.len());
    for head in head.sections {
        let mut models = Vec::new();
        for _ in 0..head.models {
            let (id, members) = lines.next()?.split_once('\t')?;
            let model = Listed {
                id: id.to_owned(),
                members: members.to_owned(),
            };
            is_json(model.under("").as_bytes()).then_some(())?;
            models.push(model);
        }
        sections.push(Section {
            provider: head.provider,
            at_millis: head.at_millis,
            models,
            is_failing: head.is_failing,
        });
    }
    Some((head.asked_at, sections))
}

/// More lists than one configuration needs: where clients bring credentials of their own, each has its own.
const MOST: usize = 16;

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
        if lists.len() >= MOST {
            lists.remove(0);
        }
        lists.push((key.to_owned(), list));
    }
}
