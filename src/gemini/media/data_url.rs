//! Data URLs: media inside an address.

use std::borrow::Cow;

use super::mime::normal;
use super::{Inline, clean_base64};
use crate::base64;

/// Of a file nobody knows anything about.
const UNKNOWN: &str = "application/octet-stream";

/// Reads `data:image/png;base64,...`; where it says nothing of its type, that is `otherwise`. None if it is no data
/// URL, or its base64 is none.
///
/// <https://www.rfc-editor.org/rfc/rfc2397>
pub fn inline<'t>(url: &Cow<'t, str>, otherwise: impl Into<Cow<'t, str>>) -> Option<Inline<'t>> {
    let head = head(url)?;
    let start = "data:,".len() + head.len();
    let (mime, data) = match url {
        Cow::Borrowed(url) => (mime(self::head(url)?), Cow::Borrowed(url.get(start..)?)),
        Cow::Owned(url) => {
            let mime = mime(head).into_owned();
            (Cow::Owned(mime), Cow::Owned(url.get(start..)?.to_owned()))
        }
    };
    let data = match is_base64(head) {
        true if data.contains('%') => Cow::Owned(String::from_utf8(unescaped(&data)).ok()?),
        true => data,
        false => Cow::Owned(base64::encode(&unescaped(&data))),
    };
    let says_nothing = mime.is_empty() || mime == UNKNOWN;
    Some(Inline {
        mime: if says_nothing { otherwise.into() } else { mime },
        data: clean_base64(data)?,
    })
}

/// Whether an address holds what it names.
pub(super) fn is_data_url(url: &str) -> bool {
    let scheme = url.get(..5);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}

/// What stands between the scheme and the comma.
fn head(url: &str) -> Option<&str> {
    let (head, _) = url.split_once(',')?;
    is_data_url(head).then(|| head.get(5..)).flatten()
}

/// `data:;base64,` and, by mistake, `data:base64,` name no type.
fn mime(head: &str) -> Cow<'_, str> {
    let mime = normal(head);
    if mime.contains('/') {
        mime
    } else {
        Cow::Borrowed("")
    }
}

fn is_base64(head: &str) -> bool {
    let last = head.rsplit(';').next().unwrap_or_default();
    last.trim().eq_ignore_ascii_case("base64")
}

/// Percent-escapes become bytes; a percent sign that is no escape stands for itself.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| escape(behind)).flatten();
        bytes.push(escaped.unwrap_or(*first));
        rest = match escaped {
            Some(_) => behind.get(2..).unwrap_or_default(),
            None => behind,
        };
    }
    bytes
}

fn escape(behind: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*behind.get(at)?).to_digit(16);
    u8::try_from(digit(0)? << 4 | digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::inline;

    #[test]
    fn data_urls_are_taken_apart() {
        for (url, expected) in [
            ("data:image/png;base64,AA==", Some(("image/png", "AA=="))),
            (
                "DATA:Image/JPG;charset=x;BASE64,AA==",
                Some(("image/jpeg", "AA==")),
            ),
            ("data:;base64,AA==", Some(("image/jpeg", "AA=="))),
            ("data:base64,AA==", Some(("image/jpeg", "AA=="))),
            (
                "data:application/pdf;base64,A A\n==",
                Some(("application/pdf", "AA==")),
            ),
            ("data:image/png;base64,_-8%3D", Some(("image/png", "/+8="))),
            ("data:text/plain,a%20b%", Some(("text/plain", "YSBiJQ=="))),
            (
                "data:text/plain;charset=utf-8,%C3%A9%zz",
                Some(("text/plain", "w6kleno=")),
            ),
            (
                "data:application/octet-stream;base64,AA==",
                Some(("image/jpeg", "AA==")),
            ),
            ("data:,a,b", Some(("image/jpeg", "YSxi"))),
            ("data:image/png;base64,a.b", None),
            ("data:image/png;base64,%ff", None),
            ("data:image/png;base64", None),
            ("https://h.example/a,b", None),
            ("dat\u{e9}a:,", None),
            ("", None),
        ] {
            for url in [Cow::Borrowed(url), Cow::Owned(url.to_owned())] {
                let read = inline(&url, "image/jpeg");
                let read = read.as_ref().map(|it| (&*it.mime, &*it.data));
                assert_eq!(read, expected, "{url}");
            }
        }
    }

    #[test]
    fn what_is_clean_is_not_copied() {
        let url = Cow::Borrowed("data:image/png;base64,AA==");
        let read = inline(&url, "image/jpeg").unwrap();
        assert!(matches!(read.mime, Cow::Borrowed(_)));
        assert!(matches!(read.data, Cow::Borrowed(_)));
    }
}
