//! How a provider stands, by its settings and by what came of the last request to it.

use serde_json::{Map, Value, json};

use crate::catalogue::Tally;
use crate::condition::Conditions;
use crate::config::Config;
use crate::providers::{Outcome, Provider};

/// What came of a request says nothing of a provider after so long.
const TELLING_MILLIS: u64 = 300_000;

/// How everybody stands.
#[derive(Clone, Copy)]
pub struct Standings<'a> {
    pub config: &'a Config,
    pub conditions: &'a Conditions,
    pub now_millis: u64,
}

impl Standings<'_> {
    /// Whether it can be used, was well when it was asked last, and is not left alone for its failures. An instance that
    /// is at its limits does not do well, either: so monitors of such know it.
    pub fn is_well(self, provider: &Provider) -> bool {
        let now = self.now_millis;
        let last = provider.last.get();
        let last = last.filter(|it| now.saturating_sub(it.at_millis) <= TELLING_MILLIS);
        let has_failed = last.is_some_and(|it| is_its_failure(provider, it));
        let is_left_alone = match self.condition(provider) {
            "healthy" => false,
            "rate_limited" => self.config.instances().is_some_and(|it| it.has(provider)),
            _ => true,
        };
        provider.broken.is_none() && !has_failed && !is_left_alone
    }

    fn condition(self, provider: &Provider) -> &'static str {
        let conditions = self.conditions;
        let snapshot = conditions.of_provider(&provider.name, self.now_millis);
        snapshot.word(self.now_millis)
    }
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
pub fn describe(standings: Standings<'_>, provider: &Provider, tally: Option<Tally>) -> Value {
    let mut about = Map::new();
    let mut say = |name: &str, value: Option<Value>| {
        about.extend(value.map(|value| (name.to_owned(), value)));
    };
    say("name", Some(provider.name.clone().into()));
    say("kind", provider.word().map(Value::from));
    say("usable", Some(provider.broken.is_none().into()));
    say("healthy", Some(standings.is_well(provider).into()));
    let condition = Some(standings.condition(provider));
    let condition = condition.filter(|word| *word != "healthy");
    say("condition", condition.map(Value::from));
    say("key", Some(standings.config.key(provider).into()));
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
