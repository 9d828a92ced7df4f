//! The model list: the public names that are configured, or else what the default provider lists itself.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::config::Config;

/// Fixed, so that the list is the same at every call: when OpenAI's own API began.
const CREATED: u64 = 1_593_561_600;

/// The configured names this caller may use; None when there are none and the upstream is to be asked.
pub fn list<UpstreamBody>(
    config: &Config,
    may_use: impl Fn(&str) -> bool,
) -> Option<Answer<UpstreamBody>> {
    config.public_models().next()?;
    let names = config.public_models().filter(|name| may_use(name));
    let list = json!({"object": "list", "data": names.map(describe).collect::<Value>()});
    Some(Answer::json(200, list.to_string()))
}

/// A configured name by itself.
pub fn item<UpstreamBody>(config: &Config, id: &str) -> Option<Answer<UpstreamBody>> {
    let mut names = config.public_models();
    let name = names.find(|name| name.eq_ignore_ascii_case(id))?;
    Some(Answer::json(200, describe(name).to_string()))
}

fn describe(name: &str) -> Value {
    json!({"id": name, "object": "model", "created": CREATED, "owned_by": "isthmus"})
}
