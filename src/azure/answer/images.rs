//! Images of the old asynchronous form (versions before 2023-12), whose answer is what became of the request:
//! `{"id", "status": "succeeded", "result": {"created", "data"}}`.

use crate::json::Value;

/// OpenAI's answer inside.
pub(super) fn result(root: Value<'_>) -> Option<Value<'_>> {
    root.get("result").filter(|it| it.is_object())
}

/// Whether it came to an end without images.
pub(super) fn is_failed(root: Value<'_>) -> bool {
    let ends = ["failed", "canceled", "deleted"];
    let status = root.get("status");
    status.is_some_and(|status| ends.iter().any(|it| status.is(it)))
}
