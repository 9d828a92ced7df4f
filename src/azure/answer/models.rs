//! Lists of models, and of deployments, as OpenAI's.

use crate::json::{Patch, Value, apply, quoted, replace};
use crate::platform::Edit;

use super::set_if_blank;

/// What OpenAI's have already stays as it is, and Azure's members stay beside OpenAI's.
pub(super) fn edits(root: Value<'_>, path: &str) -> Vec<Edit> {
    let Some(data) = root.get("data").filter(|it| it.is_array()) else {
        if path.ends_with("/capabilities") {
            let mut changed = Patch::of(root);
            changed.set("object", &quoted("model.capabilities"));
            return changed.edits();
        }
        return model(root);
    };
    let is_hidden = |item: Value<'_>| is_deployment(item) && !is_ready(item);
    if !data.elements().any(is_hidden) {
        return data.elements().flat_map(model).collect();
    }
    let shown = data.elements().filter(|item| !is_hidden(*item));
    let shown: Vec<String> = shown.map(|item| alone(item.raw())).collect();
    vec![replace(data, format!("[{}]", shown.join(",")))]
}

/// An item as a text of its own, changed.
fn alone(text: &[u8]) -> String {
    let edits = Value::first(text).map(model).unwrap_or_default();
    String::from_utf8_lossy(&apply(text, &edits)).into_owned()
}

fn model(item: Value<'_>) -> Vec<Edit> {
    let mut patch = Patch::of(item);
    if !patch.has("id") {
        return Vec::new();
    }
    set_if_blank(&mut patch, "object", || quoted("model"));
    if is_deployment(item) {
        patch.set("object", &quoted("model"));
    }
    let created = patch.get("created_at").filter(|it| !it.is_null());
    let created = created.map_or(&b"0"[..], Value::raw);
    set_if_blank(&mut patch, "created", || {
        String::from_utf8_lossy(created).into_owned()
    });
    set_if_blank(&mut patch, "owned_by", || quoted("azure-openai"));
    patch.edits()
}

fn is_deployment(item: Value<'_>) -> bool {
    item.get("object").is_some_and(|it| it.is("deployment"))
}

fn is_ready(item: Value<'_>) -> bool {
    item.get("status").is_none_or(|it| it.is("succeeded"))
}
