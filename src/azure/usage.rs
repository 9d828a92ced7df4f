//! Token counts of models that count their own way.

use crate::json::{self, Value};
use crate::platform::Edit;

/// Grok leaves the reasoning out of `completion_tokens` and has it in the total. It is added only where the sum is
/// then exact.
pub(super) fn complete(usage: Value<'_>) -> Option<Edit> {
    let completion = usage.get("completion_tokens")?;
    let details = usage.get("completion_tokens_details")?;
    let reasoning = details.get("reasoning_tokens")?.as_u64()?;
    let all = completion.as_u64()?.checked_add(reasoning)?;
    let prompt = usage.get("prompt_tokens")?.as_u64()?;
    let total = usage.get("total_tokens")?.as_u64()?;
    let is_exact = reasoning > 0 && prompt.checked_add(all)? == total;
    is_exact.then(|| json::replace(completion, all.to_string()))
}
