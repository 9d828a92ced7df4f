//! Azure's providers, flat and in the document.

pub(super) mod flat;
mod native;
mod serverless;

use crate::config::draft::{Account, Draft};
use crate::config::settings::Settings;
use crate::providers::azure::{ApiVersion, Choices, Manager, Resource, Written};
use crate::providers::names::{Deployment, Names, Otherwise};
use crate::providers::{Endpoint, Kind, address};

/// What both ways of writing a resource bring together.
struct Plan<'a> {
    /// The setting that holds the address.
    setting: &'a str,
    pasted: &'a str,
    choices: Choices,
    otherwise: Otherwise,
    deployments: Vec<Mapping>,
    /// Where else the deployments are listed.
    manager: Option<Endpoint>,
}

/// An entry of the owner's map.
enum Mapping {
    Named(String, Deployment),
    /// By the name of a variable.
    Variable(String, Deployment),
}

impl Draft {
    fn add_azure(&mut self, account: Account, plan: Plan<'_>) {
        let resource = match Resource::new(plan.pasted, plan.choices) {
            Ok(resource) => resource,
            Err(problem) => {
                let problem = format!("The setting {} is not an address: {problem}.", plan.setting);
                return self.add_broken(account, problem);
            }
        };
        let pinned = resource.pinned.as_deref().map(Deployment::named);
        let mut names = Names::new(plan.otherwise, pinned);
        for mapping in plan.deployments {
            match mapping {
                Mapping::Named(name, deployment) => names.map(&name, deployment),
                Mapping::Variable(name, deployment) => names.map_variable(&name, deployment),
            }
        }
        let kind = Kind::Azure(Box::new(resource));
        self.add(account, kind, names, plan.manager);
    }

    /// A version that makes no sense would be every call's error: it is said before.
    pub(in crate::config) fn version_at(
        &mut self,
        place: &str,
        written: Option<&str>,
        problem: &mut Option<String>,
    ) -> Option<ApiVersion> {
        let written = written?;
        let version = ApiVersion::parse(written);
        if version.is_none() {
            let shown = if may_be_shown(written) {
                format!("`{written}`")
            } else {
                "no version".to_owned()
            };
            let text = format!(
                "The setting {place} is {shown}; it should be a date like 2024-10-21 or \
                 2025-04-01-preview, or v1, or preview."
            );
            self.fault(text, problem);
        }
        version
    }

    /// Where tokens come from gets the application's secret: nowhere without encryption.
    fn authority_at(
        &mut self,
        place: &str,
        written: Option<&str>,
        problem: &mut Option<String>,
    ) -> Option<String> {
        let read = address::split(written?).and_then(|(origin, _)| {
            let is_safe = origin.starts_with("https://") || address::is_own_machine(&origin);
            is_safe
                .then_some(origin)
                .ok_or_else(|| "it is not https://".to_owned())
        });
        match read {
            Ok(origin) => Some(origin),
            Err(reason) => {
                let text = format!("The setting {place} is not an address: {reason}.");
                self.fault(text, problem);
                None
            }
        }
    }

    /// The resource manager lists the deployments to an application that may read there.
    fn manager(&mut self, place: &str, pasted: &str, manager: &Manager<'_>) -> Option<Endpoint> {
        let endpoint = manager.endpoint(pasted);
        if let Err(problem) = &endpoint {
            self.warn(format!("{place} cannot be used: {problem}."));
        }
        endpoint.ok()
    }

    pub(in crate::config) fn choices(settings: &Settings, written: Written) -> Choices {
        let mut choices = Choices::new(written);
        if let Some(version) = settings.get("ANTHROPIC_APIVERSION") {
            version.clone_into(&mut choices.anthropic_version);
        }
        choices
    }
}

/// Whether a value is a version gone wrong, and not a key in the wrong place: words and numbers, no mixture.
fn may_be_shown(value: &str) -> bool {
    let is_word = |word: &str| {
        let number = word.strip_prefix('v').unwrap_or(word);
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        is_number || word.len() <= 8 && word.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    value.len() <= 24
        && !value.starts_with("sk-")
        && value.split(|c: char| !c.is_alphanumeric()).all(is_word)
}
