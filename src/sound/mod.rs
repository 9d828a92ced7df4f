//! Sound as clients want it, from the bare samples that models give: 16 bits, little-endian, one channel.

pub mod flac;
pub mod wave;

/// What the samples are wrapped in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Nothing.
    #[default]
    Pcm,
    Wav,
    Flac,
}

/// Where the type of a sound does not say.
const USUAL_RATE: u32 = 24_000;

impl Format {
    /// A file, and its type. `mime` is the type of the samples, and says how many there are in a second. What is a file
    /// already stays as it is.
    pub fn file(self, mime: &str, samples: Vec<u8>) -> (&'static str, Vec<u8>) {
        match self {
            _ if samples.starts_with(b"RIFF") => ("audio/wav", samples),
            Self::Pcm => ("audio/pcm", samples),
            Self::Wav => ("audio/wav", wave::file(rate(mime), &samples)),
            Self::Flac => ("audio/flac", flac::encode(&samples, rate(mime))),
        }
    }
}

/// Of `audio/L16;codec=pcm;rate=24000`.
pub fn rate(mime: &str) -> u32 {
    let said = mime.split_once("rate=").and_then(|(_, rate)| {
        let digits = rate.split(|it: char| !it.is_ascii_digit()).next()?;
        digits.parse().ok()
    });
    // FLAC has 20 bits for it.
    said.filter(|rate| (1..1 << 20).contains(rate))
        .unwrap_or(USUAL_RATE)
}

#[cfg(test)]
mod tests {
    use super::{Format, rate};

    #[test]
    fn the_rate_is_the_types() {
        for (mime, said) in [
            ("audio/L16;codec=pcm;rate=16000", 16_000),
            ("audio/pcm", 24_000),
            ("audio/pcm;rate=0", 24_000),
            ("audio/pcm;rate=9999999", 24_000),
        ] {
            assert_eq!(rate(mime), said, "{mime}");
        }
    }

    #[test]
    fn a_file_says_what_it_is() {
        for (format, mime, begins) in [
            (Format::Pcm, "audio/pcm", &[1, 0, 2, 0][..]),
            (Format::Wav, "audio/wav", b"RIFF"),
            (Format::Flac, "audio/flac", b"fLaC"),
        ] {
            let (content_type, file) = format.file("audio/L16;rate=24000", vec![1, 0, 2, 0]);
            assert_eq!(content_type, mime);
            assert!(file.starts_with(begins), "{mime}");
        }
        assert_eq!(Format::Flac.file("", b"RIFF".to_vec()).0, "audio/wav");
    }
}
