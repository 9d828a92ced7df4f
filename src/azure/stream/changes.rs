//! Changes to one object that most often needs none.

use crate::json::{Patch, Value};
use crate::platform::Edit;

/// A [`Patch`] that is made when the first change is.
pub struct Changes<'t> {
    object: Value<'t>,
    patch: Option<Patch<'t>>,
}

impl<'t> Changes<'t> {
    pub fn of(object: Value<'t>) -> Self {
        let patch = None;
        Self { object, patch }
    }

    pub fn patch(&mut self) -> &mut Patch<'t> {
        self.patch.get_or_insert_with(|| Patch::of(self.object))
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.patch().set(name, value);
    }

    pub fn edits(self) -> Vec<Edit> {
        self.patch.map_or_else(Vec::new, Patch::edits)
    }
}

/// Missing in all but name: Azure's annotations come with `""` and 0, other models' chunks with null.
pub fn is_blank(value: Option<Value<'_>>) -> bool {
    value.is_none_or(|it| matches!(it.raw(), b"null" | b"\"\"" | b"0"))
}
