//! The configuration, typed: read from the settings once per isolate, then only asked.
//!
//! A bad item is a warning that names the setting and the rest still works; a setting that makes a provider
//! unusable becomes a `configuration_error` of the calls that need it, never a crash.

mod native;
mod settings;

use std::rc::Rc;

use crate::clients::Access;
use crate::cors::Origins;
use crate::error::{Error, Result};
use crate::glob::Glob;
use crate::platform::Level;
use crate::pool::{Pool, Target, TargetModel};
use crate::providers::Provider;
use crate::surface::BodyLimits;

pub use settings::Settings;

pub struct Config {
    pub access: Access,
    pub origins: Origins,
    pub body_limits: BodyLimits,
    pub log_level: Level,
    /// The model of a call that names none and cannot do without.
    pub default_model: Option<String>,
    /// For the owner: what was not understood. No value of a secret is ever in it.
    pub warnings: Vec<String>,
    /// What makes every call impossible.
    broken: Option<String>,
    providers: Vec<Rc<Provider>>,
    /// In the order of precedence: exact names, then patterns, the longer first.
    models: Vec<(Glob, Pool)>,
    default_provider: Rc<Provider>,
}

impl Config {
    /// Reads all settings. Total: whatever they hold, there is a configuration that says what is wrong.
    pub fn read(settings: &Settings) -> Self {
        settings::read(settings)
    }

    /// Who serves a call.
    pub fn route(&self, model: Option<&str>) -> Result<Pool> {
        if let Some(problem) = &self.broken {
            return Err(Error::configuration(problem.clone()));
        }
        let pool = model.and_then(|model| self.configured(model).or_else(|| self.selected(model)));
        Ok(pool.unwrap_or_else(|| Pool::of(as_asked(self.default_provider.clone()))))
    }

    fn configured(&self, model: &str) -> Option<Pool> {
        let entry = self.models.iter().find(|(name, _)| name.matches(model));
        entry.map(|(_, pool)| pool.clone())
    }

    /// `provider/model` asks that provider for that model.
    fn selected(&self, model: &str) -> Option<Pool> {
        let (provider, model) = model.split_once('/')?;
        let provider = self.provider(provider)?;
        Some(Pool::of(Target {
            provider: provider.clone(),
            model: TargetModel::Named(model.to_owned()),
        }))
    }

    fn provider(&self, name: &str) -> Option<&Rc<Provider>> {
        let same = |provider: &&Rc<Provider>| provider.name.eq_ignore_ascii_case(name);
        self.providers.iter().find(same)
    }

    /// The names of the configured pools that a client can send as they stand.
    pub fn public_models(&self) -> impl Iterator<Item = &str> {
        let names = self.models.iter().map(|(name, _)| name);
        names.filter(|name| !name.is_pattern()).map(Glob::as_str)
    }

    pub fn providers(&self) -> &[Rc<Provider>] {
        &self.providers
    }

    pub fn problem(&self) -> Option<&str> {
        self.broken.as_deref()
    }
}

fn as_asked(provider: Rc<Provider>) -> Target {
    Target {
        provider,
        model: TargetModel::AsAsked,
    }
}
