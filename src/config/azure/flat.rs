//! One resource by flat settings.

use crate::config::draft::{Account, Draft};
use crate::config::instances;
use crate::config::read::is_name;
use crate::config::settings::{DOCUMENT, Settings};
use crate::providers::Endpoint;
use crate::providers::azure::{ApiVersion, Application, Choices, Form, Manager, Written};
use crate::providers::names::{Deployment, Otherwise};
use crate::secret::Secret;

use super::{Mapping, Plan};

const ENDPOINT: [&str; 2] = ["AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_BASE"];
const KEY: [&str; 2] = ["AZURE_OPENAI_TOKEN", "AZURE_OPENAI_API_KEY"];
const VERSION: [&str; 4] = [
    "AZURE_OPENAI_APIVERSION",
    "AZURE_OPENAI_API_VERSION",
    "AZURE_OPENAI_API_VER",
    "OPENAI_API_VERSION",
];
const MODELS_VERSION: &str = "AZURE_OPENAI_MODELS_APIVERSION";
const RESPONSES_VERSION: &str = "AZURE_OPENAI_RESPONSES_APIVERSION";
const STYLE: &str = "AZURE_OPENAI_API_STYLE";
const MAPPER: &str = "AZURE_OPENAI_MODEL_MAPPER";
const VARIABLES: &str = "MODEL_MAP_";
const FALLBACK: &str = "MODEL_FALLBACK";
const AUTHORITY: &str = "AZURE_AUTHORITY_HOST";
const MANAGER: [&str; 2] = ["AZURE_SUBSCRIPTION_ID", "AZURE_RESOURCE_GROUP"];
const APPLICATION: [&str; 3] = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"];

/// What an instance has to itself.
pub(in crate::config) struct Instance<'a> {
    /// The setting that holds the address.
    pub(in crate::config) setting: &'a str,
    pub(in crate::config) pasted: &'a str,
    /// With the name of its setting.
    pub(in crate::config) version: (String, Option<String>),
    pub(in crate::config) mapper: Vec<(String, String)>,
}

/// Whether an application of Entra ID is set as a whole.
pub(in crate::config) fn has_application(settings: &Settings) -> bool {
    let mut names = APPLICATION.iter();
    names.all(|name| settings.get(name).is_some())
}

/// Whether the one resource has an address of its own, as opposed to what a proxy of several only falls back to.
pub(in crate::config) fn has_endpoint(settings: &Settings) -> bool {
    let [own, _] = ENDPOINT;
    settings.get(own).is_some()
}

/// The setting that such a proxy falls back to.
pub(in crate::config) fn base(settings: &Settings) -> Option<&'static str> {
    let [_, base] = ENDPOINT;
    settings.get(base).is_some().then_some(base)
}

impl Draft {
    pub(in crate::config) fn read_azure(&mut self, settings: &Settings) {
        let key = settings.first(&KEY);
        let mut account = Account {
            key: key.and_then(|(_, key)| Secret::new(key)),
            ..self.account("azure")
        };
        let Some((setting, pasted)) = settings.first(&ENDPOINT) else {
            // A document may name the key for a provider of its own, and beside instances it is a rest.
            let has_others = settings.get(DOCUMENT).is_some() || instances::are_named(settings);
            if let Some((name, _)) = key.filter(|_| !has_others) {
                let [endpoint, _] = ENDPOINT;
                let problem = format!("{name} is set, but {endpoint} is not.");
                self.add_broken(account, problem);
            }
            return;
        };
        let mut choices = self.flat_choices(settings, &mut account.problem);
        let application = self.flat_application(settings, &mut account.problem);
        let manager = self.flat_manager(settings, pasted, application.as_ref());
        choices.application = application.filter(|_| account.key.is_none());
        let otherwise = self.fallback(settings);
        let deployments = self.mappings(settings);
        self.add_azure(
            account,
            Plan {
                setting,
                pasted,
                choices,
                otherwise,
                deployments,
                manager,
            },
        );
    }

    /// One of several resources, which have but these to themselves.
    pub(in crate::config) fn add_instance(
        &mut self,
        settings: &Settings,
        mut account: Account,
        instance: &Instance<'_>,
    ) {
        let mut choices = self.flat_choices(settings, &mut account.problem);
        let (place, version) = &instance.version;
        let version = self.version_at(place, version.as_deref(), &mut account.problem);
        choices.version = version.or(choices.version);
        let application = self.instances_application(settings, &mut account.problem);
        choices.application = application.filter(|_| account.key.is_none());
        let own = instance.mapper.iter();
        let own = own.map(|(model, deployment)| {
            Mapping::Named(model.clone(), Deployment::named(deployment))
        });
        let deployments = own.chain(self.mappings(settings)).collect();
        let plan = Plan {
            setting: instance.setting,
            pasted: instance.pasted,
            choices,
            otherwise: self.fallback(settings),
            deployments,
            manager: None,
        };
        self.add_azure(account, plan);
    }

    /// The application of Entra ID that pays where an instance has no key.
    fn instances_application(
        &mut self,
        settings: &Settings,
        problem: &mut Option<String>,
    ) -> Option<Application> {
        has_application(settings)
            .then(|| self.flat_application(settings, problem))
            .flatten()
    }

    fn flat_manager(
        &mut self,
        settings: &Settings,
        pasted: &str,
        application: Option<&Application>,
    ) -> Option<Endpoint> {
        let [subscription, group] = MANAGER;
        let (id, name) = (settings.get(subscription), settings.get(group));
        let (Some(id), Some(name), Some(application)) = (id, name, application) else {
            // Either alone may be another tool's.
            if id.is_some() && name.is_some() || application.is_some() && id.or(name).is_some() {
                self.warn(format!(
                    "{subscription} and {group} list deployments only together, and with {}.",
                    APPLICATION.join(", ")
                ));
            }
            return None;
        };
        let manager = Manager {
            subscription: id,
            resource_group: name,
            account: None,
            endpoint: None,
            application,
        };
        self.manager(subscription, pasted, &manager)
    }

    fn flat_choices(&mut self, settings: &Settings, problem: &mut Option<String>) -> Choices {
        let mut choices = Self::choices(settings, Written::Azure);
        choices.form = self.style(settings);
        choices.version = self.flat_version(settings, problem);
        let models = settings.get(MODELS_VERSION);
        if let Some(version) = self.version_at(MODELS_VERSION, models, problem) {
            choices.models_version = version;
        }
        let responses = settings.get(RESPONSES_VERSION);
        choices.responses_version = self.version_at(RESPONSES_VERSION, responses, problem);
        choices
    }

    /// The version the owner wants wherever nothing else is said.
    pub(in crate::config) fn flat_version(
        &mut self,
        settings: &Settings,
        problem: &mut Option<String>,
    ) -> Option<ApiVersion> {
        let (name, version) = settings.first(&VERSION)?;
        self.version_at(name, Some(version), problem)
    }

    fn style(&mut self, settings: &Settings) -> Option<Form> {
        match settings.get(STYLE)?.to_ascii_lowercase().as_str() {
            "classic" => Some(Form::Classic),
            "v1" => Some(Form::V1),
            other => {
                self.warn(format!("{STYLE} is `{other}`; it should be classic or v1."));
                None
            }
        }
    }

    fn flat_application(
        &mut self,
        settings: &Settings,
        problem: &mut Option<String>,
    ) -> Option<Application> {
        let [tenant, client_id, client_secret] = APPLICATION.map(|name| settings.get(name));
        let missing: Vec<&str> = APPLICATION
            .into_iter()
            .filter(|name| settings.get(name).is_none())
            .collect();
        if !missing.is_empty() && missing.len() < APPLICATION.len() {
            let text = format!("{} must be set, too, for Entra ID.", missing.join(" and "));
            // Other tools set them too: beside a key they are not needed.
            if settings.first(&KEY).is_some() {
                self.warn(text);
            } else {
                self.fault(text, problem);
            }
        }
        Some(Application {
            tenant: tenant?.to_owned(),
            client_id: client_id?.to_owned(),
            client_secret: Secret::new(client_secret?)?,
            scope: None,
            authority: self.authority_at(AUTHORITY, settings.get(AUTHORITY), problem),
        })
    }

    fn fallback(&mut self, settings: &Settings) -> Otherwise {
        let Some(word) = settings.get(FALLBACK) else {
            return Otherwise::Find;
        };
        match word.to_ascii_lowercase().as_str() {
            "passthrough" => Otherwise::AsItIs,
            "strip" => Otherwise::Strip,
            "error" => Otherwise::Refuse,
            other => {
                self.warn(format!(
                    "{FALLBACK} is `{other}`; it should be passthrough, strip or error."
                ));
                Otherwise::Find
            }
        }
    }

    /// `model=deployment,model=deployment`, and one variable for each.
    fn mappings(&mut self, settings: &Settings) -> Vec<Mapping> {
        let pairs = self.pairs(settings, MAPPER, "model=deployment").into_iter();
        let named = |(model, deployment): (String, String)| {
            Mapping::Named(model, Deployment::named(&deployment))
        };
        let mut mappings: Vec<Mapping> = pairs.map(named).collect();
        for (name, deployment) in settings.beginning_with(VARIABLES) {
            if name.bytes().any(|byte| byte.is_ascii_alphanumeric()) && is_name(deployment) {
                let deployment = Deployment::named(deployment);
                mappings.push(Mapping::Variable(name.to_owned(), deployment));
            } else {
                self.warn(format!(
                    "{VARIABLES}{name} names no model or no deployment."
                ));
            }
        }
        mappings
    }
}
