//! The pictures an edit begins with.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::gemini::asked::{invalid, missing, unsupported};
use crate::gemini::form::{File, Form};
use crate::gemini::turn;
use crate::json::{Fields, Value, Writer, inside};

/// OpenAI's limit.
const MAX_SOURCES: usize = 16;

pub(super) enum Source<'a> {
    File {
        mime: Cow<'a, str>,
        bytes: &'a [u8],
    },
    /// In base64 already.
    Encoded {
        mime: &'a [u8],
        data: &'a [u8],
    },
}

impl Source<'_> {
    pub(super) fn write(&self, out: &mut Writer) {
        match self {
            Self::File { mime, bytes } => turn::media(out, mime, bytes),
            Self::Encoded { mime, data } => {
                out.open();
                out.open_member("inlineData");
                out.joined("mimeType", mime);
                out.joined("data", data);
                out.close();
                out.close();
            }
        }
    }

    /// Its bytes in a request.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::File { bytes, .. } => crate::base64::encoded_len(bytes),
            Self::Encoded { data, .. } => data.len(),
        }
    }
}

pub(super) fn of_form<'a>(form: &'a Form<'_>) -> Result<Vec<Source<'a>>> {
    if form.files("mask").next().is_some() {
        return Err(no_mask());
    }
    let files = form.files("image").map(|file| {
        let mime = mime(&file).ok_or_else(unknown)?;
        let bytes = file.bytes;
        Ok(Source::File { mime, bytes })
    });
    checked(files.collect::<Result<_>>()?, "image")
}

/// The other way to ask for an edit: `images` with data URLs.
pub(super) fn of_json<'a>(fields: &Fields<'a>) -> Result<Vec<Source<'a>>> {
    if fields.get("mask").is_some() {
        return Err(no_mask());
    }
    let images = fields.get("images").ok_or_else(|| missing("images"))?;
    let sources = images.elements().map(|image| {
        let url = image.get("image_url").unwrap_or(image);
        let url = url.get("url").unwrap_or(url);
        data_url(url).ok_or_else(|| {
            let wanted = "a list of objects with an 'image_url' that is a data URL in base64";
            invalid("images", wanted)
        })
    });
    checked(sources.collect::<Result<_>>()?, "images")
}

/// `data:image/png;base64,...`, as it stands in the body.
fn data_url(url: Value<'_>) -> Option<Source<'_>> {
    let url = inside(url).strip_prefix(b"data:")?;
    let comma = memchr::memchr(b',', url)?;
    let (head, data) = url.split_at(comma);
    let head = head.strip_suffix(b";base64")?;
    let mime = head.split(|byte| *byte == b';').next()?;
    let data = data.split_first()?.1;
    (!mime.is_empty() && !data.is_empty()).then_some(Source::Encoded { mime, data })
}

fn checked<'a>(sources: Vec<Source<'a>>, name: &'static str) -> Result<Vec<Source<'a>>> {
    match sources.len() {
        0 => Err(missing(name)),
        1..=MAX_SOURCES => Ok(sources),
        _ => Err(invalid(name, &format!("at most {MAX_SOURCES} pictures"))),
    }
}

fn no_mask() -> Error {
    let problem = "Gemini edits without a mask: say in the prompt what is to change.";
    unsupported("mask", problem)
}

fn unknown() -> Error {
    let problem = "A file is not a picture of a known kind: png, jpeg, webp, heic or heif.";
    Error::bad_request("invalid_image", problem).param("image")
}

/// By its first bytes, which cannot be wrong; else as its sender calls it.
fn mime<'a>(file: &File<'a>) -> Option<Cow<'a, str>> {
    if file.bytes.is_empty() {
        return None;
    }
    if let Some(mime) = sniffed(file.bytes) {
        return Some(Cow::Borrowed(mime));
    }
    let said = file.media_type.to_ascii_lowercase();
    if said.starts_with("image/") {
        return Some(Cow::Owned(said));
    }
    let known = match file.extension().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "heic" => "image/heic",
        "heif" => "image/heif",
        _ => return None,
    };
    Some(Cow::Borrowed(known))
}

fn sniffed(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4)? {
            b"heic" | b"heix" => Some("image/heic"),
            b"mif1" | b"heim" | b"heis" => Some("image/heif"),
            _ => None,
        },
        _ => None,
    }
}
