//! The configuration while it is being put together, and what was wrong on the way.

use std::cell::Cell;
use std::rc::Rc;

use crate::clients::{Access, Key};
use crate::config::foap::Offers;
use crate::config::instances::Read;
use crate::config::table::Table;
use crate::gemini::Host;
use crate::glob::Glob;
use crate::limits::{Limits, Mode as LimitsMode};
use crate::pool::{Pool, Rules, Share, Target};
use crate::providers::azure::Resource;
use crate::providers::google::Site;
use crate::providers::names::Names;
use crate::providers::openai::BaseUrl;
use crate::providers::{Endpoint, Kind, Probe, Provider, Timeouts};
use crate::secret::Secret;

/// A file of megabytes may be nothing but mistakes.
const MOST_WARNINGS: usize = 1_000;

#[derive(Default)]
pub(super) struct Draft {
    pub(super) providers: Vec<Rc<Provider>>,
    pub(super) models: Vec<(Glob, Pool)>,
    /// What the owner says of models.
    pub(super) said: Vec<(String, Table)>,
    /// Models on hosts of their own, by alias.
    pub(super) aliases: Vec<(String, Target)>,
    /// Of the list of those models, what was not understood first: a model that nobody claims may be its.
    pub(super) misread: Option<String>,
    /// What provider files say.
    pub(super) offers: Offers,
    pub(super) keys: Vec<Key>,
    /// Somebody tried to say who may call, whether or not it was understood: nobody else gets in.
    pub(super) names_clients: bool,
    pub(super) default_provider: Option<String>,
    pub(super) mode: Option<Mode>,
    pub(super) timeouts: Timeouts,
    pub(super) limits: Limits,
    pub(super) limits_mode: LimitsMode,
    /// How pools choose that say nothing themselves.
    pub(super) rules: Rules,
    pub(super) instances: Vec<Read>,
    pub(super) warnings: Vec<String>,
    pub(super) broken: Option<String>,
}

/// Whose a name is that nobody claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Azure,
    OpenAi,
    Google,
    Vertex,
}

/// What every provider has, whatever it is.
pub(super) struct Account {
    pub(super) name: String,
    pub(super) key: Option<Secret>,
    pub(super) headers: Vec<(String, Secret)>,
    pub(super) timeouts: Timeouts,
    pub(super) probe: Probe,
    pub(super) share: Share,
    pub(super) asks_usage: bool,
    pub(super) problem: Option<String>,
}

impl Account {
    pub(super) fn provider(
        self,
        kind: Kind,
        names: Names,
        manager: Option<Endpoint>,
    ) -> Rc<Provider> {
        Rc::new(Provider {
            name: self.name,
            kind,
            names,
            key: self.key,
            headers: self.headers,
            timeouts: self.timeouts,
            probe: self.probe,
            share: self.share,
            asks_usage: self.asks_usage,
            manager,
            broken: self.problem,
            last: Cell::default(),
        })
    }
}

impl Draft {
    pub(super) fn account(&self, name: &str) -> Account {
        Account {
            name: name.to_owned(),
            key: None,
            headers: Vec::new(),
            timeouts: self.timeouts,
            probe: Probe::default(),
            share: Share::default(),
            asks_usage: true,
            problem: None,
        }
    }

    pub(super) fn add(
        &mut self,
        account: Account,
        kind: Kind,
        names: Names,
        manager: Option<Endpoint>,
    ) {
        self.providers.push(account.provider(kind, names, manager));
    }

    /// A provider that makes no sense is kept: its calls are told so.
    pub(super) fn add_broken(&mut self, account: Account, problem: String) {
        self.warn(problem.clone());
        let account = Account {
            problem: Some(problem),
            ..account
        };
        self.add(account, Kind::Demo, Names::default(), None);
    }

    pub(super) fn add_openai(
        &mut self,
        account: Account,
        setting: &str,
        base: Result<BaseUrl, String>,
    ) {
        match base {
            Ok(base) => self.add(account, Kind::OpenAi(base), Names::default(), None),
            Err(problem) => {
                let problem = format!("The setting {setting} is not an address: {problem}.");
                self.add_broken(account, problem);
            }
        }
    }

    /// What makes a provider unusable; of several the first is what its calls are told.
    pub(super) fn fault(&mut self, text: String, problem: &mut Option<String>) {
        self.warn(text.clone());
        problem.get_or_insert(text);
    }

    pub(super) fn access(&mut self, anonymous: bool) -> Access {
        // Of a provider that was not understood it is not known whether it has one.
        let has_credential = self
            .everybody()
            .any(|provider| provider.has_credential() || provider.broken.is_some());
        if anonymous {
            if self.names_clients {
                self.warn("ALLOW_ANONYMOUS is not in force: there are client keys.".to_owned());
            } else {
                return Access::Anonymous;
            }
        }
        if self.names_clients {
            self.note_lacking();
            Access::Keys(std::mem::take(&mut self.keys))
        } else if has_credential {
            self.warn(
                "Nobody is served: there is a provider's credential but no client key. Set \
                 PROXY_API_KEYS, or ALLOW_ANONYMOUS=true."
                    .to_owned(),
            );
            Access::Closed
        } else {
            Access::PassThrough
        }
    }

    /// With client keys of ours nobody brings a credential of Azure's or Google's along.
    fn note_lacking(&mut self) {
        let azures = |it: &Rc<Provider>| {
            let wants = it.azure().is_some_and(Resource::wants_credential);
            let name = &it.name;
            (wants && !it.has_credential()).then(|| {
                format!(
                    "The provider `{name}` has no key and no application of Entra ID: Azure will refuse its calls."
                )
            })
        };
        // Of Vertex AI's it has been said.
        let is_studio = |it: &Rc<Provider>| it.google().map(Site::host) == Some(Host::Studio);
        let studios = |it: &Rc<Provider>| it.lacks_credential().filter(|_| is_studio(it));
        let usable = self.everybody().filter(|it| it.broken.is_none());
        let lacking: Vec<String> = usable
            .filter_map(|it| azures(it).or_else(|| studios(it)))
            .collect();
        self.warnings.extend(lacking);
    }

    /// With nothing configured the built-in provider is the one there is.
    pub(super) fn default_provider(&mut self) -> Rc<Provider> {
        if let Some(name) = self.default_provider.take() {
            if let Some(provider) = self.provider(&name) {
                return provider;
            }
            let problem =
                format!("GATEWAY.default names the provider `{name}`, which is not there.");
            self.warn(problem.clone());
            return broken(&name, problem);
        }
        match self.mode {
            Some(Mode::OpenAi) => return self.openai_itself(),
            Some(Mode::Google) => {
                return self.googles("google", Host::Studio, "GOOGLE_AI_STUDIO_API_KEY");
            }
            Some(Mode::Vertex) => {
                let settings = "VERTEX_AI_PROJECT_ID (the project), or GOOGLE_APPLICATION_CREDENTIALS, or \
                                VERTEX_AI_API_KEY,";
                return self.googles("vertex", Host::Vertex, settings);
            }
            Some(Mode::Azure) if !self.has_azure() => return self.no_azure(),
            Some(Mode::Azure) | None => {}
        }
        if let Some(provider) = self.obvious_provider() {
            return provider;
        }
        if self.offers.are_there {
            return self.nobody();
        }
        let demo = Rc::new(Provider::demo());
        self.providers.push(demo.clone());
        demo
    }

    /// Whether the owner says who gets what nobody claims, and does not mean Azure.
    pub(super) fn prefers_another(&self) -> bool {
        self.default_provider.is_some() || !matches!(self.mode, None | Some(Mode::Azure))
    }

    /// Whether the mode makes this a relay to OpenAI; a default provider of the document's wins over the mode.
    pub(super) fn relays_all(&self) -> bool {
        self.mode == Some(Mode::OpenAi) && self.default_provider.is_none()
    }

    fn has_azure(&self) -> bool {
        let mut providers = self.providers.iter();
        providers.any(|it| it.azure().is_some() || it.name == "azure")
    }

    /// Asked for by name, Azure's calls are not another provider's.
    fn no_azure(&mut self) -> Rc<Provider> {
        let problem = "AZURE_OPENAI_PROXY_MODE is azure, but AZURE_OPENAI_ENDPOINT is not set.";
        self.warn(problem.to_owned());
        broken("azure", problem.to_owned())
    }

    /// Azure, OpenAI, or the first; instances where there is nobody else. Hosts of a single model are nobody's default,
    /// unless there is but one.
    fn obvious_provider(&self) -> Option<Rc<Provider>> {
        let is_alias = |provider: &&Rc<Provider>| {
            let mut aliases = self.aliases.iter();
            aliases.any(|(_, target)| Rc::ptr_eq(&target.provider, provider))
        };
        let is_instance = |provider: &&Rc<Provider>| self.is_instance(provider);
        let general = self.providers.iter().filter(|it| !is_alias(it));
        let mut others = general.clone().filter(|it| !is_instance(it));
        let named = |name| self.provider(name).filter(|it| !is_instance(&it));
        let azure = || others.clone().find(|it| it.azure().is_some()).cloned();
        let found = named("azure")
            .or_else(azure)
            .or_else(|| named("openai"))
            .or_else(|| others.next().cloned())
            .or_else(|| general.clone().next().cloned());
        found.or_else(|| match (self.providers.as_slice(), &self.misread) {
            (_, Some(problem)) => Some(broken("azure", problem.clone())),
            ([], None) => None,
            ([only], None) => Some(only.clone()),
            _ => Some(broken(
                "azure",
                "No provider is configured for models beside those of AZURE_AI_STUDIO_DEPLOYMENTS."
                    .to_owned(),
            )),
        })
    }

    /// Only what provider files offer is served; one that was not read may have offered anything.
    fn nobody(&mut self) -> Rc<Provider> {
        let unread = self.offers.problem.clone();
        self.offers.are_all = unread.is_none();
        let mut providers = self.offers.providers.iter();
        let problem = unread.or_else(|| providers.find_map(|it| it.broken.clone()));
        let usual = || "Only the models of provider files are served.".to_owned();
        broken("none", problem.unwrap_or_else(usual))
    }

    /// OpenAI, with the client's own credential where there is none of ours.
    fn openai_itself(&mut self) -> Rc<Provider> {
        if let Some(provider) = self.provider("openai") {
            return provider;
        }
        let provider = Rc::new(Provider {
            name: "openai".to_owned(),
            kind: Kind::OpenAi(BaseUrl::default()),
            timeouts: self.timeouts,
            ..Provider::demo()
        });
        self.providers.push(provider.clone());
        provider
    }

    /// Asked for by name, Google's calls are not another provider's.
    fn googles(&mut self, name: &str, host: Host, setting: &str) -> Rc<Provider> {
        self.of_google(name, host).unwrap_or_else(|| {
            let problem = format!("AZURE_OPENAI_PROXY_MODE is {name}, but {setting} is not set.");
            self.warn(problem.clone());
            broken(name, problem)
        })
    }

    /// The provider of that name, or the first of that host.
    pub(super) fn of_google(&self, name: &str, host: Host) -> Option<Rc<Provider>> {
        let is_there = |it: &&Rc<Provider>| it.google().map(Site::host) == Some(host);
        let first = || self.providers.iter().find(is_there).cloned();
        self.provider(name).or_else(first)
    }

    pub(super) fn provider(&self, name: &str) -> Option<Rc<Provider>> {
        let same = |provider: &&Rc<Provider>| provider.name.eq_ignore_ascii_case(name);
        self.providers.iter().find(same).cloned()
    }

    /// Those of provider files, too.
    pub(super) fn everybody(&self) -> impl Iterator<Item = &Rc<Provider>> {
        self.providers.iter().chain(&self.offers.providers)
    }

    /// Once is enough, however many it is about; and nobody reads a thousand.
    pub(super) fn warn(&mut self, warning: String) {
        if self.warnings.len() < MOST_WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }
}

/// A provider that only says why it cannot be used: what was meant for it goes nowhere else.
pub(super) fn broken(name: &str, problem: String) -> Rc<Provider> {
    Rc::new(Provider {
        name: name.to_owned(),
        broken: Some(problem),
        ..Provider::demo()
    })
}
