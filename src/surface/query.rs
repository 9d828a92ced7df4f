//! The query of a URL, where it names a model: `responses/{id}?model=`, `realtime?model=`.

use crate::surface::path::decode;

const MODEL: &str = "model";

/// The model a query names.
pub fn model(query: &str) -> Option<String> {
    let value = query.split('&').find_map(named)?;
    let value = decode(&value.replace('+', " "));
    (!value.trim().is_empty()).then_some(value)
}

/// The value of a name, if it is not blank.
pub fn value(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| decode(key) == name)?;
    let value = decode(&value.replace('+', " "));
    (!value.trim().is_empty()).then_some(value)
}

/// Whether some reader could take the query to name a model, even an empty one.
pub fn names_a_model(query: &str) -> bool {
    let mut names = query
        .split('&')
        .map(|pair| decode(pair.split('=').next().unwrap_or_default()));
    names.any(|name| name.trim().eq_ignore_ascii_case(MODEL))
}

/// The same query with another model.
pub fn with_model(query: &str, model: &str) -> String {
    let renamed = query.split('&').map(|pair| match named(pair) {
        Some(_) => format!("{MODEL}={}", encode(model)),
        None => pair.to_owned(),
    });
    renamed.collect::<Vec<_>>().join("&")
}

/// The value, if the pair is the model's.
fn named(pair: &str) -> Option<&str> {
    pair.strip_prefix(MODEL)?.strip_prefix('=')
}

/// A name is hostile text: all that is not plainly a name is percent-encoded.
pub fn encode(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().fold(String::new(), |encoded, byte| {
        if is_plain(byte) {
            encoded + char::from(byte).encode_utf8(&mut [0; 4])
        } else {
            encoded + &format!("%{byte:02X}")
        }
    })
}
