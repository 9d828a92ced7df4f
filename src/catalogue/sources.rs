//! Who lists what can be called, and what each says.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use crate::clients::Caller;
use crate::config::{Config, ListMode};
use crate::credentials;
use crate::demo;
use crate::error::{Error, Kind, Result};
use crate::inquiry::{Failure, Inquiry, Pages};
use crate::json::{is_json, without_mark};
use crate::listed::{Listed, MOST};
use crate::platform::Platform;
use crate::pool::judgement;
use crate::providers::{Endpoint, Place, Provider};
use crate::together::within;

/// An upstream that lists something.
pub struct Source {
    pub provider: Rc<Provider>,
    /// Below `/v1`: the lists it may have, those that say more first.
    pub(super) paths: &'static [&'static str],
    /// All of them count, not only the first that answers.
    all: bool,
}

/// What one lists.
#[derive(Default)]
pub struct Reading {
    pub models: Vec<Listed>,
    /// Why that is not all, or nothing.
    pub failure: Option<Failure>,
}

/// Those of a configuration, in its order.
pub fn sources(config: &Config) -> Vec<Source> {
    let is_all = config.lists.mode == ListMode::All;
    let sources = listing(config).map(|provider| Source {
        provider: provider.clone(),
        paths: provider.lists(is_all),
        all: is_all,
    });
    sources
        .filter(|source| !source.paths.is_empty() || source.provider.manager.is_some())
        .collect()
}

fn listing(config: &Config) -> impl Iterator<Item = &Rc<Provider>> {
    let asks = config.lists.mode != ListMode::Configured;
    let usable = config.usable_providers();
    usable.filter(move |provider| asks && !config.is_all_named(provider))
}

/// Whether what is listed may depend on the credential a client brings.
pub fn depend_on_caller(config: &Config) -> bool {
    listing(config).any(|provider| !provider.has_credential() && !provider.is_here())
}

/// A list wants the credential that a call would want, whoever is asked for it.
pub fn admit(config: &Config, caller: &Caller) -> Result<()> {
    if caller.may_come_without() || caller.is_known() {
        return Ok(());
    }
    for provider in config.usable_providers() {
        if let Ok(endpoint) = provider.list_endpoint("models") {
            credentials::whose(&endpoint, provider, caller)?;
        }
    }
    Ok(())
}

impl Source {
    /// Whether it is asked over the network, as opposed to known.
    pub fn is_remote(&self) -> bool {
        let is_url = |path: &&str| {
            let endpoint = self.provider.list_endpoint(path);
            endpoint.is_ok_and(|it| matches!(it.place, Place::Url(_)))
        };
        self.provider.manager.is_some() || self.paths.iter().any(is_url)
    }

    /// What it lists in time.
    pub async fn read<P: Platform>(
        &self,
        platform: &P,
        caller: &Caller,
        timeout_millis: u32,
    ) -> Reading {
        let gathered = RefCell::default();
        let gathering = self.gather(&gathered, platform, caller, timeout_millis);
        let is_late = within(platform, timeout_millis, gathering).await.is_none();
        let mut gathered = gathered.into_inner();
        if is_late {
            let failure = too_late(&self.provider, timeout_millis);
            gathered.push(Reading::failed(failure));
        }
        Reading::joined(gathered)
    }

    async fn gather<P: Platform>(
        &self,
        gathered: &RefCell<Vec<Reading>>,
        platform: &P,
        caller: &Caller,
        timeout_millis: u32,
    ) {
        let provider = &*self.provider;
        let own = self.paths.iter().map(|path| provider.list_endpoint(path));
        let own: Vec<Endpoint> = match own.collect() {
            Ok(own) => own,
            Err(error) => return gathered.borrow_mut().push(Reading::failed(error)),
        };
        for endpoint in provider.manager.iter().chain(&own) {
            let inquiry = Inquiry {
                platform,
                caller,
                provider,
                endpoint,
                timeout_millis,
            };
            let reading = listed(&inquiry).await;
            let is_enough = reading.has_come() && !self.all;
            gathered.borrow_mut().push(reading);
            if is_enough {
                break;
            }
        }
    }
}

impl Reading {
    fn failed(failure: impl Into<Failure>) -> Self {
        Self {
            models: Vec::new(),
            failure: Some(failure.into()),
        }
    }

    /// It answered, if not to the end.
    pub fn has_come(&self) -> bool {
        self.failure.is_none() || !self.models.is_empty()
    }

    /// Several lists of one upstream. Where one of them is refused for good another stands for it; one that is out of
    /// reach for now is missed.
    fn joined(readings: Vec<Self>) -> Self {
        let has_any = readings.iter().any(Self::has_come);
        let mut all = Self::default();
        for reading in readings {
            let is_part = reading.has_come();
            let counts = |it: &Failure| !has_any || is_part || is_passing(it);
            all.failure = reading.failure.filter(counts).or(all.failure);
            all.models.extend(reading.models);
        }
        all
    }
}

fn is_passing(failure: &Failure) -> bool {
    failure.status().is_none_or(judgement::is_passing)
}

/// What an endpoint lists, wherever that is known.
pub async fn listed<P: Platform>(inquiry: &Inquiry<'_, P>) -> Reading {
    let endpoint = inquiry.endpoint;
    let Pages { pages, failure } = match &endpoint.place {
        Place::Url(_) => inquiry.pages().await,
        Place::Known(json) => here(json.clone()),
        Place::Here => here(demo::models::list()),
    };
    if let (true, Some(failure)) = (pages.is_empty(), &failure) {
        return Reading::failed(failure.clone());
    }
    let are_json = pages.iter().all(|page| is_json(without_mark(page)));
    let listed = are_json.then(|| endpoint.dialect.listed(&pages)).flatten();
    match listed {
        None => Reading::failed(no_list(inquiry.provider)),
        Some(models) if models.len() > MOST => Reading::failed(too_many(inquiry.provider)),
        Some(models) => Reading {
            models: distinct(models),
            failure,
        },
    }
}

fn here(list: impl Into<Vec<u8>>) -> Pages {
    Pages {
        pages: vec![list.into()],
        failure: None,
    }
}

/// Each id once, and those that are names: an id is hostile text.
fn distinct(mut models: Vec<Listed>) -> Vec<Listed> {
    let mut seen = HashSet::with_capacity(models.len());
    models.retain(|model| is_name(&model.id) && seen.insert(model.id.clone()));
    for model in &mut models {
        if model.members.is_empty() {
            model.members.push_str(r#""object":"model""#);
        }
    }
    models
}

fn is_name(id: &str) -> bool {
    const LONGEST: usize = 512;
    !id.trim().is_empty() && id.len() <= LONGEST && !id.chars().any(char::is_control)
}

fn no_list(provider: &Provider) -> Error {
    let name = &provider.name;
    let message =
        format!("The provider `{name}` answered with something that is no list of models.");
    Error::new(Kind::BadGateway, "upstream_nonsense", message)
}

fn too_many(provider: &Provider) -> Error {
    let name = &provider.name;
    let message = format!("The provider `{name}` lists more than {MOST} models.");
    Error::new(Kind::BadGateway, "list_too_large", message)
}

fn too_late(provider: &Provider, millis: u32) -> Error {
    let name = &provider.name;
    let message = format!("The provider `{name}` did not list its models within {millis} ms.");
    Error::new(Kind::Timeout, "upstream_timeout", message)
}
