//! Chats.

use crate::error::{Error, Result};
use crate::json::{self, Value};
use crate::openai::streaming;

use super::{Draft, extra, format, keep, keep_once, messages, tools};

/// What AI Studio's endpoint knows of a chat. `google` is not among it, but moves to where it is.
const KNOWN: [&str; 18] = [
    "model",
    "messages",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "stop",
    "stream",
    "stream_options",
    "tools",
    "tool_choice",
    "response_format",
    "reasoning_effort",
    "modalities",
    "audio",
    "service_tier",
    "extra_body",
    "parallel_tool_calls",
];

/// What is changed in its place on Vertex, so that there may only be one of it.
const CHANGED: [&str; 5] = [
    "messages",
    "tools",
    "functions",
    "response_format",
    "reasoning_effort",
];

/// Tiers as Google calls them. OpenAI's others mean what it does without one.
const TIERS: [&str; 3] = ["flex", "priority", "standard"];

/// Whether it knows a field of a chat.
pub(in crate::gemini::compat) fn knows(name: &str) -> bool {
    KNOWN.contains(&name)
}

pub(super) fn repair(draft: &mut Draft<'_, '_>) -> Result<()> {
    if draft.is_strict() {
        refuse_choices(draft)?;
        refuse_functions(draft)?;
        let mut names = KNOWN.to_vec();
        names.extend(extra::moves(draft).then_some("google"));
        keep(&mut draft.body, &names);
        draft
            .body
            .retain(|name, tier| name != "service_tier" || TIERS.iter().any(|it| tier.is(it)));
    } else {
        keep_once(&mut draft.body, &CHANGED);
    }
    repair_effort(draft);
    tools::repair(draft);
    format::repair(draft);
    messages::repair(draft);
    if draft.counts_tokens && draft.get("stream").is_some_and(Value::is_true) {
        let edits = streaming::ask_for_usage(&mut draft.body);
        draft.inside.extend(edits);
    }
    Ok(())
}

/// `Multiple candidates is not enabled for this model`: the endpoint gives one, and does not even know `n`.
fn refuse_choices(draft: &Draft<'_, '_>) -> Result<()> {
    let is_one = |n: f64| (n - 1.0).abs() < f64::EPSILON;
    if draft
        .get("n")
        .is_none_or(|it| it.as_f64().is_some_and(is_one))
    {
        return Ok(());
    }
    let problem = "This endpoint of Google's gives one choice: `n` must be 1.";
    Err(Error::bad_request("invalid_value", problem).param("n"))
}

/// Left out they would be missed: the model would not know of them.
fn refuse_functions(draft: &Draft<'_, '_>) -> Result<()> {
    if draft.get("functions").is_none_or(Value::is_empty) {
        return Ok(());
    }
    let problem = "This endpoint of Google's does not know `functions`: send them as `tools`.";
    Err(Error::bad_request("unsupported_parameter", problem).param("functions"))
}

/// Google's efforts end with `high`; beside a `thinking_config`, which says more, there may be none.
fn repair_effort(draft: &mut Draft<'_, '_>) {
    let Some(effort) = draft.get("reasoning_effort") else {
        return;
    };
    if extra::configures_thinking(draft) {
        draft.body.remove("reasoning_effort");
    } else if effort.is("xhigh") || effort.is("max") {
        draft
            .inside
            .push(json::replace(effort, json::quoted("high")));
    }
}
