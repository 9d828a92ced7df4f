//! The deployments a provider lists, asked for once no name for a model was right.

use crate::azure::listing::{self, Deployed};
use crate::error::Result;
use crate::exchange::Exchange;
use crate::inquiry::Inquiry;
use crate::platform::Platform;
use crate::pool::Target;
use crate::providers::names::Deployment;
use crate::providers::{Demand, Endpoint};
use crate::surface::{Operation, Surface, Wanted};

/// A new deployment takes minutes to come up.
const REMEMBERED_MILLIS: u64 = 300_000;
/// It stands in the way of an answer.
const TIMEOUT_MILLIS: u32 = 5_000;

impl<P: Platform> Exchange<'_, P> {
    /// The deployment for a model by the provider's own list, if that tells more than was tried.
    pub(super) async fn listed(
        &mut self,
        target: &Target,
        asked: &str,
        tried: &[String],
    ) -> Option<Deployment> {
        let deployments = self.deployments(target).await;
        let found = listing::find(&deployments, asked)?;
        let is_new = !tried.contains(&found.name);
        is_new.then(|| Deployment::serving(&found.name, &found.model))
    }

    /// The list, or nothing: that there is none is remembered too.
    async fn deployments(&mut self, target: &Target) -> Vec<Deployed> {
        let key = format!("deployments:{}", target.provider.name);
        let now = self.platform.now_millis();
        if let Some(text) = self.platform.memory().recall(&key, now) {
            return listing::from_text(&text);
        }
        let mut deployments = match &data_plane(target) {
            Ok(endpoint) => self.list(target, endpoint).await,
            Err(_) => Vec::new(),
        };
        if let (true, Some(manager)) = (deployments.is_empty(), &target.provider.manager) {
            deployments = self.list(target, manager).await;
        }
        let text = listing::to_text(&deployments);
        let until = now + REMEMBERED_MILLIS;
        self.platform.memory().keep(&key, &text, until);
        deployments
    }

    async fn list(&self, target: &Target, endpoint: &Endpoint) -> Vec<Deployed> {
        let inquiry = Inquiry {
            platform: self.platform,
            caller: self.caller,
            provider: &target.provider,
            endpoint,
            timeout_millis: TIMEOUT_MILLIS,
        };
        let pages = inquiry.list().await.unwrap_or_default();
        listing::deployed(&pages)
    }
}

/// Where a resource lists its deployments itself, if it still does.
fn data_plane(target: &Target) -> Result<Endpoint> {
    let wanted = Wanted {
        surface: Surface::OpenAi,
        operation: Operation::Relay,
        path: "deployments".to_owned(),
        model: None,
        version: None,
    };
    target.provider.endpoint(&Demand {
        wanted: &wanted,
        method: "GET",
        query: "",
        asked: None,
        deployment: None,
        is_upgrade: false,
    })
}
