//! What serves a public model name: targets, and how one is chosen among them.

pub mod budget;
pub mod judgement;
pub mod order;
pub mod rules;
pub mod wait;

use std::collections::HashSet;
use std::rc::Rc;

use crate::azure::family::Family;
use crate::error::Result;
use crate::limits::Limits;
use crate::openai::images::Moving;
use crate::providers::Provider;
use crate::providers::names::Deployment;

pub use rules::{Fallback, Hedge, Rules, Strategy};

/// A provider, and the name it knows the model by.
#[derive(Clone)]
pub struct Target {
    pub provider: Rc<Provider>,
    pub model: TargetModel,
    /// The owner's hint, before any other.
    pub family: Option<Family>,
    /// The one path below `/v1` it serves, with what is below that; none: every path.
    pub path: Option<String>,
    /// Whose addresses of pictures become the gateway's.
    pub moving: Option<Rc<Moving>>,
    pub share: Share,
}

/// How much of a pool's calls a target gets, and how much it may get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Those with a lower number come first.
    pub priority: u32,
    /// Among those of one priority.
    pub weight: u32,
    /// What it may get at most.
    pub limits: Limits,
    /// Tokens a minute it is taken to have where nothing limits it: for comparisons, and never a refusal.
    pub assumed_tpm: Option<u64>,
    /// Both count for the provider as a whole, whatever the model.
    pub is_providers: bool,
}

impl Default for Share {
    fn default() -> Self {
        Self {
            priority: 100,
            weight: 100,
            limits: Limits::default(),
            assumed_tpm: None,
            is_providers: false,
        }
    }
}

impl Share {
    /// Tokens a minute, for comparisons.
    pub fn tpm(&self) -> Option<u64> {
        self.limits.tokens.or(self.assumed_tpm)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetModel {
    /// The name asked for, as it is.
    AsAsked,
    Named(String),
}

impl Target {
    /// The name asked for, at this provider.
    pub fn as_asked(provider: Rc<Provider>) -> Self {
        let share = provider.share.clone();
        Self {
            provider,
            model: TargetModel::AsAsked,
            family: None,
            path: None,
            moving: None,
            share,
        }
    }

    /// Whether it serves a path below `/v1`.
    fn serves(&self, path: &str) -> bool {
        let Some(own) = &self.path else {
            return true;
        };
        let below = path.strip_prefix(own.as_str());
        below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
    }

    /// What to ask the provider for, in this order; nothing where nobody says which model.
    pub fn deployments(&self, asked: Option<&str>) -> Result<Vec<Deployment>> {
        let names = &self.provider.names;
        let Some(model) = self.model(asked) else {
            return Ok(names.pinned().cloned().into_iter().collect());
        };
        let mut deployments = names.candidates(model)?;
        for deployment in &mut deployments {
            deployment.family = self.family.or(deployment.family);
        }
        Ok(deployments)
    }

    /// What it is called where the provider is asked for this model.
    pub fn called(&self, model: Option<&str>) -> String {
        let provider = &self.provider.name;
        match model {
            Some(model) => format!("{provider}/{model}"),
            None => provider.clone(),
        }
    }

    /// The name to ask the provider for.
    pub fn model<'a>(&'a self, asked: Option<&'a str>) -> Option<&'a str> {
        match &self.model {
            TargetModel::AsAsked => asked,
            TargetModel::Named(name) => Some(name),
        }
    }
}

/// The targets of one model name. Never empty: a configuration without a target for a name has no pool for it.
#[derive(Clone)]
pub struct Pool {
    targets: Rc<[Target]>,
    rules: Rc<Rules>,
}

impl Pool {
    pub fn new(targets: Vec<Target>, rules: Rc<Rules>) -> Option<Self> {
        (!targets.is_empty()).then(|| Self {
            targets: targets.into(),
            rules,
        })
    }

    pub fn of(target: Target, rules: Rc<Rules>) -> Self {
        Self {
            targets: Rc::new([target]),
            rules,
        }
    }

    /// Those of the targets that serve a path below `/v1`; where none does, what they serve.
    pub fn at(self, path: &str) -> std::result::Result<Self, Vec<String>> {
        // None but those of provider files say which.
        if self.targets.iter().all(|it| it.path.is_none()) {
            return Ok(self);
        }
        let (there, others): (Vec<&Target>, Vec<&Target>) =
            self.targets.iter().partition(|target| target.serves(path));
        let mut served: Vec<String> = others
            .into_iter()
            .filter_map(|it| it.path.clone())
            .collect();
        let mut seen = HashSet::new();
        served.retain(|path| seen.insert(path.clone()));
        let there = there.into_iter().cloned().collect();
        Self::new(there, self.rules).ok_or(served)
    }

    /// As they were written down.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Whether another target may serve a call that one does not.
    pub fn has_alternatives(&self) -> bool {
        self.targets.len() > 1
    }
}
