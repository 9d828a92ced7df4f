//! The form of the answer.

use crate::gemini::schema;
use crate::json::{self, Patch, member};

use super::Draft;

/// A schema becomes a `responseSchema`, which knows as little of JSON Schema as a tool's parameters do.
pub(super) fn repair(draft: &mut Draft<'_, '_>) {
    let Some(format) = draft.get("response_format") else {
        return;
    };
    let Some(named) = member(format, "json_schema").filter(|it| it.is_object()) else {
        return;
    };
    let Some(schema) = member(named, "schema") else {
        return;
    };
    let Some(schema) = schema::restricted(schema, draft.host, false) else {
        // Any object will do.
        let any = r#"{"type":"json_object"}"#.to_owned();
        return draft.inside.push(json::replace(format, any));
    };
    let mut patch = Patch::of(named);
    patch.remove("strict");
    patch.set("schema", &String::from_utf8_lossy(&schema));
    draft.inside.extend(patch.edits());
}
