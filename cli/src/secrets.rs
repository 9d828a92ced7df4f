//! Secrets: which values are some, what stands for those that are not here, and that none is shown.

use isthmus::config::known;
use serde_json::{Value, json};

use crate::document;

const MASK: &str = "***";

/// What is shorter stands in other words, too: to mask it would garble them, and tell it.
const SHORTEST: usize = 8;

/// Stands for what is not known. Nothing else is written so.
const ASSUMED: &str = "assumed-by-isthmus-check";

/// Values that must not be shown. What is printed is made without them; this is the second lock.
#[derive(Default)]
pub struct Hidden {
    values: Vec<String>,
}

impl Hidden {
    /// Of settings, those that are named as secrets, and what the document itself holds.
    pub fn of(settings: &[(String, String)], named: &[String], document: &Value) -> Self {
        let mut hidden = Self {
            values: vec![ASSUMED.to_owned()],
        };
        for (name, value) in settings {
            let upper = name.to_ascii_uppercase();
            if known::is_secret(&upper) || named.contains(&upper) || looks_like_key(value) {
                hidden.add_setting(&upper, value);
            }
        }
        let held = document::held(document);
        hidden.hide(held.iter().map(|it| it.text.as_str()));
        hidden
    }

    pub fn hide<'v>(&mut self, values: impl Iterator<Item = &'v str>) {
        values.for_each(|value| self.add(value));
        // A longer one may begin with a shorter.
        self.values
            .sort_by_key(|value| std::cmp::Reverse(value.len()));
    }

    fn add(&mut self, value: &str) {
        let value = value.trim().trim_matches(['"', '\'', '`']).trim();
        if value.len() >= SHORTEST {
            // Words that are not understood are repeated in lower case.
            self.values.push(value.to_ascii_lowercase());
            self.values.push(value.to_owned());
        }
    }

    fn add_setting(&mut self, name: &str, value: &str) {
        self.add(value);
        if name == "PROXY_API_KEYS" {
            value.split(',').for_each(|item| self.add(key_of(item)));
        } else {
            let pieces = value.split([',', ' ', '\n', '\t', '[', ']']);
            pieces.for_each(|piece| self.add(piece));
        }
        if let Ok(value) = serde_json::from_str::<Value>(value) {
            self.add_texts(&value);
        }
    }

    /// Of a JSON that is a secret what is not plainly none.
    fn add_texts(&mut self, value: &Value) {
        let Value::Object(table) = value else {
            return;
        };
        let public = ["type", "project_id", "quota_project_id", "universe_domain"];
        let texts = table
            .iter()
            .filter(|(name, _)| !public.contains(&name.as_str()));
        for text in texts.filter_map(|(_, value)| value.as_str()) {
            let is_address = text.starts_with("https://");
            if !is_address {
                self.add(text);
            }
        }
    }

    pub fn mask(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for value in &self.values {
            if masked.contains(value.as_str()) {
                masked = masked.replace(value.as_str(), MASK);
            }
        }
        masked
    }

    /// Of the texts in a JSON.
    pub fn mask_json(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.mask(&text)),
            Value::Array(items) => items.into_iter().map(|it| self.mask_json(it)).collect(),
            Value::Object(table) => {
                let table = table.into_iter();
                let table = table.map(|(name, value)| (name, self.mask_json(value)));
                Value::Object(table.collect())
            }
            other => other,
        }
    }
}

/// The key in `key`, `name:key` or `name:key:models`.
fn key_of(item: &str) -> &str {
    let mut parts = item.split(':').map(str::trim);
    let first = parts.next().unwrap_or_default();
    match parts.next() {
        Some(digest) if first.eq_ignore_ascii_case("sha256") => digest,
        Some(marker) if marker.eq_ignore_ascii_case("sha256") => parts.next().unwrap_or_default(),
        Some(key) => key,
        None => first,
    }
}

/// By what OpenAI's and Google's keys begin with: a key in the wrong place.
fn looks_like_key(value: &str) -> bool {
    ["sk-", "AIza"]
        .iter()
        .any(|it| value.trim().starts_with(it))
}

/// What stands for a secret whose value is not known here: something of its kind.
pub fn placeholder(name: &str, document: &Value, hosts: &str) -> Result<String, String> {
    let name = name.to_ascii_uppercase();
    let is_account = name == "GOOGLE_APPLICATION_CREDENTIALS"
        || document::named_accounts(document).contains(&name);
    match name.as_str() {
        _ if is_account => Ok(account()),
        "AZURE_OPENAI_KEYS" => Ok(keys_of(hosts)),
        document::NAME => {
            Err("--secret GATEWAY: give the document with --gateway FILE.".to_owned())
        }
        "PROXY_API_KEYS" => Ok(format!("(assumed):{ASSUMED}")),
        // An application's ids are as opaque as its secret.
        "AZURE_TENANT_ID" | "AZURE_CLIENT_ID" => Ok(ASSUMED.to_owned()),
        _ if known::is_secret(&name) || !known::is_known(&name) => Ok(ASSUMED.to_owned()),
        _ => Err(format!(
            "--secret {name}: what it says matters; put it into a file for --vars."
        )),
    }
}

/// One for each model on a host of its own.
fn keys_of(hosts: &str) -> String {
    let aliases = hosts.split(',').filter_map(|item| item.split_once('='));
    let keys = aliases.map(|(alias, _)| (alias.trim().to_owned(), Value::from(ASSUMED)));
    Value::Object(keys.collect()).to_string()
}

fn account() -> String {
    json!({
        "type": "service_account",
        "project_id": "project-of-the-account",
        "client_email": ASSUMED,
        // Of a key's DER the first byte.
        "private_key": "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
    })
    .to_string()
}
