//! Tools: none is not said with an empty list, and none goes without parameters.

use crate::azure::request::{Draft, schema};
use crate::json::{Patch, Value};

pub(super) fn repair(draft: &mut Draft<'_, '_>) {
    // `[] is too short - 'tools'` (pydantic-ai#155).
    draft
        .body
        .retain(|name, value| name != "tools" || !(value.is_array() && value.is_empty()));
    let has_tools = draft.body.values("tools").any(|it| !is_none(it));
    if !has_tools {
        draft.body.retain(|name, value| {
            value.is_null() || !matches!(name, "tool_choice" | "parallel_tool_calls")
        });
        return;
    }
    for tool in draft.body.values("tools").flat_map(Value::elements) {
        let Some(function) = tool.get("function").filter(|it| it.is_object()) else {
            continue;
        };
        if let Some(parameters) = function.get("parameters") {
            schema::repair(parameters, &mut draft.inside);
        }
        // `'parameters' is a required property - 'tools.0.function'`
        if function.get("parameters").is_none_or(Value::is_null) {
            let mut patch = Patch::of(function);
            patch.set("parameters", "{\"type\":\"object\",\"properties\":{}}");
            draft.inside.extend(patch.edits());
        }
    }
}

fn is_none(tools: Value<'_>) -> bool {
    tools.is_null() || tools.is_empty()
}
