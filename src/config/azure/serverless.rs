//! `AZURE_AI_STUDIO_DEPLOYMENTS`: models on hosts of their own, each under an alias.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::config::draft::{Account, Draft};
use crate::config::settings::Settings;
use crate::pool::{Target, TargetModel};
use crate::providers::azure::{Form, Resource, Written};
use crate::providers::names::{Deployment, Names, Otherwise};
use crate::providers::{Kind, address};
use crate::secret::Secret;

const LIST: &str = "AZURE_AI_STUDIO_DEPLOYMENTS";
const KEYS: &str = "AZURE_OPENAI_KEYS";
const ANY_KEY: &str = "AZURE_OPENAI_KEY";

/// `alias=Name:region` or `alias=https://host/path`, with `;model=X` behind it where the host wants to be told.
struct Item<'a> {
    alias: &'a str,
    resource: Resource,
    model: Option<&'a str>,
}

impl Draft {
    pub(in crate::config) fn read_serverless(&mut self, settings: &Settings) {
        let list = settings.get(LIST).unwrap_or_default();
        let keys = self.keys_by_alias(settings);
        for (index, text) in list.split(',').map(str::trim).enumerate() {
            if text.is_empty() {
                continue;
            }
            match read(settings, text) {
                Ok(item) => self.add_serverless(settings, &keys, item),
                // It may hold a password, or a key in the wrong place: it is not repeated.
                Err(problem) => {
                    let problem = format!(
                        "Item {} of {LIST} is not understood: {problem}. It should be \
                         alias=Name:region or alias=https://host.",
                        index + 1
                    );
                    self.misread.get_or_insert_with(|| problem.clone());
                    self.warn(problem);
                }
            }
        }
    }

    fn add_serverless(
        &mut self,
        settings: &Settings,
        keys: &BTreeMap<String, Secret>,
        mut item: Item<'_>,
    ) {
        let alias = item.alias.to_ascii_lowercase();
        let verbatim = format!("{ANY_KEY}_{}", alias.to_ascii_uppercase());
        let lawful = verbatim.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let key = settings
            .secret(&verbatim)
            .or_else(|| settings.secret(&lawful))
            .or_else(|| keys.get(&alias).cloned())
            .or_else(|| settings.secret(ANY_KEY));
        let problem = (key.is_none() && !item.resource.is_open).then(|| {
            format!("The model `{alias}` has no key: set the secret {lawful} or {verbatim}.")
        });
        if let Some(problem) = &problem {
            self.warn(problem.clone());
        }
        item.resource.is_open &= key.is_none();
        let account = Account {
            key,
            problem,
            ..self.account(&alias)
        };
        let pinned = item.resource.pinned.as_deref().map(Deployment::named);
        let names = Names::new(Otherwise::AsItIs, pinned);
        self.add(account, Kind::Azure(Box::new(item.resource)), names, None);
        let model = item.model.map(|model| TargetModel::Named(model.to_owned()));
        if let Some(provider) = self.providers.last() {
            let target = Target {
                model: model.unwrap_or(TargetModel::AsAsked),
                ..Target::as_asked(Rc::clone(provider))
            };
            self.aliases.push((item.alias.to_owned(), target));
        }
    }

    /// `{"alias": "key"}`, for those who keep them in one secret.
    fn keys_by_alias(&mut self, settings: &Settings) -> BTreeMap<String, Secret> {
        let Some(text) = settings.get(KEYS) else {
            return BTreeMap::new();
        };
        let Ok(keys) = serde_json::from_str::<BTreeMap<String, Value>>(text) else {
            self.warn(format!("{KEYS} is not a JSON object of aliases and keys."));
            return BTreeMap::new();
        };
        let read = |(alias, key): (String, Value)| {
            Some((alias.to_ascii_lowercase(), Secret::new(key.as_str()?)?))
        };
        keys.into_iter().filter_map(read).collect()
    }
}

fn read<'a>(settings: &Settings, text: &'a str) -> Result<Item<'a>, String> {
    let (alias, rest) = text.split_once('=').ok_or("it has no =")?;
    let (place, parameters) = rest.split_once(';').unwrap_or((rest, ""));
    let mut model = None;
    for parameter in parameters.split(';').filter(|it| !it.trim().is_empty()) {
        match parameter.split_once('=') {
            Some((name, value)) if name.trim() == "model" && !value.trim().is_empty() => {
                model = Some(value.trim());
            }
            _ => return Err("what follows the ; is not model=name".to_owned()),
        }
    }
    let alias = alias.trim();
    if alias.is_empty() {
        return Err("it has no alias".to_owned());
    }
    Ok(Item {
        alias,
        resource: resource(settings, place.trim())?,
        model,
    })
}

fn resource(settings: &Settings, place: &str) -> Result<Resource, String> {
    if place.contains("://") {
        return at_address(settings, place);
    }
    let (name, region) = place.rsplit_once(':').ok_or("it names no region")?;
    let (name, region) = (name.trim(), region.trim());
    let is_label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && label.bytes().all(plain)
    };
    if !is_label(region) || !name.split('.').all(is_label) {
        return Err("a host cannot be called that".to_owned());
    }
    Resource::serverless(name, region)
}

/// A whole address. A key goes nowhere without encryption, save to one's own machine.
fn at_address(settings: &Settings, pasted: &str) -> Result<Resource, String> {
    let (origin, _) = address::split(pasted)?;
    let is_own = address::is_own_machine(&origin);
    if !is_own && !origin.starts_with("https://") {
        return Err("it is not https://".to_owned());
    }
    let mut choices = Draft::choices(settings, Written::Foundry);
    choices.unknown_host = Some(Form::Serverless);
    let mut resource = Resource::new(pasted, choices)?;
    resource.is_open = is_own;
    Ok(resource)
}
