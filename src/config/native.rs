//! The GATEWAY document: providers, models and clients by name, as JSON (what a table of `wrangler.toml`
//! becomes). Secrets are named in it (`"$NAME"`), not contained.

use std::rc::Rc;

use serde_json::Value;

use crate::clients::{Client, Key};
use crate::config::draft::{Account, Draft};
use crate::config::limits::{ALL, limits_of};
use crate::config::read::{decode_digest, globs, millis};
use crate::config::settings::{DOCUMENT, Settings};
use crate::config::table::Table;
use crate::gemini::Host;
use crate::pool::Share;
use crate::providers::azure::Written;
use crate::providers::openai::BaseUrl;
use crate::providers::{Probe, Provider, Timeouts};

/// The options of every kind of provider.
pub(super) const COMMON: [&str; 13] = [
    "kind",
    "endpoint",
    "key",
    "headers",
    "upstream_timeout",
    "idle_timeout",
    "health_path",
    "health_timeout",
    "priority",
    "weight",
    "tpm",
    "rpm",
    "stream_usage",
];

pub(super) fn read(settings: &Settings, draft: &mut Draft) {
    let Some(text) = settings.get(DOCUMENT) else {
        return;
    };
    if settings.document_is_stored() {
        return draft.break_off("it is to come from KV, which did not have it or did not answer");
    }
    let document = match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(document)) => document,
        Ok(_) => return draft.break_off("it is not an object"),
        Err(error) => {
            return draft.break_off(&format!(
                "it is not JSON (line {}, column {})",
                error.line(),
                error.column()
            ));
        }
    };
    draft.note_unknown(
        "GATEWAY",
        &document,
        &["providers", "models", "clients", "limits", "default"],
    );
    draft.read_overall(&document);
    for (name, options) in draft.table(&document, "providers") {
        draft.read_provider(settings, &name, &options);
    }
    for (name, value) in draft.named(&document, "models") {
        draft.read_model(&name, &value);
    }
    draft.settle_fallbacks();
    draft.names_clients |= document.contains_key("clients");
    for (name, options) in draft.table(&document, "clients") {
        draft.read_client(settings, &name, &options);
    }
    draft.default_provider = document
        .get("default")
        .and_then(Value::as_str)
        .map(str::to_owned);
}

impl Draft {
    fn break_off(&mut self, problem: &str) {
        let problem = format!("The setting GATEWAY cannot be read: {problem}.");
        self.warn(problem.clone());
        self.broken = Some(problem);
    }

    /// The entries of a table of the document.
    pub(super) fn named(&mut self, document: &Table, key: &str) -> Table {
        match document.get(key) {
            None | Some(Value::Null) => Table::new(),
            Some(Value::Object(table)) => table.clone(),
            Some(_) => {
                self.warn(format!("GATEWAY.{key} should be a table of names."));
                Table::new()
            }
        }
    }

    /// The entries of a table of tables.
    fn table(&mut self, document: &Table, key: &str) -> Vec<(String, Table)> {
        let mut tables = Vec::new();
        for (name, value) in self.named(document, key) {
            match value {
                Value::Object(options) => tables.push((name, options)),
                _ => self.warn(format!("GATEWAY.{key}.{name} should be a table.")),
            }
        }
        tables
    }

    fn read_provider(&mut self, settings: &Settings, name: &str, options: &Table) {
        // A table of the same name as a flat provider replaces it.
        self.providers
            .retain(|provider| !provider.name.eq_ignore_ascii_case(name));
        self.aliases
            .retain(|(alias, _)| !alias.eq_ignore_ascii_case(name));
        let place = format!("GATEWAY.providers.{name}");
        match options.get("kind").and_then(Value::as_str) {
            Some("openai") => self.read_server(settings, name, &place, options),
            Some("azure") => self.read_resource(settings, Written::Azure, name, options),
            Some("foundry") => self.read_resource(settings, Written::Foundry, name, options),
            Some("google") => self.read_site(settings, Host::Studio, name, options),
            Some("vertex") => self.read_site(settings, Host::Vertex, name, options),
            Some("demo") => {
                self.note_unknown(&place, options, &COMMON);
                let share = self.share_of(&place, options, &Share::default());
                self.switch(&place, options, "stream_usage");
                self.providers.push(Rc::new(Provider {
                    name: name.to_owned(),
                    share,
                    ..Provider::demo()
                }));
            }
            other => {
                let kind = other.unwrap_or("missing");
                let problem = format!(
                    "{place}.kind is {kind}; it should be azure, foundry, google, vertex, openai or demo."
                );
                self.add_broken(self.account(name), problem);
            }
        }
    }

    fn read_server(&mut self, settings: &Settings, name: &str, place: &str, options: &Table) {
        self.note_unknown(place, options, &COMMON);
        let base = options.get("endpoint").map_or_else(
            || Ok(BaseUrl::default()),
            |pasted| BaseUrl::parse(pasted.as_str().unwrap_or_default()),
        );
        let account = self.account_of(settings, name, place, options);
        self.add_openai(account, &format!("{place}.endpoint"), base);
    }

    /// What every kind of provider has.
    pub(super) fn account_of(
        &mut self,
        settings: &Settings,
        name: &str,
        place: &str,
        options: &Table,
    ) -> Account {
        let mut problem = None;
        let key_place = format!("{place}.key");
        let key = self.secret_at(settings, options.get("key"), &key_place, &mut problem);
        let mut headers = Vec::new();
        for (header, value) in self.named(options, "headers") {
            let at = format!("{place}.headers.{header}");
            let value = self.secret_at(settings, Some(&value), &at, &mut problem);
            headers.extend(value.map(|value| (header.to_ascii_lowercase(), value)));
        }
        let share = self.share_of(place, options, &Share::default());
        let asks_usage = self.switch(place, options, "stream_usage").unwrap_or(true);
        Account {
            key,
            headers,
            share,
            asks_usage,
            timeouts: self.timeouts_of(place, options),
            probe: self.probe_of(place, options),
            problem,
            ..self.account(name)
        }
    }

    fn timeouts_of(&mut self, place: &str, options: &Table) -> Timeouts {
        let usual = self.timeouts;
        let upstream = self.millis_at(place, options, "upstream_timeout");
        let idle = self.millis_at(place, options, "idle_timeout");
        Timeouts {
            upstream_millis: upstream.unwrap_or(usual.upstream_millis),
            idle_millis: idle.unwrap_or(usual.idle_millis),
        }
    }

    fn probe_of(&mut self, place: &str, options: &Table) -> Probe {
        let timeout = self.millis_at(place, options, "health_timeout");
        let path = self.text(place, options, "health_path");
        // What follows `#` would stay here, and a blank ends a path.
        let is_path = |path: &&str| {
            path.starts_with('/')
                && !path.contains(|c: char| c == '#' || c.is_whitespace() || c.is_control())
        };
        if path.is_some_and(|path| !is_path(&path)) {
            self.warn(format!(
                "{place}.health_path is not in force: it should be a path, which begins with `/` and has no blank."
            ));
        }
        Probe {
            path: path.filter(is_path).map(str::to_owned),
            timeout_millis: timeout.unwrap_or(Probe::default().timeout_millis),
        }
    }

    /// A time that is set in seconds.
    fn millis_at(&mut self, place: &str, options: &Table, key: &str) -> Option<u32> {
        let seconds = options.get(key)?.as_u64().filter(|n| *n > 0);
        if seconds.is_none() {
            self.warn(format!(
                "{place}.{key} should be a whole number of seconds above 0."
            ));
        }
        seconds.map(millis)
    }

    fn read_client(&mut self, settings: &Settings, name: &str, options: &Table) {
        let place = format!("GATEWAY.clients.{name}");
        let known = ["key", "sha256", "models"];
        self.note_unknown(&place, options, &[&known[..], ALL].concat());
        let key_place = format!("{place}.key");
        let secret = self.secret_at(settings, options.get("key"), &key_place, &mut None);
        let listed = options.get("sha256").and_then(Value::as_str);
        let digest = secret
            .map(|key| Key::digest_of(key.expose()))
            .or_else(|| decode_digest(listed?));
        let Some(digest) = digest else {
            return self.warn(format!(
                "{place} has neither a key nor a sha256 of 64 hex digits."
            ));
        };
        let models = match options.get("models") {
            None => Vec::new(),
            Some(Value::Array(models)) => globs(models.iter().filter_map(Value::as_str)),
            Some(other) => globs(other.as_str().into_iter()),
        };
        // To drop a limit with the mistake in it would open more than was meant.
        if options.contains_key("models") && models.is_empty() {
            return self.warn(format!(
                "{place}.models lists no model; the client is left out."
            ));
        }
        let (limits, wrong) = limits_of(options, ALL);
        if let Some(key) = wrong.first() {
            return self.warn(format!(
                "{place}.{key} is no whole number above 0; the client is left out."
            ));
        }
        let name = name.to_owned();
        let client = Rc::new(Client {
            name,
            models,
            limits,
        });
        self.keys.push(Key { digest, client });
    }
}
