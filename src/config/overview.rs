//! What was understood of the settings, as plain values that may be shown: secrets only as set or missing.

mod models;
mod pools;

use std::collections::HashSet;
use std::rc::Rc;

use serde::Serialize;

use crate::clients::{Access, Client};
use crate::config::{Config, ListMode};
use crate::cors::Origins;
use crate::credentials::token::Identity;
use crate::platform::Level;
use crate::providers::names::Deployment;
use crate::providers::{Auth, Endpoint, Provider, Timeouts};

pub use models::{Model, Written};
pub use pools::{Bounds, Overall, rules};

/// Stands for a model's name in an address.
pub const ANY_MODEL: &str = "MODEL";

#[derive(Debug, Serialize)]
pub struct Overview {
    pub callers: Callers,
    pub providers: Vec<Account>,
    /// In the order in which a name is looked up.
    pub models: Vec<Model>,
    /// Who gets the models that nobody claims.
    pub default_provider: String,
    pub default_model: Option<String>,
    /// Of all calls together.
    pub limits: Overall,
    /// How pools choose that say nothing themselves.
    pub pools: Vec<String>,
    pub model_list: ModelList,
    pub timeouts: Seconds,
    pub body_limits: Bytes,
    /// The pages that may call; none are listed where all may.
    pub origins: Option<Vec<String>>,
    pub log_level: &'static str,
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

/// Who may call.
#[derive(Debug, Serialize)]
pub struct Callers {
    pub access: &'static str,
    pub clients: Vec<Caller>,
}

/// A client with a key of ours.
#[derive(Debug, Serialize)]
pub struct Caller {
    pub name: String,
    /// Empty means all.
    pub models: Vec<String>,
    #[serde(flatten)]
    pub limits: Bounds,
}

#[derive(Debug, Serialize)]
pub struct Account {
    pub name: String,
    /// None where it was not understood.
    pub kind: Option<&'static str>,
    /// Where a chat goes; None inside the Worker, and where nothing can be sent.
    pub address: Option<String>,
    pub key: &'static str,
    /// What differs from the defaults.
    pub options: Vec<String>,
    /// It only hosts one model, which is called as it is.
    pub is_only_alias: bool,
    pub problem: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct ModelList {
    pub mode: &'static str,
    pub fresh_seconds: u64,
    pub timeout_seconds: u32,
}

#[derive(Debug, Serialize)]
pub struct Seconds {
    pub upstream: u32,
    pub idle: u32,
}

#[derive(Debug, Serialize)]
pub struct Bytes {
    pub json: u64,
    pub multipart: u64,
}

/// Something that was not understood, or cannot be.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// It makes a call impossible.
    pub is_error: bool,
    /// Names the setting it is about.
    pub text: String,
}

impl Config {
    pub fn overview(&self) -> Overview {
        let usual = self.timeouts;
        let describe = |provider: &Rc<Provider>| self.account(provider, usual);
        Overview {
            callers: callers(&self.access),
            providers: self.providers.iter().map(describe).collect(),
            models: self.models(),
            default_provider: self.name_of_default(),
            default_model: self.default_model.clone(),
            limits: Overall::new(self.limits, self.limits_mode),
            pools: pools::usual(&self.rules),
            model_list: ModelList {
                mode: match self.lists.mode {
                    ListMode::Callable => "callable",
                    ListMode::Configured => "configured",
                    ListMode::All => "all",
                },
                fresh_seconds: self.lists.fresh_millis / 1000,
                timeout_seconds: self.lists.timeout_millis / 1000,
            },
            timeouts: Seconds {
                upstream: usual.upstream_millis / 1000,
                idle: usual.idle_millis / 1000,
            },
            body_limits: Bytes {
                json: self.body_limits.json,
                multipart: self.body_limits.multipart,
            },
            origins: match &self.origins {
                Origins::Any => None,
                Origins::Listed(listed) => Some(listed.clone()),
            },
            log_level: match self.log_level {
                Level::Debug => "debug",
                Level::Info => "info",
                Level::Warn => "warn",
                Level::Error => "error",
            },
            findings: self.findings(),
        }
    }

    fn account(&self, provider: &Rc<Provider>, usual: Timeouts) -> Account {
        let endpoint = chat(provider);
        let address = endpoint.as_ref().and_then(|it| it.place.url());
        Account {
            name: provider.name.clone(),
            kind: provider.word(),
            address: address.map(str::to_owned),
            key: self.key_at(provider, endpoint.as_ref()),
            options: self.options(provider, usual),
            is_only_alias: self.is_only_alias(provider),
            problem: provider.broken.clone(),
        }
    }

    fn options(&self, provider: &Provider, usual: Timeouts) -> Vec<String> {
        let instances = self.instances.as_ref();
        let models = instances.and_then(|it| it.said_of(provider));
        let mut options = options(provider, usual);
        options.extend(pools::share(&provider.share));
        options.extend(models);
        options
    }

    /// All instances, where they are who gets what nobody claims.
    fn name_of_default(&self) -> String {
        match &self.instances {
            Some(instances) if !self.prefers_another && !instances.is_stand_in => {
                let targets = instances.pool().targets().iter();
                let names: Vec<&str> = targets.map(|it| it.provider.name.as_str()).collect();
                names.join(", ")
            }
            _ => self.default_provider.name.clone(),
        }
    }

    /// What pays for the calls to a provider.
    pub fn key(&self, provider: &Provider) -> &'static str {
        self.key_at(provider, chat(provider).as_ref())
    }

    fn key_at(&self, provider: &Provider, endpoint: Option<&Endpoint>) -> &'static str {
        match endpoint.map(|it| &it.auth) {
            Some(Auth::None) => "not wanted",
            Some(Auth::Token(identity)) => match **identity {
                Identity::Entra(_) => "Entra ID",
                Identity::Google(_) => "account",
            },
            Some(Auth::Bearer(Some(_)) | Auth::Header(_, Some(_)) | Auth::Keys(..)) => "set",
            None if provider.has_key() => "set",
            Some(_) if !provider.headers.is_empty() => "in a header",
            // Who presents a key of ours has no other.
            Some(_) if !matches!(self.access, Access::Keys(_)) => "client's own",
            _ => "missing",
        }
    }

    fn findings(&self) -> Vec<Finding> {
        let of_targets = self
            .models
            .iter()
            .flat_map(|(_, pool)| pool.targets().iter());
        let of_aliases = self.aliases.iter().map(|(_, target)| target);
        let of_offers = self
            .offers
            .iter()
            .flat_map(|offer| offer.pool.targets().iter());
        let targets = of_targets
            .chain(of_aliases)
            .chain(of_offers)
            .map(|it| &it.provider);
        let all = self.providers.iter().chain([&self.default_provider]);
        let broken = all.chain(targets).filter_map(|it| it.broken.as_deref());
        let broken: HashSet<&str> = broken.chain(self.problem()).collect();
        let is_closed = matches!(self.access, Access::Closed);
        let warnings = self.warnings.iter().map(|text| Finding {
            is_error: broken.contains(text.as_str()) || is_closed && text.starts_with(NOBODY),
            text: text.clone(),
        });
        let mut findings: Vec<Finding> = warnings.collect();
        if matches!(&self.access, Access::Keys(keys) if keys.is_empty()) {
            let text = format!("{NOBODY}: no client's key was understood.");
            findings.push(Finding {
                is_error: true,
                text,
            });
        }
        findings
    }
}

/// How the warning of closed access begins.
const NOBODY: &str = "Nobody is served";

fn callers(access: &Access) -> Callers {
    let (access, keys) = match access {
        Access::Keys(keys) => ("keys", keys.as_slice()),
        Access::Anonymous => ("anonymous", &[][..]),
        Access::PassThrough => ("pass-through", &[][..]),
        Access::Closed => ("closed", &[][..]),
    };
    let describe = |client: &Client| Caller {
        name: client.name.clone(),
        models: client
            .models
            .iter()
            .map(|it| it.as_str().to_owned())
            .collect(),
        limits: client.limits.into(),
    };
    Callers {
        access,
        clients: keys.iter().map(|key| describe(&key.client)).collect(),
    }
}

/// Where a chat with some model goes.
fn chat(provider: &Provider) -> Option<Endpoint> {
    let pinned = provider.names.pinned().cloned();
    let deployment = pinned.unwrap_or_else(|| Deployment::named(ANY_MODEL));
    let endpoint = provider.chat_endpoint(Some(ANY_MODEL), Some(&deployment));
    endpoint.ok()
}

fn options(provider: &Provider, usual: Timeouts) -> Vec<String> {
    let Timeouts {
        upstream_millis,
        idle_millis,
    } = provider.timeouts;
    let mut options = Vec::new();
    if upstream_millis != usual.upstream_millis {
        options.push(format!("upstream_timeout {} s", upstream_millis / 1000));
    }
    if idle_millis != usual.idle_millis {
        options.push(format!("idle_timeout {} s", idle_millis / 1000));
    }
    if let Some(pinned) = provider.names.pinned() {
        options.push(format!("deployment {}", pinned.name));
    }
    let headers = provider.headers.iter();
    options.extend(headers.map(|(name, _)| format!("header {name}")));
    if provider.manager.is_some() {
        options.push("deployments listed by the resource manager".to_owned());
    }
    options
}
