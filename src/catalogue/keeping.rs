//! How a list is kept: in the isolate's memory, and in KV for the others. What is fresh is served as it is, what is stale
//! as well, while it is renewed in the background; only who comes first waits.

use std::rc::Rc;

use crate::catalogue::Catalogue;
use crate::catalogue::list::{self, List, Section};
use crate::catalogue::merge::merge;
use crate::catalogue::sources::{Source, sources};
use crate::clients::Caller;
use crate::config::Config;
use crate::inquiry::Failure;
use crate::later::Job;
use crate::platform::Platform;
use crate::together::together;

/// A Worker waits for the headers of six requests at once.
const AT_ONCE: usize = 6;
/// What an upstream listed stands for so long if it says nothing else.
const STALE_MILLIS: u64 = 86_400_000;
/// A list some upstream is missing from, or none at all, is asked for again soon.
const PARTIAL_MILLIS: u64 = 30_000;
const FAILED_MILLIS: u64 = 5_000;
/// Nobody waits for what is renewed in the background: it may take so many times as long.
const PATIENCE: u32 = 5;
/// How often a call looks whether another has brought the list.
const LOOK_AGAIN_MILLIS: u32 = 20;
/// KV takes 25 MiB.
const MAX_STORED: usize = 20 << 20;

/// Where a list came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    Hit,
    /// From memory or KV, and being renewed.
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
    caller: Caller,
}

impl Refresh {
    pub async fn run<P: Platform>(self, platform: &P, config: &Config) {
        let catalogue = Catalogue {
            platform,
            config,
            caller: &self.caller,
        };
        catalogue.refresh().await;
    }
}

impl<P: Platform> Catalogue<'_, P> {
    /// The list. `is_impatient`: asked for anew whatever is kept.
    pub(super) async fn list(&self, is_impatient: bool) -> (Rc<List>, Freshness) {
        let sources = sources(self.config);
        let key = self.key(&sources);
        let timeout_millis = self.config.lists.timeout_millis;
        // While another call asks the upstreams this one waits for what comes of it.
        for _ in 0..=timeout_millis / LOOK_AGAIN_MILLIS {
            if !is_impatient && let Some(list) = self.kept(&key).await {
                return self.served(list);
            }
            let now = self.platform.now_millis();
            if let Some(_turn) = self
                .platform
                .memory()
                .turn(&key, now, timeout_millis.into())
            {
                let list = self.make(&key, &sources, timeout_millis).await;
                return (list, Freshness::Miss);
            }
            self.platform.sleep(LOOK_AGAIN_MILLIS).await;
        }
        let list = self.make(&key, &sources, timeout_millis).await;
        (list, Freshness::Miss)
    }

    /// What is kept of it, wherever; nobody is asked for more.
    pub(super) async fn peek(&self) -> Option<Rc<List>> {
        self.kept(&self.key(&sources(self.config))).await
    }

    /// The list's name: it changes with the configuration, and with the credential where that is the client's own.
    fn key(&self, sources: &[Source]) -> String {
        let fingerprint = &self.config.fingerprint;
        let is_clients = sources
            .iter()
            .any(|source| !source.provider.has_credential());
        match self.caller.fingerprint().filter(|_| is_clients) {
            Some(credential) => format!("models:{fingerprint}:{credential}"),
            None => format!("models:{fingerprint}"),
        }
    }

    async fn kept(&self, key: &str) -> Option<Rc<List>> {
        let memory = self.platform.memory();
        let now = self.platform.now_millis();
        if let Some(list) = memory.lists().get(key) {
            return (age(&list, now) < lasts(&list)).then_some(list);
        }
        let list = Rc::new(self.stored(key).await?);
        memory.lists().put(key, list.clone());
        Some(list)
    }

    async fn stored(&self, key: &str) -> Option<List> {
        let text = self.platform.stored(key).await?;
        let (asked_at, sections) = list::from_text(&text)?;
        let entries = merge(self.config, &sections);
        let list = List::new(asked_at, sections, entries, None);
        (age(&list, self.platform.now_millis()) < STALE_MILLIS).then_some(list)
    }

    /// A list that was kept; a stale one is renewed behind it.
    fn served(&self, list: Rc<List>) -> (Rc<List>, Freshness) {
        if self.is_fresh(&list) {
            return (list, Freshness::Hit);
        }
        let caller = self.caller.clone();
        self.platform.later(Job::RefreshModels(Refresh { caller }));
        (list, Freshness::Stale)
    }

    fn is_fresh(&self, list: &List) -> bool {
        let usual = self.config.lists.fresh_millis;
        let fresh = match &list.failure {
            Some(_) => FAILED_MILLIS,
            None if list.missing().is_empty() => usual,
            None => usual.min(PARTIAL_MILLIS),
        };
        age(list, self.platform.now_millis()) < fresh
    }

    /// In the background, by one call at a time. What another isolate has made meanwhile is as good.
    async fn refresh(&self) {
        let sources = sources(self.config);
        let key = self.key(&sources);
        let memory = self.platform.memory();
        let timeout_millis = self.config.lists.timeout_millis.saturating_mul(PATIENCE);
        let now = self.platform.now_millis();
        let Some(_turn) = memory.turn(&key, now, timeout_millis.into()) else {
            return;
        };
        if memory
            .lists()
            .get(&key)
            .is_some_and(|list| self.is_fresh(&list))
        {
            return;
        }
        if let Some(list) = self.stored(&key).await.filter(|list| self.is_fresh(list)) {
            memory.lists().put(&key, Rc::new(list));
            return;
        }
        self.make(&key, &sources, timeout_millis).await;
    }

    /// Asks all upstreams at once, and keeps what they say.
    async fn make(&self, key: &str, sources: &[Source], timeout_millis: u32) -> Rc<List> {
        let (platform, caller) = (self.platform, self.caller);
        let reading = sources
            .iter()
            .map(|source| async move { Ok(source.read(platform, caller, timeout_millis).await) });
        let read: Result<Vec<_>, std::convert::Infallible> = together(AT_ONCE, reading).await;
        // Who did not answer in time is not waited for.
        platform.abandon();
        let Ok(read) = read;
        let now = platform.now_millis();
        let before = platform.memory().lists().get(key);
        let mut failure = None;
        let mut sections = Vec::with_capacity(sources.len());
        for (source, read) in sources.iter().zip(read) {
            let name = &source.provider.name;
            let old = before.as_ref().and_then(|list| list.section(name));
            let old = old.filter(|old| now.saturating_sub(old.at_millis) < STALE_MILLIS);
            sections.push(match read {
                Ok(models) => Section {
                    provider: name.clone(),
                    at_millis: now,
                    models,
                    is_failing: false,
                },
                Err(problem) => {
                    failure.get_or_insert(problem);
                    Section {
                        provider: name.clone(),
                        at_millis: old.map_or(0, |old| old.at_millis),
                        models: old.map(|old| old.models.clone()).unwrap_or_default(),
                        is_failing: true,
                    }
                }
            });
        }
        let list = self.listed(now, sections, failure);
        if list.failure.is_none() {
            self.store(key, &list);
        }
        let list = Rc::new(list);
        platform.memory().lists().put(key, list.clone());
        list
    }

    /// The failure counts where there is nothing to show beside it.
    fn listed(&self, now: u64, sections: Vec<Section>, failure: Option<Failure>) -> List {
        let entries = merge(self.config, &sections);
        let has_answered = sections.iter().any(|section| !section.is_failing);
        let failure = failure.filter(|_| entries.is_empty() && !has_answered);
        List::new(now, sections, entries, failure)
    }

    fn store(&self, key: &str, list: &List) {
        if list.sections.is_empty() {
            return;
        }
        let text = list::to_text(list.asked_at, &list.sections);
        if text.len() <= MAX_STORED {
            self.platform.store(key, &text, STALE_MILLIS / 1000);
        }
    }
}

fn age(list: &List, now_millis: u64) -> u64 {
    now_millis.saturating_sub(list.asked_at)
}

/// A failure is nobody's list for long.
fn lasts(list: &List) -> u64 {
    match list.failure {
        Some(_) => FAILED_MILLIS,
        None => STALE_MILLIS,
    }
}
