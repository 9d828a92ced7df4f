//! The configuration while it is being put together, and what was wrong on the way.

use std::rc::Rc;

use crate::clients::{Access, Key};
use crate::glob::Glob;
use crate::pool::Pool;
use crate::providers::names::Names;
use crate::providers::openai::BaseUrl;
use crate::providers::{Kind, Provider, Timeouts};
use crate::secret::Secret;

#[derive(Default)]
pub(super) struct Draft {
    pub(super) providers: Vec<Rc<Provider>>,
    pub(super) models: Vec<(Glob, Pool)>,
    pub(super) keys: Vec<Key>,
    /// Somebody tried to say who may call, whether or not it was understood: nobody else gets in.
    pub(super) names_clients: bool,
    pub(super) default_provider: Option<String>,
    pub(super) timeouts: Timeouts,
    pub(super) warnings: Vec<String>,
    pub(super) broken: Option<String>,
}

impl Draft {
    /// A provider whose address makes no sense is kept: its calls are told so.
    pub(super) fn add_openai(
        &mut self,
        name: &str,
        setting: &str,
        base: Result<BaseUrl, String>,
        key: Option<Secret>,
    ) {
        let (base, broken) = match base {
            Ok(base) => (base, None),
            Err(problem) => {
                let problem = format!("The setting {setting} is not an address: {problem}.");
                self.warnings.push(problem.clone());
                (BaseUrl::default(), Some(problem))
            }
        };
        self.providers.push(Rc::new(Provider {
            name: name.to_owned(),
            kind: Kind::OpenAi(base),
            names: Names::default(),
            key,
            headers: Vec::new(),
            timeouts: self.timeouts,
            broken,
        }));
    }

    pub(super) fn access(&mut self, anonymous: bool) -> Access {
        // Of a provider that was not understood it is not known whether it has one.
        let has_credential = self
            .providers
            .iter()
            .any(|provider| provider.has_credential() || provider.broken.is_some());
        if anonymous {
            if self.names_clients {
                self.warn("ALLOW_ANONYMOUS is not in force: there are client keys.".to_owned());
            } else {
                return Access::Anonymous;
            }
        }
        if self.names_clients {
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
        if let Some(provider) = self
            .provider("openai")
            .or_else(|| self.providers.first().cloned())
        {
            return provider;
        }
        let demo = Rc::new(Provider::demo());
        self.providers.push(demo.clone());
        demo
    }

    pub(super) fn provider(&self, name: &str) -> Option<Rc<Provider>> {
        let same = |provider: &&Rc<Provider>| provider.name.eq_ignore_ascii_case(name);
        self.providers.iter().find(same).cloned()
    }

    pub(super) fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
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
