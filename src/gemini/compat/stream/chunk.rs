//! One chunk: who it says it is, and what of it stays.

use crate::gemini::compat::names::Names;
use crate::json::{self, Patch, Value, Writer};
use crate::usage::{self, Usage};

use super::choice::{self, Seen};
use super::{Fate, Rules};

const KIND: &str = "chat.completion.chunk";

/// As many as OpenAI gives; choices beyond it are passed on as they come.
const MAX_CHOICES: usize = 128;

/// A usage has some ten numbers.
const MAX_USAGE: usize = 16 << 10;

/// What of the chunks so far must survive: who they say they are, what each choice has come to, and the tokens counted
/// last, which count all before. Always `choices.len() <= MAX_CHOICES` and `usage.len() <= MAX_USAGE`.
pub(super) struct Chunks {
    rules: Rules,
    names: Names,
    choices: Vec<Seen>,
    usage: Vec<u8>,
}

impl Chunks {
    pub fn new(rules: Rules) -> Self {
        Self {
            names: Names::of(&rules.defaults),
            rules,
            choices: Vec::new(),
            usage: Vec::new(),
        }
    }

    /// What becomes of an event whose data is an object.
    pub fn take(&mut self, data: &[u8], object: Value<'_>) -> Fate {
        let mut patch = Patch::of(object);
        let is_named = patch.get("object").is_some_and(|it| it.is(KIND));
        // What is no chunk may have any meaning, and passes.
        if !is_named && !patch.has("choices") && !patch.has("usage") {
            return Fate::Kept;
        }
        self.names.learn(&patch);
        self.count(patch.get("usage"));
        let choices = patch.get("choices").filter(|it| it.is_array());
        let Some(choices) = choices.filter(|it| !it.is_empty()) else {
            return Fate::Gone;
        };
        patch.remove("usage");
        self.names.fill(&mut patch, KIND);
        let mut edits = patch.edits();
        for (position, value) in choices.elements().enumerate() {
            let index = choice::index(value, position);
            if let Some(seen) = seen(&mut self.choices, index) {
                choice::repair(value, seen, &self.rules.defaults.id, &mut edits);
            }
        }
        if edits.is_empty() {
            return Fate::Kept;
        }
        json::sort(&mut edits);
        Fate::Changed(json::apply(data, &edits))
    }

    /// Every choice that was seen has ended, and at least one was.
    pub fn are_finished(&self) -> bool {
        !self.choices.is_empty() && self.choices.iter().all(|it| it.is_finished)
    }

    /// The last chunk, for a client that asked for it: it has the usage and no choices.
    pub fn usage(&self) -> Option<Vec<u8>> {
        if !self.rules.usage || self.usage.is_empty() {
            return None;
        }
        let mut chunk = Writer::default();
        chunk.open();
        chunk.raw("id", self.names.id.as_bytes());
        chunk.word("object", KIND);
        chunk.raw("created", self.names.created.as_bytes());
        chunk.raw("model", self.names.model.as_bytes());
        chunk.open_list("choices");
        chunk.close_list();
        chunk.raw("usage", &self.usage);
        chunk.close();
        Some(chunk.into_bytes())
    }

    /// The tokens so far.
    pub fn counted(&self) -> Option<Usage> {
        Value::first(&self.usage).and_then(usage::of)
    }

    fn count(&mut self, usage: Option<Value<'_>>) {
        let usage = usage.filter(|it| it.is_object() && !it.is_empty());
        if let Some(raw) = usage.map(Value::raw).filter(|it| it.len() <= MAX_USAGE) {
            self.usage.clear();
            self.usage.extend_from_slice(raw);
        }
    }
}

fn seen(choices: &mut Vec<Seen>, index: u64) -> Option<&mut Seen> {
    let place = choices.iter().position(|it| it.index == index);
    if place.is_none() && choices.len() < MAX_CHOICES {
        choices.push(Seen::new(index));
        return choices.last_mut();
    }
    choices.get_mut(place?)
}
