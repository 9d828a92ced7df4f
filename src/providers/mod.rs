//! Upstream accounts: where each lives and how it is paid, nothing about JSON bodies.
//!
//! To add one: a file here, a variant of [`Kind`], an arm in [`Provider::endpoint`] (where a call asks for the kind,
//! and nowhere else), a way to set it in `config/`, a row in the README.

pub mod address;
pub mod azure;
pub mod google;
pub mod names;
pub mod openai;

use std::cell::Cell;
use std::rc::Rc;

use crate::credentials::keys::Keys;
use crate::credentials::token::Identity;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::gemini::Host;
use crate::pool::Share;
use crate::secret::Secret;
use crate::surface::{Operation, Wanted};

use names::{Deployment, Names};

/// Seconds to response headers and between bytes we read, when nothing else is set.
pub const DEFAULT_TIMEOUT_SECS: u32 = 300;

/// An upstream account.
pub struct Provider {
    pub name: String,
    pub kind: Kind,
    /// What it calls the models.
    pub names: Names,
    pub key: Option<Secret>,
    /// Headers the owner adds to every request.
    pub headers: Vec<(String, Secret)>,
    pub timeouts: Timeouts,
    pub probe: Probe,
    /// How much its targets get, where they do not say it themselves.
    pub share: Share,
    /// Whether it may be asked for the usage of streams: a server that does not know `stream_options` may refuse it.
    pub asks_usage: bool,
    /// Where else its deployments are listed.
    pub manager: Option<Endpoint>,
    /// Why it cannot be used, in words for the client: a setting that makes no sense.
    pub broken: Option<String>,
    /// What came of the last request of this isolate.
    pub last: Cell<Option<Outcome>>,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub at_millis: u64,
    /// None: no answer.
    pub status: Option<u16>,
}

pub enum Kind {
    /// Any server that speaks OpenAI's API.
    OpenAi(openai::BaseUrl),
    /// Everything of Azure's.
    Azure(Box<azure::Resource>),
    /// Google AI Studio or Vertex AI.
    Google(Box<google::Site>),
    /// The built-in one.
    Demo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To the response headers of one attempt.
    pub upstream_millis: u32,
    /// Between bytes, wherever we read them ourselves.
    pub idle_millis: u32,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            upstream_millis: DEFAULT_TIMEOUT_SECS * 1000,
            idle_millis: DEFAULT_TIMEOUT_SECS * 1000,
        }
    }
}

/// How it is found out whether it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What to ask its server for, by its owner's word: a path from the root.
    pub path: Option<String>,
    /// All that is asked together has so long.
    pub timeout_millis: u32,
}

impl Default for Probe {
    fn default() -> Self {
        Self {
            path: None,
            timeout_millis: 60_000,
        }
    }
}

/// What is asked of a provider.
pub struct Demand<'a> {
    pub wanted: &'a Wanted,
    pub method: &'a str,
    pub query: &'a str,
    /// The model as the client calls it.
    pub asked: Option<&'a str>,
    /// The model as the provider calls it: one of the candidates that its names gave.
    pub deployment: Option<&'a Deployment>,
    /// The client asks for a WebSocket.
    pub is_upgrade: bool,
}

/// Where one call goes, and how. Nothing after this asks which provider it was.
pub struct Endpoint {
    pub place: Place,
    pub auth: Auth,
    pub dialect: Dialect,
    /// What this kind of server wants to be told besides.
    pub headers: Vec<(&'static str, String)>,
}

impl Endpoint {
    /// Several keys, to be used in turn.
    pub fn keys(&self) -> Option<&Keys> {
        match &self.auth {
            Auth::Keys(_, keys) => Some(keys),
            _ => None,
        }
    }
}

pub enum Place {
    Url(String),
    /// Inside this very Worker: `demo` answers.
    Here,
    /// Nowhere: this is the answer, in JSON.
    Known(String),
}

impl Place {
    /// None where no server is behind it.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Url(url) => Some(url),
            Self::Here | Self::Known(_) => None,
        }
    }
}

/// How a call is authorised.
pub enum Auth {
    /// No credential is wanted.
    None,
    /// `Authorization: Bearer`: ours, or the client's own where we have none.
    Bearer(Option<Secret>),
    /// A header of another name; a client's own token (a JWT) is sent as `Bearer` all the same.
    Header(&'static str, Option<Secret>),
    /// A token that is issued for this identity.
    Token(Rc<Identity>),
    /// The one of ours whose turn it is, in that header: `authorization` means as `Bearer`.
    Keys(&'static str, Rc<Keys>),
}

impl Provider {
    /// The built-in provider.
    pub fn demo() -> Self {
        Self {
            name: "demo".to_owned(),
            kind: Kind::Demo,
            names: Names::default(),
            key: None,
            headers: Vec::new(),
            timeouts: Timeouts::default(),
            probe: Probe::default(),
            share: Share::default(),
            asks_usage: true,
            manager: None,
            broken: None,
            last: Cell::default(),
        }
    }

    /// What it is of Azure's, if it is.
    pub fn azure(&self) -> Option<&azure::Resource> {
        let Kind::Azure(resource) = &self.kind else {
            return None;
        };
        Some(resource)
    }

    /// What it is of Google's, if it is.
    pub fn google(&self) -> Option<&google::Site> {
        let Kind::Google(site) = &self.kind else {
            return None;
        };
        Some(site)
    }

    /// What an owner writes for its kind; None where what was written was not understood.
    pub fn word(&self) -> Option<&'static str> {
        let azures = self.azure().map(|resource| match resource.written() {
            azure::Written::Azure => "azure",
            azure::Written::Foundry => "foundry",
        });
        let googles = || {
            Some(match self.google()?.host() {
                Host::Studio => "google",
                Host::Vertex => "vertex",
            })
        };
        let others = || match self.kind {
            Kind::OpenAi(_) => Some("openai"),
            _ => self.broken.is_none().then_some("demo"),
        };
        azures.or_else(googles).or_else(others)
    }

    /// Whether no server is behind it.
    pub fn is_here(&self) -> bool {
        matches!(self.kind, Kind::Demo)
    }

    /// Below `/v1`: the lists of what can be called there, those that say most first. `everything`: of what may one day
    /// be deployed, too.
    pub fn lists(&self, everything: bool) -> &'static [&'static str] {
        match self.azure() {
            Some(resource) => {
                let is_mapped = self.names.public().next().is_some() || resource.pinned.is_some();
                resource.lists(everything, is_mapped)
            }
            None => &["models"],
        }
    }

    /// Remembers what came of a request to it.
    pub fn note(&self, at_millis: u64, status: Option<u16>) {
        self.last.set(Some(Outcome { at_millis, status }));
    }

    /// Whether its owner has said who pays: with a key, an application or an account.
    pub fn has_key(&self) -> bool {
        self.key.is_some()
            || self.azure().is_some_and(azure::Resource::has_identity)
            || self.google().is_some_and(google::Site::has_credential)
    }

    /// Whether the owner's money is behind it: a header of his may be a credential, too.
    pub fn has_credential(&self) -> bool {
        self.has_key() || !self.headers.is_empty()
    }

    /// What is to be said where neither the owner nor the caller brings a credential, and one is needed for sure.
    pub fn lacks_credential(&self) -> Option<String> {
        let site = self.google().filter(|_| !self.has_credential())?;
        Some(site.lacks(&self.name))
    }

    /// Where it tells of its models: a list of its own, or one entry of it, by the path below `/v1`.
    pub fn list_endpoint(&self, path: &str) -> Result<Endpoint> {
        self.endpoint(&Demand {
            wanted: &Wanted::of(Operation::Models, path),
            method: "GET",
            query: "",
            asked: None,
            deployment: None,
            is_upgrade: false,
        })
    }

    /// Where a chat would go: it tells what is spoken there, and by whose credential.
    pub fn chat_endpoint(
        &self,
        asked: Option<&str>,
        deployment: Option<&Deployment>,
    ) -> Result<Endpoint> {
        self.endpoint(&Demand {
            wanted: &Wanted::of(Operation::Chat, "chat/completions"),
            method: "POST",
            query: "",
            asked,
            deployment,
            is_upgrade: false,
        })
    }

    pub fn endpoint(&self, demand: &Demand<'_>) -> Result<Endpoint> {
        if let Some(problem) = &self.broken {
            return Err(Error::configuration(problem.clone()));
        }
        Ok(match &self.kind {
            Kind::OpenAi(base) => Endpoint {
                place: Place::Url(base.url(&demand.wanted.path, demand.query)),
                auth: if base.is_open {
                    Auth::None
                } else {
                    Auth::Bearer(self.key.clone())
                },
                dialect: Dialect::OpenAi,
                headers: Vec::new(),
            },
            Kind::Azure(resource) => resource.endpoint(self, demand)?,
            Kind::Google(site) => site.endpoint(self, demand)?,
            Kind::Demo => Endpoint {
                place: Place::Here,
                auth: Auth::None,
                dialect: Dialect::OpenAi,
                headers: Vec::new(),
            },
        })
    }
}
