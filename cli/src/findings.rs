//! What is wrong with the settings, each with its place.

use isthmus::config::instances;
use isthmus::config::known;
use isthmus::config::overview::Overview;
use serde_json::{Value, json};

use crate::document;
use crate::places::Place;
use crate::sources::Sources;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Error,
    Warning,
    /// It may well be meant so.
    Hint,
}

impl Level {
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Hint => "hint",
        }
    }
}

pub struct Finding {
    pub level: Level,
    pub place: Option<Place>,
    pub text: String,
}

impl Finding {
    pub fn json(&self) -> Value {
        json!({
            "level": self.level.word(),
            "file": self.place.as_ref().map(|it| &it.file),
            "line": self.place.as_ref().map(|it| it.line),
            "text": self.text,
        })
    }
}

/// How near a name has to be to a setting's to be taken for a slip.
const NEAR: usize = 2;

/// All of them, errors first.
pub fn collect(sources: &Sources, overview: &Overview) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(of_the_configuration(sources, overview));
    findings.extend(held_in_the_document(sources));
    findings.extend(held_of_instances(sources));
    findings.extend(secrets_in_the_open(sources));
    findings.extend(unknown(sources));
    findings.extend(replaced(sources));
    findings.sort_by_key(|it| it.level);
    findings
}

fn of_the_configuration(sources: &Sources, overview: &Overview) -> impl Iterator<Item = Finding> {
    let is_stored = sources.document_is_stored();
    let are_files_stored = sources.files_are_stored();
    overview.findings.iter().map(move |finding| {
        let is_about_store = finding
            .text
            .starts_with("The setting GATEWAY cannot be read");
        let text = if is_stored && is_about_store {
            "GATEWAY is kept in KV, which is not asked: give the document with --gateway FILE."
                .to_owned()
        } else if are_files_stored && finding.text.starts_with("FOAP_CONFIG cannot be read") {
            "FOAP_CONFIG is kept in KV, which is not asked: give its files with --foap FILE."
                .to_owned()
        } else {
            finding.text.clone()
        };
        Finding {
            level: if finding.is_error {
                Level::Error
            } else {
                Level::Warning
            },
            place: sources.places.named_in(&text).cloned(),
            text,
        }
    })
}

fn held_in_the_document(sources: &Sources) -> impl Iterator<Item = Finding> {
    let held = document::held(&sources.document).into_iter();
    held.filter(|it| it.is_sure).map(|held| Finding {
        level: Level::Warning,
        place: sources.places.of(&held.path).cloned(),
        text: format!(
            "{} holds the secret itself: keep it with `npx wrangler secret put NAME`, and write \"$NAME\" here.",
            held.path
        ),
    })
}

/// A list that is a secret as a whole may hold them.
fn held_of_instances(sources: &Sources) -> impl Iterator<Item = Finding> {
    const NAME: &str = "AZURE_INSTANCES_JSON";
    let mut public = sources.public.iter();
    let is_public = public.any(|name| name.eq_ignore_ascii_case(NAME));
    let (_, held) = instances::secrets(&sources.settings());
    let held = held.into_iter().filter(move |_| is_public);
    held.map(|(path, _)| Finding {
        level: Level::Warning,
        place: sources.places.of(NAME).cloned(),
        text: format!(
            "{path} is the key itself: keep it with `npx wrangler secret put NAME`, and write \"$NAME\" here."
        ),
    })
}

fn secrets_in_the_open(sources: &Sources) -> impl Iterator<Item = Finding> {
    let used = sources.named();
    let names = sources.public.iter().map(|name| name.to_ascii_uppercase());
    let secrets = names.filter(move |name| known::is_secret(name) || used.contains(name));
    let set = secrets.filter(|name| sources.is_set(name));
    set.map(|name| Finding {
        level: Level::Warning,
        place: sources.places.of(&name).cloned(),
        text: format!(
            "{name} is a secret, and this file is no place for one: keep it with `npx wrangler secret put {name}`, on \
             this machine in .dev.vars."
        ),
    })
}

/// A document that cannot be read may name any secret, and so may files that are not there.
fn unknown(sources: &Sources) -> impl Iterator<Item = Finding> {
    let is_unread = sources.is_set(document::NAME) && !sources.document.is_object();
    let may_be_named = is_unread || sources.files_are_stored();
    let unknown = sources.unknown();
    let unknown = unknown.filter(|name| known::replacement(name).is_none());
    let unknown = unknown.map(|name| (name, nearest(name)));
    let told = unknown.filter(move |(_, near)| near.is_some() || !may_be_named);
    told.map(|(name, near)| {
        let text = near.map_or_else(
            || format!("{name} is not known to this version and does nothing."),
            |near| format!("{name} is not known to this version; did you mean {near}?"),
        );
        let level = near.map_or(Level::Hint, |_| Level::Warning);
        Finding {
            level,
            place: sources.places.of(name).cloned(),
            text,
        }
    })
}

/// Settings of other proxies that do nothing here.
fn replaced(sources: &Sources) -> impl Iterator<Item = Finding> {
    let named = sources.unknown();
    let replaced = named.filter_map(|name| Some((name, known::replacement(name)?)));
    replaced.map(|(name, instead)| Finding {
        level: Level::Hint,
        place: sources.places.of(name).cloned(),
        text: format!("{name} does nothing here: {instead}."),
    })
}

fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_uppercase();
    let distances = known::SETTINGS
        .iter()
        .map(|known| (distance(&name, known), *known));
    let near = distances.filter(|(distance, _)| *distance <= NEAR);
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// How many letters have to be put in, left out or exchanged.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, left) in left.bytes().enumerate() {
        let mut next = vec![index + 1];
        let mut before = index + 1;
        let neighbours = row.iter().zip(row.iter().skip(1));
        for (right, (diagonal, above)) in right.bytes().zip(neighbours) {
            before = (above + 1)
                .min(before + 1)
                .min(diagonal + usize::from(left != right));
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn slips_are_found() {
        for (name, near) in [
            ("PROXY_API_KEY", Some("PROXY_API_KEYS")),
            ("proxy_api_kyes", Some("PROXY_API_KEYS")),
            ("LOGLEVEL", Some("LOG_LEVEL")),
            ("OPENAI_BASE_URI", Some("OPENAI_BASE_URL")),
            ("OPENAI_URL", None),
            ("MY_OWN", None),
            ("", None),
        ] {
            assert_eq!(nearest(name), near, "{name}");
        }
        for (left, right, steps) in [
            ("", "abc", 3),
            ("abc", "", 3),
            ("abc", "abc", 0),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(left, right), steps, "{left} {right}");
        }
    }
}
