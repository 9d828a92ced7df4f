//! What an owner may choose for an endpoint, and what follows from the address where nothing was chosen.

use crate::azure::Options;
use crate::credentials::entra;
use crate::credentials::token::Identity;
use crate::inference::request::Policy;
use crate::secret::Secret;

use super::pasted::{Host, Pasted, Written};
use super::version::{self, ApiVersion};

/// What an owner may choose; what is None follows from the address.
pub struct Choices {
    pub written: Written,
    pub form: Option<Form>,
    /// What a host is that is none of Azure's, and whose path tells nothing.
    pub unknown_host: Option<Form>,
    pub version: Option<ApiVersion>,
    pub models_version: ApiVersion,
    pub responses_version: Option<ApiVersion>,
    pub anthropic_version: String,
    pub list_mode: ListMode,
    pub extra_parameters: Option<Policy>,
    pub responses_via_v1: bool,
    pub async_images: bool,
    pub options: Options,
    pub application: Option<Application>,
}

impl Choices {
    pub fn new(written: Written) -> Self {
        Self {
            written,
            form: None,
            unknown_host: None,
            version: None,
            models_version: version::USUAL.clone(),
            responses_version: None,
            anthropic_version: "2023-06-01".to_owned(),
            list_mode: ListMode::default(),
            extra_parameters: None,
            responses_via_v1: true,
            async_images: false,
            options: Options::default(),
            application: None,
        }
    }
}

/// Where `GET /v1/models` is answered from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListMode {
    #[default]
    Configured,
    Deployments,
    AzureModels,
}

/// An application of Entra ID, as its owner describes it.
#[derive(Clone)]
pub struct Application {
    pub tenant: String,
    pub client_id: String,
    pub client_secret: Secret,
    pub scope: Option<String>,
    pub authority: Option<String>,
}

/// The shape of an endpoint's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Classic,
    V1,
    Models,
    Serverless,
    Managed,
    GitHub,
    Anthropic,
}

impl Form {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "classic" => Self::Classic,
            "v1" => Self::V1,
            "foundry-models" | "models" => Self::Models,
            "serverless" => Self::Serverless,
            "managed" => Self::Managed,
            "github" => Self::GitHub,
            "anthropic" => Self::Anthropic,
            _ => return None,
        })
    }

    /// The version that is really in force: a form with dates has one, the others take only what is theirs.
    pub(super) fn version(self, given: Option<ApiVersion>) -> ApiVersion {
        match self {
            Self::Classic => given
                .filter(ApiVersion::is_dated)
                .unwrap_or_else(|| version::USUAL.clone()),
            Self::V1 => given
                .filter(|version| !version.is_dated())
                .unwrap_or(ApiVersion::V1),
            Self::Models => given
                .filter(ApiVersion::is_dated)
                .unwrap_or_else(|| version::MODELS.clone()),
            _ => given.filter(ApiVersion::is_dated).unwrap_or(ApiVersion::V1),
        }
    }
}

impl ListMode {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "configured" => Self::Configured,
            "deployments" => Self::Deployments,
            "azure_models" => Self::AzureModels,
            _ => return None,
        })
    }
}

impl Application {
    /// Where its tokens come from and what they are for follow from the host, unless they are said.
    pub(super) fn identity(self, pasted: &Pasted, form: Form) -> Identity {
        let cloud = pasted.cloud();
        let scope = match (form, pasted.host) {
            (Form::Managed, _) => format!("https://ml.azure.{cloud}/.default"),
            (_, Host::Foundry) if cloud == "com" => "https://ai.azure.com/.default".to_owned(),
            _ if pasted.is_project() && cloud == "com" => {
                "https://ai.azure.com/.default".to_owned()
            }
            _ => format!("https://cognitiveservices.azure.{cloud}/.default"),
        };
        let scope = self.scope.clone().unwrap_or(scope);
        self.at(cloud, scope)
    }

    pub(super) fn at(self, cloud: &str, scope: String) -> Identity {
        let authority = match cloud {
            "us" => "https://login.microsoftonline.us",
            "cn" => "https://login.partner.microsoftonline.cn",
            _ => "https://login.microsoftonline.com",
        };
        Identity::Entra(entra::Application {
            authority: self.authority.unwrap_or_else(|| authority.to_owned()),
            tenant: self.tenant,
            client_id: self.client_id,
            client_secret: self.client_secret,
            scope,
        })
    }
}
