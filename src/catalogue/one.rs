//! One model, or one deployment: as it is kept, as it is configured, or as its upstream tells it.

use crate::catalogue::list::Entry;
use crate::catalogue::sources::{self, Reading};
use crate::catalogue::{Catalogue, merge, no_such};
use crate::error::Result;
use crate::inquiry::{Failure, Inquiry};
use crate::listed::Listed;
use crate::platform::Platform;
use crate::providers::Demand;
use crate::providers::names::Deployment;
use crate::surface::{Operation, Surface, Wanted, encode};

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
        self.tell("model", "models", id).await
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
        self.tell("deployment", "deployments", id).await
    }

    fn described(&self, name: &str) -> Entry {
        merge::describe(self.config, &merge::Told::default(), name)
    }

    /// Asks who would serve it.
    async fn tell(&self, what: &str, folder: &str, id: &str) -> Result<Found> {
        let is_of_azure = folder == "deployments";
        let target = self.config.first_target(Some(id));
        let target = target.filter(|it| !is_of_azure || it.provider.azure().is_some());
        let Some(target) = target else {
            return Err(no_such(what, id));
        };
        let deployments = target.deployments(Some(id))?;
        let there = deployments.first().map_or(id, |it: &Deployment| &it.name);
        let wanted = Wanted {
            surface: Surface::OpenAi,
            operation: Operation::Models,
            path: format!("{folder}/{}", encode(there)),
            model: None,
        };
        let endpoint = target.provider.endpoint(&Demand {
            wanted: &wanted,
            method: "GET",
            query: "",
            asked: None,
            deployment: None,
            is_upgrade: false,
        })?;
        let inquiry = Inquiry {
            platform: self.platform,
            caller: self.caller,
            provider: &target.provider,
            endpoint: &endpoint,
            timeout_millis: target.provider.timeouts.upstream_millis,
        };
        let Reading { models, failure } = sources::listed(&inquiry).await;
        match failure {
            Some(failure) if failure.status() == Some(404) => Err(no_such(what, id)),
            Some(failure) => Ok(Err(failure)),
            None => {
                // A single answer is about what was asked for, also where that is another name of it.
                let is_alone = models.len() == 1;
                let is_it =
                    |it: &Listed| is_alone || merge::is_same(&target.provider, &it.id, there);
                let told = models.into_iter().find(is_it);
                let told = told.ok_or_else(|| no_such(what, id))?;
                Ok(Ok(Entry {
                    id: id.to_owned(),
                    members: merge::as_said(self.config, id, told.members),
                    deployment: is_of_azure.then_some(told.id),
                }))
            }
        }
    }
}
