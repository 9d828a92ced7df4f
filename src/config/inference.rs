//! Azure AI Model Inference: how strictly it is taken, and the one server behind it that two settings name.

use crate::config::Config;
use crate::config::draft::{Account, Draft};
use crate::config::settings::Settings;
use crate::error::{Error, Kind, Result};
use crate::inference::Terms;
use crate::inference::info;
use crate::inference::request::Policy;
use crate::providers::address::host_and_port;
use crate::providers::openai::BaseUrl;
use crate::surface::Operation;

const VERSION: &str = "INFERENCE_API_VERSION";
const EXTRA: &str = "EXTRA_PARAMETERS_DEFAULT";
const HOST: &str = "UPSTREAM_HOST";
const PORT: &str = "UPSTREAM_PORT";
const TYPE: &str = "UPSTREAM_TYPE";
/// Of its own: the key named for OpenAI is OpenAI's, and the other way round.
const KEY: &str = "UPSTREAM_API_KEY";

/// The provider these settings make.
const NAME: &str = "upstream";

/// Where the servers listen that it was made for: TGI, vLLM, `SGLang`, TEI.
const USUAL_PORT: u16 = 8080;

impl Draft {
    pub(super) fn read_inference(&mut self, settings: &Settings) -> Terms {
        Terms {
            is_strict: self.is_strict(settings),
            extra: self.extra_parameters(settings),
            serves: self.serves(settings),
        }
    }

    fn is_strict(&mut self, settings: &Settings) -> bool {
        let Some(word) = settings.get(VERSION) else {
            return false;
        };
        let is_strict = word.eq_ignore_ascii_case("strict");
        if !is_strict && !word.eq_ignore_ascii_case("lenient") {
            self.warn(format!(
                "{VERSION} is `{word}`; it should be lenient or strict."
            ));
        }
        is_strict
    }

    fn extra_parameters(&mut self, settings: &Settings) -> Policy {
        let Some(word) = settings.get(EXTRA) else {
            return Policy::default();
        };
        Policy::parse(&word.to_ascii_lowercase()).unwrap_or_else(|| {
            self.warn(format!(
                "{EXTRA} is `{word}`; it should be error, drop or pass-through."
            ));
            Policy::default()
        })
    }

    fn serves(&mut self, settings: &Settings) -> Option<info::Kind> {
        let word = settings.get(TYPE)?;
        if settings.get(HOST).is_none() {
            self.warn(format!("{TYPE} means nothing without {HOST}."));
        }
        match word.to_ascii_lowercase().as_str() {
            "chat-completions" => Some(info::Kind::Chat),
            "embeddings" => Some(info::Kind::Embeddings),
            _ => {
                self.warn(format!(
                    "{TYPE} is `{word}`; it should be chat-completions or embeddings."
                ));
                None
            }
        }
    }

    pub(super) fn read_upstream(&mut self, settings: &Settings) {
        let Some(pasted) = settings.get(HOST) else {
            for name in [PORT, KEY] {
                if settings.get(name).is_some() {
                    self.warn(format!("{name} means nothing without {HOST}."));
                }
            }
            return;
        };
        let port = self.port(settings);
        let base = BaseUrl::parse_server(&address(pasted, port));
        let account = Account {
            key: settings.secret(KEY),
            ..self.account(NAME)
        };
        self.add_openai(account, HOST, base);
    }

    fn port(&mut self, settings: &Settings) -> Option<u16> {
        let text = settings.get(PORT)?;
        let port = text.parse().ok().filter(|port| *port > 0);
        if port.is_none() {
            self.warn(format!("{PORT} is `{text}`; it should be a port."));
        }
        port
    }
}

/// A host, or a URL, with the port it lacks.
fn address(pasted: &str, port: Option<u16>) -> String {
    let (scheme, rest) = pasted.split_once("://").unwrap_or(("http", pasted));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let (_, own_port) = host_and_port(host);
    let is_https = scheme.eq_ignore_ascii_case("https");
    let port = match port {
        _ if !own_port.is_empty() => None,
        // Nobody speaks TLS there; it stands beside https in that project's own example.
        None | Some(80) if is_https => None,
        port => Some(port.unwrap_or(USUAL_PORT)),
    };
    match port {
        Some(port) => format!("{scheme}://{host}:{port}{path}"),
        None => format!("{scheme}://{host}{path}"),
    }
}

impl Config {
    /// Whether the server of these settings gets the calls for a model, or for none.
    pub fn is_upstreams(&self, model: Option<&str>) -> bool {
        let target = self.first_target(model);
        target.is_some_and(|target| target.provider.name == NAME)
    }

    /// Refuses what the owner says that this server does not serve.
    pub fn check_served(&self, operation: Operation, model: Option<&str>) -> Result<()> {
        let (serves, word) = match self.inference.serves {
            Some(info::Kind::Chat) => (Operation::Chat, "chat completions"),
            Some(info::Kind::Embeddings) => (Operation::Embeddings, "embeddings"),
            _ => return Ok(()),
        };
        if operation == serves || !self.is_upstreams(model) {
            return Ok(());
        }
        let problem = format!("Only {word} are served here (the gateway's setting {TYPE}).");
        Err(Error::new(Kind::NotFound, "unsupported_operation", problem))
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_host_gets_the_port_it_lacks() {
        for (pasted, port, wanted) in [
            ("tgi", None, "http://tgi:8080"),
            ("tgi", Some(3000), "http://tgi:3000"),
            ("tgi:9000", Some(3000), "http://tgi:9000"),
            ("10.0.0.7", Some(80), "http://10.0.0.7:80"),
            ("[::1]", None, "http://[::1]:8080"),
            ("[::1]:9", None, "http://[::1]:9"),
            ("host/prefix", None, "http://host:8080/prefix"),
            ("http://host/a:b", None, "http://host:8080/a:b"),
            ("https://api.openai.com", Some(80), "https://api.openai.com"),
            ("https://host/prefix/v1", None, "https://host/prefix/v1"),
            ("https://host", Some(8443), "https://host:8443"),
            ("HTTPS://host?x", None, "HTTPS://host?x"),
        ] {
            assert_eq!(address(pasted, port), wanted, "{pasted}");
        }
    }
}
