//! Google's own members: `extra_body` is there in the JSON itself, with `google` inside of it.

use crate::json::{self, Patch, Value, member};

use super::Draft;

/// Moves a `google` that stands beside `extra_body`, as the Python client leaves it, into it. True: its member becomes
/// the `extra_body`, and has to be kept for that.
pub(super) fn moves(draft: &mut Draft<'_, '_>) -> bool {
    let Some(google) = draft.get("google").filter(|it| it.is_object()) else {
        return false;
    };
    let Some(extra) = draft.get("extra_body") else {
        draft.body.rename("google", "extra_body");
        draft
            .inside
            .extend(json::wrap(google, r#"{"google":"#, "}"));
        return true;
    };
    if extra.is_object() && member(extra, "google").is_none() {
        let mut patch = Patch::of(extra);
        patch.set("google", &String::from_utf8_lossy(google.raw()));
        draft.inside.extend(patch.edits());
    }
    false
}

pub(super) fn configures_thinking(draft: &Draft<'_, '_>) -> bool {
    let inside = draft.get("extra_body").and_then(|it| member(it, "google"));
    let configures = |google: Value<'_>| member(google, "thinking_config").is_some();
    inside
        .or_else(|| draft.get("google"))
        .is_some_and(configures)
}
