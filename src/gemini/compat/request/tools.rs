//! Tools.

use crate::gemini::schema;
use crate::json::{Patch, Value, member};

use super::{Draft, keep};

/// What AI Studio's endpoint knows of a tool and of its function. `strict` is not among it.
const OF_A_TOOL: [&str; 2] = ["type", "function"];
const OF_A_FUNCTION: [&str; 3] = ["name", "description", "parameters"];

pub(super) fn repair(draft: &mut Draft<'_, '_>) {
    let tools = draft.get("tools");
    if draft.is_strict() && tools.is_none_or(Value::is_empty) {
        for name in ["tools", "tool_choice", "parallel_tool_calls"] {
            draft.body.remove(name);
        }
        return;
    }
    for tool in tools.into_iter().flat_map(Value::elements) {
        let Some(function) = tool.get("function").filter(|it| it.is_object()) else {
            continue;
        };
        if draft.is_strict() {
            let mut patch = Patch::of(tool);
            keep(&mut patch, &OF_A_TOOL);
            draft.inside.extend(patch.edits());
        }
        repair_function(function, draft);
    }
    let functions = draft.get("functions");
    for function in functions.into_iter().flat_map(Value::elements) {
        repair_function(function, draft);
    }
}

/// Both endpoints turn it into a declaration of their own, whose `parameters` know little of JSON Schema.
fn repair_function(function: Value<'_>, draft: &mut Draft<'_, '_>) {
    let mut patch = Patch::of(function);
    if let Some(parameters) = member(function, "parameters") {
        match schema::restricted(parameters, draft.host, false) {
            Some(schema) => patch.set("parameters", &String::from_utf8_lossy(&schema)),
            None => patch.remove("parameters"),
        }
    }
    if draft.is_strict() {
        keep(&mut patch, &OF_A_FUNCTION);
    }
    draft.inside.extend(patch.edits());
}
