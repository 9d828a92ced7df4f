//! The flat settings: one name each, as people already have them.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::clients::{Access, Client, Key};
use crate::config::{Config, native};
use crate::cors::Origins;
use crate::glob::Glob;
use crate::platform::Level;
use crate::providers::openai::BaseUrl;
use crate::providers::{Kind, Provider, Timeouts};
use crate::secret::Secret;
use crate::surface::BodyLimits;

/// Every variable and secret by its name. Names are case-insensitive, blanks and quotes around a value fall.
#[derive(Clone, Default)]
pub struct Settings {
    values: BTreeMap<String, String>,
}

impl<Name: AsRef<str>, Value: Into<String>> FromIterator<(Name, Value)> for Settings {
    fn from_iter<Items: IntoIterator<Item = (Name, Value)>>(items: Items) -> Self {
        let upper = |(name, value): (Name, Value)| (name.as_ref().to_uppercase(), value.into());
        Self {
            values: items.into_iter().map(upper).collect(),
        }
    }
}

impl Settings {
    /// A setting that is there and not blank.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let value = self.values.get(&name.to_uppercase())?.trim();
        let unquoted = ['"', '\'']
            .iter()
            .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
            .unwrap_or(value)
            .trim();
        (!unquoted.is_empty()).then_some(unquoted)
    }

    /// Whether the GATEWAY document is to be fetched from where the platform stores values.
    pub fn document_is_stored(&self) -> bool {
        self.get("GATEWAY").is_some_and(native::is_stored)
    }

    /// The same settings with that document in its place.
    #[must_use]
    pub fn with_document(mut self, document: Option<String>) -> Self {
        self.values
            .extend(document.map(|text| ("GATEWAY".to_owned(), text)));
        self
    }

    fn first(&self, names: &[&'static str]) -> Option<(&'static str, &str)> {
        names.iter().find_map(|name| Some((*name, self.get(name)?)))
    }

    pub(super) fn secret(&self, name: &str) -> Option<Secret> {
        Secret::new(self.get(name)?)
    }
}

/// What is being put together, and what was wrong on the way.
pub(super) struct Draft {
    pub(super) providers: Vec<Rc<Provider>>,
    pub(super) models: Vec<(Glob, crate::pool::Pool)>,
    pub(super) keys: Vec<Key>,
    /// Somebody tried to say who may call, whether or not it was understood: nobody else gets in.
    pub(super) names_clients: bool,
    pub(super) default_provider: Option<String>,
    pub(super) timeouts: Timeouts,
    pub(super) warnings: Vec<String>,
    pub(super) broken: Option<String>,
}

pub(super) fn read(settings: &Settings) -> Config {
    let mut draft = Draft {
        providers: Vec::new(),
        models: Vec::new(),
        keys: Vec::new(),
        names_clients: false,
        default_provider: None,
        timeouts: Timeouts::default(),
        warnings: Vec::new(),
        broken: None,
    };
    draft.read_timeouts(settings);
    draft.read_openai(settings);
    draft.read_keys(settings);
    native::read(settings, &mut draft);
    let body_limits = draft.body_limits(settings);
    let log_level = draft.log_level(settings);
    let anonymous = draft.flag(settings, "ALLOW_ANONYMOUS");
    let access = draft.access(anonymous);
    if draft.providers.is_empty() {
        draft.providers.push(Rc::new(Provider::demo()));
    }
    let default_provider = draft.default_provider();
    Config {
        access,
        origins: Origins::parse(settings.get("CORS_ALLOW_ORIGINS").unwrap_or("*")),
        body_limits,
        log_level,
        default_model: settings.get("DEFAULT_MODEL").map(str::to_owned),
        warnings: draft.warnings,
        broken: draft.broken,
        providers: draft.providers,
        models: draft.models,
        default_provider,
    }
}

impl Draft {
    fn read_timeouts(&mut self, settings: &Settings) {
        if let Some(seconds) = self.number(settings, "UPSTREAM_TIMEOUT") {
            self.timeouts.upstream_millis = millis(seconds);
        }
        if let Some(seconds) = self.number(settings, "IDLE_TIMEOUT") {
            self.timeouts.idle_millis = millis(seconds);
        }
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
        self.add_openai("openai", name, parsed, key);
    }

    /// A provider whose address makes no sense is kept: its calls are told so.
    pub(super) fn add_openai(
        &mut self,
        name: &str,
        setting: &str,
        base: Result<BaseUrl, String>,
        key: Option<Secret>,
    ) {
        let (base, broken) = match base {
            Ok(base) => (base, None),
            Err(problem) => {
                let problem = format!("The setting {setting} is not an address: {problem}.");
                self.warnings.push(problem.clone());
                (BaseUrl::default(), Some(problem))
            }
        };
        self.providers.push(Rc::new(Provider {
            name: name.to_owned(),
            kind: Kind::OpenAi(base),
            key,
            headers: Vec::new(),
            timeouts: self.timeouts,
            broken,
        }));
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

    fn access(&mut self, anonymous: bool) -> Access {
        let has_credential = self
            .providers
            .iter()
            .any(|provider| provider.has_credential());
        if anonymous {
            if self.names_clients {
                self.warn("ALLOW_ANONYMOUS is not in force: there are client keys.".to_owned());
            } else {
                return Access::Anonymous;
            }
        }
        if self.names_clients {
            Access::Keys(std::mem::take(&mut self.keys))
        } else if has_credential {
            self.warn(
                "Nobody is served: there is a provider's credential but no client key. Set \
                 PROXY_API_KEYS, or ALLOW_ANONYMOUS=true."
                    .to_owned(),
            );
            Access::Closed
        } else {
            Access::PassThrough
        }
    }

    fn default_provider(&mut self) -> Rc<Provider> {
        let named = self.default_provider.take();
        let find = |name: &str| {
            let same = |provider: &&Rc<Provider>| provider.name.eq_ignore_ascii_case(name);
            self.providers.iter().find(same).cloned()
        };
        let fallback = find("openai").or_else(|| self.providers.first().cloned());
        let fallback = fallback.unwrap_or_else(|| Rc::new(Provider::demo()));
        let Some(named) = named else {
            return fallback;
        };
        find(&named).unwrap_or_else(|| {
            self.warn(format!(
                "GATEWAY.default names the provider `{named}`, which is not there."
            ));
            fallback
        })
    }

    fn body_limits(&mut self, settings: &Settings) -> BodyLimits {
        let usual = BodyLimits::default();
        BodyLimits {
            json: self.number(settings, "MAX_JSON_BODY").unwrap_or(usual.json),
            multipart: self
                .number(settings, "MAX_MULTIPART_BUFFER")
                .unwrap_or(usual.multipart),
            ..usual
        }
    }

    fn log_level(&mut self, settings: &Settings) -> Level {
        let Some(level) = settings.get("LOG_LEVEL") else {
            return Level::Info;
        };
        match level.to_lowercase().as_str() {
            "trace" | "debug" => Level::Debug,
            "info" => Level::Info,
            "warn" | "warning" => Level::Warn,
            "error" | "critical" => Level::Error,
            other => {
                self.warn(format!(
                    "LOG_LEVEL is `{other}`; it should be debug, info, warn or error."
                ));
                Level::Info
            }
        }
    }

    fn flag(&mut self, settings: &Settings, name: &str) -> bool {
        match settings.get(name).map(str::to_lowercase).as_deref() {
            None | Some("false" | "0" | "no" | "off") => false,
            Some("true" | "1" | "yes" | "on") => true,
            Some(other) => {
                self.warn(format!("{name} is `{other}`; it should be true or false."));
                false
            }
        }
    }

    fn number(&mut self, settings: &Settings, name: &str) -> Option<u64> {
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

    pub(super) fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }
}

pub(super) fn millis(seconds: u64) -> u32 {
    u32::try_from(seconds.saturating_mul(1000)).unwrap_or(u32::MAX)
}

fn parse_key(item: &str, place: usize) -> Option<Key> {
    let (name, rest) = match item.split_once(':') {
        Some((first, rest)) if !is_digest_marker(first) => (first.trim(), rest),
        _ => ("", item),
    };
    let (key, models) = cut(rest);
    let (digest, models) = if is_digest_marker(key) {
        let (hex, models) = cut(models);
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
    Some(Key {
        digest,
        client: Rc::new(Client {
            name,
            models: globs(models.split('|')),
            rpm: None,
        }),
    })
}

fn is_digest_marker(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("sha256")
}

fn cut(text: &str) -> (&str, &str) {
    text.split_once(':').unwrap_or((text, ""))
}

pub(super) fn decode_digest(hex: &str) -> Option<[u8; 32]> {
    let digits: Vec<u32> = hex
        .trim()
        .chars()
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let bytes = pairs
        .iter()
        .map(|[high, low]| u8::try_from(high * 16 + low));
    bytes.collect::<Result<Vec<u8>, _>>().ok()?.try_into().ok()
}

pub(super) fn globs<'a>(patterns: impl Iterator<Item = &'a str>) -> Vec<Glob> {
    let patterns = patterns.map(str::trim);
    patterns
        .filter(|glob| !glob.is_empty())
        .map(Glob::new)
        .collect()
}
