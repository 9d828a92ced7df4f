//! Batches.

use crate::azure::batch;
use crate::azure::request::Draft;
use crate::json::{self, Value};

pub(super) fn repair(draft: &mut Draft<'_, '_>) {
    let endpoint = draft.body.get("endpoint").and_then(Value::as_str);
    if let Some(path) = endpoint.as_deref().and_then(batch::path) {
        draft.body.set("endpoint", &json::quoted(path));
    }
}
