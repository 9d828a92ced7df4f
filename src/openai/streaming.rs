//! Whether a stream is to end with its usage.

use crate::json::{Patch, Value};
use crate::platform::Edit;

/// Whether a chat's client wants the chunk with the usage.
pub fn asks_for_usage(text: &[u8]) -> bool {
    let options = Value::first(text).and_then(|body| body.get("stream_options"));
    options.is_some_and(includes_usage)
}

/// What has to change in a request for its stream to end with the usage, whatever else the client's options say.
pub fn include_usage(text: &[u8]) -> Vec<Edit> {
    let Some(body) = Value::first(text).filter(|it| it.is_object()) else {
        return Vec::new();
    };
    let mut body = Patch::of(body);
    let mut edits = ask_for_usage(&mut body);
    edits.extend(body.edits());
    edits
}

/// The same for a body of which more is changed; gives the edits inside of the client's options. Options that are none
/// stay as they are: to refuse them is the upstream's.
pub fn ask_for_usage(body: &mut Patch<'_>) -> Vec<Edit> {
    match body.get("stream_options") {
        Some(options) if options.is_object() => {
            let mut options = Patch::of(options);
            let is_switch = |it: Value<'_>| it.is_null() || it.as_bool().is_some();
            if options.get("include_usage").is_none_or(is_switch) {
                options.set("include_usage", "true");
            }
            options.edits()
        }
        Some(options) if !options.is_null() => Vec::new(),
        _ => {
            body.set("stream_options", "{\"include_usage\":true}");
            Vec::new()
        }
    }
}

fn includes_usage(options: Value<'_>) -> bool {
    options.get("include_usage").is_some_and(Value::is_true)
}
