//! Any server that speaks OpenAI's API: OpenAI itself, vLLM, Ollama, Groq, another gateway.

use crate::origin;
use crate::providers::address::split;

/// Where such a server's API begins, as `https://host[:port]/prefix`, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    base: String,
    /// Asks for no credential at all, and is shown none.
    pub is_open: bool,
}

const OPENAI: &str = "https://api.openai.com/v1";

impl Default for BaseUrl {
    fn default() -> Self {
        Self::of(OPENAI.to_owned())
    }
}

impl BaseUrl {
    fn of(base: String) -> Self {
        let is_open = false;
        Self { base, is_open }
    }

    /// Takes what people paste. A bare host gets the `/v1` every such server has; a path is taken at its
    /// word, as the SDKs take `OPENAI_BASE_URL`; the path of an operation pasted with it is cut off.
    pub fn parse(pasted: &str) -> Result<Self, String> {
        let (origin, path) = split(pasted)?;
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = without_operation(path.trim_end_matches('/'));
        let path = if path.is_empty() { "/v1" } else { path };
        Ok(Self::of(format!("{origin}{path}")))
    }

    /// The older setting names the server, and the client's whole path follows, `/v1` included.
    pub fn parse_server(pasted: &str) -> Result<Self, String> {
        let base = Self::parse(pasted)?.base;
        Ok(Self::of(if base.ends_with("/v1") {
            base
        } else {
            base + "/v1"
        }))
    }

    pub fn as_str(&self) -> &str {
        &self.base
    }

    /// A path with a slash in front is the server's, not its API's: OpenAI has pages outside of `/v1`.
    pub fn url(&self, path: &str, query: &str) -> String {
        let server = self.base.strip_suffix("/v1").unwrap_or(&self.base);
        let (base, path) = match path.strip_prefix('/') {
            Some(path) => (server, path),
            None => (self.base.as_str(), path),
        };
        let mut url = String::with_capacity(base.len() + path.len() + query.len() + 2);
        url.push_str(base);
        url.push('/');
        url.push_str(path);
        if !query.is_empty() {
            url.push('?');
            url.push_str(query);
        }
        url
    }

    /// What of a path of that origin is below this address.
    pub fn below<'a>(&self, origin: &str, path: &'a str) -> Option<&'a str> {
        let own = origin::of(&self.base)?;
        let prefix = self.base.strip_prefix(own)?;
        let is_https = own.starts_with("https:");
        let usual = if is_https { ":443" } else { ":80" };
        let is_there = own.strip_suffix(usual).unwrap_or(own) == origin;
        let below = path.strip_prefix(prefix)?.strip_prefix('/')?;
        // A second slash would make it the server's own.
        (is_there && !below.starts_with('/')).then_some(below)
    }
}

fn without_operation(path: &str) -> &str {
    const PASTED: [&str; 5] = [
        "/chat/completions",
        "/completions",
        "/responses",
        "/embeddings",
        "/models",
    ];
    PASTED
        .iter()
        .find_map(|operation| path.strip_suffix(operation))
        .unwrap_or(path)
}
