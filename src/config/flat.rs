//! The flat settings: one name each, as people already have them.

use std::rc::Rc;

use crate::clients::{Client, Key};
use crate::config::draft::{Account, Draft, Mode};
use crate::config::read::{decode_digest, globs, is_name, millis};
use crate::config::settings::Settings;
use crate::limits::Limits;
use crate::platform::Level;
use crate::providers::openai::BaseUrl;
use crate::surface::BodyLimits;

impl Draft {
    /// All of them that make providers, and what those and pools go by.
    pub(super) fn read_flat(&mut self, settings: &Settings) {
        self.read_timeouts(settings);
        self.read_rules(settings);
        self.read_limits(settings);
        self.read_mode(settings);
        self.read_azure(settings);
        self.read_openai(settings);
        self.read_studio(settings);
        self.read_vertex(settings);
        self.read_serverless(settings);
        self.read_upstream(settings);
        self.read_keys(settings);
        self.read_instances(settings);
    }

    fn read_timeouts(&mut self, settings: &Settings) {
        if let Some(seconds) = self.number(settings, "UPSTREAM_TIMEOUT") {
            self.timeouts.upstream_millis = millis(seconds);
        }
        if let Some(seconds) = self.number(settings, "IDLE_TIMEOUT") {
            self.timeouts.idle_millis = millis(seconds);
        }
    }

    /// Which provider gets the models that nobody claims.
    fn read_mode(&mut self, settings: &Settings) {
        let Some(mode) = settings.get("AZURE_OPENAI_PROXY_MODE") else {
            return;
        };
        self.mode = match mode.to_ascii_lowercase().as_str() {
            "azure" => Some(Mode::Azure),
            "openai" => Some(Mode::OpenAi),
            "google" => Some(Mode::Google),
            "vertex" => Some(Mode::Vertex),
            other => {
                let problem = format!(
                    "The setting AZURE_OPENAI_PROXY_MODE is `{other}`; it should be azure, openai, google \
                     or vertex."
                );
                self.warn(problem.clone());
                self.broken = Some(problem);
                None
            }
        };
    }

    /// One OpenAI-compatible server.
    fn read_openai(&mut self, settings: &Settings) {
        let key = settings.secret("OPENAI_API_KEY");
        let base = settings.first(&["OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_API_ENDPOINT"]);
        if key.is_none() && base.is_none() {
            return;
        }
        let (name, parsed) = match base {
            Some((name @ "OPENAI_API_ENDPOINT", pasted)) => (name, BaseUrl::parse_server(pasted)),
            Some((name, pasted)) => (name, BaseUrl::parse(pasted)),
            None => ("OPENAI_BASE_URL", Ok(BaseUrl::default())),
        };
        let account = Account {
            key,
            ..self.account("openai")
        };
        self.add_openai(account, name, parsed);
    }

    /// `key`, `name:key` or `name:key:model-glob|model-glob`; `sha256:<hex>` may stand for a key.
    fn read_keys(&mut self, settings: &Settings) {
        let Some(list) = settings.get("PROXY_API_KEYS") else {
            return;
        };
        self.names_clients = true;
        for (index, item) in list.split(',').map(str::trim).enumerate() {
            if item.is_empty() {
                continue;
            }
            let place = index + 1;
            match parse_key(item, place) {
                Some(key) => self.keys.push(key),
                None => self.warn(format!(
                    "Item {place} of PROXY_API_KEYS is not understood; it should be key, name:key or \
                     name:key:model|model, with sha256:<64 hex digits> in place of a key if you like."
                )),
            }
        }
    }

    pub(super) fn body_limits(&mut self, settings: &Settings) -> BodyLimits {
        let usual = BodyLimits::default();
        BodyLimits {
            json: self.number(settings, "MAX_JSON_BODY").unwrap_or(usual.json),
            multipart: self
                .number(settings, "MAX_MULTIPART_BUFFER")
                .unwrap_or(usual.multipart),
            ..usual
        }
    }

    pub(super) fn log_level(&mut self, settings: &Settings) -> Level {
        let Some((name, level)) = settings.first(&["LOG_LEVEL", "FOAP_LOGLEVEL"]) else {
            return Level::Info;
        };
        match level.to_ascii_lowercase().as_str() {
            "trace" | "debug" => Level::Debug,
            "info" => Level::Info,
            "warn" | "warning" => Level::Warn,
            "error" | "critical" => Level::Error,
            other => {
                self.warn(format!(
                    "{name} is `{other}`; it should be debug, info, warn or error."
                ));
                Level::Info
            }
        }
    }

    pub(super) fn flag(&mut self, settings: &Settings, name: &str) -> bool {
        match settings.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0" | "no" | "off") => false,
            Some("true" | "1" | "yes" | "on") => true,
            Some(other) => {
                self.warn(format!("{name} is `{other}`; it should be true or false."));
                false
            }
        }
    }

    /// `a=b,a=b`.
    pub(super) fn pairs(
        &mut self,
        settings: &Settings,
        setting: &str,
        shape: &str,
    ) -> Vec<(String, String)> {
        let list = settings.get(setting).unwrap_or_default();
        self.pairs_of(list, setting, shape)
    }

    pub(super) fn pairs_of(
        &mut self,
        list: &str,
        setting: &str,
        shape: &str,
    ) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for item in list.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            match item.split_once('=') {
                Some((left, right)) if is_name(left) && is_name(right) => {
                    pairs.push((left.trim().to_owned(), right.trim().to_owned()));
                }
                _ => self.warn(format!(
                    "`{item}` in {setting} is not understood; it should be {shape}."
                )),
            }
        }
        pairs
    }

    pub(super) fn number(&mut self, settings: &Settings, name: &str) -> Option<u64> {
        let text = settings.get(name)?;
        match text.parse() {
            Ok(number) if number > 0 => Some(number),
            _ => {
                self.warn(format!(
                    "{name} is `{text}`; it should be a whole number above 0."
                ));
                None
            }
        }
    }
}

fn parse_key(item: &str, place: usize) -> Option<Key> {
    let (name, rest) = match item.split_once(':') {
        Some((first, rest)) if !is_digest_marker(first) => (first.trim(), rest),
        _ => ("", item),
    };
    let (key, models) = cut(rest);
    let (digest, models) = if is_digest_marker(key) {
        let (hex, models) = cut(models?);
        (decode_digest(hex)?, models)
    } else {
        let key = Some(key.trim()).filter(|key| !key.is_empty())?;
        (Key::digest_of(key), models)
    };
    let name = if name.is_empty() {
        format!("key-{place}")
    } else {
        name.to_owned()
    };
    let listed = globs(models.unwrap_or_default().split('|'));
    // To drop a limit with the mistake in it would open more than was meant.
    if models.is_some() && listed.is_empty() {
        return None;
    }
    Some(Key {
        digest,
        client: Rc::new(Client {
            name,
            models: listed,
            limits: Limits::default(),
        }),
    })
}

fn is_digest_marker(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("sha256")
}

/// What stands before the first colon, and, if there is one, what stands behind.
fn cut(text: &str) -> (&str, Option<&str>) {
    text.split_once(':')
        .map_or((text, None), |(before, behind)| (before, Some(behind)))
}
