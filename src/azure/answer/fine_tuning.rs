//! Fine-tuning jobs, whose states Azure calls otherwise.

use crate::json::{Patch, Value, quoted};
use crate::platform::Edit;

pub(super) fn is_path(path: &str) -> bool {
    ["fine_tuning/jobs", "fine_tunes", "fine-tunes"]
        .iter()
        .filter_map(|root| path.strip_prefix(root))
        .any(|below| below.is_empty() || below.starts_with('/'))
}

/// OpenAI's word for the state of a job.
fn status(azures: &str) -> &str {
    match azures {
        "created" | "pending" | "notRunning" => "queued",
        "canceled" => "cancelled",
        status => status,
    }
}

/// Of a job, or of a list of them. Events and checkpoints, which stand below a job, have no states.
pub(super) fn edits(root: Value<'_>) -> Vec<Edit> {
    match root.get("data").filter(|it| it.is_array()) {
        Some(list) => list.elements().flat_map(job).collect(),
        None => job(root),
    }
}

fn job(item: Value<'_>) -> Vec<Edit> {
    let mut patch = Patch::of(item);
    if let Some(azures) = patch.get("status").and_then(Value::as_str) {
        patch.set("status", &quoted(status(&azures)));
    }
    patch.edits()
}
