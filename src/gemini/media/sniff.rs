//! Media types, by the first bytes, which cannot be wrong.

/// Pictures and sounds; None where the bytes say nothing. A container that may hold either is sound.
pub fn sniffed(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, kind @ ..] => match kind.get(..4)? {
            b"WEBP" => Some("image/webp"),
            b"WAVE" => Some("audio/wav"),
            _ => None,
        },
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4) {
            Some(b"heic" | b"heix") => Some("image/heic"),
            Some(b"mif1" | b"heim" | b"heis") => Some("image/heif"),
            _ => Some("audio/mp4"),
        },
        [b'O', b'g', b'g', b'S', ..] => Some("audio/ogg"),
        [b'f', b'L', b'a', b'C', ..] => Some("audio/flac"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Some("audio/webm"),
        // ADTS has its two layer bits at 0, MPEG audio has not.
        [0xff, 0xf0 | 0xf1 | 0xf8 | 0xf9, ..] => Some("audio/aac"),
        [b'I', b'D', b'3', ..] | [0xff, 0xe2..=0xff, ..] => Some("audio/mp3"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::sniffed;

    #[test]
    fn first_bytes_tell_the_type() {
        for (bytes, mime) in [
            (&b"\x89PNG\r\n"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"GIF89a", Some("image/gif")),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"RIFF\x24\0\0\0WAVEfmt ", Some("audio/wav")),
            (b"RIFF\x24\0\0\0AVI LIST", None),
            (b"RIFF\x24\0\0\0", None),
            (b"\0\0\0\x18ftypheic", Some("image/heic")),
            (b"\0\0\0\x18ftypmif1", Some("image/heif")),
            (b"\0\0\0\x18ftypM4A ", Some("audio/mp4")),
            (b"OggS", Some("audio/ogg")),
            (b"fLaC", Some("audio/flac")),
            (b"\x1a\x45\xdf\xa3", Some("audio/webm")),
            (b"\xff\xf1", Some("audio/aac")),
            (b"\xff\xfb", Some("audio/mp3")),
            (b"ID3", Some("audio/mp3")),
            (b"hello", None),
            (b"", None),
        ] {
            assert_eq!(sniffed(bytes), mime, "{bytes:?}");
        }
    }
}
