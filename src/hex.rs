//! Bytes as hexadecimal digits, two each.

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    let bytes = bytes.as_ref().iter();
    bytes
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_digits_each() {
        assert_eq!(super::encode([0x00, 0x0f, 0xa5, 0xff]), "000fa5ff");
    }
}
