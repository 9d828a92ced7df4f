//! One model, or one deployment: as it is kept, as it is configured, or as its upstream tells it.

use crate::catalogue::list::Entry;
use crate::catalogue::sources::{self, Reading};
use crate::catalogue::{Catalogue, merge, no_such};
use crate::error::Result;
use crate::inquiry::{Failure, Inquiry};
use crate::listed::Listed;
use crate::platform::Platform;
use crate::pool::Target;
use crate::providers::{Endpoint, Provider};
use crate::surface::encode;

/// Azure's own list of what can be called.
pub(super) const DEPLOYMENTS: &str = "deployments";
/// What may tell of a model, in this order.
pub(super) const OF_MODELS: &[&str] = &["models", DEPLOYMENTS];

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
        if let Some(told) = self.tell(id, OF_MODELS).await? {
            return Ok(told);
        }
        let target = self.config.first_target(Some(id));
        // Google has a place for each of its models.
        let may_be_listed = target.is_some_and(|it| it.provider.google().is_none());
        if may_be_listed
            && let Some(entry) = self.listed_one(|it| it.id.eq_ignore_ascii_case(id)).await
        {
            return Ok(Ok(entry));
        }
        Err(no_such("model", id))
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
        // A limited key may know one by a name that is not the deployment's.
        let may_ask = self.caller.may_use(Some(id));
        if may_ask.is_ok()
            && let Some(told) = self.tell(id, &[DEPLOYMENTS]).await?
        {
            return Ok(told);
        }
        if self.lists_deployments()
            && let Some(entry) = self.listed_one(is_it).await
        {
            return Ok(Ok(entry));
        }
        may_ask?;
        Err(no_such("deployment", id))
    }

    /// One that nobody tells of alone, as many servers do not, and that another provider may have. Of a list that is kept
    /// it is known already.
    async fn listed_one(&self, is_it: impl Fn(&Entry) -> bool) -> Option<Entry> {
        if self.peek().await.is_some() {
            return None;
        }
        let (list, _) = self.list(false).await;
        list.entries.iter().find(|entry| is_it(entry)).cloned()
    }

    pub(super) fn described(&self, name: &str) -> Entry {
        merge::describe(self.config, &merge::Listings::default(), name)
    }

    /// Asks who would serve it, in each of its lists that may have it. None where none has.
    async fn tell(&self, id: &str, folders: &[&str]) -> Result<Option<Found>> {
        let Some(target) = self.config.first_target(Some(id)) else {
            return Ok(None);
        };
        for folder in folders_of(&target.provider, folders) {
            let there = name_of(&target, id)?;
            match self.ask(&target.provider, folder, &there).await? {
                Ok(Some(told)) => {
                    return Ok(Some(Ok(Entry {
                        id: id.to_owned(),
                        members: merge::as_said(self.config, id, told.members),
                        deployment: (folder == DEPLOYMENTS).then_some(told.id),
                    })));
                }
                Ok(None) => {}
                Err(failure) if is_absence(&failure) => {}
                Err(failure) => return Ok(Some(Err(failure))),
            }
        }
        Ok(None)
    }

    /// Where that would be asked for.
    pub(super) fn places(
        &self,
        id: &str,
        folders: &[&str],
    ) -> Result<Option<(Target, Vec<Endpoint>)>> {
        let Some(target) = self.config.first_target(Some(id)) else {
            return Ok(None);
        };
        let there = name_of(&target, id)?;
        let endpoints = folders_of(&target.provider, folders)
            .map(|folder| place(&target.provider, folder, &there))
            .collect::<Result<Vec<_>>>()?;
        Ok(Some((target, endpoints)))
    }

    async fn ask(
        &self,
        provider: &Provider,
        folder: &str,
        name: &str,
    ) -> Result<std::result::Result<Option<Listed>, Failure>> {
        let endpoint = place(provider, folder, name)?;
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
        Ok(Ok(models.into_iter().find(is_it)))
    }
}

/// Those a provider has.
fn folders_of<'f>(provider: &Provider, folders: &'f [&'f str]) -> impl Iterator<Item = &'f str> {
    let is_azure = provider.azure().is_some();
    let folders = folders.iter().copied();
    folders.filter(move |folder| is_azure || *folder != DEPLOYMENTS)
}

fn name_of(target: &Target, id: &str) -> Result<String> {
    let first = target.deployments(Some(id))?.into_iter().next();
    Ok(first.map_or_else(|| id.to_owned(), |deployment| deployment.name))
}

fn place(provider: &Provider, folder: &str, name: &str) -> Result<Endpoint> {
    provider.list_endpoint(&format!("{folder}/{}", encode(name)))
}

/// There is no such thing, or no place where it could be asked for.
fn is_absence(failure: &Failure) -> bool {
    matches!(failure.status(), Some(404 | 405 | 501))
}
