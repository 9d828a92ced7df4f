//! The content of a message: a text, or parts.

use crate::json::{self, Patch, Value};
use crate::platform::Edit;

pub(super) fn repair(content: Value<'_>, is_strict: bool, edits: &mut Vec<Edit>) {
    if !content.is_array() {
        return;
    }
    if is_strict && let Some(joined) = joined(content) {
        edits.push(json::replace(content, joined));
        return;
    }
    for part in content.elements() {
        if is_strict && part.get("cache_control").is_some() {
            remove(part, "cache_control", edits);
        }
        repair_part(part, edits);
    }
}

/// A part as a text of its own, repaired.
pub(super) fn alone(part: Value<'_>) -> String {
    let mut edits = Vec::new();
    if let Some(part) = Value::first(part.raw()) {
        repair_part(part, &mut edits);
    }
    json::sort(&mut edits);
    String::from_utf8_lossy(&json::apply(part.raw(), &edits)).into_owned()
}

fn repair_part(part: Value<'_>, edits: &mut Vec<Edit>) {
    if let Some(image) = part.get("image_url") {
        repair_image(image, edits);
    }
}

/// Only `{"url": …}` is taken, and nothing but `detail` beside it.
fn repair_image(image: Value<'_>, edits: &mut Vec<Edit>) {
    if image.is_string() {
        edits.extend(json::wrap(image, "{\"url\":", "}"));
    } else if image.get("format").is_some() {
        remove(image, "format", edits);
    }
}

fn remove(object: Value<'_>, name: &str, edits: &mut Vec<Edit>) {
    let mut patch = Patch::of(object);
    patch.remove(name);
    edits.extend(patch.edits());
}

/// Parts that are nothing but text as one string; the strings are put together as they are written.
pub(super) fn joined(content: Value<'_>) -> Option<String> {
    if content.is_empty() || !content.elements().all(|part| text_of(part).is_some()) {
        return None;
    }
    let mut joined = String::from("\"");
    for text in content.elements().filter_map(text_of) {
        joined.push_str(text);
    }
    joined.push('"');
    Some(joined)
}

/// The text of a text part, between its quotes.
fn text_of(part: Value<'_>) -> Option<&str> {
    if !part.get("type")?.is("text") {
        return None;
    }
    let [b'"', text @ .., b'"'] = part.get("text")?.raw() else {
        return None;
    };
    std::str::from_utf8(text).ok()
}
