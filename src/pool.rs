//! What serves a public model name: targets, in the order they are tried.

use std::rc::Rc;

use crate::providers::Provider;

/// A provider, and the name it knows the model by.
#[derive(Clone)]
pub struct Target {
    pub provider: Rc<Provider>,
    pub model: TargetModel,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetModel {
    /// The name asked for, as it is.
    AsAsked,
    Named(String),
}

impl Target {
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
