//! Realtime sessions that are asked for over HTTP.

use crate::azure::request::Draft;
use crate::json::{Patch, Value};

/// `"max_response_output_tokens": null` is an error.
pub(super) fn repair(draft: &mut Draft<'_, '_>) {
    if let Some(session) = draft.body.get("session").filter(|it| it.is_object()) {
        let mut patch = Patch::of(session);
        patch.retain(|_, value| !Value::is_null(value));
        draft.inside.extend(patch.edits());
    }
}
