//! The GATEWAY document and provider files as text: where its parts stand, which secrets they name, and which they hold.

use isthmus::config::foap;
use isthmus::json;
use serde_json::Value;

use crate::dotenv::line_of;
use crate::places::Places;

pub const NAME: &str = "GATEWAY";
/// The setting that holds a provider file.
const PROVIDERS: &str = "FOAP_CONFIG";

/// Deeper nothing is looked for; the document is four tables deep.
const DEPTH: usize = 8;

/// Where a text begins: a file, and a line of it. Not every text stands there as it is.
pub struct Start<'a> {
    pub file: &'a str,
    pub line: usize,
    pub is_verbatim: bool,
}

impl Start<'_> {
    /// The line, of this file, of a line of the text.
    fn line(&self, line: usize) -> usize {
        let further = if self.is_verbatim { line.max(1) - 1 } else { 0 };
        self.line + further
    }
}

/// Remembers where the parts of a setting stand that is a document; false if it is none.
pub fn note_setting(places: &mut Places, start: &Start<'_>, name: &str, text: &str) -> bool {
    match name {
        NAME => note(places, start, text),
        PROVIDERS => note_providers(places, start, name, text),
        _ => return false,
    }
    true
}

/// Remembers where the parts of a document stand; of what is no JSON, where it ceases to be that.
pub fn note(places: &mut Places, start: &Start<'_>, text: &str) {
    if let Err(error) = serde_json::from_str::<Value>(text) {
        return places.add_line(NAME, start.file, start.line(error.line()));
    }
    places.add_line(NAME, start.file, start.line);
    if let Some(document) = json::Value::first(text.as_bytes()) {
        let mut noting = Noting {
            places,
            start,
            text,
        };
        noting.members(NAME, document, DEPTH);
    }
}

/// The same for a provider file, which may have comments.
pub fn note_providers(places: &mut Places, start: &Start<'_>, path: &str, text: &str) {
    if let Err(error) = foap::text::parse(text) {
        return places.add_line(path, start.file, start.line(error.line()));
    }
    places.add_line(path, start.file, start.line);
    let text = foap::text::plain(text);
    let Some(table) = json::Value::first(text.as_bytes()) else {
        return;
    };
    let mut noting = Noting {
        places,
        start,
        text: &text,
    };
    for table in std::iter::once(table).chain(table.elements()) {
        noting.members(path, table, DEPTH);
    }
}

struct Noting<'a> {
    places: &'a mut Places,
    start: &'a Start<'a>,
    text: &'a str,
}

impl Noting<'_> {
    fn members(&mut self, path: &str, value: json::Value<'_>, depth: usize) {
        if depth == 0 {
            return;
        }
        for (name, value) in value.members() {
            let path = format!("{path}.{}", name.as_str().unwrap_or_default());
            let at = usize::try_from(name.range().start).unwrap_or_default();
            let line = self.start.line(line_of(self.text, at));
            self.places.add_line(&path, self.start.file, line);
            self.members(&path, value, depth - 1);
        }
    }
}

/// A secret that stands in the document itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Held {
    pub path: String,
    pub text: String,
    /// It is for sure one: a header may be none.
    pub is_sure: bool,
}

/// What should be a secret's name and is not.
pub fn held(document: &Value) -> Vec<Held> {
    let mut held = Vec::new();
    for (path, provider) in tables(document, "providers") {
        for option in ["key", "credentials"] {
            held.extend(literal(&path, provider, option, true));
        }
        if let Some(entra) = provider.get("entra") {
            let path = format!("{path}.entra");
            held.extend(literal(&path, entra, "client_secret", true));
        }
        let headers = provider.get("headers").and_then(Value::as_object);
        for name in headers.into_iter().flat_map(serde_json::Map::keys) {
            let headers = provider.get("headers").unwrap_or(&Value::Null);
            let path = format!("{path}.headers");
            held.extend(literal(&path, headers, name, carries_secret(name)));
        }
    }
    for (path, client) in tables(document, "clients") {
        held.extend(literal(&path, client, "key", true));
    }
    held
}

fn tables<'v>(document: &'v Value, name: &'v str) -> impl Iterator<Item = (String, &'v Value)> {
    let table = document.get(name).and_then(Value::as_object);
    let entries = table.into_iter().flatten();
    entries.map(move |(entry, value)| (format!("{NAME}.{name}.{entry}"), value))
}

fn literal(path: &str, table: &Value, name: &str, is_sure: bool) -> Option<Held> {
    let text = table.get(name)?.as_str()?.trim();
    let is_held = !text.is_empty() && !text.starts_with('$');
    is_held.then(|| Held {
        path: format!("{path}.{name}"),
        text: text.to_owned(),
        is_sure,
    })
}

fn carries_secret(header: &str) -> bool {
    let header = header.to_ascii_lowercase();
    let words = ["auth", "key", "token", "secret", "cookie"];
    words.iter().any(|word| header.contains(word))
}

/// The settings the document names (`"$NAME"`), wherever it does.
pub fn named(document: &Value) -> Vec<String> {
    let mut names = Vec::new();
    collect(document, &mut names);
    names
}

fn collect(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            names.extend(text.trim().strip_prefix('$').map(str::to_ascii_uppercase));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
        Value::Object(table) => table.values().for_each(|value| collect(value, names)),
        _ => {}
    }
}

/// The names that stand for accounts of Google's.
pub fn named_accounts(document: &Value) -> Vec<String> {
    let providers = tables(document, "providers");
    let named = providers.filter_map(|(_, provider)| {
        let text = provider.get("credentials")?.as_str()?;
        text.trim().strip_prefix('$').map(str::to_ascii_uppercase)
    });
    named.collect()
}
