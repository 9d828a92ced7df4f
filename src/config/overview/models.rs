//! The names under which models can be asked for, each with its targets.

use std::rc::Rc;

use serde::Serialize;

use super::pools;
use crate::config::Config;
use crate::config::instances::Instances;
use crate::pool::{Pool, Target, TargetModel};
use crate::providers::Provider;

#[derive(Debug, Serialize)]
pub struct Model {
    pub name: String,
    pub written: Written,
    /// `provider/model`, in the order they are tried; `*` is the name as it was asked for.
    pub targets: Vec<String>,
    /// The same, with their shares: one step after the other, and in each step those to choose among.
    #[serde(skip)]
    pub steps: Vec<Vec<String>>,
    /// How it is chosen, as far as that is not the usual.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
}

impl Model {
    fn of(name: &str, written: Written, targets: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            written,
            steps: targets.iter().map(|it| vec![it.clone()]).collect(),
            targets,
            rules: Vec::new(),
        }
    }

    fn of_pool(
        name: &str,
        written: Written,
        pool: &Pool,
        is_there: impl Fn(&Target) -> bool,
    ) -> Self {
        let steps = pools::steps(pool, is_there);
        let targets = steps.iter().flatten();
        Self {
            name: name.to_owned(),
            written,
            targets: targets.map(|it| shown(it)).collect(),
            steps: steps
                .iter()
                .map(|it| it.iter().map(|it| shared(it)).collect())
                .collect(),
            rules: pools::rules(pool),
        }
    }
}

/// Where a model's name is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Written {
    /// `GATEWAY.models`.
    Name,
    Pattern,
    /// A host of its own.
    Alias,
    /// A provider file.
    File,
    /// A provider's own map.
    Map,
    /// A maker's way of naming its models.
    Family,
    /// Of the instances: what nobody else has.
    Instances,
}

impl Config {
    /// In the order in which a name is looked up.
    pub(super) fn models(&self) -> Vec<Model> {
        // A pool without a target has one that is no provider's.
        let is_there = |target: &Target| {
            let mut providers = self.providers.iter();
            providers.any(|it| Rc::ptr_eq(it, &target.provider))
        };
        let row = |name: &str, written, pool: &Pool| Model::of_pool(name, written, pool, is_there);
        let pools = self.models.iter().map(|(name, pool)| {
            let is_pattern = name.is_pattern();
            let written = if is_pattern {
                Written::Pattern
            } else {
                Written::Name
            };
            row(name.as_str(), written, pool)
        });
        let aliases = self.aliases.iter();
        let aliases = aliases.map(|(alias, target)| {
            row(
                alias,
                Written::Alias,
                &Pool::of(target.clone(), self.rules.clone()),
            )
        });
        let families = ["gemini-*", "gemma-*"].into_iter();
        let families =
            families.filter_map(|name| Some(row(name, Written::Family, &self.owned(name)?.1)));
        // Of instances every one that has it, each under its own name for it.
        let is_alone = |it: &&Rc<Provider>| !self.instances.as_ref().is_some_and(|all| all.has(it));
        let maps = self
            .providers
            .iter()
            .filter(is_alone)
            .flat_map(|it| mapped(it));
        let instances = self.instances.as_ref();
        let claimed = instances.into_iter().flat_map(Instances::claimed);
        let claimed = claimed.map(|(name, pool)| self.of_instances(&name, Written::Map, &pool));
        let everything = instances.filter(|_| !self.prefers_another);
        let everything = everything.map(|it| self.of_instances("*", Written::Instances, it.pool()));
        let offers = self.offers.iter();
        let offers =
            offers.map(|offer| Model::of(&offer.name, Written::File, offered(&offer.pool)));
        let offers = offers.collect::<Vec<_>>();
        pools
            .chain(aliases)
            .chain(offers)
            .chain(claimed.collect::<Vec<_>>())
            .chain(maps)
            .chain(families)
            .chain(everything)
            .collect()
    }

    /// Each as it calls the model.
    fn of_instances(&self, name: &str, written: Written, pool: &Pool) -> Model {
        let targets = pool.targets().iter().map(|target| {
            let there = target.provider.names.mapped(name);
            Target {
                model: there.map_or(TargetModel::AsAsked, TargetModel::Named),
                ..target.clone()
            }
        });
        let pool = Pool::new(targets.collect(), self.rules.clone());
        let pool = pool.map(|it| Model::of_pool(name, written, &it, |_| true));
        pool.unwrap_or_else(|| Model::of(name, written, Vec::new()))
    }
}

fn mapped(provider: &Provider) -> impl Iterator<Item = Model> {
    provider.names.public().filter_map(|name| {
        let there = provider.names.mapped(name)?;
        let target = format!("{}/{there}", provider.name);
        Some(Model::of(name, Written::Map, vec![target]))
    })
}

/// Each target once, with the paths it serves.
fn offered(pool: &Pool) -> Vec<String> {
    let mut targets: Vec<(String, Vec<String>)> = Vec::new();
    for target in pool.targets() {
        let name = shown(target);
        let path = target.path.iter().map(|path| format!("v1/{path}"));
        match targets.iter_mut().find(|(other, _)| *other == name) {
            Some((_, paths)) => paths.extend(path),
            None => targets.push((name, path.collect())),
        }
    }
    let with_paths = |(name, paths): (String, Vec<String>)| match paths.as_slice() {
        [] => name,
        paths => format!("{name} ({})", paths.join(", ")),
    };
    targets.into_iter().map(with_paths).collect()
}

fn shown(target: &Target) -> String {
    let provider = &target.provider.name;
    match &target.model {
        TargetModel::AsAsked => format!("{provider}/*"),
        TargetModel::Named(model) => format!("{provider}/{model}"),
    }
}

/// With what differs from the share of its provider, which is told there.
fn shared(target: &Target) -> String {
    let name = shown(target);
    if target.share == target.provider.share {
        return name;
    }
    match pools::share(&target.share).as_slice() {
        [] => name,
        words => format!("{name} ({})", words.join(", ")),
    }
}
