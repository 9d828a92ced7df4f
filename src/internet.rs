//! Which addresses belong to the public internet, by how they are written.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Names that are somebody's own network's.
const OWN: [&str; 8] = [
    "localhost",
    "local",
    "internal",
    "lan",
    "home",
    "corp",
    "arpa",
    "localdomain",
];

/// Whether an address is `https`, of a host with a public name or number, on the usual port, and without a password.
pub fn is_public(url: &str) -> bool {
    let scheme = url
        .get(..8)
        .is_some_and(|it| it.eq_ignore_ascii_case("https://"));
    let Some(rest) = url.get(8..).filter(|_| scheme) else {
        return false;
    };
    // A backslash is a slash to URL parsers, and none to this one; blanks and the like are dropped by them.
    if url.bytes().any(|byte| byte == b'\\' || byte <= b' ') {
        return false;
    }
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.strip_suffix(":443").unwrap_or(host);
    match host.strip_prefix('[') {
        Some(host) => host.strip_suffix(']').is_some_and(is_public_v6),
        None => is_public_name(host),
    }
}

/// Whether a host is not of somebody's own network, by its name or number.
pub fn is_public_name(host: &str) -> bool {
    let name = host.trim_end_matches('.');
    // Percent signs and letters beyond ASCII are decoded by URL parsers: into what, is theirs to know.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let Some((_, last)) = name.rsplit_once('.').filter(|_| name.bytes().all(is_plain)) else {
        return false;
    };
    if is_number(name) {
        return name.parse::<Ipv4Addr>().is_ok_and(is_public_v4);
    }
    !OWN.iter().any(|own| last.eq_ignore_ascii_case(own))
}

/// Numbers are written in many ways (`127.1`, `0x7f.1`, `017700000001`): to URL parsers a host is one if its last part
/// is.
pub fn is_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_hex = matches!(last.as_bytes(), [b'0', b'x' | b'X', ..]);
    is_hex || last.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    let is_protocols = first == 192 && second == 0 && third == 0;
    let is_benchmark = first == 198 && matches!(second, 18 | 19);
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
        || address.is_documentation()
        || is_shared
        || is_protocols
        || is_benchmark
        || first == 0
        || first >= 240)
}

/// Global unicast alone; what holds an address of version 4 is judged by that.
fn is_public_v6(host: &str) -> bool {
    let Ok(address) = host.parse::<Ipv6Addr>() else {
        return false;
    };
    let [first, second, ..] = address.segments();
    let is_global = (0x2000..0x4000).contains(&first);
    // 6to4 and Teredo carry others; 2001:db8 is for documents.
    is_global && first != 0x2002 && !(first == 0x2001 && matches!(second, 0 | 0xdb8))
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn only_the_public_internet() {
        for url in [
            "https://example.com/a.png",
            "HTTPS://Example.com:443?x=1",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/a",
            "https://cdn.example.co.uk./x",
        ] {
            assert!(is_public(url), "{url}");
        }
        for url in [
            "http://example.com/a.png",
            "https://localhost/",
            "https://printer.local/",
            "https://metadata.google.internal/",
            "https://intranet/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.0.0.1/",
            "https://0x7f000001/",
            "https://127.0.0.0X1/",
            "https://0X7F.1/",
            "https://127.0.0.1./",
            "https://10.0.0.1/",
            "https://172.16.9.9/",
            "https://192.168.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://255.255.255.255/",
            "https://224.0.0.1/",
            "https://[::1]/",
            "https://[fe80::1]/",
            "https://[fc00::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[2002:7f00:1::]/",
            "https://user:password@example.com/",
            "https://example.com:8443/",
            "https://127.0.0.1\\@example.com/",
            "https://exa\nmple.com/",
            "https://%31%32%37.0.0.1/",
            "https://①②⑦.0.0.1/",
            "https:///path",
            "ftp://example.com/",
            "",
        ] {
            assert!(!is_public(url), "{url}");
        }
    }
}
