//! The models that provider files may come to offer, until all are read: a later one may replace an earlier, and one
//! stand in for another.

use std::collections::HashMap;

use crate::pool::Target;

/// All that is offered together; with more of them a list takes its time.
pub(super) const MOST_MODELS: usize = 2_000;
/// How often one model may stand in for another in turn.
const MOST_FALLBACKS: usize = 8;

/// An offer while others may still replace it.
pub(super) struct Candidate {
    pub(super) name: String,
    /// Without the prefix.
    pub(super) own_name: String,
    pub(super) owner: String,
    pub(super) place: String,
    pub(super) targets: Vec<Target>,
    pub(super) aliases: Vec<String>,
    pub(super) fallback: Option<String>,
}

/// All offers so far, by their names.
#[derive(Default)]
pub(super) struct Candidates {
    pub(super) all: Vec<Candidate>,
    places: HashMap<String, usize>,
}

impl Candidates {
    /// Of two of one name the later counts. False where there is no room for more.
    pub(super) fn put(&mut self, candidate: Candidate) -> bool {
        if let Some(at) = self.places.get(&candidate.name) {
            if let Some(other) = self.all.get_mut(*at) {
                *other = candidate;
            }
            return true;
        }
        if self.all.len() >= MOST_MODELS {
            return false;
        }
        let name = candidate.name.clone();
        self.places.insert(name, self.all.len());
        self.all.push(candidate);
        true
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.places.keys()
    }

    /// By the name a client sends, or the one in a provider's file.
    pub(super) fn find(&self, name: &str, owner: &str) -> Option<&Candidate> {
        let public = self.places.get(name).and_then(|at| self.all.get(*at));
        public.or_else(|| {
            let mut own = self.all.iter().filter(|it| it.owner == owner);
            own.find(|it| it.own_name == name)
        })
    }

    /// Its targets, and those of the models that stand in for it.
    pub(super) fn targets(&self, candidate: &Candidate) -> Vec<Target> {
        let mut targets = candidate.targets.clone();
        let mut seen = vec![candidate.name.as_str()];
        let mut last = candidate;
        while let Some(name) = &last.fallback
            && let Some(next) = self.find(name, &last.owner)
            && !seen.contains(&next.name.as_str())
            && seen.len() < MOST_FALLBACKS
        {
            targets.extend(next.targets.iter().cloned());
            seen.push(&next.name);
            last = next;
        }
        targets
    }
}
