//! Fields of a client's, by type: what is of another is refused by its name. Null is absent.

use std::ops::RangeInclusive;

use crate::error::{Error, Result};
use crate::json::{Fields, Value};

pub(super) fn invalid(name: &'static str, expected: &str) -> Error {
    let problem = ["Invalid value for '", name, "': it must be ", expected, "."];
    Error::bad_request("invalid_value", problem.concat()).param(name)
}

pub(super) fn boolean(request: &Fields<'_>, name: &'static str) -> Result<bool> {
    match request.get(name).map(Value::raw) {
        None | Some(b"false") => Ok(false),
        Some(b"true") => Ok(true),
        Some(_) => Err(invalid(name, "a boolean")),
    }
}

/// The number as it stands, so that its digits survive, and what it is worth.
pub(super) fn number<'t>(
    request: &Fields<'t>,
    name: &'static str,
    range: RangeInclusive<f64>,
) -> Result<Option<(Value<'t>, f64)>> {
    let Some(value) = request.get(name) else {
        return Ok(None);
    };
    let number = value.as_f64().filter(|number| range.contains(number));
    let expected = || format!("a number from {} to {}", range.start(), range.end());
    let number = number.ok_or_else(|| invalid(name, &expected()))?;
    Ok(Some((value, number)))
}

pub(super) fn integer(
    request: &Fields<'_>,
    name: &'static str,
    range: RangeInclusive<u64>,
) -> Result<Option<u64>> {
    let Some(value) = request.get(name) else {
        return Ok(None);
    };
    let integer = value.as_u64().filter(|integer| range.contains(integer));
    integer.map(Some).ok_or_else(|| {
        let expected = match (range.start(), range.end()) {
            (least, &u64::MAX) => format!("an integer of at least {least}"),
            (least, most) => format!("an integer from {least} to {most}"),
        };
        invalid(name, &expected)
    })
}

pub(super) fn object<'t>(request: &Fields<'t>, name: &'static str) -> Result<Option<Value<'t>>> {
    match request.get(name) {
        Some(value) if !value.is_object() => Err(invalid(name, "an object")),
        value => Ok(value),
    }
}
