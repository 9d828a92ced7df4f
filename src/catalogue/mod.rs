//! The models on offer: what is configured, and what upstreams list of what can be called, as one list.
//!
//! [`sources`] says whom to ask for it, [`merge`] makes one list of the answers, [`keeping`] serves it from memory and
//! KV and has it renewed behind its readers' backs, [`shape`] writes it as each kind of client knows it.

mod capabilities;
mod exists;
mod explain;
mod info;
mod keeping;
mod list;
mod merge;
mod one;
mod shape;
mod sources;
mod stored;
mod tally;

use crate::answer::{Answer, Body};
use crate::clients::{Access, Caller};
use crate::config::Config;
use crate::error::{Error, Kind, Result};
use crate::headers::Headers;
use crate::inquiry::Failure;
use crate::platform::Platform;
use crate::providers::Provider;
use crate::report::Report;
use crate::surface::{Surface, Wanted, decode};

use keeping::Freshness;
use list::{Entry, List};

pub use keeping::Refresh;
pub use list::Shelf;
pub use tally::Tally;

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
    /// What the model of a call would be.
    Info,
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
            None if path == "info" => Self::Info,
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
        self.config.route(None)?;
        sources::admit(self.config, self.caller)?;
        let surface = question.wanted.surface;
        match About::of(&question.wanted.path) {
            About::Info => self.info(question, report).await,
            About::Models => self.models(question, report).await,
            About::Deployments => self.deployments(question, report).await,
            About::Model(id) => {
                let write = match surface {
                    Surface::OpenAi | Surface::Inference => shape::openai::item,
                    Surface::Azure => shape::azure::item,
                    Surface::Gemini => shape::gemini::item,
                };
                single(self.find(&id).await?, write, surface, report)
            }
            About::Capabilities(id) => {
                let found = self.find(&id).await?;
                single(found, capabilities::describe, surface, report)
            }
            About::Deployment(id) => {
                let found = self.find_deployment(&id).await?;
                single(found, shape::azure::deployment, surface, report)
            }
        }
    }

    async fn models(
        &self,
        question: &Question<'_>,
        report: &mut Report,
    ) -> Result<Answer<P::UpstreamBody>> {
        let surface = question.wanted.surface;
        let (list, freshness) = self.list(self.is_impatient(question)).await;
        note(&list, freshness, report);
        let named = self.named(&list);
        let shown = || self.shown(list.entries.iter().chain(&named));
        // What is configured is no answer to whom none of it is for.
        let is_bare = self.caller.is_limited() && shown().is_empty();
        let silence = list.silence.as_ref().filter(|_| is_bare);
        let failure = list.failure.as_ref().filter(|_| named.is_empty());
        if let Some(failure) = failure.or(silence) {
            return refuse(failure.clone(), surface, report);
        }
        let body = match (surface, self.caller.is_limited()) {
            (Surface::OpenAi | Surface::Inference, false) => list.text().to_vec(),
            (Surface::OpenAi | Surface::Inference, true) => shape::openai::list(&shown()),
            (Surface::Azure, _) => shape::azure::list(&shown()),
            (Surface::Gemini, _) => shape::gemini::list(&shown(), question.query)?,
        };
        Ok(listed(body, &list, freshness))
    }

    /// Nobody but Azure has deployments beside those that are configured.
    fn lists_deployments(&self) -> bool {
        let mut sources = sources::sources(self.config).into_iter();
        sources.any(|source| source.provider.azure().is_some())
    }

    async fn deployments(
        &self,
        question: &Question<'_>,
        report: &mut Report,
    ) -> Result<Answer<P::UpstreamBody>> {
        if !self.lists_deployments() {
            let entries = merge::merge(self.config, &[]);
            let body = shape::azure::deployments(&self.shown(&entries));
            return Ok(Answer::json(200, body));
        }
        let (list, freshness) = self.list(self.is_impatient(question)).await;
        note(&list, freshness, report);
        if let Some(failure) = list.failure.clone() {
            return refuse(failure, question.wanted.surface, report);
        }
        let body = shape::azure::deployments(&self.shown(&list.entries));
        Ok(listed(body, &list, freshness))
    }

    /// Where everybody is let in, whatever they present, nobody makes us ask upstreams on our credentials.
    fn is_impatient(&self, question: &Question<'_>) -> bool {
        question.is_impatient && !matches!(self.config.access, Access::Anonymous)
    }

    /// What the caller may use of some names.
    fn shown<'l>(&self, entries: impl IntoIterator<Item = &'l Entry>) -> Vec<&'l Entry> {
        let entries = entries.into_iter();
        entries
            .filter(|entry| self.caller.may_use(Some(&entry.id)).is_ok())
            .collect()
    }

    /// The models a limited key names in full that no upstream had the chance to list: its owner says they are there.
    fn named(&self, list: &List) -> Vec<Entry> {
        let names = self.caller.named_models().into_iter().flatten();
        let has_said = |provider: &Provider| {
            let section = list.section(&provider.name);
            section.is_some_and(|section| !section.is_failing)
        };
        let unsaid = names.filter(|name| {
            let target = self.config.first_target(Some(name));
            list.find(name).is_none()
                && target.is_some_and(|target| !has_said(&target.provider))
                && merge::is_usable(self.config, name)
        });
        unsaid.map(|name| self.described(name)).collect()
    }
}

/// A list with what is to be known of it.
fn listed<Body>(body: Vec<u8>, list: &List, freshness: Freshness) -> Answer<Body> {
    let mut answer = Answer::json(200, body);
    let headers = &mut answer.headers;
    headers.push("x-isthmus-cache", freshness.word());
    let missing = list.missing();
    if !missing.is_empty() {
        headers.push("x-isthmus-models-partial", &missing.join(", "));
    }
    answer
}

/// What the log may know of a list that was made for this call.
fn note(list: &List, freshness: Freshness, report: &mut Report) {
    if freshness == Freshness::Hit {
        return;
    }
    if freshness == Freshness::Miss && !list.is_constant {
        let asked = list.sections.len();
        report.attempts = u32::try_from(asked).unwrap_or(u32::MAX);
    }
    if !list.problems.is_empty() {
        report.detail = Some(list.problems.join(", "));
    }
}

fn single<UpstreamBody>(
    found: one::Found,
    write: fn(&Entry) -> Vec<u8>,
    surface: Surface,
    report: &mut Report,
) -> Result<Answer<UpstreamBody>> {
    match found {
        Ok(entry) => Ok(Answer::json(200, write(&entry))),
        Err(failure) => refuse(failure, surface, report),
    }
}

fn refuse<UpstreamBody>(
    failure: Failure,
    surface: Surface,
    report: &mut Report,
) -> Result<Answer<UpstreamBody>> {
    let refused = match failure {
        Failure::Failed(error) => return Err(error),
        Failure::Refused(refused) => refused,
    };
    let mut answer = refused.answer(report);
    if let (Surface::Gemini, Body::Bytes(body)) = (surface, &mut answer.body) {
        *body = shape::gemini::refusal(answer.status, body);
    }
    Ok(answer)
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
