//! Streams and what is to be told at their end.

use crate::azure::request::Draft;
use crate::json::Value;
use crate::openai::streaming;

pub(super) fn repair(draft: &mut Draft<'_, '_>) {
    if !draft.traits.takes_stream {
        // What comes back whole is given to the client as a stream.
        draft.body.remove("stream");
    }
    let streams = draft.traits.takes_stream && draft.body.get("stream").is_some_and(Value::is_true);
    let wants_usage = draft.counts_tokens || draft.manner.options.always_include_usage;
    if !streams || !takes_options(draft) {
        draft.body.remove("stream_options");
    } else if wants_usage && may_be_asked(draft) {
        let edits = streaming::ask_for_usage(&mut draft.body);
        draft.inside.extend(edits);
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
