//! Which of its names a provider knows the model by, found out within the call.

use crate::error::Result;
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
        let key = format!("found:{}:{asked}", target.provider.name);
        let mut candidates = self.remembered_first(candidates, &key).await;
        let mut tried = Vec::new();
        loop {
            let deployment = candidates.remove(0);
            let name = Some(deployment.name.as_str());
            let mut reply = self.attempt(target, Some(&deployment), name).await?;
            let Reply::Refused(refused) = &mut reply else {
                if !tried.is_empty() {
                    self.remember(&key, &deployment.name);
                }
                return Ok(reply);
            };
            if !refused.is_missing_model() {
                return Ok(reply);
            }
            self.platform.memory().forget(&key);
            tried.push(deployment.name);
            let names = &target.provider.names;
            let may_repeat = self.call.body.is_replayable();
            if candidates.is_empty() && may_repeat && names.finds(&asked) {
                candidates.extend(self.listed(target, &asked, &tried).await);
            }
            if candidates.is_empty() || !may_repeat {
                if !names.passes_through() {
                    refused.tried = tried;
                }
                return Ok(reply);
            }
        }
    }

    /// The candidates, in the order to try them: what was right before comes first. Where there are several, the body
    /// may be needed again and is held, as far as the limit allows.
    async fn remembered_first(
        &mut self,
        mut candidates: Vec<Deployment>,
        key: &str,
    ) -> Vec<Deployment> {
        if candidates.len() < 2 {
            return candidates;
        }
        let now = self.platform.now_millis();
        let mut found = self.platform.memory().recall(key, now);
        if found.is_none() && key.len() <= LONGEST_KEY {
            found = self.platform.stored(key).await;
            if let Some(found) = &found {
                self.platform
                    .memory()
                    .keep(key, found, now + REMEMBERED_SECS * 1000);
            }
        }
        let is_found = |it: &Deployment| found.as_ref().is_some_and(|found| *found == it.name);
        match candidates.iter().position(is_found) {
            Some(at) => {
                let found = candidates.remove(at);
                candidates.insert(0, found);
            }
            None => self.hold().await,
        }
        candidates
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

    fn remember(&self, key: &str, name: &str) {
        let until = self.platform.now_millis() + REMEMBERED_SECS * 1000;
        self.platform.memory().keep(key, name, until);
        if key.len() <= LONGEST_KEY {
            self.platform.store(key, name, STORED_SECS);
        }
    }
}
