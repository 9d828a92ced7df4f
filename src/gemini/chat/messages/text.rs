//! Strings of JSON, copied as they stand.

use std::borrow::Cow;

use crate::json::{Value, quoted};

/// A text as JSON has it, quotes and escapes included.
#[derive(Debug)]
pub(super) struct Text<'t>(Cow<'t, [u8]>);

impl<'t> Text<'t> {
    /// None if it is no string.
    pub(super) fn read(value: Value<'t>) -> Option<Self> {
        value.is_string().then(|| Self(Cow::Borrowed(value.raw())))
    }

    /// One of ours, quotes included.
    pub(super) fn ours(literal: &'static [u8]) -> Self {
        Self(Cow::Borrowed(literal))
    }

    pub(super) fn of(text: &str) -> Self {
        Self(Cow::Owned(quoted(text).into_bytes()))
    }

    pub(super) fn literal(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn into_literal(self) -> Cow<'t, [u8]> {
        self.0
    }

    /// What stands between the quotes.
    pub(super) fn inside(&self) -> &[u8] {
        match self.literal() {
            [b'"', inside @ .., b'"'] => inside,
            _ => &[],
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.inside().is_empty()
    }

    /// Several texts as one.
    pub(super) fn joined(mut texts: Vec<Self>) -> Self {
        if texts.len() == 1
            && let Some(only) = texts.pop()
        {
            return only;
        }
        let mut literal = b"\"".to_vec();
        for text in &texts {
            literal.extend_from_slice(text.inside());
        }
        literal.push(b'"');
        Self(Cow::Owned(literal))
    }
}

pub(super) fn bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}
