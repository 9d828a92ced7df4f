//! Any server that speaks OpenAI's API: OpenAI itself, vLLM, Ollama, Groq, another gateway.

/// Where such a server's API begins, as `https://host[:port]/prefix`, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    base: String,
}

const OPENAI: &str = "https://api.openai.com/v1";

impl Default for BaseUrl {
    fn default() -> Self {
        Self {
            base: OPENAI.to_owned(),
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
        Ok(Self { base })
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

/// `scheme://authority` and the path. A missing scheme is `https`, on one's own machine `http`.
fn split(pasted: &str) -> Result<(String, &str), String> {
    let pasted = pasted.trim().trim_matches(['"', '\'']).trim();
    let (scheme, rest) = match pasted.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None if is_own_machine(pasted) => ("http".to_owned(), pasted),
        None => ("https".to_owned(), pasted),
    };
    if !matches!(scheme.as_str(), "http" | "https") {
        return Err("it begins with neither https:// nor http://".to_owned());
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.contains('@') {
        return Err("it holds a user name or password; set the key as a secret instead".to_owned());
    }
    if !is_host_and_port(authority) {
        return Err("it names no host, or no port a host has".to_owned());
    }
    if path.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("its path holds a blank".to_owned());
    }
    Ok((
        format!("{scheme}://{}", authority.to_ascii_lowercase()),
        path,
    ))
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`.
fn is_host_and_port(authority: &str) -> bool {
    let end_of_host = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let port_at = authority.get(end_of_host..).and_then(|rest| rest.find(':'));
    let (host, port) = match port_at {
        Some(at) => authority.split_at(end_of_host + at),
        None => (authority, ""),
    };
    let is_v6 = host.starts_with('[') && host.ends_with(']') && host.len() > 2;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let plain_v6 = |c: char| c.is_ascii_hexdigit() || matches!(c, '[' | ']' | ':' | '.');
    let is_host = if is_v6 {
        host.chars().all(plain_v6)
    } else {
        !host.is_empty() && host.chars().all(plain)
    };
    let number = port.strip_prefix(':').map(str::parse::<u16>);
    is_host && (port.is_empty() || matches!(number, Some(Ok(1..))))
}

fn is_own_machine(address: &str) -> bool {
    let host = address.split(['/', ':']).next().unwrap_or_default();
    host == "localhost" || host.starts_with("127.") || address.starts_with("[::1]")
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
