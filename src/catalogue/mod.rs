//! The models on offer: what is configured, and what upstreams list of what can be called, as one list.
//!
//! [`sources`] says whom to ask for it, [`merge`] makes one list of the answers, [`keeping`] serves it from memory and
//! KV and has it renewed behind its readers' backs, [`shape`] writes it as each kind of client knows it.

mod capabilities;
mod explain;
mod keeping;
mod list;
mod merge;
mod one;
mod shape;
mod sources;
mod told;

use crate::answer::Answer;
use crate::clients::Caller;
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::headers::Headers;
use crate::inquiry::Failure;
use crate::platform::Platform;
use crate::report::Report;
use crate::surface::{Surface, Wanted, decode};

use keeping::Freshness;
use list::{Entry, List};

pub use keeping::Refresh;
pub use list::Shelf;
pub use told::Told;

/// The list as one caller may see it.
pub struct Catalogue<'a, P: Platform> {
    pub platform: &'a P,
    pub config: &'a Config,
    pub caller: &'a Caller,
}

/// A question about models.
pub struct Question<'a> {
    pub wanted: &'a Wanted,
    pub query: &'a str,
    /// The client wants nothing that was kept.
    pub is_impatient: bool,
}

/// What of it is asked for.
enum About {
    Models,
    Model(String),
    Capabilities(String),
    Deployments,
    Deployment(String),
}

impl About {
    fn of(path: &str) -> Self {
        match path.split_once('/') {
            None if path == "deployments" => Self::Deployments,
            None => Self::Models,
            Some(("deployments", id)) => Self::Deployment(decode(id)),
            Some((_, id)) => match id.strip_suffix("/capabilities") {
                Some(id) => Self::Capabilities(decode(id)),
                None => Self::Model(decode(id)),
            },
        }
    }
}

impl<P: Platform> Catalogue<'_, P> {
    pub async fn answer(
        &self,
        question: &Question<'_>,
        report: &mut Report,
    ) -> Result<Answer<P::UpstreamBody>> {
        let surface = question.wanted.surface;
        match About::of(&question.wanted.path) {
            About::Models => {
                let (list, freshness) = self.list(question.is_impatient).await;
                if let Some(failure) = self.failure(&list) {
                    return refuse(failure, report);
                }
                let body = match (surface, self.caller.is_limited()) {
                    (Surface::OpenAi, false) => list.text().to_vec(),
                    (Surface::OpenAi, true) => shape::openai::list(&self.shown(&list)),
                    (Surface::Azure, _) => shape::azure::list(&self.shown(&list)),
                    (Surface::Gemini, _) => {
                        shape::gemini::list(&self.shown(&list), question.query)?
                    }
                };
                Ok(listed(&list, freshness, body))
            }
            About::Deployments => {
                let (list, freshness) = self.list(question.is_impatient).await;
                let body = shape::azure::deployments(&self.shown(&list));
                Ok(listed(&list, freshness, body))
            }
            About::Model(id) => {
                let entry = match self.find(&id).await? {
                    Ok(entry) => entry,
                    Err(failure) => return refuse(failure, report),
                };
                let body = match surface {
                    Surface::OpenAi => shape::openai::item(&entry),
                    Surface::Azure => shape::azure::item(&entry),
                    Surface::Gemini => shape::gemini::item(&entry),
                };
                Ok(Answer::json(200, body))
            }
            About::Capabilities(id) => match self.find(&id).await? {
                Ok(entry) => Ok(Answer::json(200, capabilities::describe(&entry))),
                Err(failure) => refuse(failure, report),
            },
            About::Deployment(id) => match self.find_deployment(&id).await? {
                Ok(entry) => Ok(Answer::json(200, shape::azure::deployment(&entry))),
                Err(failure) => refuse(failure, report),
            },
        }
    }

    /// What the caller may use of a list.
    fn shown<'l>(&self, list: &'l List) -> Vec<&'l Entry> {
        let entries = list.entries.iter();
        entries
            .filter(|entry| self.caller.may_use(Some(&entry.id)).is_ok())
            .collect()
    }

    /// Why there is no list at all. A limited key's own names are a list, too.
    fn failure(&self, list: &List) -> Option<Failure> {
        list.failure.clone()
    }
}

/// A list with what is to be known of it.
fn listed<Body>(list: &List, freshness: Freshness, body: Vec<u8>) -> Answer<Body> {
    let mut answer = Answer::json(200, body);
    answer.headers.push("x-isthmus-cache", freshness.word());
    let missing = list.missing();
    if !missing.is_empty() {
        answer
            .headers
            .push("x-isthmus-models-partial", &missing.join(", "));
    }
    answer
}

fn refuse<Body>(failure: Failure, report: &mut Report) -> Result<Answer<Body>> {
    match failure {
        Failure::Failed(error) => Err(error),
        Failure::Refused(refused) => Ok(refused.answer(report)),
    }
}

pub(crate) fn no_such(what: &str, id: &str) -> Error {
    let message = format!("The {what} '{id}' does not exist");
    Error::new(Kind::NotFound, "model_not_found", message).param("model")
}

/// Whether a client asks not to be served what was kept.
pub fn wants_new(headers: &Headers) -> bool {
    let control = headers.get("cache-control").unwrap_or_default();
    let mut words = control.split(',').map(str::trim);
    words.any(|word| matches!(word.to_ascii_lowercase().as_str(), "no-cache" | "no-store"))
}
