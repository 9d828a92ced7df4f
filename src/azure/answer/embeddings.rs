//! Embeddings of Foundry's models.

use crate::base64;
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
            if let (true, Some(vector)) = (
                self.context.wants_base64,
                item.get("embedding").and_then(numbers),
            ) {
                patch.set("embedding", &quoted(&base64::encode(&vector)));
            }
            edits.extend(patch.edits());
        }
        edits
    }
}

/// A list of numbers as OpenAI encodes it: 32-bit floats, the lowest byte first. Not every server of Foundry's knows
/// the encoding, and OpenAI's SDK for Node takes what it asked for to be a string.
fn numbers(vector: Value<'_>) -> Option<Vec<u8>> {
    let number = |it: Value<'_>| std::str::from_utf8(it.raw()).ok()?.parse::<f32>().ok();
    let numbers = vector.elements().map(number);
    let bytes = numbers.map(|it| it.map(f32::to_le_bytes));
    let bytes: Vec<[u8; 4]> = bytes.collect::<Option<_>>()?;
    vector.is_array().then(|| bytes.concat())
}
