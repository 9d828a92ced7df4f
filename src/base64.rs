//! Base64, to write.

/// <https://www.rfc-editor.org/rfc/rfc4648#section-4>
pub fn encode(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (index, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let letter = usize::try_from(bits >> shift & 63).ok();
            let letter = letter.and_then(|letter| ALPHABET.get(letter));
            let letter = letter.filter(|_| index <= chunk.len());
            encoded.push(char::from(*letter.unwrap_or(&b'=')));
        }
    }
    encoded
}
