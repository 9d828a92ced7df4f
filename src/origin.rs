//! The server an address is at: scheme, host and port, as they are written.

/// None for what is no address. A backslash, which ends a host for who fetches, is a part of it here: such a host is
/// no other's.
pub fn of(url: &str) -> Option<&str> {
    let begin = url.find("://")? + 3;
    let authority = url.get(begin..)?;
    let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
    url.get(..begin + end)
}

/// Whether two addresses are at one server, so that both may see the same credential.
pub fn is_shared(url: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (of(url), of(other)) else {
        return false;
    };
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests {
    use super::{is_shared, of};

    #[test]
    fn it_ends_where_the_path_begins() {
        for (url, origin) in [
            ("https://h.test:8443/a/b?c", Some("https://h.test:8443")),
            ("https://h.test?c", Some("https://h.test")),
            ("https://h.test", Some("https://h.test")),
            ("/a/b", None),
        ] {
            assert_eq!(of(url), origin, "{url}");
        }
    }

    #[test]
    fn only_the_same_server_is_the_same() {
        let asked = "https://h.test/a";
        assert!(is_shared(asked, "HTTPS://H.test/b"));
        for elsewhere in [
            "http://h.test/a",
            "https://h.test:8443/a",
            "https://h.test.evil.test/a",
            "https://h.test@evil.test/a",
            "https://evil.test/h.test/",
            "https://h.test\\.evil.test/a",
            "/a",
        ] {
            assert!(!is_shared(asked, elsewhere), "{elsewhere}");
        }
    }
}
