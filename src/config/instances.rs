//! `AZURE_INSTANCES`: several resources of Azure's, any of which may serve a model. Each has settings of its own, by its
//! name, or an entry in `AZURE_INSTANCES_JSON`.

mod read;

use std::collections::HashSet;
use std::rc::Rc;

use serde_json::Value;

use crate::azure::family::without_date;
use crate::clients::Caller;
use crate::config::settings::Settings;
use crate::glob::Glob;
use crate::pool::{Pool, Rules, Target};
use crate::providers::Provider;

pub(super) use read::Read;

const LIST: &str = "AZURE_INSTANCES";
const DOCUMENT: &str = "AZURE_INSTANCES_JSON";
const VARIABLES: &str = "AZURE_INSTANCE_";

/// What is set of each, as the document writes it; in capitals what the names of its variables end with.
const MEMBERS: [&str; 9] = [
    "api_key",
    "api_base",
    "api_version",
    "priority",
    "weight",
    "max_tpm",
    "models",
    "model_mapper",
    "name",
];

/// Whether any are to be there.
pub(super) fn are_named(settings: &Settings) -> bool {
    settings.first(&[LIST, DOCUMENT]).is_some()
}

/// Whether an upper-case name is that of a variable of an instance.
pub(super) fn is_variable(name: &str) -> bool {
    member_of(name).is_some()
}

/// Whether it is that of a key.
pub(super) fn is_key(name: &str) -> bool {
    let [key, ..] = MEMBERS;
    member_of(name) == Some(key)
}

fn member_of(name: &str) -> Option<&'static str> {
    let rest = name.strip_prefix(VARIABLES)?;
    let is_it = |member: &&&str| {
        let before = rest.strip_suffix(&member.to_ascii_uppercase());
        before.is_some_and(|it| it.len() > 1 && it.ends_with('_'))
    };
    // Of two that fit the longer: `MODEL_MAPPER` is no instance `..._MODEL` with a `MAPPER`.
    let fitting = MEMBERS.iter().filter(is_it);
    fitting.max_by_key(|member| member.len()).copied()
}

/// All that serve.
pub struct Instances {
    /// Every one of them.
    pool: Pool,
    /// For what is kept at one place, and names no model to find it by: always the same one.
    first: Pool,
    /// In the order of the pool.
    has: Vec<Has>,
    rules: Rc<Rules>,
    /// None could be read: the one resource serves in their place.
    pub is_stand_in: bool,
}

/// What one has by its owner's word.
struct Has {
    models: Vec<Glob>,
    mapped: Vec<Glob>,
}

impl Has {
    fn names(&self, model: &str) -> bool {
        let mut globs = self.models.iter().chain(&self.mapped);
        globs.any(|glob| {
            glob.matches(model) || without_date(model).is_some_and(|it| glob.matches(it))
        })
    }
}

impl Instances {
    fn new(members: Vec<(Target, Has)>, rules: Rules, is_stand_in: bool) -> Option<Self> {
        let rules = Rc::new(rules);
        let (targets, has): (Vec<Target>, Vec<Has>) = members.into_iter().unzip();
        let first = targets.iter().min_by_key(|it| it.share.priority)?.clone();
        Some(Self {
            first: Pool::of(first, rules.clone()),
            pool: Pool::new(targets, rules.clone())?,
            has,
            rules,
            is_stand_in,
        })
    }

    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    pub fn has(&self, provider: &Provider) -> bool {
        let mut targets = self.pool.targets().iter();
        targets.any(|it| is(it, provider))
    }

    /// Whether one of them has a model by its owner's word.
    pub fn claim(&self, model: &str) -> bool {
        let mut targets = self.pool.targets().iter().zip(&self.has);
        targets.any(|(it, has)| has.names(model) || it.provider.names.claims(model))
    }

    /// Those that have a model, and those of which nothing is said; nobody where all are said to have others. One whose
    /// map has others may have it, too, where no list or map has it.
    pub fn among(&self, model: Option<&str>) -> Option<Pool> {
        let Some(model) = model else {
            return Some(self.first.clone());
        };
        let is_named = self.has.iter().any(|it| it.names(model));
        let serves = |has: &Has| {
            let is_open = has.models.is_empty() && (has.mapped.is_empty() || !is_named);
            is_open || has.names(model)
        };
        if self.has.iter().all(serves) {
            return Some(self.pool.clone());
        }
        let targets = self.pool.targets().iter().zip(&self.has);
        let serving = targets.filter(|(_, has)| serves(has));
        let serving = serving.map(|(target, _)| target.clone()).collect();
        Pool::new(serving, self.rules.clone())
    }

    /// Whether one of them may be asked for some model that a caller may use.
    pub fn may_serve(&self, provider: &Provider, caller: &Caller) -> bool {
        let mut targets = self.pool.targets().iter().zip(&self.has);
        let Some((_, has)) = targets.find(|(it, _)| is(it, provider)) else {
            return false;
        };
        let mut named = has.models.iter().chain(&has.mapped);
        let mut asked = caller.named_models().into_iter().flatten();
        has.models.is_empty()
            || named.any(|glob| caller.may_use(Some(glob.as_str())).is_ok())
            || asked.any(|model| has.names(model))
    }

    /// What their maps and lists name, and who of them serves it.
    pub fn claimed(&self) -> Vec<(String, Pool)> {
        let providers = self.pool.targets().iter().map(|it| &it.provider);
        let mapped = providers.flat_map(|it| it.names.public());
        let mut seen = HashSet::new();
        let names = mapped.chain(self.models());
        let new = names.filter(|name| seen.insert(name.to_ascii_lowercase()));
        new.filter_map(|name| Some((name.to_owned(), self.among(Some(name))?)))
            .collect()
    }

    /// The models they have by their owner's word, as clients can send them.
    pub fn models(&self) -> impl Iterator<Item = &str> {
        let named = self.has.iter().flat_map(|it| &it.models);
        named.filter(|it| !it.is_pattern()).map(Glob::as_str)
    }

    /// What is said of the models of one, for its owner to see.
    pub fn said_of(&self, provider: &Provider) -> Option<String> {
        let mut targets = self.pool.targets().iter().zip(&self.has);
        let (_, has) = targets.find(|(it, _)| is(it, provider))?;
        let models: Vec<&str> = has.models.iter().map(Glob::as_str).collect();
        (!models.is_empty()).then(|| format!("models {}", models.join(" ")))
    }
}

fn is(target: &Target, provider: &Provider) -> bool {
    std::ptr::eq(Rc::as_ptr(&target.provider), provider)
}

/// The secrets that the document names, and the keys it holds, each with its place.
pub fn secrets(settings: &Settings) -> (Vec<String>, Vec<(String, String)>) {
    let entries = settings.get(DOCUMENT).and_then(entries);
    let (mut named, mut held) = (Vec::new(), Vec::new());
    for (name, entry) in entries.unwrap_or_default() {
        let key = entry.get("api_key").and_then(Value::as_str);
        let key = key.unwrap_or_default().trim();
        match key.strip_prefix('$') {
            Some(secret) => named.push(secret.to_ascii_uppercase()),
            None if key.is_empty() => {}
            None => held.push((format!("{DOCUMENT}.{name}.api_key"), key.to_owned())),
        }
    }
    (named, held)
}

/// The entries of the document by their names: a list of tables that have one, or a table of tables.
fn entries(text: &str) -> Option<Vec<(String, Value)>> {
    let name = |item: &Value| {
        let name = item.get("name").and_then(Value::as_str);
        name.unwrap_or_default().to_owned()
    };
    match serde_json::from_str(text).ok()? {
        Value::Object(table) => Some(table.into_iter().collect()),
        Value::Array(items) => Some(items.into_iter().map(|item| (name(&item), item)).collect()),
        _ => None,
    }
}
