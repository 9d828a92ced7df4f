//! Where a target shows that it is there: the cheapest request that its server answers well only if it is, and if it
//! takes the credential. No model runs for it.

use crate::azure::Spoken;
use crate::catalogue::no_such;
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::exchange::redirect;
use crate::providers::names::Deployment;
use crate::providers::{Demand, Endpoint, Place, Provider};
use crate::surface::{Operation, Surface, Wanted, encode};

const CHAT: &str = "chat/completions";

/// What to ask for. An endpoint without a URL has no server behind it, and is always well.
pub struct Signs {
    /// What many servers have, but not all.
    pub usual: Option<Endpoint>,
    pub sure: Endpoint,
    /// What an answer of the sure one means.
    pub meaning: Meaning,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The owner named the place: whatever answers well is well.
    Named,
    /// A part of the API, which shows no pages.
    Api,
    /// The model itself, of this name.
    Model(String),
    /// The place may not be there. That this is said, and not that the credential is wrong, is sign enough.
    Any,
}

/// An answer, as far as it is looked at.
#[derive(Clone, Copy)]
pub struct Answered {
    pub status: u16,
    /// It is a page for people.
    pub is_page: bool,
}

impl Signs {
    fn sure(sure: Endpoint, meaning: Meaning) -> Self {
        Self {
            usual: None,
            sure,
            meaning,
        }
    }

    /// Those of a deployment. Where a chat would go tells what its server is.
    pub fn of(provider: &Provider, deployment: Option<&Deployment>) -> Result<Self> {
        let chat = endpoint(provider, Operation::Chat, CHAT, deployment)?;
        let Place::Url(url) = &chat.place else {
            return Ok(Self::sure(chat, Meaning::Api));
        };
        if let Some(path) = &provider.probe.path {
            let url = [origin(url), path].concat();
            return Ok(Self::sure(moved(chat, url), Meaning::Named));
        }
        let list = || endpoint(provider, Operation::Models, "models", None);
        Ok(match chat.dialect {
            Dialect::OpenAi => {
                let base = url.strip_suffix(CHAT).unwrap_or(url).trim_end_matches('/');
                let root = base.strip_suffix("/v1").unwrap_or(base);
                let health = [root, "/health"].concat();
                Self {
                    usual: Some(moved(chat, health)),
                    ..Self::sure(list()?, Meaning::Api)
                }
            }
            Dialect::Azure(manner) => match manner.spoken {
                Spoken::Classic | Spoken::V1 => Self::sure(list()?, Meaning::Api),
                Spoken::Single => Self {
                    usual: Some(endpoint(provider, Operation::Relay, "info", None)?),
                    ..Self::sure(list()?, Meaning::Api)
                },
                // Foundry's resources answer 404 to whom they take the credential of.
                Spoken::Models => {
                    let info = instead(url, CHAT, "info");
                    Self::sure(moved(chat, info), Meaning::Any)
                }
            },
            // Anthropic has this list, Foundry need not.
            Dialect::Anthropic => {
                let models = instead(url, "messages", "models");
                Self::sure(moved(chat, models), Meaning::Any)
            }
            Dialect::Gemini(_) | Dialect::Compat(_) => {
                let name = deployment.map_or("", |it| &it.name);
                let model = match deployed(url).map(str::to_owned) {
                    Some(url) => moved(chat, url),
                    None => endpoint(
                        provider,
                        Operation::Models,
                        &format!("models/{}", encode(name)),
                        None,
                    )?,
                };
                Self::sure(model, Meaning::Model(name.to_owned()))
            }
        })
    }

    pub fn url(&self) -> Option<&str> {
        match &self.sure.place {
            Place::Url(url) => Some(url),
            Place::Here | Place::Known(_) => None,
        }
    }
}

/// The endpoint of an operation; what is called is called with POST, the rest is only looked at.
fn endpoint(
    provider: &Provider,
    operation: Operation,
    path: &str,
    deployment: Option<&Deployment>,
) -> Result<Endpoint> {
    let wanted = Wanted {
        surface: Surface::OpenAi,
        operation,
        path: path.to_owned(),
        model: None,
        version: None,
    };
    let is_call = operation == Operation::Chat;
    provider.endpoint(&Demand {
        wanted: &wanted,
        method: if is_call { "POST" } else { "GET" },
        query: "",
        asked: None,
        deployment,
        is_upgrade: false,
    })
}

/// The same credential at another place of the same server.
fn moved(endpoint: Endpoint, url: String) -> Endpoint {
    Endpoint {
        place: Place::Url(url),
        ..endpoint
    }
}

/// An address with another operation at its end, before the query.
fn instead(url: &str, operation: &str, other: &str) -> String {
    match url.rsplit_once(operation) {
        Some((before, after)) => [before, other, after].concat(),
        None => url.to_owned(),
    }
}

/// Scheme and host.
fn origin(url: &str) -> &str {
    let host_at = url.find("://").map_or(0, |at| at + 3);
    let path_at = url.get(host_at..).and_then(|rest| rest.find('/'));
    path_at
        .and_then(|at| url.get(..host_at + at))
        .unwrap_or(url)
}

/// What was deployed or tuned on Vertex AI stands in no list of models, but is a resource of its own. (`openapi` is the
/// way to models of other makers.)
fn deployed(url: &str) -> Option<&str> {
    let place = url.strip_suffix("/chat/completions").unwrap_or(url);
    let (above, id) = place.rsplit_once('/')?;
    (above.ends_with("/endpoints") && id != "openapi").then_some(place)
}

impl Answered {
    /// What the usual sign tells, if anything: servers without it refuse it in many ways, or show one page of theirs for
    /// every path.
    pub fn of_the_usual(self) -> Option<Result<()>> {
        match self.status {
            200..300 if !self.is_page => Some(Ok(())),
            200..=499 | 501 => None,
            status => Some(Err(refused(status))),
        }
    }

    pub fn means(self, meaning: &Meaning) -> Result<()> {
        match (self.status, meaning) {
            (200..300, other) if self.is_page && *other != Meaning::Named => Err(page()),
            (404, Meaning::Model(name)) => Err(no_such("model", name)),
            (401 | 403, _) => Err(refused(self.status)),
            (300..400, _) => Err(redirect()),
            (200..300, _) | (400..500, Meaning::Any) => Ok(()),
            (status, _) => Err(refused(status)),
        }
    }
}

fn refused(status: u16) -> Error {
    let code = match status {
        401 | 403 => "upstream_auth_error",
        404 => "upstream_not_found",
        429 => "upstream_rate_limited",
        _ => "upstream_error",
    };
    let message = format!("The upstream answered with the status {status}.");
    Error::new(Kind::BadGateway, code, message)
}

fn page() -> Error {
    let message = "The upstream answered with a page where its API should be.";
    Error::new(Kind::BadGateway, "upstream_nonsense", message)
}
