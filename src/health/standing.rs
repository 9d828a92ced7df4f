//! How a provider stands, by its settings and by what came of the last request to it.

use serde_json::{Map, Value, json};

use crate::catalogue::Tally;
use crate::config::Config;
use crate::providers::{Outcome, Provider};

/// What came of a request says nothing of a provider after so long.
const TELLING_MILLIS: u64 = 300_000;

/// Whether it can be used, and was well when it was asked last.
pub fn is_well(provider: &Provider, now_millis: u64) -> bool {
    let last = provider.last.get();
    let last = last.filter(|it| now_millis.saturating_sub(it.at_millis) <= TELLING_MILLIS);
    provider.broken.is_none() && !last.is_some_and(|it| is_its_failure(provider, it))
}

/// Whether it did not answer, broke, or refused the credential of its owner: a client's own is the client's matter.
fn is_its_failure(provider: &Provider, last: Outcome) -> bool {
    match last.status {
        None | Some(500..) => true,
        Some(401 | 403) => provider.has_credential(),
        Some(_) => false,
    }
}

/// For clients of ours. No value of a setting is in it.
pub fn describe(
    config: &Config,
    provider: &Provider,
    tally: Option<Tally>,
    now_millis: u64,
) -> Value {
    let mut about = Map::new();
    let mut say = |name: &str, value: Option<Value>| {
        about.extend(value.map(|value| (name.to_owned(), value)));
    };
    say("name", Some(provider.name.clone().into()));
    say("kind", provider.word().map(Value::from));
    say("usable", Some(provider.broken.is_none().into()));
    say("healthy", Some(is_well(provider, now_millis).into()));
    say("key", Some(config.key(provider).into()));
    say("problem", provider.broken.clone().map(Value::from));
    say("last_result", provider.last.get().map(result));
    say("models", tally.map(list));
    about.into()
}

fn result(last: Outcome) -> Value {
    let at = last.at_millis / 1000;
    match last.status {
        Some(status) => json!({"at": at, "status": status}),
        None => json!({"at": at, "error": "no answer"}),
    }
}

fn list(tally: Tally) -> Value {
    let (count, is_failing) = (tally.models, tally.is_failing);
    if is_failing && count == 0 {
        // It never could be had.
        return json!({"count": count, "failing": is_failing});
    }
    json!({"count": count, "failing": is_failing, "at": tally.at_millis / 1000})
}
