//! Pictures, sounds and files: what Google takes of what OpenAI's clients send.

mod address;
mod base64_text;
mod data_url;
mod mime;
mod sniff;

use std::borrow::Cow;

use crate::json::Writer;

pub use address::{Address, file_uri};
pub use base64_text::clean_base64;
pub use data_url::inline;
pub use mime::{audio_mime, mime_of_format, mime_of_name, sound_of};
pub use sniff::sniffed;

/// What stood behind an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub url: String,
    /// Without parameters.
    pub mime: String,
    /// Base64.
    pub data: String,
}

/// Something to be seen, heard or read, in one of Google's two forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Media<'t> {
    Inline(Inline<'t>),
    /// Google gets it itself.
    File {
        mime: Option<Cow<'t, str>>,
        uri: Cow<'t, str>,
    },
}

/// Media that travels in the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inline<'t> {
    pub mime: Cow<'t, str>,
    /// Base64, in the standard alphabet and without blanks.
    pub data: Cow<'t, str>,
}

impl Media<'_> {
    /// Writes the member that holds it into a part that is open.
    pub fn write(&self, out: &mut Writer) {
        match self {
            Self::Inline(inline) => write_blob(out, &inline.mime, &inline.data),
            Self::File { mime, uri } => {
                out.open_member("fileData");
                if let Some(mime) = mime {
                    out.string("mimeType", mime);
                }
                out.string("fileUri", uri);
                out.close();
            }
        }
    }
}

/// Writes a part with media in it. `data` is base64 in the standard alphabet.
pub fn write_inline(out: &mut Writer, mime: &str, data: &str) {
    out.open();
    write_blob(out, mime, data);
    out.close();
}

fn write_blob(out: &mut Writer, mime: &str, data: &str) {
    out.open_member("inlineData");
    out.string("mimeType", mime);
    out.word("data", data);
    out.close();
}

#[cfg(test)]
mod tests {
    use super::{Inline, Media, write_inline};
    use crate::json::Writer;

    #[test]
    fn media_is_a_member_of_a_part() {
        let mut out = Writer::default();
        write_inline(&mut out, "image/png", "AA==");
        for media in [
            Media::Inline(Inline {
                mime: "a/\"".into(),
                data: "AA==".into(),
            }),
            Media::File {
                mime: Some("video/mp4".into()),
                uri: "gs://a/b\\".into(),
            },
            Media::File {
                mime: None,
                uri: "https://a".into(),
            },
        ] {
            out.open();
            media.write(&mut out);
            out.close();
        }
        let expected = [
            r#"{"inlineData":{"mimeType":"image/png","data":"AA=="}}"#,
            r#"{"inlineData":{"mimeType":"a/\"","data":"AA=="}}"#,
            r#"{"fileData":{"mimeType":"video/mp4","fileUri":"gs://a/b\\"}}"#,
            r#"{"fileData":{"fileUri":"https://a"}}"#,
        ];
        let written = out.into_text();
        assert_eq!(written, expected.join(","));
    }
}
