//! How pools choose: flat for all of them, in the document for each, with the shares of their targets.

use std::rc::Rc;

use serde_json::Value;

use crate::azure::family::Family;
use crate::config::Config;
use crate::config::draft::{Draft, broken};
use crate::config::limits::A_MINUTE;
use crate::config::read::seconds;
use crate::config::settings::Settings;
use crate::config::table::Table;
use crate::glob::Glob;
use crate::limits::Limits;
use crate::pool::{Fallback, Hedge, Pool, Rules, Share, Strategy, Target, TargetModel};

const OPTIONS: [&str; 10] = [
    "targets",
    "strategy",
    "attempts",
    "deadline",
    "first_output_timeout",
    "keep_alive",
    "hedge",
    "fallback",
    "tie_break",
    "about",
];

/// What a provider may say for its targets, and a target for itself.
pub(super) const SHARE: [&str; 4] = ["priority", "weight", "tpm", "rpm"];

const STRATEGIES: &str =
    "failover (or priority), weighted, round_robin, least_loaded, fastest or affinity";
const TIES: &str = "order or random";
/// Models answer in seconds: where all are quick a second attempt wins nothing.
const LEAST_HEDGE_MILLIS: u32 = 250;

impl Draft {
    /// Of every pool that says nothing else.
    pub(super) fn read_rules(&mut self, settings: &Settings) {
        if let Some(word) = settings.get("AZURE_ROUTING_STRATEGY") {
            self.rules.strategy = Strategy::of(word).unwrap_or_else(|| {
                let text = format!(
                    "AZURE_ROUTING_STRATEGY is `{word}`; it should be {STRATEGIES}. It is failover now."
                );
                self.warn(text);
                Strategy::Failover
            });
        }
        if let Some(word) = settings.get("TIE_BREAK") {
            match mixes(&word.to_ascii_lowercase()) {
                Some(mixes) => self.rules.mixes_ties = mixes,
                None => self.warn(format!("TIE_BREAK is `{word}`; it should be {TIES}.")),
            }
        }
        let attempts = self.number(settings, "MAX_ATTEMPTS");
        self.rules.attempts = attempts.and_then(|it| usize::try_from(it).ok());
        self.rules.keep_alive_millis = self.time(settings, "STREAM_KEEPALIVE");
        self.rules.first_output_millis = self.time(settings, "FIRST_OUTPUT_TIMEOUT");
    }

    /// Seconds; 0 is none.
    fn time(&mut self, settings: &Settings, name: &str) -> Option<u32> {
        let text = settings.get(name)?;
        let number = text.parse::<f64>().ok().and_then(seconds);
        if number.is_none() {
            self.warn(format!(
                "{name} is `{text}`; it should be a number of seconds, 0 for never."
            ));
        }
        number.filter(|millis| *millis > 0)
    }

    /// `"provider/model"`, a list of such, or a table with `targets`.
    pub(super) fn read_model(&mut self, name: &str, value: &Value) {
        let place = format!("GATEWAY.models.{name}");
        let (targets, rules) = match value {
            Value::Object(options) => {
                self.note_unknown(&place, options, &OPTIONS);
                let about = self.named(options, "about");
                if !about.is_empty() {
                    self.said.push((name.to_owned(), about));
                }
                let rules = self.rules_of(&place, options);
                (options.get("targets").unwrap_or(&Value::Null), rules)
            }
            other => (other, self.rules.clone()),
        };
        let targets: Vec<&Value> = match targets {
            Value::Array(targets) => targets.iter().collect(),
            target => vec![target],
        };
        let rules = Rc::new(Rules {
            name: name.to_owned(),
            ..rules
        });
        let targets = targets
            .iter()
            .filter_map(|target| self.read_target(&place, target));
        let pool = Pool::new(targets.collect(), rules.clone()).unwrap_or_else(|| {
            // Left out, the name would go to the default provider: to somebody else than was meant.
            let problem = format!("{place} has no target that can be used.");
            self.warn(problem.clone());
            Pool::of(Target::as_asked(broken(name, problem)), rules)
        });
        self.add_model(Glob::new(name), pool);
    }

    /// Exact names before patterns, longer patterns before shorter, else as written.
    fn add_model(&mut self, name: Glob, pool: Pool) {
        let rank = |name: &Glob| (name.is_pattern(), std::cmp::Reverse(name.as_str().len()));
        let before = |(other, _): &(Glob, Pool)| rank(other) <= rank(&name);
        let at = self.models.iter().take_while(|entry| before(entry)).count();
        self.models.insert(at, (name, pool));
    }

    fn rules_of(&mut self, place: &str, options: &Table) -> Rules {
        let usual = self.rules.clone();
        let strategy = self.word(place, options, "strategy", Strategy::of, STRATEGIES);
        let ties = self.word(place, options, "tie_break", mixes, TIES);
        let attempts = self.count(place, options, "attempts", 1);
        let deadline = self.time_at(place, options, "deadline");
        if deadline == Some(0) {
            self.warn(format!(
                "{place}.deadline is not in force: it should be above 0."
            ));
        }
        Rules {
            strategy: strategy.unwrap_or(usual.strategy),
            mixes_ties: ties.unwrap_or(usual.mixes_ties),
            attempts: attempts
                .and_then(|it| usize::try_from(it).ok())
                .or(usual.attempts),
            deadline_millis: deadline
                .filter(|millis| *millis > 0)
                .unwrap_or(usual.deadline_millis),
            first_output_millis: self
                .time_at(place, options, "first_output_timeout")
                .map_or(usual.first_output_millis, unless_never),
            keep_alive_millis: self
                .time_at(place, options, "keep_alive")
                .map_or(usual.keep_alive_millis, unless_never),
            hedge: self.hedge_of(place, options),
            fallback: self.fallback_of(place, options),
            ..usual
        }
    }

    /// So many of a hundred, or a table with that and the time it waits at least.
    fn hedge_of(&mut self, place: &str, options: &Table) -> Option<Hedge> {
        let at = format!("{place}.hedge");
        let (percent, after) = match options.get("hedge")? {
            Value::Object(hedge) => {
                self.note_unknown(&at, hedge, &["percent", "after"]);
                let after = self.time_at(&at, hedge, "after");
                (hedge.get("percent").and_then(Value::as_u64), after)
            }
            other => (other.as_u64(), None),
        };
        let percent = percent.and_then(|it| u32::try_from(it).ok());
        let Some(percent) = percent.filter(|it| *it <= 100) else {
            self.warn(format!(
                "{at} is not in force: it should be a whole number up to 100, or {{ percent, after }}."
            ));
            return None;
        };
        (percent > 0).then_some(Hedge {
            percent,
            least_millis: after.unwrap_or(LEAST_HEDGE_MILLIS),
        })
    }

    /// One model for both reasons, or one for each.
    fn fallback_of(&mut self, place: &str, options: &Table) -> Fallback {
        let at = format!("{place}.fallback");
        let mut model = |table: &Table, place: &str, key: &str| {
            table.get(key)?;
            self.text(place, table, key).map(str::to_owned)
        };
        match options.get("fallback") {
            None => Fallback::default(),
            Some(Value::Object(table)) => {
                let fallback = Fallback {
                    content_filter: model(table, &at, "content_filter"),
                    context_length: model(table, &at, "context_length"),
                };
                self.note_unknown(&at, table, &["content_filter", "context_length"]);
                fallback
            }
            Some(_) => {
                let model = model(options, place, "fallback");
                Fallback {
                    content_filter: model.clone(),
                    context_length: model,
                }
            }
        }
    }

    fn read_target(&mut self, place: &str, target: &Value) -> Option<Target> {
        let none = Table::new();
        let options = target.as_object().unwrap_or(&none);
        let own = format!("{place}.targets");
        self.note_unknown(&own, options, &[&SHARE[..], &["to", "family"]].concat());
        let to = match target {
            Value::Object(options) => options.get("to")?.as_str(),
            other => other.as_str(),
        };
        let to = to.filter(|to| !to.chars().any(char::is_control));
        let Some((provider_name, model)) = to.and_then(|to| to.trim().split_once('/')) else {
            self.warn(format!(
                "{place} has a target that is not \"provider/model\"."
            ));
            return None;
        };
        let Some(provider) = self.provider(provider_name) else {
            self.warn(format!(
                "{place} names the provider `{provider_name}`, which is not there."
            ));
            return None;
        };
        let model = match model {
            "*" => TargetModel::AsAsked,
            model => TargetModel::Named(model.to_owned()),
        };
        Some(Target {
            model,
            family: self.text(&own, options, "family").map(Family::of),
            share: self.share_of(&own, options, &provider.share),
            ..Target::as_asked(provider)
        })
    }

    /// What an owner says of a target or of those of a provider; the rest is as it would be without.
    pub(super) fn share_of(&mut self, place: &str, options: &Table, usual: &Share) -> Share {
        let mut number = |key| {
            let number = self.count(place, options, key, 0)?;
            u32::try_from(number).ok()
        };
        let (priority, weight) = (number("priority"), number("weight"));
        let own = self.limits_at(place, options, A_MINUTE);
        Share {
            priority: priority.unwrap_or(usual.priority),
            weight: weight.unwrap_or(usual.weight),
            limits: Limits {
                requests: own.requests.or(usual.limits.requests),
                tokens: own.tokens.or(usual.limits.tokens),
                ..usual.limits
            },
            assumed_tpm: usual.assumed_tpm,
            // What is said of one target is not counted together with the others of its provider.
            is_providers: usual.is_providers && own.is_none(),
        }
    }

    fn count(&mut self, place: &str, options: &Table, key: &str, least: u32) -> Option<u64> {
        let value = options.get(key)?;
        let range = u64::from(least)..=u64::from(u32::MAX);
        let number = value.as_u64().filter(|number| range.contains(number));
        if number.is_none() {
            self.warn(format!(
                "{place}.{key} is not in force: it should be a whole number, {least} or more."
            ));
        }
        number
    }

    fn time_at(&mut self, place: &str, options: &Table, key: &str) -> Option<u32> {
        let value = options.get(key)?;
        let millis = value.as_f64().and_then(seconds);
        if millis.is_none() {
            self.warn(format!(
                "{place}.{key} is not in force: it should be a number of seconds."
            ));
        }
        millis
    }

    /// A fallback that leads back to its own pool would only ask it twice.
    pub(super) fn settle_fallbacks(&mut self) {
        for at in 0..self.models.len() {
            let Some((name, pool)) = self.models.get(at) else {
                continue;
            };
            let leads_back = |model: &String| {
                let mut models = self.models.iter();
                models.position(|(name, _)| name.matches(model)) == Some(at)
            };
            let (of, rules) = (name.as_str().to_owned(), pool.rules());
            let Fallback {
                content_filter,
                context_length,
            } = rules.fallback.clone();
            let fallback = Fallback {
                content_filter: content_filter.filter(|it| !leads_back(it)),
                context_length: context_length.filter(|it| !leads_back(it)),
            };
            if fallback == rules.fallback {
                continue;
            }
            let rules = Rc::new(Rules {
                fallback,
                ..rules.clone()
            });
            let pool = Pool::new(pool.targets().to_vec(), rules);
            if let (Some(pool), Some((_, old))) = (pool, self.models.get_mut(at)) {
                *old = pool;
            }
            self.warn(format!(
                "GATEWAY.models.{of}.fallback leads back to the same targets, and is not in force."
            ));
        }
    }
}

impl Config {
    /// Names of fallbacks that nobody serves.
    pub(super) fn note_lost_fallbacks(&mut self) {
        let mut lost = Vec::new();
        for (name, pool) in &self.models {
            for (_, model) in pool.rules().fallback.by_reason() {
                let there = self.route(Some(model)).ok();
                let is_served = there.is_some_and(|pool| {
                    let mut targets = pool.targets().iter();
                    targets.any(|it| it.provider.broken.is_none())
                });
                let of = name.as_str();
                if !is_served {
                    lost.push(format!(
                        "GATEWAY.models.{of}.fallback names `{model}`, which nobody serves."
                    ));
                }
            }
        }
        lost.dedup();
        self.warnings.extend(lost);
    }
}

fn mixes(word: &str) -> Option<bool> {
    match word {
        "order" => Some(false),
        "random" => Some(true),
        _ => None,
    }
}

fn unless_never(millis: u32) -> Option<u32> {
    Some(millis).filter(|millis| *millis > 0)
}
