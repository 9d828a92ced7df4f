//! Formats, and the least and most of a value.

use std::borrow::Cow;

use crate::json::Value;

use super::node::Node;
use super::openapi::{Kind, Text};

/// Whole numbers beyond are not exact as floating point.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// "only 'enum' and 'date-time' are supported for STRING type".
pub(super) fn format(node: &Node<'_>, kind: Kind) -> Option<&'static str> {
    let known: &[&'static str] = match kind {
        Kind::String => &["date-time", "enum"],
        Kind::Number => &["float", "double"],
        Kind::Integer => &["int32", "int64"],
        _ => return None,
    };
    let said = node.get("format")?.as_str()?;
    known.iter().copied().find(|known| *known == said)
}

pub(super) fn of<'t>(node: &Node<'t>, kind: Kind) -> Vec<(&'static str, Text<'t>)> {
    let counts: [&'static str; 2] = match kind {
        Kind::String => ["minLength", "maxLength"],
        Kind::Array => ["minItems", "maxItems"],
        Kind::Object => ["minProperties", "maxProperties"],
        Kind::Number | Kind::Integer => return limits(node, kind),
        Kind::Boolean | Kind::Null => return Vec::new(),
    };
    let said = |name| {
        let count = node
            .get(name)
            .filter(|it| is_number(*it) || is_written_out(*it))?;
        Some((name, Cow::Borrowed(count.raw())))
    };
    let mut bounds: Vec<_> = counts.into_iter().filter_map(said).collect();
    let pattern = node.get("pattern").filter(|it| it.is_string());
    if let Some(pattern) = pattern.filter(|_| kind == Kind::String) {
        bounds.push(("pattern", Cow::Borrowed(pattern.raw())));
    }
    bounds
}

fn limits<'t>(node: &Node<'t>, kind: Kind) -> Vec<(&'static str, Text<'t>)> {
    let is_whole = kind == Kind::Integer;
    let least = limit(node, ["minimum", "exclusiveMinimum"], |it| {
        above(it, is_whole)
    });
    let most = limit(node, ["maximum", "exclusiveMaximum"], |it| {
        below(it, is_whole)
    });
    let least = tighter(least, |new, old| new > old);
    let most = tighter(most, |new, old| new < old);
    let named = [("minimum", least), ("maximum", most)].into_iter();
    named.filter_map(|(name, it)| Some((name, it?))).collect()
}

/// What the two keywords of one side say: `exclusive...` is a number, or (up to draft 4) true beside the other.
fn limit<'t>(
    node: &Node<'t>,
    [inclusive, exclusive]: [&str; 2],
    beyond: impl Fn(Value<'t>) -> Text<'t>,
) -> [Option<Text<'t>>; 2] {
    let said = node.get(inclusive).filter(|it| is_number(*it));
    let excluded = node.get(exclusive);
    if excluded.is_some_and(Value::is_true) {
        return [said.map(beyond), None];
    }
    let excluded = excluded.filter(|it| is_number(*it));
    [said.map(|it| Cow::Borrowed(it.raw())), excluded.map(beyond)]
}

fn tighter(
    limits: [Option<Text<'_>>; 2],
    is_tighter: impl Fn(f64, f64) -> bool,
) -> Option<Text<'_>> {
    let number = |text: &Text<'_>| Value::first(text).and_then(Value::as_f64);
    match limits {
        [Some(first), Some(second)] => {
            let second_counts = number(&second)
                .zip(number(&first))
                .is_some_and(|(new, old)| is_tighter(new, old));
            Some(if second_counts { second } else { first })
        }
        [first, second] => first.or(second),
    }
}

fn above(limit: Value<'_>, is_whole: bool) -> Text<'_> {
    beyond(
        limit,
        is_whole,
        |it| it.checked_add(1),
        |it| it.floor() + 1.0,
    )
}

fn below(limit: Value<'_>, is_whole: bool) -> Text<'_> {
    beyond(
        limit,
        is_whole,
        |it| it.checked_sub(1),
        |it| it.ceil() - 1.0,
    )
}

/// The first whole number that is allowed. Among other numbers there is no first one: the limit itself is allowed then.
fn beyond(
    limit: Value<'_>,
    is_whole: bool,
    next: impl Fn(i64) -> Option<i64>,
    next_of_fraction: impl Fn(f64) -> f64,
) -> Text<'_> {
    let whole = std::str::from_utf8(limit.raw()).ok();
    let whole = whole.and_then(|it| it.parse().ok()).and_then(next);
    let fraction = || {
        let exact = limit.as_f64().filter(|it| it.abs() < EXACT)?;
        Some(format!("{:.0}", next_of_fraction(exact)))
    };
    let text = whole.map(|it| it.to_string()).or_else(fraction);
    match text.filter(|_| is_whole) {
        Some(text) => Cow::Owned(text.into_bytes()),
        None => Cow::Borrowed(limit.raw()),
    }
}

/// Google writes what has 64 bits as a string.
fn is_written_out(value: Value<'_>) -> bool {
    let digits = value.as_str().unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn is_number(value: Value<'_>) -> bool {
    let begins = value.raw().first();
    begins.is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-') && value.as_f64().is_some()
}
