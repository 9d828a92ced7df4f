//! The provider files of fast-openai-api-proxy: providers, and under each the models it offers, with an endpoint for
//! each path. What such a file offers is all that can be asked of its providers.
//!
//! [`files`] finds them, [`text`] reads them, [`source`] is a provider with what its endpoints inherit, [`model`] reads
//! what it offers, and of all [`candidates`] those that nobody replaced become offers.

mod candidates;
mod files;
mod model;
mod options;
mod source;
pub mod text;

use std::collections::HashSet;
use std::rc::Rc;

use serde_json::Value;

use crate::config::draft::{Draft, Mode};
use crate::config::read::is_name;
use crate::config::settings::{PROVIDERS, Settings};
use crate::config::table::Table;
use crate::pool::Pool;
use crate::providers::Provider;

use candidates::{Candidate, Candidates, MOST_MODELS};
use files::{Document, documents};
use source::Source;

/// The creation of every model on that project's list.
const CREATED: u64 = 1_714_780_800;

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
        let mut offers = Candidates::default();
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
        offers: &mut Candidates,
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
    fn complete(&mut self, settings: &Settings, offers: &Candidates) {
        for candidate in &offers.all {
            if let Some(name) = &candidate.fallback
                && offers.find(name, &candidate.owner).is_none()
            {
                let place = &candidate.place;
                self.warn(format!(
                    "{place} names `{name}` to fall back on, which no provider file offers."
                ));
            }
            self.offer(settings, &candidate.name, candidate, offers);
        }
        let mut taken: HashSet<String> = offers.names().cloned().collect();
        for candidate in &offers.all {
            for alias in &candidate.aliases {
                if taken.len() < 2 * MOST_MODELS && taken.insert(alias.clone()) {
                    self.offer(settings, alias, candidate, offers);
                } else {
                    let place = &candidate.place;
                    self.warn(format!("{place} has the alias `{alias}`, which is taken."));
                }
            }
        }
    }

    fn offer(
        &mut self,
        settings: &Settings,
        name: &str,
        candidate: &Candidate,
        offers: &Candidates,
    ) {
        let Some(pool) = Pool::new(offers.targets(candidate), Rc::new(self.rules.clone())) else {
            return;
        };
        let is_other = self.models.iter().any(|(glob, _)| glob.matches(name))
            || self
                .aliases
                .iter()
                .any(|(alias, _)| alias.eq_ignore_ascii_case(name));
        if !is_other {
            let owner = settings.get("FOAP_OWNED_BY").unwrap_or(&candidate.owner);
            let about = [
                ("created".to_owned(), Value::from(CREATED)),
                ("owned_by".to_owned(), owner.into()),
            ];
            self.said.push((name.to_owned(), Table::from_iter(about)));
        }
        self.offers.models.push(Offer {
            name: name.to_owned(),
            provider: candidate.owner.clone(),
            pool,
        });
    }
}
