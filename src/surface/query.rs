//! The query of a URL, where it names a model (`responses/{id}?model=`, `realtime?model=`) or says what only Azure
//! knows.

use crate::surface::path::decode;

const MODEL: &str = "model";
/// What Azure's clients say in every query.
pub const VERSION: &str = "api-version";
/// And instead of a model, where the path has no place for it.
pub const DEPLOYMENT: &str = "deployment";

/// The model a query names.
pub fn model(query: &str) -> Option<String> {
    let value = read(query.split('&').find_map(named)?);
    (!value.trim().is_empty()).then_some(value)
}

/// The value of a name, if it is not blank.
pub fn said(query: &str, name: &str) -> Option<String> {
    value(query, name).filter(|value| !value.trim().is_empty())
}

/// Whether some reader could take the query to name a model, even an empty one.
pub fn names_a_model(query: &str) -> bool {
    query.split('&').any(|pair| is_named(pair, MODEL))
}

/// The same query with another model.
pub fn with_model(query: &str, model: &str) -> String {
    let renamed = query.split('&').map(|pair| match named(pair) {
        Some(_) => format!("{MODEL}={}", encode(model)),
        None => pair.to_owned(),
    });
    renamed.collect::<Vec<_>>().join("&")
}

/// The first value under a name, however that is written; it may be empty.
pub fn value(query: &str, name: &str) -> Option<String> {
    let pair = query.split('&').find(|pair| is_named(pair, name))?;
    Some(
        pair.split_once('=')
            .map_or_else(String::new, |(_, it)| read(it)),
    )
}

fn read(value: &str) -> String {
    decode(&value.replace('+', " "))
}

/// The same query without the pairs of these names.
pub fn without(query: &str, names: &[&str]) -> String {
    let is_kept = |pair: &&str| !names.iter().any(|name| is_named(pair, name));
    query
        .split('&')
        .filter(is_kept)
        .collect::<Vec<_>>()
        .join("&")
}

/// The same query with this model, and no other.
pub fn naming(query: &str, model: &str) -> String {
    let rest = without(query, &[MODEL]);
    let and = if rest.is_empty() { "" } else { "&" };
    format!("{MODEL}={}{and}{rest}", encode(model))
}

fn is_named(pair: &str, name: &str) -> bool {
    let own = decode(pair.split('=').next().unwrap_or_default());
    own.trim().eq_ignore_ascii_case(name)
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
