//! A list explained: whom it is put together from, and how they are asked.

use serde_json::{Map, Value, json};

use crate::catalogue::Catalogue;
use crate::catalogue::sources::{Source, sources};
use crate::config::ListMode;
use crate::error::Result;
use crate::explain::{HERE, OBJECT, problem, request};
use crate::inquiry::Inquiry;
use crate::platform::Platform;
use crate::providers::Endpoint;
use crate::surface::Wanted;

const KEPT: &str = "nobody is asked while a list is kept that is new enough";

impl<P: Platform> Catalogue<'_, P> {
    /// Whom a question about models would be put to.
    pub fn explain(&self, wanted: &Wanted) -> Result<Value> {
        if let Some(model) = wanted.described_model() {
            self.caller.may_use(Some(&model))?;
        }
        let sources = sources(self.config);
        let sources = sources.iter().map(|source| self.explain_source(source));
        Ok(json!({
            "object": OBJECT,
            "operation": wanted.operation.name(),
            "client": self.caller.name(),
            "note": KEPT,
            "sources": sources.collect::<Vec<_>>(),
        }))
    }

    fn explain_source(&self, source: &Source) -> Value {
        let provider = &*source.provider;
        let mut told = Map::new();
        told.insert("provider".to_owned(), provider.name.as_str().into());
        let mut requests = Vec::new();
        let own = source.paths.iter().map(|path| provider.list_endpoint(path));
        let own = own.collect::<Result<Vec<_>>>();
        let own = own.unwrap_or_else(|error| {
            told.insert("problem".to_owned(), problem(&error));
            Vec::new()
        });
        for endpoint in provider.manager.iter().chain(&own) {
            match self.explain_question(source, endpoint) {
                Ok(Some(request)) => requests.push(request),
                Ok(None) => {
                    told.insert("note".to_owned(), HERE.into());
                }
                Err(error) => {
                    told.insert("problem".to_owned(), problem(&error));
                }
            }
        }
        if requests.len() > 1 && self.config.lists.mode != ListMode::All {
            told.insert("note".to_owned(), "the first that answers counts".into());
        }
        told.insert("requests".to_owned(), requests.into());
        told.into()
    }

    /// None where it is known without a question.
    fn explain_question(&self, source: &Source, endpoint: &Endpoint) -> Result<Option<Value>> {
        let Some(url) = endpoint.place.url() else {
            return Ok(None);
        };
        let inquiry = Inquiry {
            platform: self.platform,
            caller: self.caller,
            provider: &source.provider,
            endpoint,
            timeout_millis: source.provider.timeouts.upstream_millis,
        };
        let headers = inquiry.masked()?;
        Ok(Some(request("GET", url, &headers).into()))
    }
}
