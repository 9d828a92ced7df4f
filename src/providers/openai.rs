//! Any server that speaks OpenAI's API: OpenAI itself, vLLM, Ollama, Groq, another gateway.

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
        Self {
            base: OPENAI.to_owned(),
            is_open: false,
        }
    }
}

impl BaseUrl {
    /// Takes what people paste. A bare host gets the `/v1` every such server has; a path is taken at its
    /// word, as the SDKs take `OPENAI_BASE_URL`; the path of an operation pasted with it is cut off.
    pub fn parse(pasted: &str) -> Result<Self, String> {
        let (origin, path) = split(pasted)?;
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = without_operation(path.trim_end_matches('/'));
        let path = if path.is_empty() { "/v1" } else { path };
        Ok(Self {
            base: format!("{origin}{path}"),
            is_open: false,
        })
    }

    /// The older setting names the server, and the client's whole path follows, `/v1` included.
    pub fn parse_server(pasted: &str) -> Result<Self, String> {
        let base = Self::parse(pasted)?.base;
        let base = if base.ends_with("/v1") {
            base
        } else {
            base + "/v1"
        };
        let is_open = false;
        Ok(Self { base, is_open })
    }

    pub fn as_str(&self) -> &str {
        &self.base
    }

    pub fn url(&self, path: &str, query: &str) -> String {
        let mut url = String::with_capacity(self.base.len() + path.len() + query.len() + 2);
        url.push_str(&self.base);
        url.push('/');
        url.push_str(path);
        if !query.is_empty() {
            url.push('?');
            url.push_str(query);
        }
        url
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
