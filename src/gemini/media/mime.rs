//! Media types, by the names people give to files and formats.

use std::borrow::Cow;

/// Google's words: it says `audio/mp3` where the registry says `audio/mpeg`.
const BY_EXTENSION: &[(&str, &str)] = &[
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("gif", "image/gif"),
    ("bmp", "image/bmp"),
    ("avif", "image/avif"),
    ("svg", "image/svg+xml"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("wav", "audio/wav"),
    ("mp3", "audio/mp3"),
    ("mpga", "audio/mp3"),
    ("m4a", "audio/m4a"),
    ("aiff", "audio/aiff"),
    ("aif", "audio/aiff"),
    ("aac", "audio/aac"),
    ("ogg", "audio/ogg"),
    ("oga", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("flac", "audio/flac"),
    ("pcm", "audio/pcm"),
    ("mp4", "video/mp4"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpg"),
    ("mov", "video/mov"),
    ("avi", "video/avi"),
    ("flv", "video/x-flv"),
    ("webm", "video/webm"),
    ("wmv", "video/wmv"),
    ("3gp", "video/3gpp"),
    ("3gpp", "video/3gpp"),
    ("pdf", "application/pdf"),
    ("txt", "text/plain"),
    ("log", "text/plain"),
    ("md", "text/markdown"),
    ("markdown", "text/markdown"),
    ("html", "text/html"),
    ("htm", "text/html"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("tsv", "text/tab-separated-values"),
    ("xml", "text/xml"),
    ("rtf", "text/rtf"),
    ("json", "application/json"),
    ("js", "text/javascript"),
    ("py", "text/x-python"),
];

/// Formats of sound, endings of names, and what stands behind the slash of a type. Where a container can hold sound
/// alone, it is sound here.
const BY_AUDIO_FORMAT: &[(&str, &str)] = &[
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
    ("aif", "audio/aiff"),
    ("aiff", "audio/aiff"),
    ("pcm16", "audio/pcm"),
];

/// By the extension of a file's name, path or address; None where that says nothing.
pub fn mime_of_name(name: &str) -> Option<&'static str> {
    let path = name.split(['?', '#']).next()?;
    let file = path.rsplit(['/', '\\']).next()?;
    let (_, extension) = file.rsplit_once('.')?;
    find(BY_EXTENSION, extension)
}

/// Of a client's word for a format, which may be a media type already: `png`, `image/png`.
pub fn mime_of_format(format: &str) -> Option<Cow<'_, str>> {
    if format.contains('/') {
        Some(normal(format))
    } else {
        find(BY_EXTENSION, format.trim_start_matches('.')).map(Cow::Borrowed)
    }
}

/// Of a format of sound, as OpenAI's clients name it; None if it is no name at all.
pub fn audio_mime(format: &str) -> Option<Cow<'static, str>> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'+');
    let format = format.trim();
    if format.is_empty() || !format.bytes().all(is_name) {
        return None;
    }
    let known = sound_of(format).map(Cow::Borrowed);
    Some(known.unwrap_or_else(|| Cow::Owned(["audio/", &format.to_ascii_lowercase()].concat())))
}

/// Of a format of sound that is known.
pub fn sound_of(format: &str) -> Option<&'static str> {
    find(BY_AUDIO_FORMAT, format)
}

/// A media type without parameters and in small letters, with the slip that many make put right.
pub(super) fn normal(mime: &str) -> Cow<'_, str> {
    let bare = mime.split(';').next().unwrap_or_default().trim();
    if bare.eq_ignore_ascii_case("image/jpg") {
        Cow::Borrowed("image/jpeg")
    } else if bare.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(bare.to_ascii_lowercase())
    } else {
        Cow::Borrowed(bare)
    }
}

fn find(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    let mut rows = table.iter();
    let found = rows.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some(found.1)
}

#[cfg(test)]
mod tests {
    use super::{audio_mime, mime_of_format, mime_of_name};

    #[test]
    fn names_tell_the_type() {
        for (name, mime) in [
            ("a.pdf", Some("application/pdf")),
            ("Photo.JPG", Some("image/jpeg")),
            (
                "https://h.example/a.b/c.webp?x=.png#.gif",
                Some("image/webp"),
            ),
            ("gs://bucket/clip.mov", Some("video/mov")),
            ("C:\\sound.mp3", Some("audio/mp3")),
            ("https://h.example/picture", None),
            ("https://h.png/picture", None),
            ("a.unheard", None),
            ("", None),
        ] {
            assert_eq!(mime_of_name(name), mime, "{name}");
        }
    }

    #[test]
    fn formats_tell_the_type() {
        for (format, mime) in [
            ("png", Some("image/png")),
            (".PNG", Some("image/png")),
            ("Image/JPG; q=1", Some("image/jpeg")),
            ("video/mp4", Some("video/mp4")),
            ("unheard", None),
        ] {
            assert_eq!(mime_of_format(format).as_deref(), mime, "{format}");
        }
        for (format, mime) in [
            ("wav", Some("audio/wav")),
            ("mp3", Some("audio/mp3")),
            ("MPEG", Some("audio/mp3")),
            ("opus", Some("audio/ogg")),
            ("ogg", Some("audio/ogg")),
            ("flac", Some("audio/flac")),
            ("aac", Some("audio/aac")),
            ("m4a", Some("audio/m4a")),
            ("pcm16", Some("audio/pcm")),
            ("webm", Some("audio/webm")),
            ("New", Some("audio/new")),
            ("a b", None),
            ("a/b", None),
            ("", None),
        ] {
            assert_eq!(audio_mime(format).as_deref(), mime, "{format}");
        }
    }
}
