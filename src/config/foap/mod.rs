//! The provider files of fast-openai-api-proxy: providers, and under each the models it offers, with an endpoint for
//! each path. What such a file offers is all that can be asked of its providers.
//!
//! [`files`] finds them, [`text`] reads them, [`source`] is a provider with what its endpoints inherit, [`model`] an
//! offer.

mod files;
mod model;
mod options;
mod source;
pub mod text;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use crate::config::draft::{Draft, Mode};
use crate::config::read::is_name;
use crate::config::settings::{PROVIDERS, Settings};
use crate::config::table::Table;
use crate::pool::{Pool, Target};
use crate::providers::Provider;

use files::{Document, documents};
use source::Source;

/// All that is offered together; with more of them a list takes its time.
const MOST_MODELS: usize = 2_000;
/// The creation of every model on that project's list.
const CREATED: u64 = 1_714_780_800;
/// How often one model may stand in for another in turn.
const MOST_FALLBACKS: usize = 8;

/// What provider files say.
#[derive(Default)]
pub(super) struct Offers {
    /// Somebody wrote some, whether or not they were understood.
    pub(super) are_there: bool,
    /// Nothing else is served.
    pub(super) are_all: bool,
    /// Why the first of those that cannot be read is not.
    pub(super) problem: Option<String>,
    pub(super) providers: Vec<Rc<Provider>>,
    pub(super) models: Vec<Offer>,
}

/// A model that clients can ask for.
pub struct Offer {
    pub name: String,
    /// Its file's name for the provider.
    pub provider: String,
    pub pool: Pool,
}

/// An offer while others may still replace it.
struct Draught {
    name: String,
    /// Without the prefix.
    own_name: String,
    owner: String,
    place: String,
    targets: Vec<Target>,
    aliases: Vec<String>,
    fallback: Option<String>,
}

/// All offers so far, by their names.
#[derive(Default)]
struct Draughts {
    all: Vec<Draught>,
    places: HashMap<String, usize>,
}

impl Draughts {
    /// Of two of one name the later counts.
    fn put(&mut self, draught: Draught) -> bool {
        if let Some(at) = self.places.get(&draught.name) {
            if let Some(other) = self.all.get_mut(*at) {
                *other = draught;
            }
            return true;
        }
        if self.all.len() >= MOST_MODELS {
            return false;
        }
        let name = draught.name.clone();
        self.places.insert(name, self.all.len());
        self.all.push(draught);
        true
    }

    /// By the name a client sends, or the one in a provider's file.
    fn find(&self, name: &str, owner: &str) -> Option<&Draught> {
        let public = self.places.get(name).and_then(|at| self.all.get(*at));
        public.or_else(|| {
            let mut own = self.all.iter().filter(|it| it.owner == owner);
            own.find(|it| it.own_name == name)
        })
    }

    /// Its targets, and those of the models that stand in for it.
    fn targets(&self, draught: &Draught) -> Vec<Target> {
        let mut targets = draught.targets.clone();
        let mut seen = vec![draught.name.as_str()];
        let mut last = draught;
        while let Some(name) = &last.fallback
            && let Some(next) = self.find(name, &last.owner)
            && !seen.contains(&next.name.as_str())
            && seen.len() < MOST_FALLBACKS
        {
            targets.extend(next.targets.iter().cloned());
            seen.push(&next.name);
            last = next;
        }
        targets
    }
}

/// The secrets that provider files name: their values are nobody's to see.
pub fn named_secrets(settings: &Settings) -> Vec<String> {
    let tables = documents(settings).into_iter();
    let tables = tables.flat_map(|it| it.tables.unwrap_or_default());
    let mut names = Vec::new();
    for table in tables {
        let providers = table.as_object().into_iter().flatten();
        for (_, options) in providers {
            let variable = options.get("api_key_variable").and_then(Value::as_str);
            names.extend(variable.map(|name| name.trim().to_ascii_uppercase()));
            let headers = options.get("extra_headers").and_then(Value::as_object);
            let values = headers.into_iter().flatten().map(|(_, value)| value);
            let secrets = values.filter_map(|value| value.as_str()?.trim().strip_prefix('$'));
            names.extend(secrets.map(str::to_ascii_uppercase));
        }
    }
    names
}

impl Draft {
    pub(super) fn read_files(&mut self, settings: &Settings) {
        let mut offers = Draughts::default();
        let names = self.everybody().map(|it| it.name.to_ascii_lowercase());
        let mut names: HashSet<String> = names.collect();
        if self.mode == Some(Mode::OpenAi) {
            names.insert("openai".to_owned());
        }
        for Document { place, tables } in documents(settings) {
            self.offers.are_there = true;
            match tables {
                Ok(tables) => {
                    for table in tables {
                        self.read_providers(settings, &place, table, &mut names, &mut offers);
                    }
                }
                Err(problem) => {
                    let problem = format!("{place} is not read: {problem}.");
                    self.offers.problem.get_or_insert_with(|| problem.clone());
                    self.warn(problem);
                }
            }
        }
        self.note_missing_files(settings);
        self.complete(settings, &offers);
    }

    /// A file that was not there is no file without models: its calls would go to somebody else.
    fn note_missing_files(&mut self, settings: &Settings) {
        let Some(folder) = settings.stored_files() else {
            return;
        };
        let problem = match settings.files() {
            Some([]) => "which has none whose key begins so and ends with .json",
            Some(_) => return,
            None => "which did not answer",
        };
        let problem =
            format!("{PROVIDERS} cannot be read: it is to come from KV (`{folder}`), {problem}.");
        self.warn(problem.clone());
        // The folder may be left from the server this one replaces.
        let is_left_over = settings.files().is_some() && !settings.files_are_asked();
        if !is_left_over || self.providers.is_empty() {
            self.broken.get_or_insert(problem);
        }
    }

    fn read_providers(
        &mut self,
        settings: &Settings,
        file: &str,
        table: Value,
        names: &mut HashSet<String>,
        offers: &mut Draughts,
    ) {
        let Value::Object(table) = table else {
            return;
        };
        for (name, options) in table {
            let place = format!("{file}.{name}");
            let Value::Object(options) = options else {
                self.warn(format!("{place} should be an object."));
                continue;
            };
            if !is_name(&name) {
                self.warn(format!("{file} has a provider without a name."));
                continue;
            }
            let mut source = Source::read(self, settings, &name, &place, &options, names);
            self.read_offers(&mut source, &options, offers);
        }
    }

    /// What was read last counts: only now it is known.
    fn complete(&mut self, settings: &Settings, offers: &Draughts) {
        for draught in &offers.all {
            if let Some(name) = &draught.fallback
                && offers.find(name, &draught.owner).is_none()
            {
                let place = &draught.place;
                self.warn(format!(
                    "{place} names `{name}` to fall back on, which no provider file offers."
                ));
            }
            self.offer(settings, &draught.name, draught, offers);
        }
        let mut taken: HashSet<String> = offers.places.keys().cloned().collect();
        for draught in &offers.all {
            for alias in &draught.aliases {
                if taken.len() < 2 * MOST_MODELS && taken.insert(alias.clone()) {
                    self.offer(settings, alias, draught, offers);
                } else {
                    let place = &draught.place;
                    self.warn(format!("{place} has the alias `{alias}`, which is taken."));
                }
            }
        }
    }

    fn offer(&mut self, settings: &Settings, name: &str, draught: &Draught, offers: &Draughts) {
        let Some(pool) = Pool::new(offers.targets(draught)) else {
            return;
        };
        let is_other = self.models.iter().any(|(glob, _)| glob.matches(name))
            || self
                .aliases
                .iter()
                .any(|(alias, _)| alias.eq_ignore_ascii_case(name));
        if !is_other {
            let owner = settings.get("FOAP_OWNED_BY").unwrap_or(&draught.owner);
            let about = [
                ("created".to_owned(), Value::from(CREATED)),
                ("owned_by".to_owned(), owner.into()),
            ];
            self.said.push((name.to_owned(), Table::from_iter(about)));
        }
        self.offers.models.push(Offer {
            name: name.to_owned(),
            provider: draught.owner.clone(),
            pool,
        });
    }
}
