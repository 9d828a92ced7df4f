//! The pictures an edit begins with.

use std::borrow::Cow;

use crate::error::{Error, Result, invalid};
use crate::gemini::asked::{missing, unsupported};
use crate::gemini::form::{File, Form};
use crate::gemini::media::{Inline, inline, mime_of_format, mime_of_name, sniffed, write_inline};
use crate::gemini::turn;
use crate::json::{Fields, Value, Writer};

/// OpenAI's limit.
const MAX_SOURCES: usize = 16;

pub(super) enum Source<'a> {
    File { mime: Cow<'a, str>, bytes: &'a [u8] },
    Inline(Inline<'a>),
}

impl Source<'_> {
    pub(super) fn write(&self, out: &mut Writer) {
        match self {
            Self::File { mime, bytes } => turn::media(out, mime, bytes),
            Self::Inline(inline) => write_inline(out, &inline.mime, &inline.data),
        }
    }

    /// Its bytes in a request.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::File { bytes, .. } => crate::base64::encoded_len(bytes),
            Self::Inline(inline) => inline.data.len(),
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
            let wanted = "a list of objects with an 'image_url' that is a data URL";
            invalid("images", wanted)
        })
    });
    checked(sources.collect::<Result<_>>()?, "images")
}

fn data_url(url: Value<'_>) -> Option<Source<'_>> {
    let inline = inline(&url.as_str()?, "image/jpeg")?;
    (!inline.data.is_empty()).then_some(Source::Inline(inline))
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
    if let Some(mime) = sniffed(file.bytes).filter(|it| it.starts_with("image/")) {
        return Some(Cow::Borrowed(mime));
    }
    let said = mime_of_format(file.media_type).filter(|it| it.contains('/'));
    let named = || mime_of_name(file.name).map(Cow::Borrowed);
    let is_picture = |mime: &Cow<'_, str>| mime.starts_with("image/");
    said.filter(is_picture)
        .or_else(|| named().filter(is_picture))
}
