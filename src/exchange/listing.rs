//! The deployments a provider lists, asked for once no name for a model was right.

use crate::azure::listing::{self, Listed};
use crate::credentials::{self, Proof};
use crate::error::Result;
use crate::exchange::Exchange;
use crate::headers::Headers;
use crate::platform::{Bounds, Outbound, Payload, Platform};
use crate::pool::Target;
use crate::providers::names::Deployment;
use crate::providers::{Demand, Endpoint, Place};
use crate::surface::{Operation, Surface, Wanted};

/// A new deployment takes minutes to come up.
const REMEMBERED_MILLIS: u64 = 300_000;
/// It stands in the way of an answer.
const TIMEOUT_MILLIS: u32 = 5_000;
/// Some hundred deployments.
const MAX_LIST: usize = 1 << 20;

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
    async fn deployments(&mut self, target: &Target) -> Vec<Listed> {
        let key = format!("deployments:{}", target.provider.name);
        let now = self.platform.now_millis();
        if let Some(text) = self.platform.memory().recall(&key, now) {
            return listing::from_text(&text);
        }
        let mut deployments = match &data_plane(target) {
            Ok(endpoint) => {
                let mut headers = Headers::default();
                credentials::add_owners(&target.provider, &mut headers);
                let list = self.list(target, endpoint, headers).await;
                list.unwrap_or_default()
            }
            Err(_) => Vec::new(),
        };
        if let (true, Some(manager)) = (deployments.is_empty(), &target.provider.manager) {
            let list = self.list(target, manager, Headers::default()).await;
            deployments = list.unwrap_or_default();
        }
        let text = listing::to_text(&deployments);
        let until = now + REMEMBERED_MILLIS;
        self.platform.memory().keep(&key, &text, until);
        deployments
    }

    async fn list(
        &mut self,
        target: &Target,
        endpoint: &Endpoint,
        mut headers: Headers,
    ) -> Result<Vec<Listed>> {
        let Place::Url(url) = &endpoint.place else {
            return Ok(Vec::new());
        };
        let provider = &target.provider;
        let whose = credentials::whose(endpoint, provider, self.caller)?;
        let (caller, out) = (self.caller, &mut headers);
        credentials::authorise(
            self.platform,
            whose,
            endpoint,
            caller,
            Proof::default(),
            out,
        )
        .await?;
        let outbound = Outbound {
            method: "GET",
            url,
            headers: &headers,
            payload: Payload::None,
            timeout_millis: TIMEOUT_MILLIS,
            is_beside: false,
        };
        let Ok(mut inbound) = self.platform.fetch(outbound).await else {
            return Ok(Vec::new());
        };
        let bounds = Bounds {
            bytes: MAX_LIST,
            idle_millis: TIMEOUT_MILLIS,
        };
        let body = self.platform.read(&mut inbound.body, bounds).await?.bytes;
        Ok(listing::read(&body))
    }
}

/// Where a resource lists its deployments itself, if it still does.
fn data_plane(target: &Target) -> Result<Endpoint> {
    let wanted = Wanted {
        surface: Surface::OpenAi,
        operation: Operation::Relay,
        path: "deployments".to_owned(),
        model: None,
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
