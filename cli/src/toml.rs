//! TOML as the Worker gets to see it, and where its values stand.

use std::fmt::Write;

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeFloat, DeInteger, DeTable, DeValue};

use crate::dotenv::line_of;
use crate::places::{Origin, Places};

/// Reads a document; what is wrong with it is said with its line.
pub fn parse(text: &str) -> Result<DeTable<'_>, (usize, String)> {
    match DeTable::parse(text) {
        Ok(table) => Ok(table.into_inner()),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            Err((line_of(text, at), error.message().to_owned()))
        }
    }
}

/// A table in a table, by its path.
pub fn table<'t, 'i>(mut table: &'t DeTable<'i>, path: &[&str]) -> Option<&'t DeTable<'i>> {
    for name in path {
        table = table.get(*name)?.get_ref().as_table()?;
    }
    Some(table)
}

/// Remembers where a value and all that is in it were named.
pub fn note(places: &mut Places, origin: &Origin<'_>, path: &str, at: usize, value: &DeValue<'_>) {
    places.add(path, origin, at);
    let DeValue::Table(table) = value else {
        return;
    };
    for (name, value) in table {
        let path = format!("{path}.{}", name.get_ref());
        note(places, origin, &path, name.span().start, value.get_ref());
    }
}

/// What wrangler makes of a value: variables that are no text travel as JSON.
pub fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => integer(number),
        DeValue::Float(number) => float(number),
        DeValue::Boolean(value) => Value::from(*value),
        DeValue::Datetime(time) => Value::from(time.to_string()),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => Value::Object(object(table)),
    }
}

pub fn object(table: &DeTable<'_>) -> Map<String, Value> {
    let member = |(name, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let name: &std::borrow::Cow<'_, str> = name.get_ref();
        (name.to_string(), json(value.get_ref()))
    };
    table.iter().map(member).collect()
}

fn integer(number: &DeInteger<'_>) -> Value {
    let read = i64::from_str_radix(number.as_str(), number.radix());
    read.map_or(Value::Null, Value::from)
}

/// JavaScript tells no whole number by its point: `1.0` is `1`.
fn float(number: &DeFloat<'_>) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number: f64 = number.as_str().parse().unwrap_or(f64::NAN);
    if number.fract() == 0.0 && number.abs() < EXACT {
        let whole = format!("{number:.0}");
        return whole.parse::<i64>().map_or(Value::Null, Value::from);
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

/// A variable as a setting: the same as `asText` of `src/cloudflare/call.js` makes of it.
pub fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) if items.iter().any(Value::is_object) => Some(value.to_string()),
        Value::Array(items) => Some(joined(items)),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => Some(value.to_string()),
    }
}

/// As `Array.prototype.join` does it.
fn joined(items: &[Value]) -> String {
    let mut text = String::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        match item {
            Value::Null => {}
            Value::String(item) => text.push_str(item),
            Value::Array(items) => text.push_str(&joined(items)),
            Value::Object(_) => text.push_str("[object Object]"),
            Value::Bool(_) | Value::Number(_) => {
                // Writing to a String cannot fail.
                let _ = write!(text, "{item}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{as_text, json, parse};

    #[test]
    fn values_are_text_as_in_the_worker() {
        for (written, text) in [
            ("'a b'", "a b"),
            ("300", "300"),
            ("0x10", "16"),
            ("1_000", "1000"),
            ("-5", "-5"),
            ("1.5", "1.5"),
            ("2.0", "2"),
            ("-0.0", "0"),
            ("true", "true"),
            ("2024-10-21", "2024-10-21"),
            ("['a', 'b', 3, true]", "a,b,3,true"),
            ("[['a', 'b'], 2.0]", "a,b,2"),
            ("[['a'], { c = 1 }, 2.0]", r#"[["a"],{"c":1},2]"#),
            ("[]", ""),
            ("{ b = 1.0, a = ['x'] }", r#"{"b":1,"a":["x"]}"#),
        ] {
            let document = format!("it = {written}");
            let table = parse(&document).unwrap();
            let value = json(table.get("it").unwrap().get_ref());
            assert_eq!(as_text(&value).as_deref(), Some(text), "{written}");
        }
        let table = parse("it = inf").unwrap();
        assert_eq!(as_text(&json(table.get("it").unwrap().get_ref())), None);
    }
}
