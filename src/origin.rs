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

/// Where a redirect leads. What is no whole address and no path of the same server is left to be refused.
pub fn follow(from: &str, location: &str) -> String {
    if location.starts_with("//") {
        return format!("https:{location}");
    }
    if !location.starts_with('/') {
        return location.to_owned();
    }
    format!("{}{location}", of(from).unwrap_or(from))
}

#[cfg(test)]
mod tests {
    use super::{follow, is_shared, of};

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
    #[test]
    fn redirects_are_followed_as_they_are_written() {
        for (from, location, to) in [
            ("https://a.com/x/y?z", "/b", "https://a.com/b"),
            ("https://a.com", "/b", "https://a.com/b"),
            ("https://a.com/x", "//b.com/c", "https://b.com/c"),
            ("https://a.com/x", "https://b.com/c", "https://b.com/c"),
            ("https://a.com/x", "http://b.com/c", "http://b.com/c"),
        ] {
            assert_eq!(follow(from, location), to);
        }
    }
}
