//! Media in an answer.

use crate::base64;

use super::cursor::unescaped;
use super::read::strings;

/// A type and bytes in base64, each as it stands between quotes. Google may write the padding as `\u003d`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blob<'t> {
    pub mime: &'t [u8],
    pub data: &'t [u8],
}

impl<'t> Blob<'t> {
    pub fn read(inline: &'t [u8]) -> Self {
        let [mime, data] = strings(inline, [b"mimeType", b"data"]);
        Self { mime, data }
    }

    /// Its type in small letters, with its parameters.
    pub fn mime(&self) -> String {
        unescaped(self.mime).to_ascii_lowercase()
    }

    /// Whether it is of a kind (`image/`).
    pub fn is(&self, kind: &str) -> bool {
        self.mime().starts_with(kind)
    }

    /// None if it is no base64.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        base64::decode(unescaped(self.data).as_bytes())
    }

    /// As an address, as it stands between quotes.
    pub fn url(&self) -> Vec<u8> {
        let mime = match self.mime {
            b"" => b"application/octet-stream",
            mime => mime,
        };
        [b"data:", mime, b";base64,", self.data].concat()
    }
}
