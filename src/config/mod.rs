//! The configuration, typed: read from the settings once per isolate, then only asked.
//!
//! A bad item is a warning that names the setting and the rest still works; a setting that makes a provider
//! unusable becomes a `configuration_error` of the calls that need it, never a crash.

mod azure;
mod draft;
mod flat;
pub mod foap;
mod forward;
mod google;
mod inference;
pub mod instances;
pub mod known;
mod limits;
mod lists;
mod native;
pub mod overview;
mod pools;
mod read;
mod rule;
mod settings;
mod table;

use std::collections::HashSet;
use std::rc::Rc;

use crate::clients::{self, Access, Caller};
use crate::cors::Origins;
use crate::error::{Error, Kind, Result};
use crate::forward::Allowed;
use crate::gemini::Host;
use crate::glob::Glob;
use crate::headers::Headers;
use crate::inference::Terms;
use crate::limits::{Limits, Mode};
use crate::platform::Level;
use crate::pool::{Pool, Rules, Strategy, Target, TargetModel};
use crate::providers::google::Site;
use crate::providers::{Provider, Timeouts};
use crate::surface::{self, Arrival, BodyLimits, Operation, Route, Surface, Wanted};

pub use lists::{ListMode, Lists};
pub use rule::Rule;
pub use settings::Settings;

use draft::Draft;
use foap::Offer;
use instances::Instances;
use table::Table;

#[expect(clippy::struct_excessive_bools, reason = "independent settings")]
pub struct Config {
    pub access: Access,
    pub origins: Origins,
    pub body_limits: BodyLimits,
    pub log_level: Level,
    /// The model of a call that names none and cannot do without.
    pub default_model: Option<String>,
    /// How clients of Azure AI Model Inference are served.
    pub inference: Terms,
    /// How lists of models are made and kept.
    pub lists: Lists,
    /// Changes with every setting; no secret can be read from it.
    pub fingerprint: String,
    /// For the owner: what was not understood. No value of a secret is ever in it.
    pub warnings: Vec<String>,
    /// Where requests are passed on to at a client's word.
    pub forwards: Allowed,
    /// What clients ask about their account is made up.
    pub makes_up_billing: bool,
    /// Where a provider says nothing else.
    pub timeouts: Timeouts,
    /// Of all calls together.
    pub limits: Limits,
    /// How limits are kept.
    pub limits_mode: Mode,
    /// How pools choose that say nothing themselves.
    rules: Rc<Rules>,
    /// The instances among which every model is looked for that nobody else has.
    instances: Option<Instances>,
    /// The owner names somebody else for what nobody has.
    prefers_another: bool,
    /// All that is nobody else's is OpenAI's, or that server's in its place.
    relays_all: bool,
    /// What clients of OpenAI put in front of a key is no part of it.
    strips_prefix: bool,
    /// What makes every call impossible.
    broken: Option<String>,
    providers: Vec<Rc<Provider>>,
    /// In the order of precedence: exact names, then patterns, the longer first.
    models: Vec<(Glob, Pool)>,
    /// Models on hosts of their own.
    aliases: Vec<(String, Target)>,
    /// What provider files offer.
    offers: Vec<Offer>,
    /// Nothing else is served.
    are_offers_all: bool,
    /// How many of the providers can be asked for more than is written down: those of provider files come behind.
    general: usize,
    /// What a client can send as it stands.
    public_models: Vec<String>,
    /// What the owner says of models, as members of the list's items.
    said: Vec<(String, Table)>,
    default_provider: Rc<Provider>,
}

impl Config {
    /// Reads all settings. Total: whatever they hold, there is a configuration that says what is wrong.
    pub fn read(settings: &Settings) -> Self {
        let mut draft = Draft::default();
        draft.read_flat(settings);
        native::read(settings, &mut draft);
        draft.complete_studio(settings);
        draft.read_files(settings);
        let body_limits = draft.body_limits(settings);
        let inference = draft.read_inference(settings);
        let lists = draft.lists(settings);
        let log_level = draft.log_level(settings);
        let forwards = draft.forwards(settings);
        let makes_up_billing = draft.flag(settings, "MOCK_BILLING");
        let strips_prefix = draft.flag(settings, "STRIP_SK_PREFIX");
        let relays_all = draft.relays_all();
        let anonymous = draft.flag(settings, "ALLOW_ANONYMOUS");
        let access = draft.access(anonymous);
        let prefers_another = draft.prefers_another();
        let default_provider = draft.default_provider();
        let instances = draft.instances(settings);
        let public_models = public_models(&draft, instances.as_ref());
        let general = draft.providers.len();
        draft.providers.append(&mut draft.offers.providers);
        let mut config = Self {
            access,
            origins: Origins::parse(settings.get("CORS_ALLOW_ORIGINS").unwrap_or("*")),
            body_limits,
            log_level,
            default_model: settings.get("DEFAULT_MODEL").map(str::to_owned),
            inference,
            lists,
            fingerprint: settings.fingerprint(),
            warnings: draft.warnings,
            forwards,
            makes_up_billing,
            relays_all,
            strips_prefix,
            timeouts: draft.timeouts,
            limits: draft.limits,
            limits_mode: draft.limits_mode,
            rules: Rc::new(draft.rules),
            instances,
            prefers_another,
            broken: draft.broken,
            providers: draft.providers,
            models: draft.models,
            aliases: draft.aliases,
            offers: draft.offers.models,
            are_offers_all: draft.offers.are_all,
            general,
            public_models,
            said: draft.said,
            default_provider,
        };
        config.note_lost_fallbacks();
        config
    }

    /// Who is calling, and what it pays with where it pays itself.
    pub fn caller(&self, headers: &Headers) -> Result<Caller> {
        let caller = clients::authenticate(&self.access, headers)?;
        Ok(if self.relays_all {
            caller.with_its_authorization(headers)
        } else if self.strips_prefix {
            caller.without_openais_prefix()
        } else {
            caller
        })
    }

    /// What a request is.
    pub fn recognise(&self, arrival: &Arrival<'_>) -> Result<Route> {
        if self.inference.is_strict
            && let Some(wanted) = surface::inference_at_root(arrival)?
        {
            return Ok(Route::Call(wanted));
        }
        if self.relays_all {
            surface::recognise_all(arrival)
        } else {
            surface::recognise(arrival)
        }
    }

    /// The shape of an error about a request that is nothing.
    pub fn spoken(&self, arrival: &Arrival<'_>) -> Surface {
        surface::spoken(arrival, self.inference.is_strict)
    }

    /// Who serves a call.
    pub fn route(&self, model: Option<&str>) -> Result<Pool> {
        self.routed(model).map(|(_, pool)| pool)
    }

    /// The same, and by which rule.
    pub fn routed(&self, model: Option<&str>) -> Result<(Rule<'_>, Pool)> {
        if let Some(problem) = &self.broken {
            return Err(Error::configuration(problem.clone()));
        }
        let routed = model.and_then(|model| {
            self.configured(model)
                .or_else(|| self.alias(model))
                .or_else(|| self.offered(model))
                .or_else(|| self.selected(model))
                .or_else(|| self.claimed(model))
                .or_else(|| self.owned(model))
        });
        if let (true, None, Some(model)) = (self.are_offers_all, &routed, model) {
            let problem = format!("Model {model} not found");
            return Err(Error::new(Kind::NotFound, "model_not_found", problem).param("model"));
        }
        routed.map_or_else(|| self.otherwise(model), Ok)
    }

    /// Who serves what nobody claims.
    fn otherwise(&self, model: Option<&str>) -> Result<(Rule<'_>, Pool)> {
        let default = || (Rule::Default, self.only(&self.default_provider));
        let instances = self.instances.as_ref();
        let Some(instances) = instances.filter(|_| !self.prefers_another) else {
            return Ok(default());
        };
        match instances.among(model) {
            Some(pool) => Ok((Rule::Instances, pool)),
            None if instances.has(&self.default_provider) => {
                let model = model.unwrap_or_default();
                let problem = format!("The model `{model}` is none that an instance lists.");
                Err(Error::new(Kind::NotFound, "model_not_found", problem).param("model"))
            }
            None => Ok(default()),
        }
    }

    /// The same for a call: a provider file says which paths serve a model.
    pub fn serving(&self, wanted: &Wanted, model: Option<&str>) -> Result<(Rule<'_>, Pool)> {
        if model.is_none() && self.are_offers_all {
            return Err(no_model(wanted));
        }
        let (rule, pool) = self.routed(model)?;
        let pool = pool.at(&wanted.path);
        let pool = pool.map_err(|paths| unsupported(wanted, model.unwrap_or_default(), &paths))?;
        Ok((rule, pool))
    }

    /// Whether it names a model itself, as opposed to whom a client or the maker's way of naming brings to a provider.
    pub fn knows(&self, model: &str) -> bool {
        self.configured(model).is_some()
            || self.alias(model).is_some()
            || self.offered(model).is_some()
            || self.claimed(model).is_some()
    }

    /// Who is asked first for a model, or for what names none.
    pub fn first_target(&self, model: Option<&str>) -> Option<Target> {
        let pool = self.route(model).ok()?;
        pool.targets().first().cloned()
    }

    /// Who may be found to have a model: of instances any, else who is asked first.
    pub fn havers(&self, model: &str) -> Vec<Target> {
        match self.routed(Some(model)) {
            Ok((Rule::Instances, pool)) => pool.targets().to_vec(),
            Ok((_, pool)) => pool.targets().iter().take(1).cloned().collect(),
            Err(_) => Vec::new(),
        }
    }

    /// Whether a model has a host of its own, by the flat settings.
    pub fn is_alias(&self, model: &str) -> bool {
        self.configured(model).is_none() && self.alias(model).is_some()
    }

    /// Whether a provider is nothing but the host of one of those models.
    pub fn is_only_alias(&self, provider: &Rc<Provider>) -> bool {
        let mut aliases = self.aliases.iter();
        aliases.any(|(_, target)| Rc::ptr_eq(&target.provider, provider))
    }

    /// Whether a provider serves nothing but what is written down.
    pub fn is_all_named(&self, provider: &Rc<Provider>) -> bool {
        self.is_only_alias(provider) || self.is_offering(provider)
    }

    fn is_offering(&self, provider: &Rc<Provider>) -> bool {
        let mut offering = self.providers.iter().skip(self.general);
        offering.any(|it| Rc::ptr_eq(it, provider))
    }

    /// Those that can be asked for more than is written down.
    fn general(&self) -> impl Iterator<Item = &Rc<Provider>> {
        self.providers.iter().take(self.general)
    }

    /// Whether a call that names no model has a deployment all the same.
    pub fn is_pinned(&self) -> bool {
        let target = self.first_target(None);
        target.is_some_and(|target| target.provider.names.pinned().is_some())
    }

    fn configured(&self, model: &str) -> Option<(Rule<'_>, Pool)> {
        let mut entries = self.models.iter();
        let (name, pool) = entries.find(|(name, _)| name.matches(model))?;
        Some((Rule::Named(name), pool.clone()))
    }

    fn alias(&self, model: &str) -> Option<(Rule<'_>, Pool)> {
        let mut aliases = self.aliases.iter();
        let (_, target) = aliases.find(|(alias, _)| alias.eq_ignore_ascii_case(model))?;
        Some((Rule::Alias, Pool::of(target.clone(), self.rules.clone())))
    }

    /// As a provider file writes it; in other letters only where none is written so.
    fn offered(&self, model: &str) -> Option<(Rule<'_>, Pool)> {
        let exact = self.offers.iter().find(|it| it.name == model);
        let offer = exact.or_else(|| {
            let mut offers = self.offers.iter();
            offers.find(|it| it.name.eq_ignore_ascii_case(model))
        })?;
        Some((Rule::Offered(&offer.provider), offer.pool.clone()))
    }

    /// The instances that list the model, or a provider whose own map names it.
    fn claimed(&self, model: &str) -> Option<(Rule<'_>, Pool)> {
        let instances = self.instances.as_ref().filter(|it| it.claim(model));
        if let Some(pool) = instances.and_then(|it| it.among(Some(model))) {
            return Some((Rule::Instances, pool));
        }
        // What is mapped for all of them, and listed by none, is none of theirs.
        let is_instance = |it: &Provider| self.instances().is_some_and(|all| all.has(it));
        let mut providers = self.providers.iter();
        let provider = providers.find(|it| it.names.claims(model) && !is_instance(it))?;
        Some((Rule::Mapped(&provider.name), self.only(provider)))
    }

    /// A provider whose models are plainly called so: the default one before others, AI Studio before Vertex AI.
    fn owned(&self, model: &str) -> Option<(Rule<'_>, Pool)> {
        let owns = |provider: &&Rc<Provider>| provider.names.owns(model);
        let is_on_vertex =
            |provider: &&Rc<Provider>| provider.google().map(Site::host) == Some(Host::Vertex);
        let owners = self.general().filter(owns);
        let first = Some(&self.default_provider).filter(owns);
        let provider = first.or_else(|| owners.min_by_key(is_on_vertex))?;
        Some((Rule::Owned(&provider.name), self.only(provider)))
    }

    /// `provider/model` asks that provider for that model. With one provider there is nothing to select, and the
    /// slash belongs to the name: a marketplace behind the provider `openai` has an `openai/gpt-4o` of its own.
    /// (Azure's deployments have no slashes, and of Google's names `google/` falls in any case.)
    fn selected(&self, model: &str) -> Option<(Rule<'_>, Pool)> {
        let (provider, model) = model.split_once('/')?;
        let same = |it: &&Rc<Provider>| it.name.eq_ignore_ascii_case(provider);
        let provider = self.general().find(same)?;
        let is_selector = provider.azure().is_some() || provider.google().is_some();
        if self.general < 2 && !is_selector {
            return None;
        }
        let target = Target {
            model: TargetModel::Named(model.to_owned()),
            ..Target::as_asked(provider.clone())
        };
        Some((
            Rule::Selected(&provider.name),
            Pool::of(target, self.rules.clone()),
        ))
    }

    /// Those that serve what nobody else has, where there are any.
    pub fn instances(&self) -> Option<&Instances> {
        self.instances.as_ref()
    }

    /// The pools of the document.
    pub fn pools(&self) -> impl Iterator<Item = &Pool> {
        self.models.iter().map(|(_, pool)| pool)
    }

    /// How pools choose that say nothing themselves.
    pub fn strategy(&self) -> Strategy {
        self.rules.strategy
    }

    /// Nobody else is asked, and under the name asked for.
    fn only(&self, provider: &Rc<Provider>) -> Pool {
        Pool::of(Target::as_asked(provider.clone()), self.rules.clone())
    }

    /// A provider that was found by what a client's address says.
    pub fn pool_of(&self, provider: &Rc<Provider>) -> Pool {
        self.only(provider)
    }

    /// The configured names that a client can send as they stand.
    pub fn public_models(&self) -> impl Iterator<Item = &str> {
        self.public_models.iter().map(String::as_str)
    }

    /// What the owner says of a model, as members of its item in the list.
    pub fn said_of(&self, model: &str) -> Option<&Table> {
        let mut said = self.said.iter();
        let found = said.find(|(name, _)| name.eq_ignore_ascii_case(model));
        found.map(|(_, members)| members)
    }

    pub fn providers(&self) -> &[Rc<Provider>] {
        &self.providers
    }

    /// Those whose settings make sense.
    pub fn usable_providers(&self) -> impl Iterator<Item = &Rc<Provider>> {
        self.providers.iter().filter(|it| it.broken.is_none())
    }

    pub fn problem(&self) -> Option<&str> {
        self.broken.as_deref()
    }
}

/// In that project's words.
fn unsupported(wanted: &Wanted, model: &str, paths: &[String]) -> Error {
    let path = &wanted.path;
    let paths: Vec<String> = paths.iter().map(|path| format!("v1/{path}")).collect();
    let paths = paths.join(", ");
    let problem =
        format!("API path v1/{path} not supported for model {model}. It is served at: {paths}.");
    Error::new(Kind::NotFound, "unsupported_operation", problem).param("model")
}

/// Only a model tells which provider of a file is meant.
fn no_model(wanted: &Wanted) -> Error {
    if matches!(wanted.operation, Operation::Relay | Operation::Models) {
        let problem =
            "This path is not served: here a call has to name a model of a provider file.";
        return Error::new(Kind::NotFound, "unknown_path", problem);
    }
    Error::no_model()
}

/// Pools, aliases, what provider files offer, what providers map, and what instances list.
fn public_models(draft: &Draft, instances: Option<&Instances>) -> Vec<String> {
    let pools = draft.models.iter().map(|(name, _)| name);
    let pools = pools.filter(|name| !name.is_pattern()).map(Glob::as_str);
    let aliases = draft.aliases.iter().map(|(alias, _)| alias.as_str());
    let offers = draft.offers.models.iter().map(|it| it.name.as_str());
    let mapped = draft.providers.iter();
    let mapped = mapped.flat_map(|provider| provider.names.public());
    let mut seen = HashSet::new();
    let listed = instances.into_iter().flat_map(Instances::models);
    let names = pools.chain(aliases).chain(offers).chain(mapped);
    let names = names.chain(listed);
    let new = names.filter(|name| seen.insert(name.to_ascii_lowercase()));
    new.map(str::to_owned).collect()
}
