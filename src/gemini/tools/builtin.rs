//! Tools of Google's own, which its servers run.

use crate::error::{Result, invalid};
use crate::gemini::Host;
use crate::json::{Value, Writer, inside, member};

/// A tool of Google's, with what is set for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Builtin {
    pub(super) name: &'static str,
    settings: Vec<u8>,
}

pub(super) const SEARCH: &str = "googleSearch";

struct Known {
    /// In Google's two spellings; a client may use either.
    name: &'static str,
    snake: &'static str,
    /// The only place that has it.
    only: Option<Host>,
    /// OpenAI's tools that it stands for, some with a date behind.
    stands_for: &'static [&'static str],
}

const KNOWN: [Known; 9] = [
    known(
        SEARCH,
        "google_search",
        None,
        &["web_search", "web_search_preview"],
    ),
    known(
        "codeExecution",
        "code_execution",
        None,
        &["code_interpreter"],
    ),
    known("urlContext", "url_context", None, &[]),
    known("googleMaps", "google_maps", None, &[]),
    known("fileSearch", "file_search", Some(Host::Studio), &[]),
    known("retrieval", "retrieval", Some(Host::Vertex), &[]),
    known(
        "enterpriseWebSearch",
        "enterprise_web_search",
        Some(Host::Vertex),
        &[],
    ),
    known(
        "parallelAiSearch",
        "parallel_ai_search",
        Some(Host::Vertex),
        &[],
    ),
    known("exaAiSearch", "exa_ai_search", Some(Host::Vertex), &[]),
];

const fn known(
    name: &'static str,
    snake: &'static str,
    only: Option<Host>,
    stands_for: &'static [&'static str],
) -> Known {
    Known {
        name,
        snake,
        only,
        stands_for,
    }
}

/// No tool's settings go further.
const DEEPEST: usize = 16;

/// Settings that one place refuses ("Cannot find field"), or says it has not.
const REFUSED: [(Host, &str); 3] = [
    (Host::Studio, "excludeDomains"),
    (Host::Studio, "blockingConfidence"),
    (Host::Vertex, "timeRangeFilter"),
];

impl Builtin {
    pub(super) fn search() -> Self {
        Self {
            name: SEARCH,
            settings: b"{}".to_vec(),
        }
    }

    pub(super) fn read(tool: Value<'_>, host: Host) -> Result<Self> {
        let expected = "functions, custom tools, or Google's own tools";
        let known = find(tool).ok_or_else(|| invalid("tools", expected))?;
        if known.only.is_some_and(|it| it != host) {
            let problem = format!("without `{}`, which is not to be had there", known.snake);
            return Err(invalid("tools", &problem));
        }
        let settings = member(tool, known.name).or_else(|| member(tool, known.snake));
        let settings = settings.filter(|it| it.is_object());
        Ok(Self {
            name: known.name,
            settings: settings.map_or_else(|| b"{}".to_vec(), |it| spelled(it, host)),
        })
    }

    /// `is_first`: for a model from before 2.0, which knows the search by another name.
    pub(super) fn write(&self, out: &mut Writer, is_first: bool) {
        out.open();
        if is_first && self.name == SEARCH {
            out.raw("googleSearchRetrieval", b"{}");
        } else {
            out.raw(self.name, &self.settings);
        }
        out.close();
    }
}

/// Google's name for a tool that is its own.
pub(super) fn name_of(tool: Value<'_>) -> Option<&'static str> {
    find(tool).map(|known| known.name)
}

/// By its `type`, or by the member that holds its settings.
fn find(tool: Value<'_>) -> Option<&'static Known> {
    let kind = tool.get("type").and_then(Value::as_str).unwrap_or_default();
    KNOWN.iter().find(|known| {
        let has_settings = || member(tool, known.name).or_else(|| member(tool, known.snake));
        // OpenAI's own tool of this name searches in its own stores.
        let is_openai = kind == "file_search";
        let is_named = !is_openai && (kind == known.name || kind == known.snake);
        let is_dated = |name: &&str| kind.strip_prefix(name).is_some_and(is_date);
        is_named || known.stands_for.iter().any(is_dated) || has_settings().is_some()
    })
}

/// `web_search_preview_2025_03_11`.
fn is_date(suffix: &str) -> bool {
    suffix.bytes().all(|it| it == b'_' || it.is_ascii_digit())
}

/// The settings in the spelling that is known everywhere: Vertex AI drops some of the other silently.
fn spelled(settings: Value<'_>, host: Host) -> Vec<u8> {
    let mut out = Writer::default();
    out.open();
    for (key, value) in settings.members() {
        let name = camel(&String::from_utf8_lossy(inside(key)));
        if !REFUSED.contains(&(host, &name)) {
            write_spelled(&mut out, Some(&name), value, 1);
        }
    }
    out.close();
    out.into_bytes()
}

/// All names in it are members of Google's messages.
fn write_spelled(out: &mut Writer, key: Option<&str>, value: Value<'_>, depth: usize) {
    let is_open = depth < DEEPEST;
    match key {
        Some(key) if is_open && value.is_object() => out.open_member(key),
        Some(key) if is_open && value.is_array() => out.open_list(key),
        Some(key) => return out.raw(key, value.raw()),
        None if is_open && value.is_object() => out.open(),
        None => return out.item(value.raw()),
    }
    for (key, value) in value.members() {
        let name = camel(&String::from_utf8_lossy(inside(key)));
        write_spelled(out, Some(&name), value, depth + 1);
    }
    for value in value.elements() {
        write_spelled(out, None, value, depth + 1);
    }
    if value.is_object() {
        out.close();
    } else {
        out.close_list();
    }
}

fn camel(name: &str) -> String {
    let mut is_after_underscore = false;
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter == '_' {
            is_after_underscore = true;
        } else if std::mem::take(&mut is_after_underscore) {
            out.push(letter.to_ascii_uppercase());
        } else {
            out.push(letter);
        }
    }
    out
}
