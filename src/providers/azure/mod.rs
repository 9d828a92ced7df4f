//! Everything of Azure's that serves models: OpenAI resources, Foundry, serverless and managed endpoints, GitHub
//! Models, and gateways in front of them.
//!
//! [`choices`] is what an owner may say, [`pasted`] understands the address, [`operations`] is the table of what lives
//! where, [`route`] makes the URL.

mod choices;
mod manager;
mod operations;
mod pasted;
mod route;
mod version;

#[cfg(test)]
mod tests;

use std::rc::Rc;

use crate::azure::family::{Family, TokenLimit};
use crate::azure::{Manner, Spoken};
use crate::credentials::token::Identity;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::inference::request::Policy;
use crate::providers::{Auth, Demand, Endpoint, Place, Provider};
use crate::secret::Secret;
use crate::surface::Surface;

use pasted::{Host, Pasted, Told};
use route::{Ask, Route};

pub use choices::{Application, Choices, Form, ListMode};
pub use manager::Manager;
pub use pasted::Written;
pub use version::ApiVersion;

/// In the path of a Foundry project.
const PROJECTS: &str = "/api/projects/";

/// One endpoint of Azure's.
pub struct Resource {
    form: Form,
    /// Below it stand the operations of a form without `/openai/`.
    root: String,
    /// Below it stands `deployments/`, and what belongs to no deployment.
    classic: String,
    /// Below it stands what has no date.
    v1: String,
    version: ApiVersion,
    choices: Choices,
    identity: Option<Rc<Identity>>,
    /// The host is one of Azure's own.
    is_azures: bool,
    /// Asks for no credential at all: a server on one's own machine.
    pub is_open: bool,
    /// The deployment the pasted address names.
    pub pinned: Option<String>,
}

impl Resource {
    pub fn new(pasted: &str, choices: Choices) -> std::result::Result<Self, String> {
        Ok(Self::of(pasted::read(pasted)?, choices))
    }

    /// A serverless deployment by its name: the host is made of it.
    pub fn serverless(name: &str, region: &str) -> std::result::Result<Self, String> {
        let choices = Choices::new(Written::Foundry);
        let mut resource = Self::new(
            &format!("https://{name}.{region}.models.ai.azure.com"),
            choices,
        )?;
        // A host is what it is in any case; the name is shown as its owner wrote it.
        resource.root = format!("https://{name}.{region}.models.ai.azure.com/v1");
        Ok(resource)
    }

    fn of(pasted: Pasted, mut choices: Choices) -> Self {
        let given = choices.version.take().or_else(|| pasted.version.clone());
        let tells_nothing = pasted.host == Host::Unknown && !pasted.told.is_a_form();
        let form = choices
            .form
            .or(choices.unknown_host.filter(|_| tells_nothing))
            .unwrap_or_else(|| pasted.form(choices.written, given.as_ref()));
        let home = &pasted.home;
        let is_elsewhere = pasted.host == Host::Unknown;
        let classic = match pasted.told {
            Told::BareDeployment if is_elsewhere => home.clone(),
            _ => format!("{home}/openai"),
        };
        let v1 = match pasted.told {
            Told::BareV1 if is_elsewhere => format!("{home}/v1"),
            _ => format!("{classic}/v1"),
        };
        let root = match form {
            Form::Models => format!("{home}/models"),
            Form::Anthropic => format!("{home}/anthropic/v1"),
            Form::Managed | Form::GitHub if pasted.told != Told::BareV1 => home.clone(),
            _ => format!("{home}/v1"),
        };
        let application = choices.application.take();
        Self {
            form,
            root,
            classic,
            v1,
            version: form.version(given),
            identity: application.map(|it| Rc::new(it.identity(&pasted, form))),
            choices,
            is_azures: !is_elsewhere,
            is_open: false,
            pinned: pasted.deployment,
        }
    }

    /// The lists it is asked for. `is_mapped`: its owner has said what can be called, and that is enough unless it is
    /// to be `everything`.
    pub fn lists(&self, everything: bool, is_mapped: bool) -> &'static [&'static str] {
        let is_said = is_mapped && !everything;
        match (self.form, self.choices.list_mode) {
            (Form::Anthropic, _) => &[],
            // It is Foundry's host that lists them, not the API.
            (Form::Models, _) if !self.is_azures => &[],
            (_, ListMode::Configured) if is_said => &[],
            (Form::Serverless | Form::Managed, _) => &["info"],
            (Form::GitHub, _) | (Form::Classic | Form::V1, ListMode::AzureModels) => &["models"],
            (Form::Classic | Form::V1, ListMode::Configured) => &["deployments", "models"],
            (Form::Classic | Form::V1 | Form::Models, _) => &["deployments"],
        }
    }

    /// Which word its owner used for the kind.
    pub fn written(&self) -> Written {
        self.choices.written
    }

    /// What stands in front of `/deployments` on the host, and the project, if the address names one.
    fn homes(&self) -> (String, Option<&str>) {
        let project = self.classic.strip_suffix("/openai");
        let project = project.filter(|home| self.is_azures && home.contains(PROJECTS));
        let host = project.and_then(|home| home.split(PROJECTS).next());
        let home = host.map_or_else(|| self.classic.clone(), |host| format!("{host}/openai"));
        (home, project)
    }

    /// Whether it is a host of Azure's, which serves nobody without a credential.
    pub fn wants_credential(&self) -> bool {
        self.is_azures
    }

    pub fn has_identity(&self) -> bool {
        self.identity.is_some()
    }

    pub fn endpoint(&self, provider: &Provider, demand: &Demand<'_>) -> Result<Endpoint> {
        if let Some(known) = Self::known(demand) {
            return Ok(Endpoint {
                place: Place::Known(known),
                auth: Auth::None,
                dialect: Dialect::OpenAi,
                headers: Vec::new(),
            });
        }
        let deployment = demand.deployment;
        let name = deployment.map(|deployment| &deployment.name);
        let path = operations::modern(&demand.wanted.path);
        let own = deployment.and_then(|deployment| deployment.api_version.as_ref());
        let of_client = self.version_of_client(demand, own);
        let route = route::find(
            self,
            &Ask {
                provider: &provider.name,
                method: demand.method,
                path: &path,
                query: demand.query,
                deployment: name.or(self.pinned.as_ref()).map(String::as_str),
                version: of_client.as_ref().or(own),
                is_upgrade: demand.is_upgrade,
            },
        )?;
        Ok(Endpoint {
            auth: self.auth(provider.key.as_ref()),
            headers: self.headers(&path, &route, Self::family(demand)),
            dialect: self.dialect(demand, &route),
            place: Place::Url(route.url),
        })
    }

    /// The date a client of Azure's asks with, where a date is asked with. Azure AI Model Inference counts its own.
    fn version_of_client(
        &self,
        demand: &Demand<'_>,
        own: Option<&ApiVersion>,
    ) -> Option<ApiVersion> {
        let is_openais = matches!(self.form, Form::Classic | Form::V1);
        let wants_date = is_openais && own.unwrap_or(&self.version).is_dated();
        let wanted = demand.wanted;
        let asks = wants_date && wanted.surface != Surface::Inference;
        let version = ApiVersion::parse(wanted.version.as_deref().filter(|_| asks)?)?;
        version.is_dated().then_some(version)
    }

    /// What no server of Azure's says, and clients ask for.
    fn known(demand: &Demand<'_>) -> Option<String> {
        let is_read = matches!(demand.method, "GET" | "HEAD");
        let is_known = is_read && demand.wanted.path == "audio/voices";
        is_known.then(operations::voices)
    }

    fn auth(&self, key: Option<&Secret>) -> Auth {
        if let Some(identity) = &self.identity {
            return Auth::Token(identity.clone());
        }
        let key = key.cloned();
        match self.form {
            _ if self.is_open && key.is_none() => Auth::None,
            Form::Serverless | Form::Managed | Form::GitHub => Auth::Bearer(key),
            Form::Anthropic => Auth::Header("x-api-key", key),
            Form::Classic | Form::V1 | Form::Models => Auth::Header("api-key", key),
        }
    }

    fn headers(&self, path: &str, route: &Route, family: Family) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        // The field OpenAI's newer models have for the length of an answer is not in the schema, and would be dropped.
        let usual = match family.traits().token_limit {
            TokenLimit::MaxCompletionTokens => Policy::PassThrough,
            TokenLimit::MaxTokens | TokenLimit::Either => Policy::Drop,
        };
        let extra = match self.form {
            Form::Models | Form::Serverless => Some(self.choices.extra_parameters.unwrap_or(usual)),
            Form::Managed | Form::GitHub => self.choices.extra_parameters,
            _ => None,
        };
        if let Some(extra) = extra {
            headers.push(("extra-parameters", extra.word().to_owned()));
        }
        if self.form == Form::Anthropic {
            let version = self.choices.anthropic_version.clone();
            headers.push(("anthropic-version", version));
        }
        let is_of_evals = path == "evals" || path.starts_with("evals/");
        if is_of_evals && route.spoken == Spoken::V1 {
            headers.push(("aoai-evals", "preview".to_owned()));
        }
        headers
    }

    /// By the owner's hint, the name asked for, the deployment's name.
    fn family(demand: &Demand<'_>) -> Family {
        let deployment = demand.deployment;
        let hint = deployment.and_then(|deployment| deployment.family);
        let of_the_asked = || known(Family::of(demand.asked?));
        let of_the_deployment = || known(Family::of(&deployment?.name));
        hint.or_else(of_the_asked)
            .or_else(of_the_deployment)
            .unwrap_or_default()
    }

    fn dialect(&self, demand: &Demand<'_>, route: &Route) -> Dialect {
        if self.form == Form::Anthropic {
            return Dialect::Anthropic;
        }
        Dialect::Azure(Manner {
            spoken: route.spoken,
            version: route.version,
            family: Self::family(demand),
            is_direct: self.is_azures,
            options: self.choices.options,
        })
    }
}

fn known(family: Family) -> Option<Family> {
    (family != Family::Unknown).then_some(family)
}
