//! Which of its names a provider knows the model by, found out within the call.

use std::collections::VecDeque;

use crate::error::{Error, Result};
use crate::exchange::{Exchange, Reply};
use crate::platform::{ClientBody, Platform};
use crate::pool::Target;
use crate::providers::names::Deployment;
use crate::surface::encode;

/// What was found out holds for so long: a deployment may be renamed, a model behind it exchanged.
const REMEMBERED_MILLIS: u64 = 3_600_000;
const STORED_SECS: u64 = 86_400;
/// KV's keys end at 512 bytes.
const LONGEST_KEY: usize = 480;

impl<P: Platform> Exchange<'_, P> {
    /// Asks a target, under the names it may know the model by, until one is right.
    pub(super) async fn search(&mut self, target: &Target) -> Result<Reply<P::UpstreamBody>> {
        let asked = target.model(self.call.model.as_deref()).map(str::to_owned);
        let mut search = match self.names(target, asked.as_deref()).await? {
            Names::One(deployment, model) => {
                return self.attempt(target, deployment.as_ref(), model).await;
            }
            Names::Several(search) => search,
        };
        while let Some(deployment) = search.candidates.pop_front() {
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
            self.missed(&mut search, deployment.name);
            let may_repeat = self.call.body.is_replayable();
            if may_repeat {
                self.look_further(&mut search, target).await;
            }
            if search.candidates.is_empty() || !may_repeat {
                if !target.provider.names.passes_through() {
                    refused.tried = search.tried;
                }
                return Ok(reply);
            }
        }
        Err(Error::configuration("The model has no name to try."))
    }

    /// What a target is to be asked for, for a model that it is asked for under this name.
    pub(super) async fn names<'a>(
        &mut self,
        target: &'a Target,
        asked: Option<&'a str>,
    ) -> Result<Names<'a>> {
        if self.call.wanted.names_base_model() {
            return Ok(Names::One(None, asked));
        }
        let candidates = target.deployments(self.call.model.as_deref())?;
        let Some(asked) = asked else {
            // A pinned deployment is for calls that name no model too, and is not written into them.
            return Ok(Names::One(candidates.into_iter().next(), None));
        };
        let mut search = Search::new(target, asked, candidates);
        self.begin(&mut search).await;
        Ok(Names::Several(search))
    }

    /// What was right before comes first. Where there are several names the body may be needed again, and is held as
    /// far as the limit allows.
    async fn begin(&mut self, search: &mut Search<'_>) {
        let are_several = search.candidates.len() > 1;
        if !(search.finds || are_several) {
            return;
        }
        let now = self.platform.now_millis();
        match self.platform.memory().recall(&search.key(), now) {
            Some(found) if !found.is_empty() => return search.put_first(&found),
            // What the store says is wrong.
            Some(_) => search.asked_store = true,
            None if are_several => self.ask_store(search).await,
            None => {}
        }
        if are_several && !search.is_remembered {
            self.hold().await;
        }
    }

    /// After a miss: what another isolate found, and, with no candidate left, what the provider lists.
    async fn look_further(&mut self, search: &mut Search<'_>, target: &Target) {
        if !search.finds {
            return;
        }
        if !search.asked_store {
            self.ask_store(search).await;
        }
        if search.candidates.is_empty() {
            let listed = self.listed(target, search.asked, &search.tried).await;
            search.candidates.extend(listed);
        }
    }

    /// What another isolate has left of its finding.
    async fn ask_store(&mut self, search: &mut Search<'_>) {
        search.asked_store = true;
        let key = search.key();
        if key.len() > LONGEST_KEY {
            return;
        }
        if let Some(found) = self.platform.stored(&key).await
            && search.may_be_right(&found)
        {
            self.remember(&key, &found);
            search.put_first(&found);
        }
    }

    /// Remembers a name, and tells the other isolates unless it is the first anyone would try.
    fn found(&self, search: &Search<'_>, deployment: &Deployment) {
        let is_first = search.tried.is_empty();
        if is_first && (search.is_remembered || !search.asked_store) {
            return;
        }
        let model = deployment.model.as_deref().unwrap_or_default();
        let text = format!("{}\t{model}", deployment.name);
        let key = search.key();
        self.remember(&key, &text);
        if !is_first && key.len() <= LONGEST_KEY {
            self.platform.store(&key, &text, STORED_SECS);
        }
    }

    fn missed(&self, search: &mut Search<'_>, name: String) {
        if search.is_remembered && search.tried.is_empty() {
            // The store may say so for long: it is not asked again, and the next body is held.
            self.remember(&search.key(), "");
        }
        search.tried.push(name);
    }

    fn remember(&self, key: &str, found: &str) {
        let until = self.platform.now_millis() + REMEMBERED_MILLIS;
        self.platform.memory().keep(key, found, until);
    }
}

/// What a target is asked for.
pub(super) enum Names<'a> {
    /// One deployment, if any, and the name that is written into the request, if any.
    One(Option<Deployment>, Option<&'a str>),
    Several(Search<'a>),
}

/// The names to try, in order, and those that were wrong. What is found is remembered as the name, a tab, and the model
/// behind it where a list told it.
pub(super) struct Search<'a> {
    provider: &'a str,
    asked: &'a str,
    /// Any deployment of the provider's may be the one.
    pub(super) finds: bool,
    pub(super) candidates: VecDeque<Deployment>,
    tried: Vec<String>,
    /// The first candidate was right before.
    is_remembered: bool,
    asked_store: bool,
}

impl<'a> Search<'a> {
    fn new(target: &'a Target, asked: &'a str, candidates: Vec<Deployment>) -> Self {
        let provider = &target.provider;
        Self {
            provider: &provider.name,
            asked,
            finds: provider.names.finds(asked),
            candidates: candidates.into(),
            tried: Vec::new(),
            is_remembered: false,
            asked_store: false,
        }
    }

    fn key(&self) -> String {
        format!("found:{}:{}", encode(self.provider), self.asked)
    }

    fn put_first(&mut self, found: &str) {
        let (name, model) = parts(found);
        if self.tried.iter().any(|tried| tried == name) {
            return;
        }
        self.is_remembered = true;
        self.candidates.retain(|it| it.name != name);
        self.candidates.push_front(Deployment::serving(name, model));
    }

    /// The store may hold anything: a name is a candidate's, or one that Azure could have given.
    fn may_be_right(&self, found: &str) -> bool {
        let (name, _) = parts(found);
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_word = name.len() <= 64
            && name.bytes().all(is_plain)
            && name.bytes().any(|byte| byte.is_ascii_alphanumeric());
        self.candidates.iter().any(|it| it.name == name) || self.finds && is_word
    }
}

fn parts(found: &str) -> (&str, &str) {
    found.split_once('\t').unwrap_or((found, ""))
}
