//! Streams and what is to be told at their end.

use crate::azure::request::Draft;
use crate::json::{Patch, Value};

/// Whether a chat's client wants the chunk with the usage.
pub fn asks_for_usage(text: &[u8]) -> bool {
    let options = Value::first(text).and_then(|body| body.get("stream_options"));
    options.is_some_and(includes_usage)
}

pub(super) fn repair(draft: &mut Draft<'_, '_>) {
    if !draft.traits.takes_stream {
        // What comes back whole is given to the client as a stream.
        draft.body.remove("stream");
    }
    let streams = draft.traits.takes_stream && draft.body.get("stream").is_some_and(Value::is_true);
    if !streams || !takes_options(draft) {
        draft.body.remove("stream_options");
    } else if draft.manner.options.always_include_usage && may_be_asked(draft) {
        include_usage(draft);
    }
}

fn takes_options(draft: &Draft<'_, '_>) -> bool {
    let is_on_your_data = ["data_sources", "dataSources"]
        .iter()
        .any(|name| draft.body.has(name));
    !is_on_your_data && !draft.is_before(2024, 9, 1) && !draft.lessons.drops("stream_options")
}

/// Mistral's servers answer 422 to what others ignore (litellm#11696): not asked without need.
fn may_be_asked(draft: &Draft<'_, '_>) -> bool {
    !(draft.traits.is_strict && draft.is_inference())
}

fn include_usage(draft: &mut Draft<'_, '_>) {
    match draft.body.get("stream_options") {
        Some(options) if includes_usage(options) => {}
        Some(options) if options.is_object() => {
            let mut patch = Patch::of(options);
            patch.set("include_usage", "true");
            draft.inside.extend(patch.edits());
        }
        _ => draft.body.set("stream_options", "{\"include_usage\":true}"),
    }
}

fn includes_usage(options: Value<'_>) -> bool {
    options.get("include_usage").is_some_and(Value::is_true)
}
