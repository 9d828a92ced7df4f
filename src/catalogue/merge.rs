//! One list of what is configured and what upstreams list, under names a client can send.

use std::collections::{HashMap, HashSet};

use crate::catalogue::list::{Entry, Section};
use crate::config::Config;
use crate::facts::Facts;
use crate::json::Writer;
use crate::listed::{self, Listed};
use crate::pool::Target;
use crate::providers::Provider;
use crate::providers::names::google::bare;

use super::capabilities;

/// Fixed, so that the list is the same at every call: when OpenAI's own API began.
const CREATED: u64 = 1_593_561_600;

/// What is configured comes first, then each upstream's own, in the order of the configuration. Of two of one name the
/// first counts.
pub fn merge(config: &Config, sections: &[Section]) -> Vec<Entry> {
    let mut seen = HashSet::new();
    let configured = configured(config);
    let listings = if configured.is_empty() {
        Listings::default()
    } else {
        Listings::of(config, sections)
    };
    let configured = configured.iter();
    let configured = configured.map(|name| describe(config, &listings, name));
    let upstream = sections.iter().flat_map(|section| {
        let provider = provider(config, &section.provider);
        let models = section.models.iter();
        models.filter_map(move |model| callable(config, provider?, model))
    });
    configured
        .chain(upstream)
        .filter(|entry| seen.insert(entry.id.to_ascii_lowercase()))
        .collect()
}

/// The configured names, but those no call could be sent for; and the deployments whose addresses are configured.
pub fn configured(config: &Config) -> Vec<String> {
    let names = config
        .public_models()
        .filter(|name| is_usable(config, name));
    let general = config
        .usable_providers()
        .filter(|provider| !config.is_all_named(provider));
    let pinned = general.filter_map(|provider| {
        let deployment = &provider.names.pinned()?.name;
        reachable(config, provider, deployment)
    });
    names.map(str::to_owned).chain(pinned).collect()
}

/// Whether a call for a name could be sent to anybody.
pub fn is_usable(config: &Config, name: &str) -> bool {
    let is_fit = |target: &Target| {
        target.provider.broken.is_none() && target.deployments(Some(name)).is_ok()
    };
    let pool = config.route(Some(name));
    pool.is_ok_and(|pool| pool.targets().iter().any(is_fit))
}

/// What upstreams say of their models, by provider and name.
#[derive(Default)]
pub struct Listings<'a>(HashMap<&'a str, HashMap<String, &'a Listed>>);

impl<'a> Listings<'a> {
    pub fn of(config: &Config, sections: &'a [Section]) -> Self {
        let by_name = |section: &'a Section| {
            let provider = provider(config, &section.provider)?;
            // Of two of one name the first counts.
            let models = section.models.iter().rev();
            let models = models.map(|model| (alike(provider, &model.id), model));
            Some((section.provider.as_str(), models.collect()))
        };
        Self(sections.iter().filter_map(by_name).collect())
    }

    fn find(&self, provider: &Provider, name: &str) -> Option<&'a Listed> {
        let models = self.0.get(provider.name.as_str())?;
        models.get(&alike(provider, name)).copied()
    }
}

/// A configured name, with what its first target's upstream says of the model behind it.
pub fn describe(config: &Config, listings: &Listings<'_>, name: &str) -> Entry {
    let target = config.first_target(Some(name));
    let there = target.as_ref().and_then(|target| deployment(target, name));
    let listed = target.as_ref().and_then(|target| {
        let there = there.as_deref().unwrap_or(name);
        listings.find(&target.provider, there)
    });
    let members = match listed {
        Some(listed) => listed.members.clone(),
        None => known(config, target.as_ref(), there.as_deref(), name),
    };
    Entry {
        id: name.to_owned(),
        members: as_said(config, name, members),
        deployment: Some(there.unwrap_or_else(|| name.to_owned())),
    }
}

/// An upstream's model under a name a client can send; None where there is none.
fn callable(config: &Config, provider: &Provider, model: &Listed) -> Option<Entry> {
    let id = reachable(config, provider, &model.id)?;
    Some(Entry {
        members: as_said(config, &id, model.members.clone()),
        deployment: is_deployment(provider, model).then(|| model.id.clone()),
        id,
    })
}

/// Only Azure has such, and tells the model behind each. Of a model that was made of another it does so too, and then
/// names the job that made it.
fn is_deployment(provider: &Provider, model: &Listed) -> bool {
    let has = |name| listed::member(&model.members, name, |_| Some(())).is_some();
    provider.azure().is_some() && has("model") && !has("fine_tune")
}

/// The name that brings a call to a provider's model: its own, or with the provider's in front.
fn reachable(config: &Config, provider: &Provider, model: &str) -> Option<String> {
    if leads_to(config, model, provider, model) {
        return Some(model.to_owned());
    }
    let selected = format!("{}/{model}", provider.name);
    leads_to(config, &selected, provider, model).then_some(selected)
}

/// Whether a call for a name is answered by that model of that provider.
fn leads_to(config: &Config, name: &str, provider: &Provider, model: &str) -> bool {
    let havers = config.havers(name);
    let mut its = havers
        .iter()
        .filter(|target| target.provider.name == provider.name);
    its.any(|target| deployment(target, name).is_some_and(|there| is_same(provider, &there, model)))
}

/// Whether two names are one model's, to a provider.
pub fn is_same(provider: &Provider, name: &str, other: &str) -> bool {
    if provider.google().is_some() {
        bare(name).eq_ignore_ascii_case(bare(other))
    } else if provider.azure().is_some() {
        name.eq_ignore_ascii_case(other)
    } else {
        name == other
    }
}

/// By what the names of a provider's models are compared, where capitals may be anybody's.
fn alike(provider: &Provider, name: &str) -> String {
    let name = provider.google().map_or(name, |_| bare(name));
    name.to_ascii_lowercase()
}

fn provider<'c>(config: &'c Config, name: &str) -> Option<&'c Provider> {
    let mut providers = config.providers().iter();
    providers.find(|it| it.name == name).map(|it| &**it)
}

/// What a target's provider calls a model: the name that is tried first.
fn deployment(target: &Target, name: &str) -> Option<String> {
    let deployments = target.deployments(Some(name)).ok()?;
    let first = deployments.into_iter().next();
    first.map(|deployment| deployment.name)
}

/// What can be told of a model that nobody lists: by whose it is, and what it is called.
fn known(config: &Config, target: Option<&Target>, deployment: Option<&str>, name: &str) -> String {
    let is_azures = target.is_some_and(|target| target.provider.azure().is_some());
    let owner = if is_azures { "azure-openai" } else { "isthmus" };
    let mut out = Writer::default();
    out.word("object", "model");
    out.number("created", CREATED);
    out.word("owned_by", owner);
    if config.is_alias(name) {
        // Said of models on hosts of their own by a predecessor, whose clients read it.
        capabilities::of_an_alias(&mut out);
    }
    let facts = target.map(|target| facts(&target.provider, name, deployment));
    facts.unwrap_or_default().write(&mut out, |_| false);
    out.into_text()
}

/// By what the deployment is called; where that tells nothing, by the name a client sends.
fn facts(provider: &Provider, name: &str, deployment: Option<&str>) -> Facts {
    let deployments = provider.names.candidates(deployment.unwrap_or(name));
    let deployments = deployments.unwrap_or_default();
    let endpoint = provider.chat_endpoint(Some(name), deployments.first());
    let Ok(endpoint) = endpoint else {
        return Facts::default();
    };
    let names = deployment.into_iter().chain([name]);
    let mut facts = names.map(|name| endpoint.dialect.facts(name));
    facts
        .find(|facts| *facts != Facts::default())
        .unwrap_or_default()
}

/// What the owner says of a model counts before all else.
pub fn as_said(config: &Config, name: &str, members: String) -> String {
    let Some(said) = config.said_of(name) else {
        return members;
    };
    let object = listed::object(&members);
    let Ok(serde_json::Value::Object(mut item)) = serde_json::from_str(&object) else {
        return members;
    };
    for (member, value) in said {
        if member != "id" {
            item.insert(member.clone(), value.clone());
        }
    }
    let whole = serde_json::Value::Object(item).to_string();
    let inside = whole
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    inside.map_or(members, str::to_owned)
}
