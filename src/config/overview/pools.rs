//! What bounds calls, and how pools choose, in words.

use std::time::Duration;

use serde::Serialize;

use crate::limits::{Limits, Mode};
use crate::pool::{Pool, Rules, Share, Strategy, Target};

/// Limits by the names of the settings; what nothing bounds is none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bounds {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rpm: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpm: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monthly_tokens: Option<u64>,
}

impl From<Limits> for Bounds {
    fn from(limits: Limits) -> Self {
        Self {
            rpm: limits.requests,
            tpm: limits.tokens,
            daily_tokens: limits.daily,
            monthly_tokens: limits.monthly,
        }
    }
}

impl Bounds {
    pub fn words(&self) -> Vec<String> {
        let words = [
            (self.rpm, "requests a minute"),
            (self.tpm, "tokens a minute"),
            (self.daily_tokens, "tokens a day"),
            (self.monthly_tokens, "tokens a month"),
        ];
        let set = words.into_iter();
        set.filter_map(|(limit, what)| Some(format!("{} {what}", limit?)))
            .collect()
    }
}

/// Of all calls together.
#[derive(Debug, Serialize)]
pub struct Overall {
    #[serde(flatten)]
    pub bounds: Bounds,
    /// How every limit is kept.
    pub mode: &'static str,
}

impl Overall {
    pub(super) fn new(limits: Limits, mode: Mode) -> Self {
        Self {
            bounds: limits.into(),
            mode: match mode {
                Mode::Leased => "leased",
                Mode::Exact => "exact",
            },
        }
    }
}

/// What differs from a share that nothing was said of.
pub(super) fn share(share: &Share) -> Vec<String> {
    let usual = Share::default();
    let mut words = Vec::new();
    if share.priority != usual.priority {
        words.push(format!("priority {}", share.priority));
    }
    if share.weight != usual.weight {
        words.push(format!("weight {}", share.weight));
    }
    words.extend(Bounds::from(share.limits).words());
    words
}

/// What differs from rules that nothing was said of. Of a single target nobody chooses.
pub fn rules(pool: &Pool) -> Vec<String> {
    let (rules, usual) = (pool.rules(), Rules::default());
    let mut words = Vec::new();
    if pool.has_alternatives() && rules.strategy != usual.strategy {
        words.push(rules.strategy.word().to_owned());
    }
    if pool.has_alternatives() && rules.mixes_ties {
        words.push("ties by chance".to_owned());
    }
    words.extend(of_all(rules));
    if rules.deadline_millis != usual.deadline_millis {
        words.push(format!("deadline {}", seconds(rules.deadline_millis)));
    }
    if let Some(hedge) = rules.hedge {
        words.push(format!(
            "hedge {} % after {}",
            hedge.percent,
            seconds(hedge.least_millis)
        ));
    }
    let fallback = rules.fallback.by_reason();
    words.extend(fallback.map(|(reason, model)| {
        let reason = reason.replace('_', " ");
        format!("falls back to {model} on {reason}")
    }));
    words
}

/// What every pool goes by that says nothing itself.
pub(super) fn usual(rules: &Rules) -> Vec<String> {
    let mut words = vec![rules.strategy.word().to_owned()];
    if rules.mixes_ties {
        words.push("ties by chance".to_owned());
    }
    words.extend(of_all(rules));
    words
}

fn of_all(rules: &Rules) -> impl Iterator<Item = String> {
    let attempts = rules
        .attempts
        .map(|most| format!("{most} attempts at most"));
    let first = rules.first_output_millis;
    let first = first.map(|millis| format!("first output within {}", seconds(millis)));
    let alive = rules.keep_alive_millis;
    let alive = alive.map(|millis| format!("kept alive every {}", seconds(millis)));
    attempts.into_iter().chain(first).chain(alive)
}

fn seconds(millis: u32) -> String {
    let seconds = Duration::from_millis(millis.into()).as_secs_f64();
    format!("{seconds} s")
}

/// The targets in the order of their priorities. Those that are tried one after the other stand apart; together stand
/// those among which the strategy chooses.
pub(super) fn steps(pool: &Pool, shown: impl Fn(&Target) -> bool) -> Vec<Vec<&Target>> {
    let mut targets: Vec<&Target> = pool.targets().iter().filter(|it| shown(it)).collect();
    targets.sort_by_key(|target| target.share.priority);
    let is_alone = pool.rules().strategy == Strategy::Failover && !pool.rules().mixes_ties;
    let same =
        |left: &&Target, right: &&Target| !is_alone && left.share.priority == right.share.priority;
    let steps = targets.chunk_by(same);
    steps.map(<[&Target]>::to_vec).collect()
}
