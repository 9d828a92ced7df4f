//! What kind of sound a file holds, in Google's words.

use crate::error::{Error, Result};
use crate::gemini::form::File;

/// Endings of names, and what stands behind the slash of a type.
const KINDS: [(&str, &str); 17] = [
    ("mp3", "audio/mp3"),
    ("mpeg", "audio/mp3"),
    ("mpga", "audio/mp3"),
    ("wav", "audio/wav"),
    ("x-wav", "audio/wav"),
    ("wave", "audio/wav"),
    ("vnd.wave", "audio/wav"),
    ("m4a", "audio/m4a"),
    ("x-m4a", "audio/m4a"),
    ("mp4", "audio/mp4"),
    ("ogg", "audio/ogg"),
    ("oga", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("flac", "audio/flac"),
    ("x-flac", "audio/flac"),
    ("webm", "audio/webm"),
    ("aac", "audio/aac"),
];

/// By the file's name, as OpenAI goes by it; else by its type, else by its first bytes.
pub(super) fn mime(file: &File<'_>) -> Result<&'static str> {
    let problem = if file.bytes.is_empty() {
        "The audio file is empty."
    } else {
        let kind = media_kind(file.media_type);
        let by_name = known(&file.extension()).or_else(|| known(&kind?));
        if let Some(mime) = by_name.or_else(|| sniffed(file.bytes)) {
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

fn known(name: &str) -> Option<&'static str> {
    let found = KINDS.iter().find(|(known, _)| *known == name)?;
    Some(found.1)
}

fn sniffed(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
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
            b'A',
            b'V',
            b'E',
            ..,
        ] => Some("audio/wav"),
        [b'O', b'g', b'g', b'S', ..] => Some("audio/ogg"),
        [b'f', b'L', b'a', b'C', ..] => Some("audio/flac"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("audio/webm"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some("audio/mp4"),
        // ADTS has its two layer bits at 0, MPEG audio has not.
        [0xff, 0xf0 | 0xf1 | 0xf8 | 0xf9, ..] => Some("audio/aac"),
        [b'I', b'D', b'3', ..] | [0xff, 0xe2..=0xff, ..] => Some("audio/mp3"),
        _ => None,
    }
}
