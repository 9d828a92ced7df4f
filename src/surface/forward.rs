//! Addresses that are asked for through us: `/proxy/https://api.openai.com/v1/...`, by clients that can only put
//! something in front of a URL.

use crate::error::{Error, Kind, Result};
use crate::surface::path::{climbing, decode, normalise};
use crate::surface::{Arrival, METHODS, only};

/// What such a path begins with.
pub(super) const PLACE: &str = "proxy";

/// Where a client wants its request to go. No host in it has a dot at its end or an upper-case letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `http`, not `https`.
    pub is_plain: bool,
    pub host: String,
    /// None: the scheme's own.
    pub port: Option<u16>,
    /// Percent-encoded; with its slash in front, unless there is none.
    pub path: String,
    /// Without the question mark.
    pub query: String,
}

/// None where it is no such request.
pub(super) fn recognise(arrival: &Arrival<'_>) -> Option<Result<Address>> {
    let asked = asked(arrival.path)?;
    let method = only(arrival.method, METHODS);
    Some(method.and_then(|()| Address::parse(asked, arrival.query)))
}

/// A path as it may be written down: what stands in front of a host may be a password, and what was encoded may be a
/// query.
pub fn told(path: &str) -> String {
    let Some(asked) = asked(path) else {
        return path.to_owned();
    };
    Address::parse(asked, "").map_or_else(
        |_| format!("/{PLACE}/"),
        |address| format!("/{PLACE}/{}{}", address.origin(), address.path),
    )
}

/// What stands behind the place, if anything does.
fn asked(path: &str) -> Option<&str> {
    let behind = path.trim_start_matches('/').strip_prefix(PLACE)?;
    let asked = behind.strip_prefix('/')?.trim_start_matches('/');
    (!asked.is_empty()).then_some(asked)
}

impl Address {
    /// `https://host/path`, with its slashes collapsed on the way, with `https%3A%2F%2F`, encoded as a whole, or
    /// without a scheme.
    fn parse(asked: &str, query: &str) -> Result<Self> {
        let asked = decoded(asked);
        if asked.chars().any(|c| c.is_control() || c == '\\') {
            return Err(invalid());
        }
        let asked = asked.split('#').next().unwrap_or_default();
        let (is_plain, rest) = scheme(asked)?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        if authority.contains('@') {
            return Err(refused(
                "The address behind /proxy/ holds a user name or a password.",
            ));
        }
        if authority.starts_with('[') {
            return Err(refused(
                "Requests are forwarded to names of hosts, not to numbers.",
            ));
        }
        let (host, port) = host_and_port(authority).ok_or_else(invalid)?;
        let (path, inner) = rest.split_once('?').unwrap_or((rest, ""));
        if normalise(path).climbs {
            return Err(climbing());
        }
        let usual = if is_plain { 80 } else { 443 };
        let queries = [&encoded(inner), query].map(str::to_owned);
        let queries = queries.into_iter().filter(|it| !it.is_empty());
        Ok(Self {
            is_plain,
            host,
            port: port.filter(|port| *port != usual),
            path: encoded(path),
            query: queries.collect::<Vec<_>>().join("&"),
        })
    }

    /// `scheme://host[:port]`.
    pub fn origin(&self) -> String {
        let scheme = if self.is_plain { "http" } else { "https" };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{}{port}", self.host)
    }

    pub fn url(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        [&self.origin(), &self.path, mark, &self.query].concat()
    }

    /// Whether it is OpenAI's own: there a request goes where its bare path would take it.
    pub fn is_openais(&self) -> bool {
        self.host == "api.openai.com" && self.port.is_none()
    }
}

/// Clients encode all of it, the part before the path, or the colon alone: what stands before the first slash that is
/// left. What comes after is as the server is to get it.
fn decoded(asked: &str) -> String {
    let end = asked.find('/').unwrap_or(asked.len());
    let (first, rest) = asked.split_at(end);
    decode(first) + rest
}

/// Whether it is without encryption, and what comes after the scheme. A WebSocket's are those of its handshake.
fn scheme(asked: &str) -> Result<(bool, &str)> {
    const SCHEMES: [(&str, bool); 4] = [
        ("https:", false),
        ("http:", true),
        ("wss:", false),
        ("ws:", true),
    ];
    for (scheme, is_plain) in SCHEMES {
        match asked.split_at_checked(scheme.len()) {
            Some((begin, rest)) if begin.eq_ignore_ascii_case(scheme) => {
                return Ok((is_plain, rest.trim_start_matches('/')));
            }
            _ => {}
        }
    }
    if asked.split('/').next().is_some_and(|it| it.ends_with(':')) {
        return Err(refused("Requests are forwarded to https:// alone."));
    }
    Ok((false, asked))
}

/// A name in one form and its port; None where it could be no host's.
pub(crate) fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let is_label =
        |label: &str| !label.is_empty() && label.len() < 64 && label.chars().all(is_plain);
    // The longest name DNS has.
    if host.len() > 253 || !host.split('.').all(is_label) {
        return None;
    }
    if port.is_empty() {
        return Some((host, None));
    }
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port.parse().ok().filter(|port| is_number && *port > 0)?;
    Some((host, Some(port)))
}

/// What a URL cannot hold as it is, encoded.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_graphic() {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            let bytes = c.encode_utf8(&mut bytes).bytes();
            out.extend(bytes.map(|byte| format!("%{byte:02X}")));
        }
    }
    out
}

fn invalid() -> Error {
    Error::bad_request(
        "invalid_address",
        "What stands behind /proxy/ should be an address, like https://api.openai.com/v1/chat/completions.",
    )
}

/// An address whose path is to be forwarded once more.
pub fn nested() -> Error {
    refused("Behind /proxy/ and a host stands another /proxy/.")
}

/// Nothing but its own address says where such a request goes.
pub fn unexplained() -> Error {
    Error::bad_request(
        "invalid_header",
        "A request that is forwarded goes to the address it names, as it is: there is nothing to explain, and nothing \
         was sent. Send it without the header x-isthmus-explain.",
    )
}

pub(crate) fn refused(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Kind::Forbidden, "forward_not_allowed", message)
}

#[cfg(test)]
mod tests {
    use super::{Address, asked, told};

    fn parsed(path: &str, query: &str) -> Result<Address, &'static str> {
        Address::parse(asked(path).unwrap(), query).map_err(|error| error.code)
    }

    #[test]
    fn addresses_as_clients_put_them() {
        for (path, query, url) in [
            ("https://a.test/v1/x", "", "https://a.test/v1/x"),
            ("https:/a.test/v1/x", "q=1", "https://a.test/v1/x?q=1"),
            ("https:///a.test", "", "https://a.test"),
            ("a.test/v1//x/", "", "https://a.test/v1//x/"),
            ("A.Test.:443/x", "", "https://a.test/x"),
            ("HTTPS://a.test:8443/", "", "https://a.test:8443/"),
            ("http://a.test:80/x", "", "http://a.test/x"),
            ("http:/a.test:443/x", "", "http://a.test:443/x"),
            ("wss://a.test/v1/realtime", "", "https://a.test/v1/realtime"),
            ("https%3A%2F%2Fa.test%2Fv1%2Fx", "", "https://a.test/v1/x"),
            ("https%3a//a.test/a%20b", "", "https://a.test/a%20b"),
            ("https%3A%2F%2Fa.test/a%2Fb", "", "https://a.test/a%2Fb"),
            (
                "https%3A%2F%2Fa.test%2Fa%2520b%3Fx%3D%C3%A9%20%23f",
                "y=2",
                "https://a.test/a%20b?x=%C3%A9%20&y=2",
            ),
            ("a.test?x=1", "", "https://a.test?x=1"),
            ("//a.test/x", "", "https://a.test/x"),
        ] {
            let address = parsed(&format!("/proxy/{path}"), query);
            assert_eq!(address.map(|it| it.url()), Ok(url.to_owned()), "{path}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (path, code) in [
            ("ftp://a.test/x", "forward_not_allowed"),
            ("file:/etc/passwd", "forward_not_allowed"),
            ("https://u:p@a.test/x", "forward_not_allowed"),
            ("https://u%40a.test/x", "invalid_address"),
            ("https%3A%2F%2Fu%40a.test%2Fx", "forward_not_allowed"),
            ("https://[::1]/x", "forward_not_allowed"),
            ("https:///", "invalid_address"),
            ("a..test/x", "invalid_address"),
            ("a.test:0/x", "invalid_address"),
            ("a.test:+1/x", "invalid_address"),
            ("a.test:99999/x", "invalid_address"),
            ("a.test:1:2/x", "invalid_address"),
            ("b%C3%BCcher.test/x", "invalid_address"),
            ("a.test%0d%0a/x", "invalid_address"),
            ("a.test%5c@b.test/x", "invalid_address"),
            ("a.test/%2e%2e/x", "invalid_path"),
        ] {
            let address = parsed(&format!("/proxy/{path}"), "");
            assert_eq!(address, Err(code), "{path}");
        }
    }

    #[test]
    fn no_password_and_no_query_is_written_down() {
        for (path, written) in [
            ("/v1/proxy/x", "/v1/proxy/x"),
            ("/proxy/", "/proxy/"),
            ("/proxy/a.test/x", "/proxy/https://a.test/x"),
            (
                "/proxy/https%3A%2F%2Fa.test%2Fx%3Fkey%3Dsecret",
                "/proxy/https://a.test/x",
            ),
            ("/proxy/https://u:secret@a.test/x", "/proxy/"),
        ] {
            assert_eq!(told(path), written);
        }
    }
}
