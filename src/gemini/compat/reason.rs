//! Why a choice ended.

use crate::json::Value;

use super::is_blank;

/// What to say instead; None where it is said as OpenAI says it, or in words nobody knows.
pub(super) fn instead(said: Value<'_>, has_calls: bool) -> Option<&'static str> {
    // So end streams that call tools (python-genai#2868).
    if said.is("stop") {
        return has_calls.then_some(r#""tool_calls""#);
    }
    // The filter's reason may follow: `content_filter: RECITATION`.
    let said = said.as_str()?;
    let is_filter = said.starts_with("content_filter") && said != "content_filter";
    is_filter.then_some(r#""content_filter""#)
}

/// The same for a whole answer, which has ended in any case.
pub(super) fn of_whole(said: Option<Value<'_>>, has_calls: bool) -> Option<&'static str> {
    match said.filter(|_| !is_blank(said)) {
        Some(said) => instead(said, has_calls),
        None if has_calls => Some(r#""tool_calls""#),
        None => Some(r#""stop""#),
    }
}
