//! Chat completions, and the completions before them.

use crate::azure::request::{Draft, messages, sampling, streaming, token_limit, tools};
use crate::error::{Error, Result};
use crate::json::Value;

pub(super) fn repair(draft: &mut Draft<'_, '_>) -> Result<()> {
    refuse_what_is_no_chat(draft)?;
    token_limit::repair(draft);
    let effort = draft.body.get("reasoning_effort").and_then(Value::as_str);
    sampling::repair(draft, effort.as_deref());
    streaming::repair(draft);
    tools::repair(draft);
    if draft.is_before(2024, 12, 1) {
        draft.body.remove("store");
        draft.body.remove("metadata");
    }
    messages::repair(draft);
    Ok(())
}

pub(super) fn repair_completion(draft: &mut Draft<'_, '_>) -> Result<()> {
    refuse_what_is_no_chat(draft)?;
    sampling::repair(draft, None);
    streaming::repair(draft);
    Ok(())
}

/// Here a chat would have to become a response.
fn refuse_what_is_no_chat(draft: &Draft<'_, '_>) -> Result<()> {
    if draft.traits.takes_chat {
        return Ok(());
    }
    Err(Error::bad_request(
        "unsupported_operation",
        "This model does not take chat completions. It answers to /v1/responses: send the request there.",
    )
    .param("model"))
}
