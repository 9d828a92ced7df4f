//! What clients ask of Google in Google's words, where OpenAI has none.

use crate::error::{Error, Result, invalid};
use crate::json::{Fields, Value, member};

/// The objects named `google`, those that count most first.
///
/// Google's own OpenAI-compatible endpoint reads `extra_body.google`. OpenAI's Python client takes one `extra_body`
/// off what it is given, so that people nest two, or none.
pub(super) struct Google<'t>(Vec<Value<'t>>);

impl<'t> Google<'t> {
    pub(super) fn read(request: &Fields<'t>) -> Result<Self> {
        let outer = inner(request.get("extra_body"), "extra_body")?;
        let nested = outer.and_then(|outer| member(outer, "extra_body"));
        let nested = inner(nested, "extra_body")?;
        let mut found = Vec::new();
        for body in [outer, nested].into_iter().flatten() {
            found.extend(inner(member(body, "google"), "extra_body")?);
        }
        found.extend(inner(request.get("google"), "google")?);
        Ok(Self(found))
    }

    /// By either of its spellings: Google's JSON has both.
    pub(super) fn get<const N: usize>(&self, names: [&str; N]) -> Option<Value<'t>> {
        self.0.iter().find_map(|object| either(*object, names))
    }
}

/// What is OpenAI's nowhere, and may stand in the request itself.
pub(super) fn extension<'t, const N: usize>(
    request: &Fields<'t>,
    names: [&str; N],
) -> Result<Option<Value<'t>>> {
    let own = Google::read(request)?.get(names);
    Ok(own.or_else(|| names.into_iter().find_map(|name| request.get(name))))
}

/// A member of Google's, in snake or camel case.
pub(super) fn either<'t, const N: usize>(object: Value<'t>, names: [&str; N]) -> Option<Value<'t>> {
    names.into_iter().find_map(|name| member(object, name))
}

fn inner<'t>(value: Option<Value<'t>>, name: &'static str) -> Result<Option<Value<'t>>> {
    match value {
        Some(value) if !value.is_object() => Err(not_an_object(name)),
        value => Ok(value),
    }
}

fn not_an_object(name: &'static str) -> Error {
    match name {
        "google" => invalid("google", "an object"),
        _ => invalid("extra_body", "an object, and an object `google` in it"),
    }
}
