//! Who lists what can be called, and what each says.

use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};

use crate::clients::Caller;
use crate::config::{Config, ListMode};
use crate::demo;
use crate::error::{Error, Kind};
use crate::inquiry::{Failure, Inquiry};
use crate::json::is_json;
use crate::listed::Listed;
use crate::platform::Platform;
use crate::providers::{Demand, Endpoint, Place, Provider};
use crate::surface::{Operation, Surface, Wanted};

/// An upstream that lists something.
pub struct Source {
    pub provider: Rc<Provider>,
    /// Below `/v1`: the lists it may have, those that say more first.
    pub paths: &'static [&'static str],
    /// All of them count, not only the first that answers.
    all: bool,
}

/// Those of a configuration, in its order.
pub fn sources(config: &Config) -> Vec<Source> {
    let mode = config.lists.mode;
    if mode == ListMode::Configured {
        return Vec::new();
    }
    let usable = config.providers().iter().filter(|it| it.broken.is_none());
    let listing = usable.filter(|provider| !config.is_only_alias(provider));
    let sources = listing.map(|provider| Source {
        provider: provider.clone(),
        paths: provider.lists(mode == ListMode::All),
        all: mode == ListMode::All,
    });
    sources
        .filter(|source| !source.paths.is_empty() || source.provider.manager.is_some())
        .collect()
}

impl Source {
    /// What it lists, if it says so in time.
    pub async fn read<P: Platform>(
        &self,
        platform: &P,
        caller: &Caller,
        timeout_millis: u32,
    ) -> Result<Vec<Listed>, Failure> {
        let reading = pin!(self.read_all(platform, caller, timeout_millis));
        let late = pin!(platform.sleep(timeout_millis));
        match select(reading, late).await {
            Either::Left((listed, _)) => listed,
            Either::Right(_) => Err(too_late(&self.provider, timeout_millis).into()),
        }
    }

    async fn read_all<P: Platform>(
        &self,
        platform: &P,
        caller: &Caller,
        timeout_millis: u32,
    ) -> Result<Vec<Listed>, Failure> {
        let provider = &*self.provider;
        let own = self.paths.iter().map(|path| list_endpoint(provider, path));
        let own = own.collect::<Result<Vec<_>, Error>>()?;
        let mut all: Option<Vec<Listed>> = None;
        let mut failure = None;
        for endpoint in provider.manager.iter().chain(&own) {
            let inquiry = Inquiry {
                platform,
                caller,
                provider,
                endpoint,
                timeout_millis,
            };
            match listed(&inquiry).await {
                Ok(models) => all.get_or_insert_default().extend(models),
                Err(problem) => failure = Some(problem),
            }
            if all.is_some() && !self.all {
                break;
            }
        }
        match (all, failure) {
            (None, Some(failure)) => Err(failure),
            (all, _) => Ok(all.unwrap_or_default()),
        }
    }
}

/// Where a provider lists something.
pub(super) fn list_endpoint(provider: &Provider, path: &str) -> crate::error::Result<Endpoint> {
    let wanted = Wanted {
        surface: Surface::OpenAi,
        operation: Operation::Models,
        path: path.to_owned(),
        model: None,
    };
    provider.endpoint(&Demand {
        wanted: &wanted,
        method: "GET",
        query: "",
        asked: None,
        deployment: None,
        is_upgrade: false,
    })
}

/// What an endpoint lists, wherever that is known.
pub async fn listed<P: Platform>(inquiry: &Inquiry<'_, P>) -> Result<Vec<Listed>, Failure> {
    let endpoint = inquiry.endpoint;
    let pages = match &endpoint.place {
        Place::Url(_) => inquiry.list().await?,
        Place::Known(json) => vec![json.clone().into_bytes()],
        Place::Here => vec![demo::models::list().into_bytes()],
    };
    let are_json = pages.iter().all(|page| is_json(page));
    let listed = endpoint.dialect.listed(&pages).filter(|_| are_json);
    let mut listed = listed.ok_or_else(|| no_list(inquiry.provider))?;
    // An id is hostile text.
    listed.retain(|model| !model.id.is_empty() && !model.id.chars().any(char::is_control));
    Ok(listed)
}

fn no_list(provider: &Provider) -> Error {
    let name = &provider.name;
    let message =
        format!("The provider `{name}` answered with something that is no list of models.");
    Error::new(Kind::BadGateway, "upstream_nonsense", message)
}

fn too_late(provider: &Provider, millis: u32) -> Error {
    let name = &provider.name;
    let message = format!("The provider `{name}` did not list its models within {millis} ms.");
    Error::new(Kind::Timeout, "upstream_timeout", message)
}
