//! Whether a model is there, by what its upstream lists.

use crate::azure::listing::{self, Deployed};
use crate::catalogue::keeping::Freshness;
use crate::catalogue::list::Section;
use crate::catalogue::{Catalogue, no_such};
use crate::error::Result;
use crate::listed::Listed;
use crate::platform::Platform;
use crate::pool::Target;

impl<P: Platform> Catalogue<'_, P> {
    /// Refuses a model that nothing in the configuration names, if whom it would be asked of lists others only.
    pub(crate) async fn must_exist(&self, model: &str, target: &Target) -> Result<()> {
        // Google's lists have gaps, and it can be asked for a model itself.
        if self.config.knows(model) || target.provider.google().is_some() {
            return Ok(());
        }
        let names = target.deployments(Some(model))?;
        let (list, freshness) = self.list(false).await;
        // What was said hours ago is no word on what there is today.
        let is_new = freshness != Freshness::Stale;
        let section = list.section(&target.provider.name);
        let Some(section) = section.filter(|it| is_new && !it.is_failing) else {
            return Ok(());
        };
        let mut names = names.iter().map(|deployment| deployment.name.as_str());
        let is_listed = match target.provider.azure() {
            Some(_) => deployments(section)
                .is_none_or(|all| names.any(|name| listing::find(&all, name).is_some())),
            None => names.any(|name| section.models.iter().any(|it| is_of_name(it, name))),
        };
        if is_listed || list.find(model).is_some() {
            return Ok(());
        }
        Err(no_such("model", model))
    }
}

/// What Azure lists, if that is deployments. Of base models and of a host's one model nothing follows: any of them may
/// be deployed under any name.
fn deployments(section: &Section) -> Option<Vec<Deployed>> {
    section.models.iter().map(Deployed::of).collect()
}

/// What stands behind a colon may be left out (`llama3` is `llama3:latest`) or be added (`:free`, `:nitro`).
fn is_of_name(listed: &Listed, name: &str) -> bool {
    let untagged = |name: &str| {
        name.split(':')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    untagged(&listed.id) == untagged(name)
}
