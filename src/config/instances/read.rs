//! The instances while they are being read: variables of their own, by their names, or entries of one document.

use std::rc::Rc;

use serde_json::Value;

use crate::config::azure::flat::{self, Instance};
use crate::config::draft::{Account, Draft};
use crate::config::read::{globs, is_name};
use crate::config::settings::Settings;
use crate::config::table::Table;
use crate::glob::Glob;
use crate::limits::Limits;
use crate::pool::{Rules, Share, Target};
use crate::providers::Provider;
use crate::providers::azure::{Choices, Resource, Written};
use crate::secret::Secret;

use super::{DOCUMENT, Has, Instances, LIST, MEMBERS, VARIABLES, are_named, entries};

/// What an instance is taken to have where nothing is said: for comparisons, and never a refusal.
const USUAL_TPM: u64 = 240_000;
/// The one resource that stands in for all comes first, as in the proxy these settings are from.
const STAND_IN_PRIORITY: u32 = 1;
/// The provider of the flat settings of one resource.
const STAND_IN: &str = "azure";

/// One, as it is being read.
pub(in crate::config) struct Read {
    name: String,
    /// The models it has by its owner's word; empty: all of them.
    models: Vec<Glob>,
    /// Those that its own map names.
    mapped: Vec<Glob>,
}

/// Where the settings of an instance stand.
enum Source<'a> {
    Variables(&'a Settings),
    Entry(&'a Table),
}

struct Item<'a> {
    name: String,
    source: Source<'a>,
}

impl Item<'_> {
    /// What a member's setting is called.
    fn place(&self, member: &str) -> String {
        let name = &self.name;
        match self.source {
            Source::Variables(_) => variable(name, member),
            Source::Entry(_) => format!("{DOCUMENT}.{name}.{member}"),
        }
    }

    /// What is not set of what it cannot do without, or what is not behind what is.
    fn lacks(&self, may_lack_key: bool) -> String {
        let is_missing =
            |member: &&str| self.get(member).is_none() && !(*member == "api_key" && may_lack_key);
        let missing = ["api_base", "api_key"].into_iter().filter(is_missing);
        let missing: Vec<String> = missing.map(|it| self.place(it)).collect();
        match missing.as_slice() {
            [] => "its key is not there".to_owned(),
            [one] => format!("{one} is not set"),
            several => format!("{} are not set", several.join(" and ")),
        }
    }

    /// Lists and maps of the document as a variable would have them.
    fn get(&self, member: &str) -> Option<String> {
        match &self.source {
            Source::Variables(settings) => {
                let verbatim = variable(&self.name, member);
                let lawful = verbatim.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
                let found = settings.get(&verbatim).or_else(|| settings.get(&lawful));
                found.map(str::to_owned)
            }
            Source::Entry(table) => {
                let text = match table.get(member)? {
                    Value::String(text) => text.trim().to_owned(),
                    Value::Number(number) => number.to_string(),
                    Value::Array(items) => {
                        let items = items.iter().filter_map(Value::as_str);
                        items.collect::<Vec<_>>().join(",")
                    }
                    Value::Object(pairs) => {
                        let pairs = pairs.iter();
                        let pairs = pairs.map(|(name, value)| {
                            format!("{name}={}", value.as_str().unwrap_or_default())
                        });
                        pairs.collect::<Vec<_>>().join(",")
                    }
                    Value::Null | Value::Bool(_) => String::new(),
                };
                (!text.is_empty()).then_some(text)
            }
        }
    }
}

fn variable(name: &str, member: &str) -> String {
    let name = name.to_ascii_uppercase();
    format!("{VARIABLES}{name}_{}", member.to_ascii_uppercase())
}

impl Draft {
    pub(in crate::config) fn read_instances(&mut self, settings: &Settings) {
        if !are_named(settings) {
            return;
        }
        // An instance may be called as it is.
        let stand_in = flat::base(settings).filter(|_| !flat::has_endpoint(settings));
        let taken = stand_in.and_then(|_| self.take_stand_in());
        let document = self.document_of_instances(settings);
        let listed = settings.get(LIST).unwrap_or_default().split(',');
        let listed = listed.map(str::trim).filter(|name| !name.is_empty());
        for name in listed {
            let name = name.to_owned();
            let source = Source::Variables(settings);
            self.read_instance(settings, &Item { name, source });
        }
        for (name, table) in &document {
            let name = name.clone();
            let source = Source::Entry(table);
            self.read_instance(settings, &Item { name, source });
        }
        let has_loaded = !self.instances.is_empty();
        match (taken, stand_in) {
            (Some(_), Some(base)) if has_loaded => {
                self.warn(format!("{base} is not used: there are instances."));
            }
            (Some(provider), _) => self.providers.insert(0, provider),
            (None, _) if !has_loaded && self.provider(STAND_IN).is_none() => {
                let problem = format!("No instance of {LIST} or {DOCUMENT} can be used.");
                self.add_broken(self.account(STAND_IN), problem);
            }
            (None, _) => {}
        }
    }

    fn take_stand_in(&mut self) -> Option<Rc<Provider>> {
        let at = self.providers.iter().position(|it| it.name == STAND_IN)?;
        Some(self.providers.remove(at))
    }

    fn document_of_instances(&mut self, settings: &Settings) -> Vec<(String, Table)> {
        let Some(text) = settings.get(DOCUMENT) else {
            return Vec::new();
        };
        let Some(entries) = entries(text) else {
            self.warn(format!(
                "{DOCUMENT} is not a JSON list or object of instances."
            ));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (at, (name, entry)) in entries.into_iter().enumerate() {
            match entry {
                Value::Object(table) if !name.trim().is_empty() => {
                    let name = name.trim().to_owned();
                    self.note_unknown(&format!("{DOCUMENT}.{name}"), &table, &MEMBERS);
                    tables.push((name, table));
                }
                _ => self.warn(format!(
                    "Item {} of {DOCUMENT} is left out: it should be a table with a name.",
                    at + 1
                )),
            }
        }
        tables
    }

    /// One that is not whole is left out: the others serve.
    fn read_instance(&mut self, settings: &Settings, item: &Item<'_>) {
        let name = &item.name;
        if !is_name(name) || name.contains('/') {
            return self.leave_out(name, "it cannot be called so");
        }
        if self.provider(name).is_some() {
            return self.leave_out(name, "there is a provider of that name");
        }
        let key = self.key_of_instance(settings, item);
        let may_lack_key = flat::has_application(settings) && item.get("api_key").is_none();
        let (Some(base), true) = (item.get("api_base"), key.is_some() || may_lack_key) else {
            let lacks = item.lacks(may_lack_key);
            return self.leave_out(name, &lacks);
        };
        let setting = item.place("api_base");
        if let Err(problem) = Resource::new(&base, Choices::new(Written::Azure)) {
            return self.leave_out(name, &format!("{setting} is not an address: {problem}"));
        }
        let models = item.get("models").unwrap_or_default();
        let mapper = self.mapper_of(item);
        let by_map = globs(mapper.iter().map(|(model, _)| model.as_str()));
        let account = Account {
            key,
            share: self.share_of_instance(item),
            ..self.account(name)
        };
        let instance = Instance {
            setting: &setting,
            pasted: &base,
            version: (item.place("api_version"), item.get("api_version")),
            mapper,
        };
        self.add_instance(settings, account, &instance);
        self.instances.push(Read {
            name: name.clone(),
            models: globs(models.split(',')),
            mapped: by_map,
        });
    }

    fn leave_out(&mut self, name: &str, why: &str) {
        self.warn(format!("The instance `{name}` is left out: {why}."));
    }

    /// In the document `"$NAME"` is that of a secret.
    fn key_of_instance(&mut self, settings: &Settings, item: &Item<'_>) -> Option<Secret> {
        let text = item.get("api_key")?;
        match item.source {
            Source::Variables(_) => Secret::new(&text),
            Source::Entry(_) => {
                let place = item.place("api_key");
                self.secret_at(settings, Some(&Value::from(text)), &place, &mut None)
            }
        }
    }

    fn mapper_of(&mut self, item: &Item<'_>) -> Vec<(String, String)> {
        let text = item.get("model_mapper").unwrap_or_default();
        self.pairs_of(&text, &item.place("model_mapper"), "model=deployment")
    }

    fn share_of_instance(&mut self, item: &Item<'_>) -> Share {
        let usual = Share::default();
        let mut number = |member: &str, least: u64| {
            let text = item.get(member)?;
            let number = text.parse::<u64>().ok().filter(|it| *it >= least);
            if number.is_none() {
                let place = item.place(member);
                self.warn(format!(
                    "{place} is `{text}` and not in force; it should be a whole number, {least} or more."
                ));
            }
            number
        };
        let (priority, weight) = (number("priority", 0), number("weight", 0));
        let tokens = number("max_tpm", 1);
        let small = |number: Option<u64>| u32::try_from(number?).ok();
        Share {
            priority: small(priority).unwrap_or(usual.priority),
            weight: small(weight).unwrap_or(usual.weight),
            limits: Limits {
                tokens,
                ..Limits::default()
            },
            assumed_tpm: Some(USUAL_TPM),
            is_providers: true,
        }
    }

    /// Who of them is there when everything is read; where none is, the one resource stands in.
    pub(in crate::config) fn instances(&mut self, settings: &Settings) -> Option<Instances> {
        if !are_named(settings) {
            return None;
        }
        let rules = Rules {
            name: LIST.to_owned(),
            counts_tokens: true,
            ..self.rules.clone()
        };
        let read = std::mem::take(&mut self.instances);
        let members: Vec<(Target, Has)> = read
            .into_iter()
            .filter_map(
                |Read {
                     name,
                     models,
                     mapped,
                 }| {
                    let target = Target::as_asked(self.provider(&name)?);
                    Some((target, Has { models, mapped }))
                },
            )
            .collect();
        if !members.is_empty() {
            return Instances::new(members, rules, false);
        }
        let provider = self.provider(STAND_IN).filter(|it| it.broken.is_none())?;
        let share = Share {
            priority: STAND_IN_PRIORITY,
            assumed_tpm: Some(USUAL_TPM),
            is_providers: true,
            ..provider.share.clone()
        };
        let target = Target {
            share,
            ..Target::as_asked(provider)
        };
        let has = Has {
            models: Vec::new(),
            mapped: Vec::new(),
        };
        Instances::new(vec![(target, has)], rules, true)
    }

    /// Whether a provider is one of those that were read.
    pub(in crate::config) fn is_instance(&self, provider: &Provider) -> bool {
        let mut instances = self.instances.iter();
        instances.any(|it| it.name.eq_ignore_ascii_case(&provider.name))
    }
}
