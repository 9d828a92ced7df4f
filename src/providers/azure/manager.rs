//! The resource manager (ARM), which knows every deployment of a resource, to whoever may read there.

use std::rc::Rc;

use crate::azure::family::Family;
use crate::azure::version::Version;
use crate::azure::{Manner, Options, Spoken};
use crate::dialect::Dialect;
use crate::providers::{Auth, Endpoint, Place};
use crate::surface::encode;

use super::{Application, pasted};

/// The first version that tells the model behind a deployment in its present form.
const VERSION: &str = "2024-10-01";

/// Where a resource stands in the subscription.
pub struct Manager<'a> {
    pub subscription: &'a str,
    pub resource_group: &'a str,
    /// The resource's own name, where it is not the host's first label.
    pub account: Option<&'a str>,
    /// Another address than Azure's.
    pub endpoint: Option<String>,
    pub application: &'a Application,
}

impl Manager<'_> {
    /// Where the deployments of the resource at a pasted address are listed.
    pub fn endpoint(&self, pasted: &str) -> Result<Endpoint, String> {
        let pasted = pasted::read(pasted)?;
        let cloud = pasted.cloud();
        let origin = match cloud {
            "us" => "https://management.usgovcloudapi.net",
            "cn" => "https://management.chinacloudapi.cn",
            _ => "https://management.azure.com",
        };
        let host = pasted.home.split_once("://").map_or("", |(_, rest)| rest);
        let label = host.split(['.', '/', ':']).next().unwrap_or_default();
        let at = self.endpoint.as_deref().unwrap_or(origin);
        let url = format!(
            "{at}/subscriptions/{}/resourceGroups/{}/providers/Microsoft.CognitiveServices/accounts/{}/deployments\
             ?api-version={VERSION}",
            encode(self.subscription),
            encode(self.resource_group),
            encode(self.account.unwrap_or(label)),
        );
        let application = self.application.clone();
        Ok(Endpoint {
            place: Place::Url(url),
            auth: Auth::Token(Rc::new(application.at(cloud, format!("{origin}/.default")))),
            dialect: dialect(),
            headers: Vec::new(),
        })
    }
}

/// Its lists and its refusals are Azure's; there is no model to be spoken to.
fn dialect() -> Dialect {
    Dialect::Azure(Manner {
        spoken: Spoken::Classic,
        version: Version::DEFAULT,
        family: Family::Unknown,
        is_direct: true,
        options: Options::default(),
    })
}
