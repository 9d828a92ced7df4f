//! A target is asked for a sign of life.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::clients::Caller;
use crate::credentials::whose;
use crate::error::{Error, Kind, Result};
use crate::explain::problem;
use crate::health::signs::{Answered, Signs};
use crate::inquiry::{self, Inquiry};
use crate::platform::Platform;
use crate::pool::{Pool, Target};
use crate::providers::{Endpoint, Provider};
use crate::together::within;

/// Who asks.
pub struct Asker<'a, P: Platform> {
    pub platform: &'a P,
    pub caller: &'a Caller,
}

/// What tells of one target, or of several at the same place.
pub struct Probe {
    provider: Rc<Provider>,
    /// As `provider/name`, with their places in the pool.
    pub targets: Vec<(usize, String)>,
    signs: Result<Signs>,
}

/// What came of it.
pub struct Finding {
    /// Of the last answer.
    pub status: Option<u16>,
    pub problem: Option<Error>,
    pub duration_millis: u64,
    /// How many requests it took.
    pub attempts: u32,
}

/// What is known of a probe also when it is given up.
#[derive(Default)]
struct Progress {
    status: Cell<Option<u16>>,
    attempts: Cell<u32>,
}

/// Those of a model's targets, each place but once.
pub fn probes(pool: &Pool, model: &str) -> Vec<Probe> {
    let mut probes: Vec<Probe> = Vec::new();
    for (at, target) in pool.targets().iter().enumerate() {
        let new = Probe::of(target, model, at);
        let Some(known) = probes.iter_mut().find(|it| it.is_as(&new)) else {
            probes.push(new);
            continue;
        };
        for (at, name) in new.targets {
            if !known.targets.iter().any(|(_, other)| *other == name) {
                known.targets.push((at, name));
            }
        }
    }
    probes
}

impl Probe {
    fn of(target: &Target, model: &str, at: usize) -> Self {
        let provider = target.provider.clone();
        let deployments = target.deployments(Some(model));
        let deployment = deployments.as_ref().map(|all| all.first());
        let name = deployment
            .as_ref()
            .ok()
            .and_then(|it| Some(&it.as_ref()?.name));
        let name = name.map(String::as_str).or(target.model(Some(model)));
        let name = format!("{}/{}", provider.name, name.unwrap_or(model));
        let signs = match deployment {
            Ok(deployment) => Signs::of(&provider, deployment),
            Err(problem) => Err(problem.clone()),
        };
        Self {
            provider,
            targets: vec![(at, name)],
            signs,
        }
    }

    /// Whether it asks for the same.
    fn is_as(&self, other: &Self) -> bool {
        let is_same = match (&self.signs, &other.signs) {
            (Ok(own), Ok(others)) => own.url() == others.url(),
            (Err(own), Err(others)) => own == others,
            _ => false,
        };
        // Of one name is one server, whatever time its paths have.
        is_same && self.provider.name == other.provider.name
    }

    /// Asks, for as long as the provider may take for it.
    pub async fn run<P: Platform>(&self, asker: &Asker<'_, P>) -> Finding {
        let platform = asker.platform;
        let began = platform.now_millis();
        let progress = Progress::default();
        let timeout_millis = self.provider.probe.timeout_millis;
        let asking = self.ask(asker, &progress);
        let outcome = within(platform, timeout_millis, asking).await;
        let outcome = outcome.unwrap_or_else(|| Err(self.too_late(platform.now_millis())));
        Finding {
            status: progress.status.get(),
            problem: outcome.err(),
            duration_millis: platform.now_millis().saturating_sub(began),
            attempts: progress.attempts.get(),
        }
    }

    /// What would be asked. The second of two only if the first tells nothing.
    pub fn explain<P: Platform>(&self, asker: &Asker<'_, P>) -> Value {
        let targets = self.targets.iter().map(|(_, name)| name.as_str());
        let mut told = Map::new();
        told.insert("targets".to_owned(), targets.collect());
        match &self.signs {
            Ok(signs) => {
                let endpoints = signs.usual.iter().chain([&signs.sure]);
                let inquiries = endpoints.map(|endpoint| self.inquiry(endpoint, asker));
                inquiry::explain(inquiries, &mut told);
            }
            Err(error) => {
                told.insert("problem".to_owned(), problem(error));
            }
        }
        let mut told = Value::from(told);
        if let Some(url) = told.pointer_mut("/requests/0/url") {
            self.hide_query(url);
        }
        told
    }

    /// An owner may have put a credential into the query of a place of his own.
    fn hide_query(&self, url: &mut Value) {
        let path = self.provider.probe.path.as_deref().unwrap_or_default();
        if path.contains('?')
            && let Value::String(url) = url
            && let Some(at) = url.find('?')
        {
            url.truncate(at);
            url.push_str("?<of the setting health_path>");
        }
    }

    async fn ask<P: Platform>(&self, asker: &Asker<'_, P>, progress: &Progress) -> Result<()> {
        let signs = self.signs.as_ref().map_err(Error::clone)?;
        if let Some(usual) = &signs.usual
            && let Some(answered) = self.get(usual, asker, progress).await?
            && let Some(verdict) = answered.of_the_usual()
        {
            return verdict;
        }
        match self.get(&signs.sure, asker, progress).await? {
            Some(answered) => answered.means(&signs.meaning),
            None => Ok(()),
        }
    }

    /// None where no server is behind it.
    async fn get<P: Platform>(
        &self,
        endpoint: &Endpoint,
        asker: &Asker<'_, P>,
        progress: &Progress,
    ) -> Result<Option<Answered>> {
        let Some(url) = endpoint.place.url() else {
            return Ok(None);
        };
        let inquiry = self.inquiry(endpoint, asker);
        whose(endpoint, &self.provider, asker.caller)?;
        progress.attempts.set(progress.attempts.get() + 1);
        progress.status.set(None);
        let inbound = inquiry.get(url).await?.inbound;
        progress.status.set(Some(inbound.status));
        Ok(Some(Answered {
            status: inbound.status,
            is_page: inbound.headers.media_type() == "text/html",
        }))
    }

    fn inquiry<'i, P: Platform>(
        &'i self,
        endpoint: &'i Endpoint,
        asker: &Asker<'i, P>,
    ) -> Inquiry<'i, P> {
        Inquiry {
            platform: asker.platform,
            caller: asker.caller,
            provider: &self.provider,
            endpoint,
            timeout_millis: self.provider.probe.timeout_millis,
        }
    }

    fn too_late(&self, now_millis: u64) -> Error {
        let name = &self.provider.name;
        let millis = self.provider.probe.timeout_millis;
        self.provider.note(now_millis, None);
        let message = format!("The provider `{name}` gave no sign of life within {millis} ms.");
        Error::new(Kind::Timeout, "upstream_timeout", message)
    }
}
