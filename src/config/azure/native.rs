//! A resource in the document, with its options.

use serde_json::Value;

use crate::azure::Options;
use crate::azure::family::Family;
use crate::config::draft::Draft;
use crate::config::native::COMMON;
use crate::config::settings::Settings;
use crate::config::table::Table;
use crate::inference::request::Policy;
use crate::providers::Endpoint;
use crate::providers::azure::{Application, Choices, Form, ListMode, Manager, Written};
use crate::providers::names::{Deployment, Otherwise};

use super::{Mapping, Plan};

const OPTIONS: [&str; 14] = [
    "form",
    "api_version",
    "entra",
    "arm",
    "deployments",
    "passthrough",
    "unsupported_params",
    "reactive_retry",
    "strip_azure_fields",
    "extra_parameters",
    "list_mode",
    "responses_via_v1",
    "always_include_usage",
    "async_images",
];

impl Draft {
    pub(in crate::config) fn read_resource(
        &mut self,
        settings: &Settings,
        written: Written,
        name: &str,
        options: &Table,
    ) {
        let place = format!("GATEWAY.providers.{name}");
        self.note_unknown(&place, options, &[&COMMON[..], &OPTIONS].concat());
        let mut account = self.account_of(settings, name, &place, options);
        let Some(pasted) = options.get("endpoint").and_then(Value::as_str) else {
            let problem = format!("{place}.endpoint is not set.");
            return self.add_broken(account, problem);
        };
        let mut choices = Self::choices(settings, written);
        self.choose(&place, options, &mut choices, &mut account.problem);
        let application = self.application(settings, &place, options, &mut account.problem);
        let manager = self.native_manager(&place, pasted, options, application.as_ref());
        // With a key there is nothing to ask Entra ID for, but for the list.
        if application.is_some() && account.key.is_some() && manager.is_none() {
            self.warn(format!("{place}.entra is not used: there is a key."));
        }
        choices.application = application.filter(|_| account.key.is_none());
        let otherwise = match self.switch(&place, options, "passthrough") {
            None => Otherwise::Find,
            Some(true) => Otherwise::AsItIs,
            Some(false) => Otherwise::Refuse,
        };
        let deployments = self.deployments(&place, options);
        self.add_azure(
            account,
            Plan {
                setting: &format!("{place}.endpoint"),
                pasted,
                choices,
                otherwise,
                deployments,
                manager,
            },
        );
    }

    fn native_manager(
        &mut self,
        place: &str,
        pasted: &str,
        options: &Table,
        application: Option<&Application>,
    ) -> Option<Endpoint> {
        let place = format!("{place}.arm");
        let arm = options.get("arm")?.as_object();
        let known = ["subscription", "resource_group", "account", "endpoint"];
        let (Some(arm), Some(application)) = (arm, application) else {
            self.warn(format!("{place} should be a table, and needs entra."));
            return None;
        };
        self.note_unknown(&place, arm, &known);
        let endpoint = self.text(&place, arm, "endpoint");
        let subscription = self.text(&place, arm, "subscription");
        let group = self.text(&place, arm, "resource_group");
        let (Some(subscription), Some(resource_group)) = (subscription, group) else {
            self.warn(format!("{place} needs subscription and resource_group."));
            return None;
        };
        let manager = Manager {
            subscription,
            resource_group,
            account: self.text(&place, arm, "account"),
            endpoint: self.authority_at(&place, endpoint, &mut None),
            application,
        };
        self.manager(&place, pasted, &manager)
    }

    fn choose(
        &mut self,
        place: &str,
        options: &Table,
        choices: &mut Choices,
        problem: &mut Option<String>,
    ) {
        let forms = "classic, v1, foundry-models, serverless, managed, github or anthropic";
        choices.form = self.word(place, options, "form", Form::parse, forms);
        let version = self.text(place, options, "api_version");
        let at = format!("{place}.api_version");
        choices.version = self.version_at(&at, version, problem);
        let lists = "configured, deployments or azure_models";
        choices.list_mode = self
            .word(place, options, "list_mode", ListMode::parse, lists)
            .unwrap_or_default();
        choices.extra_parameters = self.word(
            place,
            options,
            "extra_parameters",
            Policy::parse,
            "drop, error or pass-through",
        );
        let mut set = |key, switch: &mut bool| {
            *switch = self.switch(place, options, key).unwrap_or(*switch);
        };
        set("responses_via_v1", &mut choices.responses_via_v1);
        set("async_images", &mut choices.async_images);
        let Options {
            strip_azure_fields,
            drop_unsupported,
            reactive_retry,
            always_include_usage,
        } = &mut choices.options;
        set("reactive_retry", reactive_retry);
        set("strip_azure_fields", strip_azure_fields);
        set("always_include_usage", always_include_usage);
        let is_drop = |word: &str| match word {
            "drop" => Some(true),
            "forward" => Some(false),
            _ => None,
        };
        *drop_unsupported = self
            .word(
                place,
                options,
                "unsupported_params",
                is_drop,
                "forward or drop",
            )
            .unwrap_or(*drop_unsupported);
    }

    fn application(
        &mut self,
        settings: &Settings,
        place: &str,
        options: &Table,
        problem: &mut Option<String>,
    ) -> Option<Application> {
        let place = format!("{place}.entra");
        let Value::Object(entra) = options.get("entra")? else {
            self.fault(format!("{place} should be a table."), problem);
            return None;
        };
        let known = ["tenant", "client_id", "client_secret", "scope", "authority"];
        self.note_unknown(&place, entra, &known);
        let secret_place = format!("{place}.client_secret");
        let secret = entra.get("client_secret");
        let secret = self.secret_at(settings, secret, &secret_place, problem);
        let tenant = self.text(&place, entra, "tenant");
        let client_id = self.text(&place, entra, "client_id");
        let authority = self.text(&place, entra, "authority");
        let authority_place = format!("{place}.authority");
        let authority = self.authority_at(&authority_place, authority, problem);
        let scope = self.text(&place, entra, "scope").map(str::to_owned);
        let (Some(tenant), Some(client_id), Some(client_secret)) = (tenant, client_id, secret)
        else {
            let text = format!("{place} needs tenant, client_id and client_secret.");
            self.fault(text, problem);
            return None;
        };
        Some(Application {
            tenant: tenant.to_owned(),
            client_id: client_id.to_owned(),
            client_secret,
            scope,
            authority,
        })
    }

    fn deployments(&mut self, place: &str, options: &Table) -> Vec<Mapping> {
        let mut mappings = Vec::new();
        let place = format!("{place}.deployments");
        let table = match options.get("deployments") {
            None | Some(Value::Null) => return mappings,
            Some(Value::Object(table)) => table,
            Some(_) => {
                self.warn(format!("{place} should be a table of names."));
                return mappings;
            }
        };
        for (name, value) in table {
            let at = format!("{place}.{name}");
            match self.deployment(&at, value) {
                Some(deployment) => mappings.push(Mapping::Named(name.clone(), deployment)),
                None => self.warn(format!("{at} names no deployment.")),
            }
        }
        mappings
    }

    fn deployment(&mut self, place: &str, value: &Value) -> Option<Deployment> {
        let Value::Object(options) = value else {
            let name = value.as_str().map(str::trim);
            return Some(Deployment::named(name.filter(|name| !name.is_empty())?));
        };
        self.note_unknown(place, options, &["deployment", "family", "api_version"]);
        let version = self.text(place, options, "api_version");
        let at = format!("{place}.api_version");
        // The provider's own version is used instead.
        let api_version = self.version_at(&at, version, &mut None);
        Some(Deployment {
            name: self.text(place, options, "deployment")?.to_owned(),
            family: self.text(place, options, "family").map(Family::of),
            api_version,
            model: None,
        })
    }
}
