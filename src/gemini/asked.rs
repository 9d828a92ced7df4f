//! What a client asks for, field by field: in JSON, or in a form. What is of another type is refused by its name.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use crate::error::{Error, Result, invalid};
use crate::gemini::form::Form;
use crate::json::{Fields, Value, inside};

/// The fields both kinds of body have. Absent, null and empty in a form are the same.
pub(super) trait Asked {
    fn text(&self, name: &'static str) -> Result<Option<Cow<'_, str>>>;

    fn integer(&self, name: &'static str, range: RangeInclusive<u64>) -> Result<Option<u64>>;

    fn flag(&self, name: &'static str) -> Result<bool>;
}

impl Asked for Fields<'_> {
    fn text(&self, name: &'static str) -> Result<Option<Cow<'_, str>>> {
        let text = self.get(name).map(Value::as_str);
        text.map(|it| it.ok_or_else(|| invalid(name, "a string")))
            .transpose()
    }

    fn integer(&self, name: &'static str, range: RangeInclusive<u64>) -> Result<Option<u64>> {
        let value = self.get(name).map(Value::as_u64);
        value.map(|it| in_range(name, it, &range)).transpose()
    }

    fn flag(&self, name: &'static str) -> Result<bool> {
        match self.get(name).map(Value::raw) {
            None | Some(b"false") => Ok(false),
            Some(b"true") => Ok(true),
            Some(_) => Err(invalid(name, "true or false")),
        }
    }
}

impl Asked for Form<'_> {
    fn text(&self, name: &'static str) -> Result<Option<Cow<'_, str>>> {
        Ok(self.value(name)?.map(Cow::Borrowed))
    }

    fn integer(&self, name: &'static str, range: RangeInclusive<u64>) -> Result<Option<u64>> {
        let value = self.value(name)?.map(|text| text.trim().parse().ok());
        value.map(|it| in_range(name, it, &range)).transpose()
    }

    fn flag(&self, name: &'static str) -> Result<bool> {
        match self.value(name)?.map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(invalid(name, "true or false")),
        }
    }
}

fn in_range(name: &'static str, value: Option<u64>, range: &RangeInclusive<u64>) -> Result<u64> {
    value.filter(|it| range.contains(it)).ok_or_else(|| {
        let wanted = match (range.start(), range.end()) {
            (least, &u64::MAX) => format!("an integer of at least {least}"),
            (least, most) => format!("an integer from {least} to {most}"),
        };
        invalid(name, &wanted)
    })
}

/// The fields of a body in JSON.
pub(super) fn fields(text: &[u8]) -> Result<Fields<'_>> {
    let problem = "The request's body is not a JSON object.";
    Value::first(text)
        .filter(|request| request.is_object())
        .map(Fields::of)
        .ok_or_else(|| Error::bad_request("invalid_json", problem))
}

/// A text that has to be there, as it stands in the body.
pub(super) fn required<'t>(fields: &Fields<'t>, name: &'static str) -> Result<Value<'t>> {
    let value = fields.get(name).ok_or_else(|| missing(name))?;
    let said = Some(value).filter(|it| it.is_string() && !inside(*it).is_empty());
    said.ok_or_else(|| invalid(name, "a string that is not empty"))
}

/// The number as it stands, so that its digits survive, and what it is worth.
pub(super) fn number<'t>(
    fields: &Fields<'t>,
    name: &'static str,
    range: RangeInclusive<f64>,
) -> Result<Option<(Value<'t>, f64)>> {
    let Some(value) = fields.get(name) else {
        return Ok(None);
    };
    let number = value.as_f64().filter(|number| range.contains(number));
    let wanted = || format!("a number from {} to {}", range.start(), range.end());
    let number = number.ok_or_else(|| invalid(name, &wanted()))?;
    Ok(Some((value, number)))
}

pub(super) fn object<'t>(fields: &Fields<'t>, name: &'static str) -> Result<Option<Value<'t>>> {
    match fields.get(name) {
        Some(value) if !value.is_object() => Err(invalid(name, "an object")),
        value => Ok(value),
    }
}

pub(super) fn missing(name: &'static str) -> Error {
    let problem = format!("'{name}' is required.");
    Error::bad_request("missing_required_parameter", problem).param(name)
}

pub(super) fn unsupported(name: &'static str, problem: &'static str) -> Error {
    Error::bad_request("unsupported_value", problem).param(name)
}
