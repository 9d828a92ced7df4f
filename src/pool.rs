//! What serves a public model name: targets, in the order they are tried.

use std::collections::HashSet;
use std::rc::Rc;

use crate::azure::family::Family;
use crate::error::Result;
use crate::openai::images::Moving;
use crate::providers::Provider;
use crate::providers::names::Deployment;

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
        Self {
            provider,
            model: TargetModel::AsAsked,
            family: None,
            path: None,
            moving: None,
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
    first: Target,
    others: Vec<Target>,
}

impl Pool {
    pub fn new(mut targets: Vec<Target>) -> Option<Self> {
        if targets.is_empty() {
            return None;
        }
        let others = targets.split_off(1);
        let first = targets.pop()?;
        Some(Self { first, others })
    }

    pub fn of(target: Target) -> Self {
        Self {
            first: target,
            others: Vec::new(),
        }
    }

    /// Those of the targets that serve a path below `/v1`; where none does, what they serve.
    pub fn at(self, path: &str) -> std::result::Result<Self, Vec<String>> {
        // None but those of provider files say which.
        if self.first.path.is_none() && self.others.iter().all(|it| it.path.is_none()) {
            return Ok(self);
        }
        let (there, others): (Vec<_>, Vec<_>) = std::iter::once(self.first)
            .chain(self.others)
            .partition(|target| target.serves(path));
        let mut served: Vec<String> = others.into_iter().filter_map(|it| it.path).collect();
        let mut seen = HashSet::new();
        served.retain(|path| seen.insert(path.clone()));
        Self::new(there).ok_or(served)
    }

    /// The targets in the order to try them: as they were written down.
    pub fn order(&self) -> impl ExactSizeIterator<Item = &Target> {
        let all: Vec<&Target> = std::iter::once(&self.first).chain(&self.others).collect();
        all.into_iter()
    }
}

/// Whether another target may do better: the upstream is out of reach, busy or broken. A `400` is the client's
/// own and would be the same everywhere.
pub fn is_worth_another_target(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..)
}
