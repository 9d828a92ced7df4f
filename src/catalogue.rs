//! The model list: the public names that are configured, or else what the default provider lists itself.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::clients::Caller;
use crate::config::Config;
use crate::error::Result;
use crate::surface::{self, Wanted};

/// Fixed, so that the list is the same at every call: when OpenAI's own API began.
const CREATED: u64 = 1_593_561_600;

/// The list, or one item of it, as far as the caller may use it; None where the upstream is to be asked.
pub fn answer<UpstreamBody>(
    config: &Config,
    wanted: &Wanted,
    caller: &Caller,
) -> Result<Option<Answer<UpstreamBody>>> {
    let Some(id) = wanted.path.strip_prefix("models/").map(surface::decode) else {
        return Ok(list(config, caller));
    };
    caller.may_use(Some(&id))?;
    let mut names = config.public_models();
    let name = names.find(|name| name.eq_ignore_ascii_case(&id));
    Ok(name.map(|name| Answer::json(200, describe(name).to_string())))
}

fn list<UpstreamBody>(config: &Config, caller: &Caller) -> Option<Answer<UpstreamBody>> {
    let configured = config
        .public_models()
        .filter(|name| caller.may_use(Some(name)).is_ok());
    let data: Value = if config.public_models().next().is_some() {
        configured.map(describe).collect()
    } else {
        // What an upstream lists is not for a limited key to see; its own names are.
        caller.named_models()?.map(describe).collect()
    };
    let list = json!({"object": "list", "data": data});
    Some(Answer::json(200, list.to_string()))
}

fn describe(name: &str) -> Value {
    json!({"id": name, "object": "model", "created": CREATED, "owned_by": "isthmus"})
}
