//! Responses.

use crate::azure::Spoken;
use crate::azure::request::{Draft, sampling, schema};
use crate::json::{Patch, Value};
use crate::platform::Edit;

pub(super) fn repair(draft: &mut Draft<'_, '_>) {
    // `Unknown parameter: ''.`
    draft.body.retain(|_, value| !value.is_null());
    if draft.manner.spoken == Spoken::Classic {
        draft.body.remove("context_management");
    }
    let reasoning = draft.body.get("reasoning");
    let effort = reasoning.and_then(|it| it.get("effort")?.as_str());
    sampling::repair(draft, effort.as_deref());
    for tool in draft.body.values("tools").flat_map(Value::elements) {
        if let Some(parameters) = tool.get("parameters") {
            schema::repair(parameters, &mut draft.inside);
        }
    }
    for item in draft.body.values("input").flat_map(Value::elements) {
        repair_item(item, &mut draft.inside);
    }
}

/// What was reasoned comes back with more than is taken (litellm#13484).
fn repair_item(item: Value<'_>, edits: &mut Vec<Edit>) {
    if item.get("type").is_some_and(|it| it.is("reasoning")) {
        let mut patch = Patch::of(item);
        patch.retain(|name, value| name != "status" && !value.is_null());
        edits.extend(patch.edits());
    }
}
