//! The parts of a message as Anthropic's blocks.

use crate::error::Result;
use crate::json::{Value, Writer, member};

use crate::openai::place::Place;

use super::is_blank;

/// `cache` is the message's own mark, for a content without parts to carry one.
pub(super) fn write_content(
    out: &mut Writer,
    content: Option<Value<'_>>,
    cache: Option<Value<'_>>,
    place: Place,
) -> Result<()> {
    match content {
        None => Ok(()),
        Some(text) if text.is_string() => {
            write_text(out, content, cache);
            Ok(())
        }
        Some(parts) if parts.is_array() => parts
            .elements()
            .enumerate()
            .try_for_each(|(index, part)| write_part(out, part, place.below("content", index))),
        Some(_) => Err(place.refuse(".content", "is neither text nor parts")),
    }
}

/// Anthropic refuses empty blocks; they say nothing.
pub(super) fn write_text(out: &mut Writer, text: Option<Value<'_>>, cache: Option<Value<'_>>) {
    let said = |text: &Value<'_>| text.is_string() && !is_blank(*text);
    if let Some(text) = text.filter(said) {
        out.open();
        out.word("type", "text");
        out.raw("text", text.raw());
        out.value("cache_control", cache);
        out.close();
    }
}

fn write_part(out: &mut Writer, part: Value<'_>, place: Place) -> Result<()> {
    let cache = member(part, "cache_control");
    let kind = part.get("type").and_then(Value::as_str);
    match kind.as_deref().unwrap_or_default() {
        "text" => write_text(out, member(part, "text"), cache),
        "refusal" => write_text(out, member(part, "refusal"), cache),
        "image_url" => {
            let image = part.get("image_url");
            // Some clients write the address alone.
            let url = image.map(|image| image.get("url").unwrap_or(image));
            let url = url.and_then(Value::as_str).unwrap_or_default();
            let source = Source::read(&url, "image");
            let problem = || {
                place.refuse(
                    "",
                    "needs a URL, or an image or PDF as a data URL in base64",
                )
            };
            source.ok_or_else(problem)?.write(out, None, cache);
        }
        "file" => {
            let file = part.get("file").unwrap_or(part);
            let data = member(file, "file_data").and_then(Value::as_str);
            let data = data.unwrap_or_default();
            let source = Source::read(&data, "document");
            let problem = || {
                place.refuse(
                    "",
                    "needs 'file_data': a PDF or image as a data URL in base64",
                )
            };
            source
                .ok_or_else(problem)?
                .write(out, member(file, "filename"), cache);
        }
        // Anthropic's own blocks.
        "image" | "document" | "search_result" => out.item(part.raw()),
        "input_audio" => return Err(place.refuse("", "is sound, which Claude does not hear")),
        _ => return Err(place.refuse(".type", "is not known")),
    }
    Ok(())
}

/// Where an image or a document comes from.
enum Source<'u> {
    Url {
        kind: &'static str,
        url: &'u str,
    },
    Data {
        kind: &'static str,
        media: String,
        data: &'u str,
    },
}

impl<'u> Source<'u> {
    fn read(url: &'u str, kind: &'static str) -> Option<Self> {
        let (scheme, rest) = url.split_once(':')?;
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => Some(Self::Url { kind, url }),
            "data" => {
                let (head, data) = rest.split_once(',')?;
                let media = head.strip_suffix(";base64")?;
                let media = media.split(';').next()?.to_ascii_lowercase();
                let (kind, media) = match media.as_str() {
                    "application/pdf" => ("document", media),
                    // What many take it for.
                    "image/jpg" => ("image", "image/jpeg".to_owned()),
                    _ if media.starts_with("image/") => ("image", media),
                    _ => return None,
                };
                Some(Self::Data { kind, media, data })
            }
            _ => None,
        }
    }

    fn write(&self, out: &mut Writer, title: Option<Value<'_>>, cache: Option<Value<'_>>) {
        let (Self::Url { kind, .. } | Self::Data { kind, .. }) = self;
        out.open();
        out.word("type", kind);
        out.open_member("source");
        match self {
            Self::Url { url, .. } => {
                out.word("type", "url");
                out.string("url", url);
            }
            Self::Data { media, data, .. } => {
                out.word("type", "base64");
                out.string("media_type", media);
                out.string("data", data);
            }
        }
        out.close();
        if *kind == "document" {
            out.value("title", title);
        }
        out.value("cache_control", cache);
        out.close();
    }
}
