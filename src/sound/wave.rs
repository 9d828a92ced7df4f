//! Samples as a WAV.

/// Samples as a file. Half a sample at the end is none.
pub fn file(rate: u32, samples: &[u8]) -> Vec<u8> {
    let (pairs, _) = samples.as_chunks::<2>();
    let samples = pairs.as_flattened();
    let length = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    [&head(rate, length), samples].concat()
}

/// The 44 bytes before so many bytes of samples. Players take the greatest length for an unknown one.
pub fn head(rate: u32, length: u32) -> Vec<u8> {
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

#[cfg(test)]
mod tests {
    use super::head;

    #[test]
    fn a_head_tells_the_rate_and_the_length() {
        let head = head(16_000, 8);
        assert_eq!(head.len(), 44);
        assert_eq!(head.get(4..8), Some(&44_u32.to_le_bytes()[..]));
        assert_eq!(head.get(24..28), Some(&16_000_u32.to_le_bytes()[..]));
        assert_eq!(head.get(40..), Some(&8_u32.to_le_bytes()[..]));
    }
}
