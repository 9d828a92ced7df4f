//! What kind of sound a file holds, in Google's words.

use crate::error::{Error, Result};
use crate::gemini::form::File;
use crate::gemini::media::{sniffed, sound_of};

/// By the file's name, as OpenAI goes by it; else by its type, else by its first bytes.
pub(super) fn mime(file: &File<'_>) -> Result<&'static str> {
    let problem = if file.bytes.is_empty() {
        "The audio file is empty."
    } else {
        let kind = media_kind(file.media_type);
        let by_name = sound_of(&file.extension()).or_else(|| sound_of(&kind?));
        let by_bytes = || sniffed(file.bytes).filter(|it| it.starts_with("audio/"));
        if let Some(mime) = by_name.or_else(by_bytes) {
            return Ok(mime);
        }
        "Unrecognized file format. Supported formats: flac, m4a, mp3, mp4, mpeg, mpga, oga, ogg, wav, webm, aac."
    };
    Err(Error::bad_request("invalid_value", problem).param("file"))
}

/// Browsers record sound as `video/webm`, too.
fn media_kind(media_type: &str) -> Option<String> {
    let (kind, name) = media_type.split_once('/')?;
    let is_media = ["audio", "video"]
        .iter()
        .any(|it| kind.eq_ignore_ascii_case(it));
    is_media.then(|| name.to_ascii_lowercase())
}
