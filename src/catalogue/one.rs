//! One model, or one deployment: as it is kept, as it is configured, or as its upstream tells it.

use crate::catalogue::list::Entry;
use crate::catalogue::{Catalogue, merge, no_such, sources};
use crate::error::Result;
use crate::inquiry::{Failure, Inquiry};
use crate::platform::Platform;
use crate::providers::Demand;
use crate::providers::names::Deployment;
use crate::surface::{Operation, Surface, Wanted, encode};

/// Or why there is none.
type Found = std::result::Result<Entry, Failure>;

impl<P: Platform> Catalogue<'_, P> {
    pub(super) async fn find(&self, id: &str) -> Result<Found> {
        self.caller.may_use(Some(id))?;
        let kept = self.peek().await;
        if let Some(entry) = kept.as_ref().and_then(|list| list.find(id)) {
            return Ok(Ok(entry.clone()));
        }
        let mut names = self.config.public_models();
        if let Some(name) = names.find(|name| name.eq_ignore_ascii_case(id)) {
            return Ok(Ok(merge::describe(self.config, &[], name)));
        }
        self.tell("model", "models", id).await
    }

    /// A deployment by its name in Azure.
    pub(super) async fn find_deployment(&self, id: &str) -> Result<Found> {
        let kept = self.peek().await;
        let kept = kept.iter().flat_map(|list| &list.entries).cloned();
        let names = self.config.public_models();
        let configured = names.map(|name| merge::describe(self.config, &[], name));
        let is_it = |entry: &Entry| {
            let deployment = entry.deployment.as_deref().unwrap_or(&entry.id);
            deployment.eq_ignore_ascii_case(id) && self.caller.may_use(Some(&entry.id)).is_ok()
        };
        if let Some(entry) = kept.chain(configured).find(is_it) {
            return Ok(Ok(entry));
        }
        self.caller.may_use(Some(id))?;
        self.tell("deployment", "deployments", id).await
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
        match sources::listed(&inquiry).await {
            Ok(listed) => {
                let told = listed
                    .into_iter()
                    .find(|it| it.id.eq_ignore_ascii_case(there));
                let told = told.ok_or_else(|| no_such(what, id))?;
                Ok(Ok(Entry {
                    id: id.to_owned(),
                    members: told.members,
                    deployment: is_of_azure.then(|| told.id),
                }))
            }
            Err(failure) if failure.status() == Some(404) => Err(no_such(what, id)),
            Err(failure) => Ok(Err(failure)),
        }
    }
}
