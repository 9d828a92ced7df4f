//! Embeddings of Foundry's models.

use crate::json::{Patch, Value, quoted};
use crate::platform::Edit;

use super::{Repair, set_if_blank};

impl Repair<'_> {
    pub(super) fn embeddings(&self, root: Value<'_>) -> Vec<Edit> {
        let Some(data) = root.get("data").filter(|it| it.is_array()) else {
            return Vec::new();
        };
        let mut patch = Patch::of(root);
        set_if_blank(&mut patch, "object", || quoted("list"));
        self.name_model(&mut patch);
        let mut edits = patch.edits();
        let items = data.elements().filter(|it| it.is_object());
        for (index, item) in items.enumerate() {
            let mut patch = Patch::of(item);
            set_if_blank(&mut patch, "object", || quoted("embedding"));
            set_if_blank(&mut patch, "index", || index.to_string());
            edits.extend(patch.edits());
        }
        edits
    }
}
