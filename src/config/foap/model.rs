//! A model of a file: the endpoints it is served at, each under a path.

use serde_json::Value;

use crate::azure::family::Family;
use crate::config::draft::{Draft, broken};
use crate::config::read::is_name;
use crate::config::table::Table;
use crate::pool::{Target, TargetModel};
use crate::surface::path::normalise;

use super::candidates::{Candidate, Candidates, MOST_MODELS};
use super::source::Source;

const OF_MODEL: [&str; 3] = ["endpoints", "aliases", "fallback_model_name"];
const OF_ENDPOINT: [&str; 5] = [
    "path",
    "target_base_url",
    "target_model_name",
    "request_timeout",
    "health_timeout",
];
/// Of one model.
const MOST_ENDPOINTS: usize = 64;

impl Draft {
    pub(super) fn read_offers(
        &mut self,
        source: &mut Source<'_>,
        options: &Table,
        offers: &mut Candidates,
    ) {
        let place = format!("{}.models", source.place);
        let models = match options.get("models") {
            None | Some(Value::Null) => return self.warn(format!("{place} is not there.")),
            Some(Value::Object(models)) => models,
            Some(_) => return self.warn(format!("{place} should be an object.")),
        };
        let aliases = self.provider_aliases(source, options);
        for (name, value) in models {
            let at = format!("{place}.{name}");
            let public = format!("{}{name}", source.prefix);
            if name.is_empty() || !is_name(&public) {
                self.warn(format!("{place} has a model without a name."));
                continue;
            }
            let mut candidate = self.read_offer(source, &at, name, value);
            let own = aliases
                .iter()
                .filter(|(_, to)| *to == *name || *to == public);
            candidate
                .aliases
                .extend(own.map(|(alias, _)| alias.clone()));
            if !offers.put(candidate) {
                return self.warn(format!(
                    "{at}, and what follows, is left out: provider files may offer {MOST_MODELS} models."
                ));
            }
        }
    }

    fn read_offer(
        &mut self,
        source: &mut Source<'_>,
        place: &str,
        name: &str,
        value: &Value,
    ) -> Candidate {
        let none = Table::new();
        let options = value.as_object().unwrap_or(&none);
        if !value.is_object() {
            self.warn(format!("{place} should be an object."));
        }
        self.note_unknown(place, options, &OF_MODEL);
        let endpoints = match options.get("endpoints") {
            Some(Value::Array(endpoints)) => endpoints.as_slice(),
            _ => &[],
        };
        if endpoints.len() > MOST_ENDPOINTS {
            self.warn(format!(
                "{place} has more than {MOST_ENDPOINTS} endpoints; the rest is left out."
            ));
        }
        let mut targets = Vec::new();
        for (index, endpoint) in endpoints.iter().take(MOST_ENDPOINTS).enumerate() {
            let at = format!("{place}.endpoints[{index}]");
            targets.extend(self.read_endpoint(source, &at, name, endpoint));
        }
        if targets.is_empty() {
            // Left out, the name would go to somebody else than was meant.
            let problem = format!("{place} has no endpoint that can be used.");
            self.warn(problem.clone());
            targets.push(Target::as_asked(broken(source.name, problem)));
        }
        let fallback = self.text_at(place, options, "fallback_model_name");
        let fallback = fallback.or(source.fallback.filter(|it| *it != name));
        Candidate {
            name: format!("{}{name}", source.prefix),
            own_name: name.to_owned(),
            owner: source.name.to_owned(),
            place: place.to_owned(),
            targets,
            aliases: self.model_aliases(place, options),
            fallback: fallback.map(str::to_owned),
        }
    }

    fn read_endpoint(
        &mut self,
        source: &mut Source<'_>,
        place: &str,
        name: &str,
        value: &Value,
    ) -> Option<Target> {
        let Value::Object(options) = value else {
            self.warn(format!("{place} should be an object."));
            return None;
        };
        self.note_unknown(place, options, &OF_ENDPOINT);
        let path = normalise(self.text_at(place, options, "path").unwrap_or_default());
        if path.rest.is_empty() {
            self.warn(format!("{place}.path is not set, as v1/chat/completions."));
            return None;
        }
        let provider = source.provider(self, place, options, &path);
        let model = self
            .text_at(place, options, "target_model_name")
            .unwrap_or(name);
        let family = Some(Family::of(model)).filter(|it| *it != Family::Unknown);
        Some(Target {
            model: TargetModel::Named(model.to_owned()),
            family: family.filter(|_| provider.azure().is_some()),
            path: Some(path.rest),
            moving: source.moving(options),
            ..Target::as_asked(provider)
        })
    }

    /// `{"alias": "model"}`.
    fn provider_aliases(&mut self, source: &Source<'_>, options: &Table) -> Vec<(String, String)> {
        let place = format!("{}.aliases", source.place);
        let table = match options.get("aliases") {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Object(table)) => table,
            Some(_) => {
                self.warn(format!(
                    "{place} should be an object of aliases and models."
                ));
                return Vec::new();
            }
        };
        let mut aliases = Vec::new();
        for (alias, model) in table {
            match model.as_str().map(str::trim) {
                Some(model) if is_name(alias) => aliases.push((alias.clone(), model.to_owned())),
                _ => self.warn(format!("{place}.{alias} should name a model.")),
            }
        }
        aliases
    }

    /// A list of names, or one.
    fn model_aliases(&mut self, place: &str, options: &Table) -> Vec<String> {
        let listed = match options.get("aliases") {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(listed)) => listed.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        let names = listed.iter().filter_map(Value::as_str);
        let names: Vec<String> = names.filter(|it| is_name(it)).map(str::to_owned).collect();
        if names.len() < listed.len() {
            self.warn(format!("{place}.aliases should be a list of names."));
        }
        names
    }
}
