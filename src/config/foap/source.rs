//! A provider of a file: what its endpoints inherit, and the accounts that its addresses become.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use crate::config::draft::{Account, Draft, broken};
use crate::config::settings::Settings;
use crate::config::table::Table;
use crate::openai::images::Moving;
use crate::providers::azure::{ApiVersion, Resource, Written};
use crate::providers::names::{Deployment, Names, Otherwise};
use crate::providers::openai::BaseUrl;
use crate::providers::{Kind, Provider};
use crate::secret::Secret;
use crate::surface::path::Normalised;

use super::options::Times;

const KNOWN: [&str; 14] = [
    "api_key_variable",
    "prefix",
    "target_base_url",
    "request_timeout",
    "health_timeout",
    "models",
    "type",
    "api_version",
    "auth_header",
    "extra_headers",
    "pass_through",
    "aliases",
    "fallback_model_name",
    "rewrite_image_urls",
];

/// Where a file says nothing; what the gateway's own setting says counts before it.
const USUAL_TIMEOUT_MILLIS: u32 = 60_000;
/// Of all files together, and each with each of its times.
const MOST_SERVERS: usize = 500;

pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) place: &'a str,
    pub(super) prefix: &'a str,
    pub(super) fallback: Option<&'a str>,
    settings: &'a Settings,
    key: Option<Secret>,
    headers: Vec<(String, Secret)>,
    passes_through: bool,
    rewrites_images: bool,
    written: Option<Written>,
    /// It is OpenAI's by its owner's word, whatever its address looks like.
    is_openai: bool,
    version: Option<ApiVersion>,
    problem: Option<String>,
    base: Option<&'a str>,
    times: Times,
    /// The gateway's own address.
    public: Option<String>,
    /// The names of all providers, in lower case.
    names: &'a mut HashSet<String>,
    /// What its addresses are called.
    called: HashMap<Server, String>,
    made: HashMap<(Server, Times), Rc<Provider>>,
}

/// What stands behind an address of a file.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Server {
    address: String,
    /// The paths below it begin with `v1`, so that the address does not have to end with it.
    is_bare: bool,
}

impl<'a> Source<'a> {
    pub(super) fn read(
        draft: &mut Draft,
        settings: &'a Settings,
        name: &'a str,
        place: &'a str,
        options: &'a Table,
        names: &'a mut HashSet<String>,
    ) -> Self {
        draft.note_unknown(place, options, &KNOWN);
        let is_set = settings.get("UPSTREAM_TIMEOUT").is_some();
        let usual = Times {
            request_millis: if is_set {
                draft.account(name).timeouts.upstream_millis
            } else {
                USUAL_TIMEOUT_MILLIS
            },
            health_millis: None,
        };
        let mut source = Self {
            name,
            place,
            prefix: draft.text_at(place, options, "prefix").unwrap_or_default(),
            fallback: draft.text_at(place, options, "fallback_model_name"),
            settings,
            key: None,
            headers: Vec::new(),
            passes_through: draft.is_on(place, options, "pass_through"),
            rewrites_images: draft.is_on(place, options, "rewrite_image_urls"),
            written: None,
            is_openai: false,
            version: None,
            problem: None,
            base: draft.text_at(place, options, "target_base_url"),
            times: draft.times(place, options, usual),
            public: draft.public_address(settings),
            names,
            called: HashMap::new(),
            made: HashMap::new(),
        };
        source.read_type(draft, options);
        source.read_key(draft, options);
        source.read_headers(draft, options);
        if source.rewrites_images && source.public.is_none() {
            draft.warn(format!(
                "{place}.rewrite_image_urls is not in force: BASE_URL is not set."
            ));
        }
        source
    }

    fn read_type(&mut self, draft: &mut Draft, options: &Table) {
        let place = self.place;
        let kind = draft.text_at(place, options, "type").unwrap_or_default();
        match kind.to_ascii_lowercase().as_str() {
            "" => {}
            "openai" => self.is_openai = true,
            "azure" => self.written = Some(Written::Azure),
            "foundry" => self.written = Some(Written::Foundry),
            other => {
                let text = format!(
                    "{place}.type is `{other}`; it should be openai, azure or foundry. Models of others belong to \
                     GATEWAY.providers."
                );
                draft.fault(text, &mut self.problem);
            }
        }
        let at = format!("{place}.api_version");
        let version = draft.text_at(place, options, "api_version");
        self.version = draft.version_at(&at, version, &mut self.problem);
    }

    /// One that is not set is every call's error: sent without, the server would refuse it in words of its own.
    fn read_key(&mut self, draft: &mut Draft, options: &Table) {
        let place = self.place;
        let Some(variable) = draft.text_at(place, options, "api_key_variable") else {
            return;
        };
        let variable = variable.trim_start_matches('$');
        let key = self.settings.secret(variable);
        if key.is_none() {
            let text =
                format!("{place}.api_key_variable names the secret {variable}, which is not set.");
            draft.fault(text, &mut self.problem);
        }
        match draft.text_at(place, options, "auth_header") {
            Some(header) if !header.eq_ignore_ascii_case("authorization") => {
                let at = format!("{place}.auth_header");
                self.add_header(draft, &at, header, key);
            }
            _ => self.key = key,
        }
    }

    fn read_headers(&mut self, draft: &mut Draft, options: &'a Table) {
        let place = format!("{}.extra_headers", self.place);
        let headers = match options.get("extra_headers") {
            None | Some(Value::Null) => return,
            Some(Value::Object(headers)) => headers,
            Some(_) => return draft.warn(format!("{place} should be an object.")),
        };
        for (name, value) in headers {
            let at = format!("{place}.{name}");
            let value = draft.secret_at(self.settings, Some(value), &at, &mut self.problem);
            self.add_header(draft, &at, name, value);
        }
    }

    fn add_header(&mut self, draft: &mut Draft, place: &str, name: &str, value: Option<Secret>) {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_plain) {
            return draft.warn(format!("{place} is no name of a header."));
        }
        let name = name.to_ascii_lowercase();
        self.headers.extend(value.map(|value| (name, value)));
    }

    /// Who is asked at an endpoint of this path.
    pub(super) fn provider(
        &mut self,
        draft: &mut Draft,
        place: &str,
        options: &Table,
        path: &Normalised,
    ) -> Rc<Provider> {
        let address = draft.text_at(place, options, "target_base_url");
        let server = Server {
            address: address.or(self.base).unwrap_or_default().to_owned(),
            is_bare: path.versioned,
        };
        let times = draft.times(place, options, self.times);
        let key = (server, times);
        if let Some(made) = self.made.get(&key) {
            return made.clone();
        }
        if draft.offers.providers.len() >= MOST_SERVERS {
            let problem = format!("Provider files name more than {MOST_SERVERS} servers.");
            draft.warn(problem.clone());
            return broken(self.name, problem);
        }
        let made = self.make(draft, place, &key.0, times);
        draft.offers.providers.push(made.clone());
        self.made.insert(key, made.clone());
        made
    }

    fn make(
        &mut self,
        draft: &mut Draft,
        place: &str,
        server: &Server,
        times: Times,
    ) -> Rc<Provider> {
        let mut account = Account {
            key: self.key.clone(),
            headers: self.headers.clone(),
            problem: self.problem.clone(),
            ..draft.account(&self.call(server))
        };
        account.timeouts.upstream_millis = times.request_millis;
        let health = times.health_millis;
        account.probe.timeout_millis = health.unwrap_or(account.probe.timeout_millis);
        match self.kind(draft, place, server, &mut account.problem) {
            Some((kind, names)) => account.provider(kind, names, None),
            None => account.provider(Kind::Demo, Names::default(), None),
        }
    }

    /// No two servers have one name. The first is called as in the file.
    fn call(&mut self, server: &Server) -> String {
        if let Some(name) = self.called.get(server) {
            return name.clone();
        }
        let mut number = self.called.len() + 1;
        let mut name = match number {
            1 => self.name.to_owned(),
            _ => format!("{}-{number}", self.name),
        };
        while !self.names.insert(name.to_ascii_lowercase()) {
            number += 1;
            name = format!("{}-{number}", self.name);
        }
        self.called.insert(server.clone(), name.clone());
        name
    }

    /// None where the address makes no sense.
    fn kind(
        &self,
        draft: &mut Draft,
        place: &str,
        server: &Server,
        problem: &mut Option<String>,
    ) -> Option<(Kind, Names)> {
        let address = server.address.as_str();
        if address.is_empty() {
            draft.fault(format!("{place} has no target_base_url."), problem);
            return None;
        }
        if let Some(resource) = self.resource(draft, address, problem) {
            let pinned = resource.pinned.as_deref().map(Deployment::named);
            let names = Names::new(Otherwise::AsItIs, pinned);
            return Some((Kind::Azure(Box::new(resource)), names));
        }
        let parsed = if server.is_bare {
            BaseUrl::parse_server(address)
        } else {
            BaseUrl::parse(address)
        };
        match parsed {
            Ok(mut base) => {
                let has_credential = self.key.is_some() || !self.headers.is_empty();
                base.is_open = !has_credential && !self.passes_through;
                Some((Kind::OpenAi(base), Names::default()))
            }
            Err(reason) => {
                let text = format!("{place}.target_base_url is not an address: {reason}.");
                draft.fault(text, problem);
                None
            }
        }
    }

    /// What an address is of Azure's, by its owner's word, its host, or the deployment in its path: there a key goes
    /// into a header of its own, and every call has an api-version.
    fn resource(
        &self,
        draft: &mut Draft,
        base: &str,
        problem: &mut Option<String>,
    ) -> Option<Resource> {
        if self.is_openai {
            return None;
        }
        let written = self.written.unwrap_or(Written::Azure);
        let choices = || Draft::choices(self.settings, written);
        let resource = Resource::new(base, choices()).ok()?;
        let path = base.to_ascii_lowercase();
        let is_azures = self.written.is_some()
            || resource.wants_credential()
            || path.contains("/openai/deployments/");
        if !is_azures {
            return None;
        }
        let mut choices = choices();
        choices.version = match &self.version {
            Some(version) => Some(version.clone()),
            None if base.contains("api-version=") => None,
            None => draft.flat_version(self.settings, problem),
        };
        Resource::new(base, choices).ok()
    }

    /// Which addresses of pictures an endpoint's answers may have that are fetched through the gateway.
    pub(super) fn moving(&self, options: &Table) -> Option<Rc<Moving>> {
        let to = self.public.clone()?;
        let mut from = vec![to.clone()];
        if self.rewrites_images {
            let own = options.get("target_base_url").and_then(Value::as_str);
            let own = own.or(self.base).unwrap_or_default();
            let own = own.trim().trim_end_matches('/');
            from.extend(Some(own.to_owned()).filter(|own| !own.is_empty()));
        }
        Some(Rc::new(Moving { to, from }))
    }
}
