//! One list of what is configured and what upstreams list, under names a client can send.

use std::collections::HashSet;

use crate::catalogue::list::{Entry, Section};
use crate::config::Config;
use crate::facts::Facts;
use crate::json::Writer;
use crate::listed::{self, Listed};
use crate::pool::Target;
use crate::providers::names::google::bare;
use crate::providers::{Demand, Provider};
use crate::surface::{Operation, Surface, Wanted};

use super::capabilities;

/// Fixed, so that the list is the same at every call: when OpenAI's own API began.
const CREATED: u64 = 1_593_561_600;

/// What is configured comes first, then each upstream's own, in the order of the configuration. Of two of one name the
/// first counts.
pub fn merge(config: &Config, sections: &[Section]) -> Vec<Entry> {
    let mut seen = HashSet::new();
    let configured = config.public_models();
    let configured = configured.map(|name| describe(config, sections, name));
    let upstream = sections.iter().flat_map(|section| {
        let models = section.models.iter();
        models.filter_map(|model| callable(config, &section.provider, model))
    });
    configured
        .chain(upstream)
        .filter(|entry| seen.insert(entry.id.to_ascii_lowercase()))
        .collect()
}

/// A configured name, with what its first target's upstream says of the model behind it.
pub fn describe(config: &Config, sections: &[Section], name: &str) -> Entry {
    let target = config.first_target(Some(name));
    let deployment = target.as_ref().and_then(|target| deployment(target, name));
    let told = target.as_ref().and_then(|target| {
        let mut sections = sections.iter();
        let section = sections.find(|section| section.provider == target.provider.name)?;
        let there = deployment.as_deref().unwrap_or(name);
        let mut models = section.models.iter();
        models.find(|model| model.id.eq_ignore_ascii_case(there))
    });
    let members = match told {
        Some(told) => told.members.clone(),
        None => known(config, target.as_ref(), deployment.as_deref(), name),
    };
    Entry {
        id: name.to_owned(),
        members: as_said(config, name, members),
        deployment,
    }
}

/// An upstream's model under the name that brings a call to it: its own, or with the provider's in front; None where no
/// name does.
fn callable(config: &Config, provider: &str, model: &Listed) -> Option<Entry> {
    let selected = format!("{provider}/{}", model.id);
    let mut names = [model.id.as_str(), selected.as_str()].into_iter();
    let id = names.find(|name| leads_to(config, name, provider, &model.id))?;
    Some(Entry {
        id: id.to_owned(),
        members: as_said(config, id, model.members.clone()),
        deployment: listed::member(&model.members, "model", |_| Some(model.id.clone())),
    })
}

/// Whether a call for a name is answered by that model of that provider.
fn leads_to(config: &Config, name: &str, provider: &str, model: &str) -> bool {
    let Some(target) = config.first_target(Some(name)) else {
        return false;
    };
    if target.provider.name != provider {
        return false;
    }
    // Where only the provider knows which deployment it is, it is the one.
    let there = deployment(&target, name);
    there.is_none_or(|there| bare(&there).eq_ignore_ascii_case(bare(model)))
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
    String::from_utf8(out.into_bytes()).unwrap_or_default()
}

/// By the name a client sends; what the deployment is called tells the rest.
fn facts(provider: &Provider, name: &str, deployment: Option<&str>) -> Facts {
    let wanted = Wanted {
        surface: Surface::OpenAi,
        operation: Operation::Chat,
        path: "chat/completions".to_owned(),
        model: None,
    };
    let deployments = provider.names.candidates(deployment.unwrap_or(name));
    let deployments = deployments.unwrap_or_default();
    let endpoint = provider.endpoint(&Demand {
        wanted: &wanted,
        method: "POST",
        query: "",
        asked: Some(name),
        deployment: deployments.first(),
        is_upgrade: false,
    });
    let model = deployment.unwrap_or(name);
    endpoint.map_or_else(
        |_| Facts::default(),
        |endpoint| endpoint.dialect.facts(model),
    )
}

/// What the owner says of a model counts before all else.
fn as_said(config: &Config, name: &str, members: String) -> String {
    let Some(said) = config.said_of(name) else {
        return members;
    };
    let whole = ["{", &members, "}"].concat();
    let Ok(serde_json::Value::Object(mut item)) = serde_json::from_str(&whole) else {
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
