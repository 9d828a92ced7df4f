//! Every variable and secret by its name, before anything is made of it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::hex;
use crate::secret::Secret;

/// The setting that holds the native document. `GATEWAY = "kv"`: it is the value of the key `gateway`, and may
/// change without a deploy; the shell puts it in place of this word.
pub(super) const DOCUMENT: &str = "GATEWAY";

/// The setting that holds provider files, and by what its further pieces begin. `FOAP_CONFIG = "kv"`: they are values
/// whose keys end with `.json`, below `foap/` or the folder that the other setting names.
pub(super) const PROVIDERS: &str = "FOAP_CONFIG";
const FOLDER: &str = "FOAP_CONFIG_DIR";
const USUAL_FOLDER: &str = "foap/";

/// All settings. Names are case-insensitive, blanks and quotes around a value fall.
#[derive(Clone, Default)]
pub struct Settings {
    values: BTreeMap<String, String>,
    /// Provider files by their names, where they were looked for and found.
    files: Option<Vec<(String, String)>>,
}

impl<Name: AsRef<str>, Value: Into<String>> FromIterator<(Name, Value)> for Settings {
    fn from_iter<Items: IntoIterator<Item = (Name, Value)>>(items: Items) -> Self {
        let upper =
            |(name, value): (Name, Value)| (name.as_ref().to_ascii_uppercase(), value.into());
        Self {
            values: items.into_iter().map(upper).collect(),
            files: None,
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

    /// What the keys of provider files begin with, where they are to be fetched from where the platform stores values.
    pub fn stored_files(&self) -> Option<String> {
        let is_asked = self.files_are_asked();
        let folder = self.get(FOLDER);
        if !(is_asked || folder.is_some() && self.file_variables().next().is_none()) {
            return None;
        }
        let folder = folder.unwrap_or(USUAL_FOLDER);
        let folder = folder.trim_start_matches("./").trim_matches('/');
        Some(match folder {
            "" | "." => String::new(),
            folder => format!("{folder}/"),
        })
    }

    /// Whether the owner says so, as opposed to a folder that may be left from elsewhere.
    pub(super) fn files_are_asked(&self) -> bool {
        let word = self.get(PROVIDERS);
        word.is_some_and(|text| text.eq_ignore_ascii_case("kv"))
    }

    /// The same settings with those files; None where the store could not be asked.
    #[must_use]
    pub fn with_files(mut self, files: Option<Vec<(String, String)>>) -> Self {
        self.files = files;
        self
    }

    pub(super) fn files(&self) -> Option<&[(String, String)]> {
        self.files.as_deref()
    }

    /// The variables that hold provider files, by their numbers, as they stand: a piece may begin with a blank.
    pub(super) fn file_variables(&self) -> impl Iterator<Item = (u32, &str)> {
        self.values.iter().filter_map(|(name, text)| {
            let rest = name.strip_prefix(PROVIDERS)?;
            let number = match rest.strip_prefix('_') {
                Some(number) => number.parse().ok()?,
                None => rest.is_empty().then_some(0)?,
            };
            let is_word = number == 0 && self.files_are_asked();
            (!is_word && !text.trim().is_empty()).then_some((number, text.as_str()))
        })
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
        let files = self.files.iter().flatten();
        let files = files.map(|(name, text)| (name, text));
        for (name, value) in self.values.iter().chain(files) {
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
