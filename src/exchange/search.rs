//! Which of its names a provider knows the model by, found out within the call.

use crate::error::Result;
use crate::exchange::{Exchange, Reply};
use crate::platform::{ClientBody, Platform};
use crate::pool::Target;
use crate::providers::names::Deployment;
use crate::surface::encode;

/// What was found out holds for so long: a deployment may be renamed, a model behind it exchanged.
const REMEMBERED_SECS: u64 = 3600;
const STORED_SECS: u64 = 86_400;
/// KV's keys end at 512 bytes.
const LONGEST_KEY: usize = 480;

impl<P: Platform> Exchange<'_, P> {
    /// Asks a target, under the names it may know the model by, until one is right.
    pub(super) async fn search(&mut self, target: &Target) -> Result<Reply<P::UpstreamBody>> {
        if self.call.wanted.names_base_model() {
            let base = target.model(self.call.model.as_deref());
            let base = base.map(str::to_owned);
            return self.attempt(target, None, base.as_deref()).await;
        }
        let mut candidates = target.deployments(self.call.model.as_deref())?;
        let Some(asked) = target.model(self.call.model.as_deref()) else {
            // A pinned deployment is for calls that name no model too, and is not written into them.
            return self.attempt(target, candidates.first(), None).await;
        };
        let asked = asked.to_owned();
        let names = &target.provider.names;
        let finds = names.finds(&asked);
        let are_several = candidates.len() > 1;
        let key = (finds || are_several)
            .then(|| format!("found:{}:{asked}", encode(&target.provider.name)));
        let is_known = match &key {
            Some(key) => self.remembered_first(&mut candidates, key, finds).await,
            None => false,
        };
        let mut tried = Vec::new();
        loop {
            let deployment = candidates.remove(0);
            let name = Some(deployment.name.as_str());
            let mut reply = self.attempt(target, Some(&deployment), name).await?;
            let Reply::Refused(refused) = &mut reply else {
                match &key {
                    Some(_) if tried.is_empty() && (is_known || !are_several) => {}
                    Some(key) if tried.is_empty() || !are_several => {
                        self.remember(key, &deployment.name);
                    }
                    Some(key) => self.tell_all(key, &deployment.name),
                    None => {}
                }
                return Ok(reply);
            };
            if !refused.is_missing_model() {
                return Ok(reply);
            }
            if let Some(key) = key.as_ref().filter(|_| is_known && tried.is_empty()) {
                // The store may say so for long: it is not asked again, and the next body is held.
                self.remember(key, "");
            }
            tried.push(deployment.name);
            let may_repeat = self.call.body.is_replayable();
            if candidates.is_empty() && may_repeat && finds {
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

    /// Puts what was right before in front of the candidates, and gives whether anything was: `finds` says that it may
    /// be a name only the provider's list told. If not, the body may be needed again and is held, as far as the limit
    /// allows.
    async fn remembered_first(
        &mut self,
        candidates: &mut Vec<Deployment>,
        key: &str,
        finds: bool,
    ) -> bool {
        // A name that has no other is mostly right: only what its isolate has seen is asked.
        let are_several = candidates.len() > 1;
        let now = self.platform.now_millis();
        let mut found = self.platform.memory().recall(key, now);
        if found.is_none() && are_several && key.len() <= LONGEST_KEY {
            found = self.platform.stored(key).await;
            if let Some(found) = &found {
                self.remember(key, found);
            }
        }
        let found = found.unwrap_or_default();
        let at = candidates.iter().position(|it| it.name == found);
        let first = match at {
            Some(at) => Some(candidates.remove(at)),
            None => (finds && may_be_deployment(&found)).then(|| Deployment::named(&found)),
        };
        let is_known = first.is_some();
        candidates.splice(0..0, first);
        if !is_known && are_several {
            self.hold().await;
        }
        is_known
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
        if key.len() <= LONGEST_KEY {
            let until = self.platform.now_millis() + REMEMBERED_SECS * 1000;
            self.platform.memory().keep(key, name, until);
        }
    }

    /// Remembers it for the other isolates, too.
    fn tell_all(&self, key: &str, name: &str) {
        self.remember(key, name);
        if key.len() <= LONGEST_KEY {
            self.platform.store(key, name, STORED_SECS);
        }
    }
}

/// Whether Azure could have given a deployment this name: the store may hold anything.
fn may_be_deployment(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    name.len() <= 64
        && name.bytes().all(is_plain)
        && name.bytes().any(|byte| byte.is_ascii_alphanumeric())
}
