//! Definitions made of schemas that contain themselves: a reference to anything but a definition is not known to Google.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::Value;

use super::pointers::Pointers;

/// Of the outermost schema, and of what has no letters in its name.
const UNNAMED: &str = "root";

/// By where they stand in the document.
#[derive(Default)]
pub(super) struct Hoisted<'t> {
    names: BTreeMap<u64, String>,
    taken: BTreeSet<String>,
    /// Not written yet.
    waiting: Vec<(String, Value<'t>)>,
    /// What the last name that was taken was told apart by.
    last: usize,
}

impl<'t> Hoisted<'t> {
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub(super) fn has(&self, place: u64) -> bool {
        self.names.contains_key(&place)
    }

    /// What a schema is called that `reference` leads to: as it is there, if no definition is. None if it is too much.
    pub(super) fn name(
        &mut self,
        schema: Value<'t>,
        reference: &str,
        pointers: &mut Pointers<'t>,
    ) -> Option<String> {
        let place = schema.range().start;
        if let Some(name) = self.names.get(&place) {
            return Some(name.clone());
        }
        if !pointers.spend(schema.raw().len()) {
            return None;
        }
        let plain = plain(reference);
        let mut name = plain.clone();
        while self.is_taken(&name, pointers) {
            self.last += 1;
            name = format!("{plain}_{}", self.last);
        }
        self.names.insert(place, name.clone());
        self.taken.insert(name.clone());
        self.waiting.push((name.clone(), schema));
        Some(name)
    }

    /// One that is to be written.
    pub(super) fn next(&mut self) -> Option<(String, Value<'t>)> {
        self.waiting.pop()
    }

    fn is_taken(&self, name: &str, pointers: &mut Pointers<'t>) -> bool {
        let mut kept = ["$defs", "definitions"].into_iter();
        let mut is_defined = |at| pointers.find(&format!("#/{at}/{name}")).is_some();
        self.taken.contains(name) || kept.any(&mut is_defined)
    }
}

/// The last step of a pointer, of letters that mean nothing in one.
fn plain(reference: &str) -> String {
    let last = reference.rsplit('/').next().unwrap_or_default();
    let is_plain = |it: &char| it.is_ascii_alphanumeric() || matches!(it, '_' | '-');
    let plain: String = last.chars().filter(is_plain).take(64).collect();
    if plain.is_empty() {
        UNNAMED.to_owned()
    } else {
        plain
    }
}
