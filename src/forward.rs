//! To whom requests are passed on at a client's word: the owner's list, and who is never on it.

use crate::error::Result;
use crate::headers::Headers;
use crate::internet;
use crate::surface::{Address, host_and_port, refused};

/// The hosts an owner allows.
pub struct Allowed {
    hosts: Vec<Host>,
}

/// One host, or all below one.
pub struct Host {
    name: String,
    /// Those below it, and not itself.
    is_domain: bool,
    /// None: the scheme's own.
    port: Option<u16>,
    /// `http` as well as `https`.
    is_plain: bool,
}

impl Default for Allowed {
    fn default() -> Self {
        let openais = Host::parse("api.openai.com").ok();
        Self::new(openais.into_iter().collect())
    }
}

impl Host {
    /// `host`, `host:port`, `*.domain`; with `http://` in front also without encryption. A pasted path falls.
    pub fn parse(written: &str) -> std::result::Result<Self, &'static str> {
        let (scheme, rest) = written.split_once("://").unwrap_or(("https", written));
        let is_plain = scheme.eq_ignore_ascii_case("http");
        if !is_plain && !scheme.eq_ignore_ascii_case("https") {
            return Err("it begins with neither https:// nor http://");
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let domain = authority.strip_prefix("*.");
        let (name, port) = host_and_port(domain.unwrap_or(authority)).ok_or(
            "it should be a host, host:port or *.domain (of others than ASCII the form xn--)",
        )?;
        if !is_somebodys(&name) {
            return Err("it is a number, or a name of a network of one's own");
        }
        let usual = if is_plain { 80 } else { 443 };
        Ok(Self {
            name,
            is_domain: domain.is_some(),
            port: port.filter(|port| *port != usual),
            is_plain,
        })
    }

    fn is_of(&self, address: &Address) -> bool {
        let is_named = if self.is_domain {
            let below = address.host.strip_suffix(&self.name);
            // A name in other letters may look like any: it is allowed by itself or not at all.
            below.is_some_and(|it| it.ends_with('.')) && !has_other_letters(&address.host)
        } else {
            self.name == address.host
        };
        is_named && self.port == address.port && (self.is_plain || !address.is_plain)
    }
}

impl Allowed {
    pub fn new(hosts: Vec<Host>) -> Self {
        Self { hosts }
    }

    /// Whether a request may go there; the headers are those it came with.
    pub fn admit(&self, address: &Address, headers: &Headers) -> Result<()> {
        let host = &address.host;
        let own = headers.get("host").and_then(host_and_port);
        if own.is_some_and(|(own, _)| own == *host) {
            return Err(refused(
                "Requests are not forwarded to this gateway itself.",
            ));
        }
        if !is_somebodys(host) {
            return Err(refused(
                "Requests are forwarded to public names of hosts, not to numbers or names of a network of one's own.",
            ));
        }
        if self.hosts.iter().any(|it| it.is_of(address)) {
            return Ok(());
        }
        let origin = address.origin();
        let written = origin.strip_prefix("https://").unwrap_or(&origin);
        Err(refused(format!(
            "Requests are not forwarded to {origin}. The owner of this gateway can allow it: `{written}` in the \
             setting FORWARD_ALLOWED_HOSTS."
        )))
    }
}

/// Whether a name may be somebody else's on the public internet. A number is no name.
fn is_somebodys(name: &str) -> bool {
    !internet::is_number(name) && internet::is_public_name(name)
}

fn has_other_letters(name: &str) -> bool {
    name.split('.').any(|label| label.starts_with("xn--"))
}
