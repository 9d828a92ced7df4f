//! A list explained: whom it is put together from, and how they are asked.

use serde_json::{Map, Value};

use crate::catalogue::one::{DEPLOYMENTS, OF_MODELS};
use crate::catalogue::sources::{Source, sources};
use crate::catalogue::{About, Catalogue};
use crate::config::ListMode;
use crate::error::{Error, Kind, Result};
use crate::explain::{OBJECT, problem};
use crate::inquiry::{self, Inquiry};
use crate::platform::Platform;
use crate::providers::{Endpoint, Provider};
use crate::surface::Wanted;

const KEPT: &str = "nobody is asked while a list is kept that is new enough";
const ALONE: &str = "what is kept or configured is told as it is; else its provider is asked for it alone, and where \
                     that knows none, all for their lists";

impl<P: Platform> Catalogue<'_, P> {
    /// Whom a question about models would be put to.
    pub fn explain(&self, wanted: &Wanted) -> Result<Value> {
        let (note, alone) = match About::of(&wanted.path) {
            About::Models | About::Deployments | About::Info => {
                self.may_know_all()?;
                (KEPT, None)
            }
            About::Model(id) | About::Capabilities(id) => {
                let id = id.strip_prefix("models/").unwrap_or(&id);
                (ALONE, Some(self.explain_one(id, OF_MODELS)?))
            }
            About::Deployment(id) => (ALONE, Some(self.explain_one(&id, &[DEPLOYMENTS])?)),
        };
        let mut told = Map::new();
        let mut tell = |name: &str, value: Value| told.insert(name.to_owned(), value);
        tell("object", OBJECT.into());
        tell("operation", wanted.operation.name().into());
        tell("client", self.caller.name().into());
        tell("note", note.into());
        if let Some(alone) = alone {
            tell("alone", alone);
        }
        if !self.caller.is_limited() {
            let sources = sources(self.config);
            let sources = sources.iter().map(|source| self.explain_source(source));
            tell("sources", sources.collect());
        }
        Ok(told.into())
    }

    /// The sources are everybody's, whatever a key may use of them.
    fn may_know_all(&self) -> Result<()> {
        if self.caller.is_limited() {
            return Err(Error::new(
                Kind::Forbidden,
                "explain_not_allowed",
                "This API key is limited to certain models, and may ask for an explanation of those only.",
            ));
        }
        Ok(())
    }

    fn explain_one(&self, id: &str, folders: &[&str]) -> Result<Value> {
        self.caller.may_use(Some(id))?;
        let mut told = Map::new();
        match self.places(id, folders) {
            Ok(None) => {}
            Ok(Some((target, endpoints))) => {
                let provider = &target.provider;
                told.insert("provider".to_owned(), provider.name.as_str().into());
                self.explain_questions(provider, &endpoints, &mut told);
            }
            Err(error) => {
                told.insert("problem".to_owned(), problem(&error));
            }
        }
        Ok(told.into())
    }

    fn explain_source(&self, source: &Source) -> Value {
        let provider = &*source.provider;
        let mut told = Map::new();
        told.insert("provider".to_owned(), provider.name.as_str().into());
        let own = source.paths.iter().map(|path| provider.list_endpoint(path));
        let own = own.collect::<Result<Vec<_>>>();
        let own = own.unwrap_or_else(|error| {
            told.insert("problem".to_owned(), problem(&error));
            Vec::new()
        });
        let endpoints = provider.manager.iter().chain(&own);
        let requests = self.explain_questions(provider, endpoints, &mut told);
        if requests > 1 && self.config.lists.mode != ListMode::All {
            told.insert("note".to_owned(), "the first that answers counts".into());
        }
        told.into()
    }

    /// How many requests it takes at most.
    fn explain_questions<'e>(
        &self,
        provider: &Provider,
        endpoints: impl IntoIterator<Item = &'e Endpoint>,
        told: &mut Map<String, Value>,
    ) -> usize {
        let inquiries = endpoints.into_iter().map(|endpoint| Inquiry {
            platform: self.platform,
            caller: self.caller,
            provider,
            endpoint,
            timeout_millis: provider.timeouts.upstream_millis,
        });
        inquiry::explain(inquiries, told)
    }
}
