//! How a list is kept: in the isolate's memory, and in KV for the others. What is fresh is served as it is, what is stale
//! as well, while it is renewed in the background; only who comes first waits.
//!
//! * Of a configuration, and of a credential that is a client's own, there is one list: [`Catalogue::key`].
//! * A list is served for a day at most after its upstreams said what is in it.
//! * One call of an isolate makes a list, and who needs it meanwhile looks again every few milliseconds.
//! * One renewal waits or runs, however many calls are served a stale list.
//! * What nobody answered never takes the place of what somebody did.

use std::collections::HashSet;
use std::convert::Infallible;
use std::rc::Rc;

use crate::catalogue::list::{List, Section};
use crate::catalogue::merge::merge;
use crate::catalogue::sources::{Reading, Source, depend_on_caller, sources};
use crate::catalogue::{Catalogue, stored};
use crate::clients::Caller;
use crate::config::Config;
use crate::credentials::Whose;
use crate::error::Error;
use crate::inquiry::Failure;
use crate::later::Job;
use crate::listed::MOST;
use crate::memory::{LOOK_AGAIN_MILLIS, Ticket};
use crate::platform::{Lane, Platform};
use crate::report::{NOT_RENEWED, Report};
use crate::surface::Operation;
use crate::together::{AT_ONCE, together};

/// What an upstream listed stands for so long if it says nothing else.
const STALE_MILLIS: u64 = 86_400_000;
/// A list some upstream is missing from, or none at all, is asked for again soon.
const PARTIAL_MILLIS: u64 = 30_000;
const FAILED_MILLIS: u64 = 5_000;
/// Nobody waits for what is renewed in the background: it may take so many times as long, up to a bound.
const PATIENCE: u32 = 5;
const MOST_PATIENCE_MILLIS: u32 = 20_000;
/// What goes on behind an answer has half a minute. If by then no renewal has come to its end, none will.
const RENEWAL_MILLIS: u64 = 30_000;
/// What KV and the merging may take, beside the upstreams' time.
const BESIDE_MILLIS: u32 = 1_000;
/// For so long a look into KV that found nothing is every call's: KV itself remembers it for a minute.
const ABSENT_MILLIS: u64 = 30_000;
/// KV takes 25 MiB.
const MAX_STORED: usize = 20 << 20;

/// Where a list came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    Hit,
    /// From memory or KV, and not renewed yet.
    Stale,
    /// Made for this call.
    Miss,
}

impl Freshness {
    pub fn word(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Stale => "stale",
            Self::Miss => "miss",
        }
    }
}

/// A list to be made again, for whom it was asked by.
pub struct Refresh {
    key: String,
    caller: Caller,
    ticket: Ticket,
}

impl Refresh {
    pub async fn run<P: Platform>(self, platform: &P, config: &Config) {
        let _turn = platform.memory().redeem(self.ticket);
        let catalogue = Catalogue {
            platform,
            config,
            caller: &self.caller,
        };
        // Of a configuration that was replaced meanwhile nobody asks for the list again.
        if catalogue.key() == self.key {
            catalogue.renew(&self.key).await;
        }
    }
}

impl<P: Platform> Catalogue<'_, P> {
    /// The list. `is_impatient`: of nothing that was kept before.
    pub(super) async fn list(&self, is_impatient: bool) -> (Rc<List>, Freshness) {
        let arrived = self.platform.now_millis();
        let is_enough =
            |list: &Rc<List>| !is_impatient || list.is_constant || list.asked_at > arrived;
        let key = self.key();
        if let Some(list) = self.remembered(&key).filter(is_enough) {
            return self.served(&key, list);
        }
        let sources = sources(self.config);
        let millis = patience(&sources, self.config.lists.timeout_millis);
        for _ in 0..=millis / LOOK_AGAIN_MILLIS {
            if let Some(list) = self.remembered(&key).filter(is_enough) {
                return self.served(&key, list);
            }
            let now = self.platform.now_millis();
            let memory = self.platform.memory();
            if let Some(_turn) = memory.turn(&key, now, millis.into()) {
                return self.bring(&key, &sources, is_impatient).await;
            }
            self.platform.sleep(LOOK_AGAIN_MILLIS).await;
        }
        self.bring(&key, &sources, is_impatient).await
    }

    /// What is kept of it, wherever; nobody is asked for more.
    pub(super) async fn peek(&self) -> Option<Rc<List>> {
        let key = self.key();
        let absent = format!("{key}:absent");
        let (memory, now) = (self.platform.memory(), self.platform.now_millis());
        let list = match self.remembered(&key) {
            Some(list) => list,
            None if memory.recall(&absent, now).is_some() => return None,
            None => {
                let found = self.stored(&key, &sources(self.config)).await;
                if found.is_none() {
                    memory.keep(&absent, "", now + ABSENT_MILLIS);
                }
                found?
            }
        };
        Some(self.served(&key, list).0)
    }

    /// The list's name: it changes with the configuration, and with the credential where that is the client's own.
    fn key(&self) -> String {
        let fingerprint = &self.config.fingerprint;
        let credential = self.caller.own_credential.as_ref();
        match credential.filter(|_| depend_on_caller(self.config)) {
            Some(_) => {
                let digest = self.caller.fingerprint().unwrap_or_default();
                format!("models:{fingerprint}:{digest}")
            }
            None => format!("models:{fingerprint}"),
        }
    }

    fn remembered(&self, key: &str) -> Option<Rc<List>> {
        let list = self.platform.memory().lists().get(key);
        list.filter(|list| self.platform.now_millis() < stands_until(list))
    }

    /// What another isolate left, if it is of use; remembered from now on.
    async fn stored(&self, key: &str, sources: &[Source]) -> Option<Rc<List>> {
        if are_known(sources) {
            return None;
        }
        let text = self.platform.stored(key).await?;
        let now = self.platform.now_millis();
        let names: Vec<&str> = sources.iter().map(|it| it.provider.name.as_str()).collect();
        let (asked_at, sections) = stored::from_text(&text, &names, now)?;
        let entries = merge(self.config, &sections);
        let list = Rc::new(List::new(asked_at, sections, entries));
        (now < stands_until(&list)).then_some(())?;
        let memory = self.platform.memory().lists();
        // Another call may have brought a newer one meanwhile.
        let is_newer = |other: &Rc<List>| other.failure.is_none() && other.asked_at >= asked_at;
        if let Some(other) = self.remembered(key).filter(is_newer) {
            return Some(other);
        }
        memory.put(key, list.clone());
        Some(list)
    }

    /// A list that was kept; a stale one is renewed behind it.
    fn served(&self, key: &str, list: Rc<List>) -> (Rc<List>, Freshness) {
        if self.is_fresh(&list) {
            return (list, Freshness::Hit);
        }
        let (memory, now) = (self.platform.memory(), self.platform.now_millis());
        let ticket = memory.ticket(&format!("{key}:renewal"), now, RENEWAL_MILLIS);
        if let Some(ticket) = ticket {
            self.platform.later(Job::RefreshModels(Refresh {
                key: key.to_owned(),
                caller: self.caller.clone(),
                ticket,
            }));
        }
        (list, Freshness::Stale)
    }

    fn is_fresh(&self, list: &List) -> bool {
        let usual = self.config.lists.fresh_millis;
        let fresh = match &list.failure {
            Some(_) => FAILED_MILLIS,
            None if list.missing().is_empty() => usual,
            None => usual.min(PARTIAL_MILLIS),
        };
        let age = self.platform.now_millis().saturating_sub(list.asked_at);
        list.is_constant || age < fresh
    }

    /// For who has the turn: what is kept elsewhere, or a new list.
    async fn bring(
        &self,
        key: &str,
        sources: &[Source],
        is_impatient: bool,
    ) -> (Rc<List>, Freshness) {
        // The impatient want it as well: it stands for who does not answer them.
        if self.remembered(key).is_none()
            && let Some(list) = self.stored(key, sources).await
            && !is_impatient
        {
            return self.served(key, list);
        }
        let millis = self.config.lists.timeout_millis;
        let list = self.make(key, sources, millis).await;
        let is_old = !list.has_news && list.sections.iter().any(|it| !it.models.is_empty());
        let freshness = if is_old {
            Freshness::Stale
        } else {
            Freshness::Miss
        };
        (list, freshness)
    }

    /// In the background. What another isolate has made meanwhile is as good.
    async fn renew(&self, key: &str) {
        let sources = sources(self.config);
        let memory = self.platform.memory();
        let usual = self.config.lists.timeout_millis;
        let timeout_millis = usual.saturating_mul(PATIENCE).min(MOST_PATIENCE_MILLIS);
        let millis = patience(&sources, timeout_millis);
        let now = self.platform.now_millis();
        let Some(_turn) = memory.turn(key, now, millis.into()) else {
            return;
        };
        let is_fresh = |list: &Rc<List>| self.is_fresh(list);
        if self.remembered(key).is_some_and(|list| is_fresh(&list)) {
            return;
        }
        let stored = self.stored(key, &sources).await;
        if !stored.is_some_and(|list| is_fresh(&list)) {
            let list = self.make(key, &sources, timeout_millis).await;
            self.log_problems(&list, now);
        }
    }

    /// No request's line tells of what failed behind all of them.
    fn log_problems(&self, list: &List, began_millis: u64) {
        if list.problems.is_empty() {
            return;
        }
        let mut report = Report {
            operation: Some(Operation::Models.name()),
            error: Some(NOT_RENEWED.to_owned()),
            detail: Some(list.problems.join(", ")),
            arrived_millis: began_millis,
            ..Report::default()
        };
        let now = self.platform.now_millis();
        if let Some((level, line)) = report.line(now, self.config.log_level) {
            self.platform.log(level, &line);
        }
    }

    /// Asks all upstreams at once, and keeps what they say.
    async fn make(&self, key: &str, sources: &[Source], timeout_millis: u32) -> Rc<List> {
        let (platform, caller) = (self.platform, self.caller);
        let reading = sources.iter().map(|source| async move {
            let reading = source.read(platform, caller, timeout_millis).await;
            Ok::<_, Infallible>(reading)
        });
        let Ok(readings) = together(AT_ONCE, reading).await;
        // Who did not answer in time is not waited for.
        platform.abandon(Lane::First);
        let before = platform.memory().lists().get(key);
        let mut list = self.listed(sources, readings, before.as_deref());
        list.is_constant = are_known(sources);
        let list = Rc::new(list);
        if list.has_news && !list.is_constant {
            self.store(key, &list);
        }
        platform.memory().lists().put(key, list.clone());
        list
    }

    /// What they say now, and what who does not answer said before. A failure counts where there is nothing to show
    /// beside it.
    fn listed(&self, sources: &[Source], readings: Vec<Reading>, before: Option<&List>) -> List {
        let now = self.platform.now_millis();
        let has_news = readings.iter().any(Reading::has_come);
        let mut failures = Vec::new();
        let mut sections = Vec::with_capacity(sources.len());
        for (source, reading) in sources.iter().zip(readings) {
            let name = &source.provider.name;
            let old = before.and_then(|list| list.section(name));
            let old = old.filter(|old| now.saturating_sub(old.at_millis) < STALE_MILLIS);
            let (section, failure) = section(name, reading, old, now);
            sections.push(section);
            failures.extend(failure.map(|failure| (name, failure)));
        }
        let entries = merge(self.config, &sections);
        let mut list = List::new(now, sections, entries);
        let problems = failures.iter();
        list.problems = problems
            .map(|(name, failure)| format!("{name}: {}", failure.word()))
            .collect();
        list.has_news = has_news;
        let failure = failures.into_iter().next().map(|(_, failure)| failure);
        if !has_news && list.sections.iter().all(|it| it.models.is_empty()) {
            list.silence.clone_from(&failure);
        }
        if list.entries.is_empty() {
            list.failure = failure.or_else(|| self.unusable());
        }
        list
    }

    /// Why nothing is there to be asked, if something is wrong with it.
    fn unusable(&self) -> Option<Failure> {
        let target = self.config.first_target(None);
        let default = target.and_then(|target| target.provider.broken.clone());
        let mut all = self.config.providers().iter();
        let problem = default.or_else(|| all.find_map(|provider| provider.broken.clone()));
        problem.map(|problem| Error::configuration(problem).into())
    }

    fn store(&self, key: &str, list: &List) {
        let text = stored::to_text(list.asked_at, &list.sections);
        if text.len() <= MAX_STORED {
            self.platform.store(key, &text, STALE_MILLIS / 1000);
        }
    }
}

/// What an upstream says now, with what it said before where that is not all. So old is the oldest of it.
fn section(
    provider: &str,
    reading: Reading,
    old: Option<&Section>,
    now: u64,
) -> (Section, Option<Failure>) {
    let Reading {
        mut models,
        failure,
    } = reading;
    let mut at_millis = now;
    if let Some(failure) = &failure {
        let old = old.filter(|_| !is_turned_away(failure));
        let known: HashSet<&str> = models.iter().map(|it| it.id.as_str()).collect();
        let others = old.iter().flat_map(|old| &old.models);
        let others = others.filter(|it| !known.contains(it.id.as_str()));
        let others: Vec<_> = others.cloned().collect();
        models.extend(others);
        // One that lists others at every call would have more and more.
        models.truncate(MOST);
        at_millis = old.map_or(now, |old| old.at_millis);
    }
    let section = Section {
        provider: provider.to_owned(),
        at_millis,
        models,
        is_failing: failure.is_some(),
    };
    (section, failure)
}

/// A client whose own credential is not good any more is not shown what it opened.
fn is_turned_away(failure: &Failure) -> bool {
    match failure {
        Failure::Refused(refused) => {
            refused.whose != Whose::Ours && matches!(refused.status, 401 | 403)
        }
        Failure::Failed(_) => false,
    }
}

/// How long it takes to ask all of them, at most.
fn patience(sources: &[Source], millis: u32) -> u32 {
    let turns = u32::try_from(sources.len().div_ceil(AT_ONCE)).unwrap_or(u32::MAX);
    millis.saturating_mul(turns).saturating_add(BESIDE_MILLIS)
}

fn are_known(sources: &[Source]) -> bool {
    !sources.iter().any(Source::is_remote)
}

/// A failure is nobody's list for long; what an upstream said is a day old at most.
fn stands_until(list: &List) -> u64 {
    if list.is_constant {
        return u64::MAX;
    }
    if list.failure.is_some() {
        return list.asked_at.saturating_add(FAILED_MILLIS);
    }
    let said = list.sections.iter().filter(|it| !it.models.is_empty());
    let oldest = said.map(|section| section.at_millis).min();
    let since = oldest.unwrap_or(list.asked_at).min(list.asked_at);
    since.saturating_add(STALE_MILLIS)
}
