//! Token counts of models that count their own way.

use crate::json::Value;
use crate::platform::Edit;

/// Grok leaves the reasoning out of `completion_tokens` and has it in the total. It is added only where the sum is
/// then exact.
pub fn complete(usage: Value<'_>) -> Option<Edit> {
    let completion = usage.get("completion_tokens")?;
    let details = usage.get("completion_tokens_details")?;
    let reasoning = number(details.get("reasoning_tokens")?)?;
    let said = number(completion)?;
    let all = said.checked_add(reasoning)?;
    let prompt = number(usage.get("prompt_tokens")?)?;
    let total = number(usage.get("total_tokens")?)?;
    (reasoning > 0 && prompt.checked_add(all)? == total).then(|| Edit {
        range: completion.range(),
        text: all.to_string(),
    })
}

fn number(value: Value<'_>) -> Option<u64> {
    std::str::from_utf8(value.raw()).ok()?.parse().ok()
}
