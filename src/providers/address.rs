//! Addresses as people paste them: origin and path, and what makes no sense refused.

use std::net::Ipv4Addr;

/// `scheme://authority` and the path. A missing scheme is `https`, on one's own machine `http`.
pub fn split(pasted: &str) -> Result<(String, &str), String> {
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
    if !pasted.contains("://") && !authority.contains(['.', ':']) && authority != "localhost" {
        // A key, `null`, `http//`: as a host it would be looked up, by name.
        return Err("it begins with neither https:// nor http://".to_owned());
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
    let (host, port) = host_and_port(authority);
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

/// The host, and the port with its colon. Numbers of version 6 have colons of their own, between brackets.
pub fn host_and_port(authority: &str) -> (&str, &str) {
    let end_of_host = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let port_at = authority.get(end_of_host..).and_then(|rest| rest.find(':'));
    authority.split_at(port_at.map_or(authority.len(), |at| end_of_host + at))
}

/// Whether an address, with or without a scheme, is of the machine that asks.
pub fn is_own_machine(address: &str) -> bool {
    let address = address
        .split_once("://")
        .map_or(address, |(_, address)| address);
    let host = address.split(['/', ':']).next().unwrap_or_default();
    let is_loopback = |host: &str| host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback());
    host == "localhost" || is_loopback(host) || address.starts_with("[::1]")
}
