//! Headers with parameters.

use super::invalid;
use crate::error::Result;

pub(super) const BLANKS: [char; 2] = [' ', '\t'];

/// `value; name=bare; name="quoted"`, as Content-Type and Content-Disposition are written.
pub(super) struct Header<'a> {
    pub(super) value: &'a str,
    /// The names in lower case.
    parameters: Vec<(String, String)>,
}

impl<'a> Header<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self> {
        let (value, mut rest) = text.split_once(';').unwrap_or((text, ""));
        let mut parameters = Vec::new();
        loop {
            rest = rest.trim_start_matches([' ', '\t', ';']);
            if rest.is_empty() {
                break;
            }
            let (parameter, tail) = take_parameter(rest)
                .ok_or_else(|| invalid("A parameter of a form header is malformed."))?;
            parameters.push(parameter);
            rest = tail;
        }
        Ok(Self {
            value: value.trim_matches(BLANKS),
            parameters,
        })
    }

    /// The parameter and its extended forms, `name*` and `name*0` of RFC 2231.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .filter(move |(key, _)| key.split('*').next() == Some(name))
    }

    /// The parameter, which must be there once and plainly or not at all.
    pub(super) fn the_only(&self, name: &str) -> Result<Option<&str>> {
        let mut all = self.all(name);
        match (all.next(), all.next()) {
            (None, _) => Ok(None),
            (Some((key, value)), None) if key == name => Ok(Some(value)),
            _ => Err(invalid(format!(
                "`{name}` is encoded or given twice in a form header."
            ))),
        }
    }
}

/// Takes one parameter off the text, up to the next semicolon.
fn take_parameter(text: &str) -> Option<((String, String), &str)> {
    let (name, text) = text.split_once('=')?;
    let (value, tail) = take_value(text.trim_start_matches(BLANKS))?;
    let name = name.trim_matches(BLANKS);
    let plain = !name.is_empty() && !name.contains(['"', ';', ' ', '\t']);
    plain.then(|| ((name.to_ascii_lowercase(), value), tail))
}

fn take_value(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (value, tail) = take_quoted(quoted)?;
        let tail = tail.trim_start_matches(BLANKS);
        return (tail.is_empty() || tail.starts_with(';')).then_some((value, tail));
    }
    let (bare, tail) = text.split_at(text.find(';').unwrap_or(text.len()));
    let bare = bare.trim_matches(BLANKS);
    (!bare.contains(['"', ' ', '\t'])).then(|| (bare.to_owned(), tail))
}

/// The text up to the closing quote, without its backslash escapes, and what comes after.
fn take_quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut has_escaped_quote = false;
    let mut chars = text.chars();
    loop {
        match chars.next()? {
            '"' => break,
            '\\' => {
                let escaped = chars.next()?;
                has_escaped_quote |= escaped == '"';
                value.push(escaped);
            }
            other => value.push(other),
        }
    }
    let is_ambiguous = has_escaped_quote && value.contains(';');
    (!is_ambiguous).then_some((value, chars.as_str()))
}
