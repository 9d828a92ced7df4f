//! Every variable and secret by its name, before anything is made of it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::hex;
use crate::secret::Secret;

/// The setting that holds the native document. `GATEWAY = "kv"`: it is the value of the key `gateway`, and may
/// change without a deploy; the shell puts it in place of this word.
pub(super) const DOCUMENT: &str = "GATEWAY";

/// All settings. Names are case-insensitive, blanks and quotes around a value fall.
#[derive(Clone, Default)]
pub struct Settings {
    values: BTreeMap<String, String>,
}

impl<Name: AsRef<str>, Value: Into<String>> FromIterator<(Name, Value)> for Settings {
    fn from_iter<Items: IntoIterator<Item = (Name, Value)>>(items: Items) -> Self {
        let upper =
            |(name, value): (Name, Value)| (name.as_ref().to_ascii_uppercase(), value.into());
        Self {
            values: items.into_iter().map(upper).collect(),
        }
    }
}

impl Settings {
    /// A setting that is there and not blank.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        unquoted(self.values.get(&name.to_ascii_uppercase())?)
    }

    /// The settings whose names begin so, by the rest of their names, where they are not blank.
    pub(super) fn beginning_with(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().filter_map(move |(name, value)| {
            let rest = name.strip_prefix(prefix)?;
            Some((rest, unquoted(value)?))
        })
    }

    /// Whether the GATEWAY document is to be fetched from where the platform stores values.
    pub fn document_is_stored(&self) -> bool {
        self.get(DOCUMENT)
            .is_some_and(|text| text.eq_ignore_ascii_case("kv"))
    }

    /// The same settings with that document in its place.
    #[must_use]
    pub fn with_document(mut self, document: Option<String>) -> Self {
        self.values
            .extend(document.map(|text| (DOCUMENT.to_owned(), text)));
        self
    }

    pub(super) fn first(&self, names: &[&'static str]) -> Option<(&'static str, &str)> {
        names.iter().find_map(|name| Some((*name, self.get(name)?)))
    }

    /// Of these the first that the document does not name as the secret of a provider of its own.
    pub(super) fn first_unnamed(&self, names: &[&'static str]) -> Option<(&'static str, &str)> {
        // In any case, as settings are found.
        let document = self.get(DOCUMENT).unwrap_or_default().to_ascii_uppercase();
        let is_named = |name: &str| document.contains(&format!("\"${name}\""));
        let mut unnamed = names.iter().filter(|name| !is_named(name));
        unnamed.find_map(|name| Some((*name, self.get(name)?)))
    }

    /// Whether some of these are set, and the document names them all.
    pub(super) fn are_the_documents(&self, names: &[&'static str]) -> bool {
        self.first(names).is_some() && self.first_unnamed(names).is_none()
    }

    /// Of all names and values, and of the program that reads them.
    pub(super) fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(env!("CARGO_PKG_VERSION"));
        for (name, value) in &self.values {
            for part in [name, value] {
                digest.update(part.len().to_be_bytes());
                digest.update(part);
            }
        }
        hex::encode(digest.finalize())
    }

    pub(super) fn secret(&self, name: &str) -> Option<Secret> {
        Secret::new(self.get(name)?)
    }
}

fn unquoted(value: &str) -> Option<&str> {
    let value = value.trim();
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(value)
        .trim();
    (!unquoted.is_empty()).then_some(unquoted)
}
