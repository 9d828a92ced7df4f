//! Which field a part of a form is, by its headers.

use super::header::{BLANKS, Header};
use super::invalid;
use crate::error::{Error, Result};

/// The fields we read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Model,
    Stream,
}

impl Field {
    /// Which of them the part under these headers is.
    pub(super) fn of_headers(block: &[u8]) -> Result<Option<Self>> {
        let block = String::from_utf8_lossy(block);
        let Some(Described {
            disposition,
            encoded,
            ..
        }) = described(&block)?
        else {
            return Ok(None);
        };
        match Self::of_disposition(&disposition)? {
            Some(field) if encoded => Err(field.refused("encoded")),
            field => Ok(field),
        }
    }

    fn of_disposition(header: &Header) -> Result<Option<Self>> {
        let field = match name_in(header)? {
            Some("model") => Self::Model,
            Some("stream") => Self::Stream,
            _ => return Ok(None),
        };
        let mut file_names = header.all("filename").peekable();
        if file_names.peek().is_none() {
            return Ok(Some(field));
        }
        if file_names.any(|(name, value)| name == "filename" && !value.is_empty()) {
            return Ok(None);
        }
        Err(field.refused("a file without a name"))
    }

    pub(super) fn refused(self, why: &str) -> Error {
        let name = match self {
            Self::Model => "model",
            Self::Stream => "stream",
        };
        invalid(format!("The form's `{name}` is {why}.")).param(name)
    }
}

/// What a part is called, whichever it is.
pub(super) struct Labels {
    pub(super) name: String,
    pub(super) filename: Option<String>,
    pub(super) content_type: Option<String>,
}

impl Labels {
    /// None where the part has no name.
    pub(super) fn of_headers(block: &[u8]) -> Result<Option<Self>> {
        let block = String::from_utf8_lossy(block);
        let Some(part) = described(&block)? else {
            return Ok(None);
        };
        if part.encoded {
            return Err(invalid("A part is encoded."));
        }
        let Some(name) = name_in(&part.disposition)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            name: name.to_owned(),
            filename: filename_in(&part.disposition),
            content_type: part.content_type.map(str::to_owned),
        }))
    }
}

/// What the headers of a part say of it.
struct Described<'a> {
    disposition: Header<'a>,
    content_type: Option<&'a str>,
    encoded: bool,
}

fn described(block: &str) -> Result<Option<Described<'_>>> {
    let mut disposition = None;
    let mut content_type = None;
    let mut encoded = false;
    for line in block.split("\r\n").filter(|line| !line.is_empty()) {
        let (name, value) = header_line(line)?;
        if name.eq_ignore_ascii_case("content-disposition") {
            if disposition.replace(value).is_some() {
                return Err(invalid("A part has two Content-Disposition headers."));
            }
        } else if name.eq_ignore_ascii_case("content-type") {
            content_type = content_type.or(Some(value));
        } else if name.eq_ignore_ascii_case("content-transfer-encoding") {
            encoded |= !is_identity(value);
        }
    }
    let Some(disposition) = disposition else {
        return Ok(None);
    };
    let disposition = Header::parse(disposition)?;
    if !disposition.value.eq_ignore_ascii_case("form-data") {
        return Err(invalid("The disposition of a part is not form-data."));
    }
    Ok(Some(Described {
        disposition,
        content_type,
        encoded,
    }))
}

fn name_in<'a>(disposition: &'a Header<'_>) -> Result<Option<&'a str>> {
    let name = disposition.the_only("name")?;
    if name.is_some_and(|name| name.starts_with("=?")) {
        return Err(invalid("The name of a part is encoded."));
    }
    Ok(name)
}

/// The plain form; of RFC 5987's (`UTF-8''a%20b.mp3`) what follows its last quote, which keeps the name's ending.
fn filename_in(disposition: &Header<'_>) -> Option<String> {
    let mut given: Vec<_> = disposition.all("filename").collect();
    given.sort_by_key(|(key, _)| *key != "filename");
    let (key, value) = given.first()?;
    let is_plain = *key == "filename";
    let encoded = value.rsplit('\'').next().filter(|_| !is_plain);
    Some(encoded.unwrap_or(value).to_owned())
}

fn header_line(line: &str) -> Result<(&str, &str)> {
    line.split_once(':')
        .filter(|(name, value)| {
            // A folded line starts with a blank, which no name does.
            !name.is_empty()
                && name.chars().all(|c| c.is_ascii_graphic())
                && !value.chars().any(|c| c.is_control() && c != '\t')
        })
        .map(|(name, value)| (name, value.trim_matches(BLANKS)))
        .ok_or_else(|| invalid("A header line of a part is malformed."))
}

fn is_identity(encoding: &str) -> bool {
    ["7bit", "8bit", "binary"]
        .iter()
        .any(|identity| encoding.eq_ignore_ascii_case(identity))
}

pub(super) fn model_name(value: &[u8]) -> Result<&str> {
    match std::str::from_utf8(value) {
        Err(_) => Err(Field::Model.refused("not UTF-8")),
        Ok("") => Err(Field::Model.refused("empty")),
        Ok(name) if name.chars().any(char::is_control) => {
            Err(Field::Model.refused("not a name: it holds control characters"))
        }
        Ok(name) => Ok(name),
    }
}
