//! Addresses of media, by who can open them.

use std::borrow::Cow;

use super::data_url::is_data_url;

/// How names of the Gemini API's files begin, and where the files are.
const FILES: &str = "files/";
const FILES_HOME: &str = "https://generativelanguage.googleapis.com/v1beta/";
const FILES_HOST: &str = "generativelanguage.googleapis.com";

const VIDEO_HOSTS: &[&str] = &[
    "youtube.com",
    "www.youtube.com",
    "m.youtube.com",
    "youtu.be",
];

/// Who can open an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// It holds what it names: see [`super::inline`].
    Data,
    /// A file of the Gemini API: AI Studio's alone. See [`file_uri`].
    File,
    /// `gs://`, of Google Cloud's storage: Vertex AI's alone.
    Bucket,
    /// Google watches it itself.
    YouTube,
    /// `http` or `https`.
    Web,
}

impl Address {
    /// None if nobody could open it.
    pub fn of(url: &str) -> Option<Self> {
        if is_data_url(url) {
            return Some(Self::Data);
        }
        if url.starts_with(FILES) {
            return Some(Self::File);
        }
        // No scheme is longer; the text may be a file's whole content.
        let mut ends = url.as_bytes().windows(3).take("https".len() + 1);
        let mark = ends.position(|it| it == b"://")?;
        let (scheme, rest) = (url.get(..mark)?, url.get(mark + 3..)?);
        let is = |known: &str| scheme.eq_ignore_ascii_case(known);
        if is("gs") {
            Some(Self::Bucket)
        } else if is("http") || is("https") {
            Self::by_host(host(rest))
        } else {
            None
        }
    }

    fn by_host(host: &str) -> Option<Self> {
        let is = |known: &&str| host.eq_ignore_ascii_case(known);
        match host {
            "" => None,
            _ if is(&FILES_HOST) => Some(Self::File),
            _ if VIDEO_HOSTS.iter().any(is) => Some(Self::YouTube),
            _ => Some(Self::Web),
        }
    }
}

/// The whole address of a file of the Gemini API, which may go by its name alone.
pub fn file_uri(name: Cow<'_, str>) -> Cow<'_, str> {
    if name.starts_with(FILES) {
        Cow::Owned([FILES_HOME, &name].concat())
    } else {
        name
    }
}

/// Without user and port.
fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    place.split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{Address, file_uri};

    #[test]
    fn addresses_are_told_apart() {
        for (url, expected) in [
            ("Data:,x", Some(Address::Data)),
            ("files/abc", Some(Address::File)),
            (
                "https://generativelanguage.googleapis.com/v1beta/files/abc",
                Some(Address::File),
            ),
            ("gs://b/a.png", Some(Address::Bucket)),
            ("https://www.youtube.com/watch?v=1", Some(Address::YouTube)),
            ("https://youtu.be/1", Some(Address::YouTube)),
            ("HTTP://YouTube.com:443/watch?v=1", Some(Address::YouTube)),
            ("https://youtu.be@h.example/1", Some(Address::Web)),
            ("https://h.example/youtu.be/1", Some(Address::Web)),
            ("https://h.example\\@youtu.be/", Some(Address::Web)),
            ("http://h.example", Some(Address::Web)),
            ("https://", None),
            ("https:///a", None),
            ("ftp://h.example/a", None),
            ("AAAA", None),
            ("file-abc", None),
            ("/etc/passwd", None),
            ("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", None),
            ("", None),
        ] {
            assert_eq!(Address::of(url), expected, "{url}");
        }
    }

    #[test]
    fn files_have_whole_addresses() {
        let whole = "https://generativelanguage.googleapis.com/v1beta/files/abc";
        assert_eq!(file_uri(Cow::Borrowed("files/abc")), whole);
        assert_eq!(file_uri(Cow::Borrowed(whole)), whole);
    }
}
