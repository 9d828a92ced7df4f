//! One model, or one deployment: as it is kept, as it is configured, or as its upstream tells it.

use crate::catalogue::list::Entry;
use crate::catalogue::sources::{self, Reading};
use crate::catalogue::{Catalogue, merge, no_such};
use crate::error::Result;
use crate::inquiry::{Failure, Inquiry};
use crate::listed::Listed;
use crate::platform::Platform;
use crate::providers::Provider;
use crate::providers::names::Deployment;
use crate::surface::encode;

/// Azure's own list of what can be called.
const DEPLOYMENTS: &str = "deployments";

/// Or why there is none.
pub(super) type Found = std::result::Result<Entry, Failure>;

impl<P: Platform> Catalogue<'_, P> {
    pub(super) async fn find(&self, id: &str) -> Result<Found> {
        let kept = self.peek().await;
        // Google's clients write its folder in front of a name: `models/gemini-...`.
        let bare = id.strip_prefix("models/").filter(|bare| !bare.is_empty());
        for id in std::iter::once(id).chain(bare) {
            let kept = kept.as_ref().and_then(|list| list.find(id));
            if let Some(entry) = kept.cloned().or_else(|| self.configured(id)) {
                self.caller.may_use(Some(id))?;
                return Ok(Ok(entry));
            }
        }
        let id = bare.unwrap_or(id);
        self.caller.may_use(Some(id))?;
        self.tell("model", &["models", DEPLOYMENTS], id).await
    }

    fn configured(&self, id: &str) -> Option<Entry> {
        let mut names = merge::configured(self.config).into_iter();
        let name = names.find(|name| name.eq_ignore_ascii_case(id))?;
        Some(self.described(&name))
    }

    /// A deployment by its name in Azure.
    pub(super) async fn find_deployment(&self, id: &str) -> Result<Found> {
        let kept = self.peek().await;
        let kept = kept.iter().flat_map(|list| &list.entries);
        let is_it = |entry: &Entry| {
            let name = entry.deployment.as_deref();
            name.is_some_and(|name| name.eq_ignore_ascii_case(id))
                && self.caller.may_use(Some(&entry.id)).is_ok()
        };
        if let Some(entry) = kept.into_iter().find(|entry| is_it(entry)) {
            return Ok(Ok(entry.clone()));
        }
        let configured = merge::configured(self.config).into_iter();
        let mut described = configured.map(|name| self.described(&name));
        if let Some(entry) = described.find(is_it) {
            return Ok(Ok(entry));
        }
        self.caller.may_use(Some(id))?;
        self.tell("deployment", &[DEPLOYMENTS], id).await
    }

    pub(super) fn described(&self, name: &str) -> Entry {
        merge::describe(self.config, &merge::Listings::default(), name)
    }

    /// Asks who would serve it, in each of its lists that may have it.
    async fn tell(&self, what: &str, folders: &[&str], id: &str) -> Result<Found> {
        let target = self.config.first_target(Some(id));
        let target = target.ok_or_else(|| no_such(what, id))?;
        let deployments = target.deployments(Some(id))?;
        let there = deployments.first().map_or(id, |it: &Deployment| &it.name);
        for folder in folders {
            if *folder == DEPLOYMENTS && target.provider.azure().is_none() {
                continue;
            }
            match self.ask(&target.provider, folder, there).await? {
                Ok(told) => {
                    return Ok(Ok(Entry {
                        id: id.to_owned(),
                        members: merge::as_said(self.config, id, told.members),
                        deployment: (*folder == DEPLOYMENTS).then_some(told.id),
                    }));
                }
                Err(failure) if failure.status() == Some(404) => {}
                Err(failure) => return Ok(Err(failure)),
            }
        }
        Err(no_such(what, id))
    }

    async fn ask(
        &self,
        provider: &Provider,
        folder: &str,
        name: &str,
    ) -> Result<std::result::Result<Listed, Failure>> {
        let path = format!("{folder}/{}", encode(name));
        let endpoint = provider.list_endpoint(&path)?;
        let inquiry = Inquiry {
            platform: self.platform,
            caller: self.caller,
            provider,
            endpoint: &endpoint,
            timeout_millis: provider.timeouts.upstream_millis,
        };
        let Reading { models, failure } = sources::listed(&inquiry).await;
        if let Some(failure) = failure {
            return Ok(Err(failure));
        }
        // A single answer is about what was asked for, also where that is another name of it.
        let is_alone = models.len() == 1;
        let is_it = |it: &Listed| is_alone || merge::is_same(provider, &it.id, name);
        let told = models.into_iter().find(is_it);
        told.map(Ok).ok_or_else(|| no_such("model", name))
    }
}
