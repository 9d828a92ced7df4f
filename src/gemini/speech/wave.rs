//! Samples as a sound file.

/// Where the type of the sound does not say.
const USUAL_RATE: u32 = 24_000;

/// Samples as a file. Half a sample at the end is none.
pub fn file(mime: &str, samples: &[u8]) -> Vec<u8> {
    let (pairs, _) = samples.as_chunks::<2>();
    let samples = pairs.as_flattened();
    let length = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    [&head(mime, length), samples].concat()
}

/// The 44 bytes before so many bytes of samples. Players take the greatest length for an unknown one.
pub fn head(mime: &str, length: u32) -> Vec<u8> {
    let rate = said_rate(mime).unwrap_or(USUAL_RATE);
    let parts: [&[u8]; 13] = [
        b"RIFF",
        &length.saturating_add(36).to_le_bytes(),
        b"WAVE",
        b"fmt ",
        &16_u32.to_le_bytes(),
        // PCM, one channel; bytes a second and a sample, bits a sample.
        &1_u16.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &rate.to_le_bytes(),
        &rate.saturating_mul(2).to_le_bytes(),
        &2_u16.to_le_bytes(),
        &16_u16.to_le_bytes(),
        b"data",
        &length.to_le_bytes(),
    ];
    parts.concat()
}

/// Of `audio/L16;codec=pcm;rate=24000`.
fn said_rate(mime: &str) -> Option<u32> {
    let (_, rate) = mime.split_once("rate=")?;
    let digits = rate.split(|it: char| !it.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|rate| *rate > 0)
}

#[cfg(test)]
mod tests {
    use super::head;

    #[test]
    fn the_rate_is_the_types() {
        for (mime, rate) in [
            ("audio/L16;codec=pcm;rate=16000", 16_000_u32),
            ("audio/pcm", 24_000),
            ("audio/pcm;rate=0", 24_000),
        ] {
            let head = head(mime, 8);
            assert_eq!(head.len(), 44);
            assert_eq!(head.get(4..8), Some(&44_u32.to_le_bytes()[..]));
            assert_eq!(head.get(40..), Some(&8_u32.to_le_bytes()[..]));
            assert_eq!(head.get(24..28), Some(&rate.to_le_bytes()[..]), "{mime}");
        }
    }
}
