//! Whether a value is what was expected, wildcards included.

use serde_json::Value;

/// What `$KEY` and `$TOKEN` stand for.
pub const KEY: &str = "google-key";
pub const TOKEN: &str = "google-token";

/// Nothing is expected of what is not recorded.
pub fn differs(expected: &Value, got: Option<&Value>, place: &str) -> Result<(), String> {
    if expected.is_null() {
        return Ok(());
    }
    difference(expected, got, place).map_or(Ok(()), Err)
}

/// The first place where a value is not what was expected.
fn difference(expected: &Value, got: Option<&Value>, place: &str) -> Option<String> {
    let said = || format!("{place}: expected {expected}, got {}", show(got));
    if let Value::String(wild) = expected
        && let Some(wild) = wild.strip_prefix('$')
    {
        return (!is_wild(wild, got)).then(said);
    }
    match (expected, got) {
        // The arguments of a tool call: JSON in a string, where blanks and the like do not count.
        (Value::String(expected), Some(Value::String(got)))
            if place.ends_with(".arguments") && expected != got =>
        {
            let read = |text: &str| serde_json::from_str::<Value>(text).ok();
            (read(expected) != read(got)).then(said)
        }
        (Value::Object(expected), Some(Value::Object(members))) => {
            let partial = expected.contains_key("$partial");
            let listed = expected.iter().filter(|(name, _)| *name != "$partial");
            let unexpected = members
                .keys()
                .find(|name| !partial && !expected.contains_key(*name));
            listed
                .map(|(name, it)| difference(it, members.get(name), &format!("{place}.{name}")))
                .find_map(|it| it)
                .or_else(|| Some(format!("{place}.{} is not expected", unexpected?)))
        }
        (Value::Array(expected), Some(Value::Array(items))) if expected.len() == items.len() => {
            let mut pairs = expected.iter().zip(items).enumerate();
            pairs.find_map(|(at, (it, got))| difference(it, Some(got), &format!("{place}[{at}]")))
        }
        (expected, Some(got)) if expected == got => None,
        _ => Some(said()),
    }
}

fn is_wild(wild: &str, got: Option<&Value>) -> bool {
    match (wild, got) {
        ("absent", got) => got.is_none(),
        ("any", got) => got.is_some(),
        ("str" | "ANY_STRING" | "TOOL_CALL_ID", Some(Value::String(text))) => !text.is_empty(),
        ("int" | "ANY_INT", Some(Value::Number(number))) => number.is_u64() || number.is_i64(),
        ("KEY", Some(Value::String(text))) => text == KEY,
        ("TOKEN", Some(Value::String(text))) => text == TOKEN,
        (wild, Some(Value::String(text))) => wild
            .strip_prefix("contains:")
            .is_some_and(|part| text.contains(part)),
        _ => false,
    }
}

fn show(got: Option<&Value>) -> String {
    got.map_or_else(|| "nothing".to_owned(), Value::to_string)
}
