//! Answers of the Responses API.

use crate::json::{Patch, Value};
use crate::platform::Edit;

use super::Repair;

impl Repair<'_> {
    pub(super) fn responses(&self, root: Value<'_>) -> Vec<Edit> {
        let Some(output) = root.get("output").filter(|it| it.is_array()) else {
            return Vec::new();
        };
        let mut patch = Patch::of(root);
        self.name_model(&mut patch);
        self.strip(&mut patch);
        let mut edits = patch.edits();
        for item in output.elements() {
            let parts = item.get("content");
            for part in parts.iter().flat_map(|parts| parts.elements()) {
                edits.extend(annotate(part));
            }
        }
        edits
    }
}

/// Strict clients want the list of annotations where there is text, also without any.
fn annotate(part: Value<'_>) -> Vec<Edit> {
    let mut patch = Patch::of(part);
    let is_text = patch.get("type").is_some_and(|it| it.is("output_text"));
    if is_text && patch.get("annotations").is_none_or(Value::is_null) {
        patch.set("annotations", "[]");
    }
    patch.edits()
}
