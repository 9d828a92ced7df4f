//! Which of its names a provider knows the model by, found out within the call.

use std::collections::VecDeque;

use crate::error::{Error, Result};
use crate::exchange::{Exchange, Reply};
use crate::platform::{ClientBody, Platform};
use crate::pool::Target;
use crate::providers::names::Deployment;

/// What was found out holds for so long: a deployment may be renamed, a model behind it exchanged.
const REMEMBERED_SECS: u64 = 3600;
const STORED_SECS: u64 = 86_400;
/// KV's keys end at 512 bytes.
const LONGEST_KEY: usize = 480;

impl<P: Platform> Exchange<'_, P> {
    /// Asks a target, under the names it may know the model by, until one is right.
    pub(super) async fn search(&mut self, target: &Target) -> Result<Reply<P::UpstreamBody>> {
        if self.call.wanted.names_base_model() {
            return self.attempt(target, None, None).await;
        }
        let candidates = target.deployments(self.call.model.as_deref())?;
        let Some(asked) = target.model(self.call.model.as_deref()) else {
            // A pinned deployment is for calls that name no model too, and is not written into them.
            return self.attempt(target, candidates.first(), None).await;
        };
        let asked = asked.to_owned();
        let mut search = Search::new(&target.provider.name, &asked, candidates);
        if target.provider.names.finds(&asked) {
            self.begin(&mut search).await;
        }
        while let Some(deployment) = search.next() {
            let name = Some(deployment.name.as_str());
            let mut reply = self.attempt(target, Some(&deployment), name).await?;
            let Reply::Refused(refused) = &mut reply else {
                self.found(&search, &deployment);
                return Ok(reply);
            };
            if !refused.is_missing_model() {
                // A deployment that is busy, or finds fault with the request, is there.
                if matches!(refused.status, 400 | 422 | 429) {
                    self.found(&search, &deployment);
                }
                return Ok(reply);
            }
            self.platform.memory().forget(&search.key());
            search.tried.push(deployment.name);
            let names = &target.provider.names;
            let may_repeat = self.call.body.is_replayable();
            if may_repeat && names.finds(&asked) {
                self.look_further(&mut search, target, &asked).await;
            }
            if search.candidates.is_empty() || !may_repeat {
                if !names.passes_through() {
                    refused.tried = search.tried;
                }
                return Ok(reply);
            }
        }
        Err(Error::configuration("The model has no name to try."))
    }

    /// What was right before comes first. Where there are several names the body may be needed again, and is held as
    /// far as the limit allows.
    async fn begin(&mut self, search: &mut Search<'_>) {
        let now = self.platform.now_millis();
        if let Some(found) = self.platform.memory().recall(&search.key(), now) {
            return search.put_first(&found);
        }
        if search.candidates.len() > 1 && !self.ask_store(search).await {
            self.hold().await;
        }
    }

    /// After a miss: what another isolate found, and, with no candidate left, what the provider lists.
    async fn look_further(&mut self, search: &mut Search<'_>, target: &Target, asked: &str) {
        if !search.asked_store {
            self.ask_store(search).await;
        }
        if search.candidates.is_empty() {
            let listed = self.listed(target, asked, &search.tried).await;
            search.candidates.extend(listed);
        }
    }

    /// Whether another isolate has left what it found.
    async fn ask_store(&mut self, search: &mut Search<'_>) -> bool {
        search.asked_store = true;
        let key = search.key();
        if key.len() > LONGEST_KEY {
            return false;
        }
        let Some(found) = self.platform.stored(&key).await else {
            return false;
        };
        let until = self.platform.now_millis() + REMEMBERED_SECS * 1000;
        self.platform.memory().keep(&key, &found, until);
        search.put_first(&found);
        true
    }

    /// Remembers a name that was not the first to try.
    fn found(&self, search: &Search<'_>, deployment: &Deployment) {
        if search.tried.is_empty() {
            return;
        }
        let model = deployment.model.as_deref().unwrap_or_default();
        let text = format!("{}\t{model}", deployment.name);
        let until = self.platform.now_millis() + REMEMBERED_SECS * 1000;
        let key = search.key();
        self.platform.memory().keep(&key, &text, until);
        if key.len() <= LONGEST_KEY {
            self.platform.store(&key, &text, STORED_SECS);
        }
    }

    /// Reads the body to its end, so that it can be sent again, unless that would be too much to hold.
    pub(super) async fn hold(&mut self) {
        let mut held = 0;
        while held < self.limits.multipart && !self.call.body.is_replayable() {
            match self.call.body.window().await {
                Ok(Some(window)) => held += u64::try_from(window.len()).unwrap_or(u64::MAX),
                // What broke will break again where it is sent.
                Ok(None) | Err(_) => return,
            }
        }
    }
}

/// The names to try, in order, and those that were wrong.
struct Search<'a> {
    provider: &'a str,
    asked: &'a str,
    candidates: VecDeque<Deployment>,
    tried: Vec<String>,
    asked_store: bool,
}

impl<'a> Search<'a> {
    fn new(provider: &'a str, asked: &'a str, candidates: Vec<Deployment>) -> Self {
        Self {
            provider,
            asked,
            candidates: candidates.into(),
            tried: Vec::new(),
            asked_store: false,
        }
    }

    /// What is found is remembered under it.
    fn key(&self) -> String {
        format!("found:{}:{}", self.provider, self.asked)
    }

    fn next(&mut self) -> Option<Deployment> {
        self.candidates.pop_front()
    }

    /// Puts a name that was found before in front: `name`, a tab, and the model behind it where a list told it.
    fn put_first(&mut self, found: &str) {
        let (name, model) = found.split_once('\t').unwrap_or((found, ""));
        if self.tried.iter().any(|tried| tried == name) {
            return;
        }
        self.candidates.retain(|it| it.name != name);
        self.candidates.push_front(Deployment::serving(name, model));
    }
}
