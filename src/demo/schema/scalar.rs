//! Strings and numbers within their rules: a few likely values, of which the first that fits is taken.

use serde_json::Value;

use super::rules::Rules;

/// A longer `minLength` is not served.
const MAX_TEXT: usize = 4096;

const FORMATS: [(&str, &str); 11] = [
    ("date-time", "2025-01-01T00:00:00Z"),
    ("date", "2025-01-01"),
    ("time", "00:00:00Z"),
    ("duration", "P1D"),
    ("email", "demo@example.com"),
    ("hostname", "example.com"),
    ("ipv4", "192.0.2.1"),
    ("ipv6", "2001:db8::1"),
    ("uuid", "00000000-0000-4000-8000-000000000000"),
    ("uri", "https://example.com/"),
    ("url", "https://example.com/"),
];

/// Whether a value the schema itself gives keeps the schema's limits.
pub(super) fn fits(value: &Value, rules: &Rules<'_>) -> bool {
    match value {
        Value::String(text) => {
            let length = text.chars().count();
            rules
                .at_least("minLength")
                .is_none_or(|least| length >= least)
                && rules.at_most("maxLength").is_none_or(|most| length <= most)
        }
        Value::Number(number) => number
            .as_f64()
            .is_none_or(|number| is_within(number, rules)),
        _ => true,
    }
}

pub(super) fn string(rules: &Rules<'_>) -> Option<String> {
    let least = rules.at_least("minLength").unwrap_or(0);
    let most = rules.at_most("maxLength").unwrap_or(usize::MAX);
    if least > MAX_TEXT || least > most {
        return None;
    }
    if let Some(example) = example(rules) {
        return Some(example.to_owned());
    }
    let format = rules.all("format").find_map(Value::as_str);
    let format = FORMATS.iter().find(|(name, _)| Some(*name) == format);
    if let Some((_, text)) = format.filter(|(_, text)| (least..=most).contains(&text.len())) {
        return Some((*text).to_owned());
    }
    let length = "demo".len().max(least).min(most);
    Some("demo".chars().cycle().take(length).collect())
}

/// The schema's own word for what its `pattern` means.
fn example<'a>(rules: &Rules<'a>) -> Option<&'a str> {
    rules.all("pattern").next()?;
    let examples = rules.strings("examples");
    let mut defaults = rules.all("default").filter_map(Value::as_str);
    defaults.next().or_else(|| examples.into_iter().next())
}

pub(super) fn integer(rules: &Rules<'_>) -> Option<Value> {
    let mut candidates = candidates(rules);
    candidates
        .find(|number| number.fract() == 0.0 && is_within(*number, rules))
        .map(write)
}

pub(super) fn number(rules: &Rules<'_>) -> Option<Value> {
    let mut candidates = candidates(rules);
    candidates
        .find(|number| is_within(*number, rules))
        .map(write)
}

/// A small number, the step, the middle, and what lies next to each bound.
fn candidates(rules: &Rules<'_>) -> impl Iterator<Item = f64> {
    let lower = rules
        .numbers("minimum")
        .chain(rules.numbers("exclusiveMinimum"));
    let upper = rules
        .numbers("maximum")
        .chain(rules.numbers("exclusiveMaximum"));
    let low = lower.reduce(f64::max);
    let high = upper.reduce(f64::min);
    let step = rules.numbers("multipleOf").reduce(f64::max).unwrap_or(1.0);
    let middle = low.zip(high).map(|(low, high)| low / 2.0 + high / 2.0);
    [
        Some(0.5),
        Some(1.0),
        Some(step),
        middle,
        low.map(|low| ((low / step).floor() + 1.0) * step),
        low,
        high.map(|high| ((high / step).ceil() - 1.0) * step),
        high,
        Some(0.0),
    ]
    .into_iter()
    .flatten()
}

fn is_within(number: f64, rules: &Rules<'_>) -> bool {
    number.is_finite()
        && rules.numbers("minimum").all(|least| number >= least)
        && rules
            .numbers("exclusiveMinimum")
            .all(|below| number > below)
        && rules.numbers("maximum").all(|most| number <= most)
        && rules
            .numbers("exclusiveMaximum")
            .all(|above| number < above)
        && rules
            .numbers("multipleOf")
            .all(|step| is_multiple(number, step))
}

/// Decimal steps have no exact binary form, so a hair beside the multiple counts as it.
fn is_multiple(number: f64, step: f64) -> bool {
    let times = number / step;
    (times - times.round()).abs() < 1e-9
}

/// Whole numbers are written as such: `1`, not `1.0`.
fn write(number: f64) -> Value {
    let whole = (number.fract() == 0.0).then(|| format!("{number:.0}").parse::<i64>());
    match whole {
        Some(Ok(whole)) => Value::from(whole),
        _ => Value::from(number),
    }
}
