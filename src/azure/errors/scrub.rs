//! What an upstream's words may not tell a client: where it lives, and anything that looks like a key.

use serde_json::Value;

/// Names below these are somebody's resources.
const RESOURCES: [&str; 8] = [
    ".azure.com",
    ".azure.us",
    ".azure.cn",
    ".azure-api.net",
    ".azurewebsites.net",
    ".azurefd.net",
    ".windows.net",
    ".api.cognitive.microsoft.com",
];

/// Everybody's, in the zones of clouds: portals, documentation, and the audiences of tokens.
const PUBLIC: [&str; 9] = [
    "ai",
    "cognitiveservices",
    "docs",
    "login",
    "management",
    "ml",
    "oai",
    "portal",
    "status",
];

/// Whose pages have `/openai/` in their addresses without being an endpoint.
const DOCUMENTATION: [&str; 4] = ["microsoft.com/", "aka.ms/", "openai.com/", "github.com/"];

/// Azure's keys have 32 or 84 characters.
const KEY: usize = 32;

/// A message without addresses of resources, and without keys.
pub fn text(said: &str) -> String {
    let is_between = |c| is_between_words(c) || "=:&/".contains(c);
    replace(&without_addresses(said), is_between, |before, word| {
        is_key(before, word).then_some("[key]")
    })
}

/// All text inside, without addresses. Ids may look like keys, and are wanted.
pub fn value(value: &mut Value) {
    match value {
        Value::String(said) => {
            *said = without_addresses(said);
        }
        Value::Array(items) => items.iter_mut().for_each(self::value),
        Value::Object(members) => members.values_mut().for_each(self::value),
        _ => {}
    }
}

fn without_addresses(said: &str) -> String {
    replace(said, is_between_words, |_, word| {
        is_address(word).then_some("[address]")
    })
}

/// Replaces words, knowing each and the one before it.
fn replace(
    said: &str,
    is_between: impl Fn(char) -> bool,
    judge: impl Fn(&str, &str) -> Option<&'static str>,
) -> String {
    let mut out = String::with_capacity(said.len());
    let mut before = "";
    for piece in said.split_inclusive(&is_between) {
        // A sentence may end behind a word.
        let word = piece.trim_end_matches(|c| is_between(c) || matches!(c, '.' | '!' | '?'));
        let rest = piece.get(word.len()..).unwrap_or_default();
        out.push_str(judge(before, word).unwrap_or(word));
        out.push_str(rest);
        if !word.is_empty() {
            before = word;
        }
    }
    out
}

fn is_between_words(c: char) -> bool {
    !c.is_ascii()
        || c.is_ascii_whitespace()
        || c.is_ascii_control()
        || "\"'`<>()[]{},;|\\".contains(c)
}

fn is_address(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let is_endpoint = || word.contains("/openai/") || word.contains("api-version=");
    let is_documented = || DOCUMENTATION.iter().any(|host| word.contains(host));
    word.contains("/subscriptions/")
        || RESOURCES.iter().any(|zone| names_resource(&word, zone))
        || word.contains("://") && is_endpoint() && !is_documented()
}

/// Whether a host of that zone stands in a word, other than everybody's.
fn names_resource(word: &str, zone: &str) -> bool {
    word.match_indices(zone).any(|(at, _)| {
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let before = word.get(..at).unwrap_or_default();
        let label = before.rsplit(|c| !is_host(c)).next().unwrap_or_default();
        let is_public = zone.starts_with(".azure.") && PUBLIC.contains(&label);
        !label.is_empty() && !is_public
    })
}

fn is_key(before: &str, word: &str) -> bool {
    let is_of = |class: fn(&u8) -> bool| word.bytes().any(|byte| class(&byte));
    let is_long = word.len() >= KEY && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_mixed = is_of(u8::is_ascii_digit) && is_of(u8::is_ascii_alphabetic);
    // Requests have ids as long as keys: `Please include the request ID ...`.
    let before = before.to_ascii_lowercase();
    let is_id = ["id", "requestid"].contains(&before.as_str())
        || before.ends_with("_id")
        || before.ends_with("-id");
    let has_mark = word.len() > 12 && (word.starts_with("sk-") || word.starts_with("eyJ"));
    has_mark || is_long && is_mixed && !is_id
}
