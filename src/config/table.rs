//! What a table of the GATEWAY document may hold, and what is said of it that cannot be used.

use serde_json::{Map, Value};

use crate::config::draft::Draft;
use crate::config::settings::Settings;
use crate::secret::Secret;

pub(super) type Table = Map<String, Value>;

impl Draft {
    pub(super) fn note_unknown(&mut self, place: &str, table: &Table, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
            self.warn(format!(
                "{place}.{key} is not known to this version and does nothing."
            ));
        }
    }

    /// A text that is there and not blank.
    pub(super) fn text<'a>(
        &mut self,
        place: &str,
        options: &'a Table,
        key: &str,
    ) -> Option<&'a str> {
        let value = options.get(key)?;
        let text = value
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        if text.is_none() {
            self.warn(format!("{place}.{key} should be text."));
        }
        text
    }

    pub(super) fn switch(&mut self, place: &str, options: &Table, key: &str) -> Option<bool> {
        let value = options.get(key)?;
        if !value.is_boolean() {
            self.warn(format!("{place}.{key} should be true or false."));
        }
        value.as_bool()
    }

    /// One of some words.
    pub(super) fn word<T>(
        &mut self,
        place: &str,
        options: &Table,
        key: &str,
        parse: impl Fn(&str) -> Option<T>,
        words: &str,
    ) -> Option<T> {
        let text = self.text(place, options, key)?;
        let parsed = parse(&text.to_ascii_lowercase());
        if parsed.is_none() {
            self.warn(format!("{place}.{key} is `{text}`; it should be {words}."));
        }
        parsed
    }

    /// The secret that `"$NAME"` names; a name nothing is set for is a problem of whoever needs it.
    pub(super) fn secret_at(
        &mut self,
        settings: &Settings,
        value: Option<&Value>,
        place: &str,
        problem: &mut Option<String>,
    ) -> Option<Secret> {
        let text = value?.as_str().unwrap_or_default().trim();
        let Some(name) = text.strip_prefix('$') else {
            if text.is_empty() {
                self.warn(format!("{place} should be text: \"$NAME\" of a secret."));
            }
            return Secret::new(text);
        };
        let secret = settings.secret(name);
        if secret.is_none() {
            let text = format!("{place} names the secret {name}, which is not set.");
            self.fault(text, problem);
        }
        secret
    }
}
