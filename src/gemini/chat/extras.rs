//! The members beside the conversation and the configuration: safety, a cache, a tier, labels.

use crate::error::{Result, invalid};
use crate::gemini::google::extension;
use crate::gemini::options::{CATEGORIES, Safety};
use crate::gemini::{Host, Manner};
use crate::json::{Fields, Value, Writer, inside, member};

/// There are about a dozen categories.
const MAX_SAFETY: usize = 32;

/// Google's limits of labels.
const MAX_LABELS: usize = 64;
const MAX_LABEL: usize = 63;

/// OpenAI's tiers as AI Studio's; `auto` and `scale` are its habit.
const TIERS: [(&str, &str); 3] = [
    ("default", "standard"),
    ("flex", "flex"),
    ("priority", "priority"),
];

pub(super) fn write(out: &mut Writer, request: &Fields<'_>, manner: &Manner) -> Result<()> {
    let safety = extension(request, ["safety_settings", "safetySettings"])?;
    write_safety(out, manner.options.safety, safety, manner.host)?;
    let cache = extension(request, ["cached_content", "cachedContent"])?;
    write_cache(out, cache, manner.host)?;
    match manner.host {
        Host::Studio => {
            if let Some(tier) = tier(request)? {
                out.word("serviceTier", tier);
            }
        }
        Host::Vertex if manner.options.labels => write_labels(out, request.get("metadata")),
        Host::Vertex => {}
    }
    Ok(())
}

/// The tier in AI Studio's word, which Vertex AI takes as a header.
pub(super) fn tier(request: &Fields<'_>) -> Result<Option<&'static str>> {
    let Some(tier) = request.get("service_tier") else {
        return Ok(None);
    };
    if !tier.is_string() {
        return Err(invalid("service_tier", "a string"));
    }
    let known = TIERS.iter().find(|(name, _)| tier.is(name));
    Ok(known.map(|(_, own)| *own))
}

/// One entry for each category: the client's, else the owner's.
pub fn write_safety(
    out: &mut Writer,
    owner: Safety,
    client: Option<Value<'_>>,
    host: Host,
) -> Result<()> {
    let given = read_safety(client)?;
    let mut settings = Writer::default();
    for (category, threshold) in CATEGORIES.iter().zip(owner) {
        let is_given = given.iter().any(|it| it.category.is(category));
        if let Some(threshold) = threshold.filter(|_| !is_given) {
            settings.open();
            settings.word("category", category);
            settings.word("threshold", threshold.name());
            settings.close();
        }
    }
    for (at, setting) in given.iter().enumerate() {
        let name = inside(setting.category);
        let mut later = given.iter().skip(at + 1);
        if later.all(|it| inside(it.category) != name) {
            setting.write(&mut settings, host);
        }
    }
    if !settings.is_empty() {
        out.list("safetySettings", &settings);
    }
    Ok(())
}

struct Setting<'t> {
    category: Value<'t>,
    threshold: Value<'t>,
    method: Option<Value<'t>>,
}

impl<'t> Setting<'t> {
    fn read(setting: Value<'t>) -> Option<Self> {
        let text = |name| member(setting, name).filter(|it| it.is_string());
        Some(Self {
            category: text("category")?,
            threshold: text("threshold")?,
            method: text("method"),
        })
    }

    fn write(&self, out: &mut Writer, host: Host) {
        out.open();
        out.raw("category", self.category.raw());
        out.raw("threshold", self.threshold.raw());
        // AI Studio does not know it.
        out.value("method", self.method.filter(|_| host == Host::Vertex));
        out.close();
    }
}

fn read_safety(settings: Option<Value<'_>>) -> Result<Vec<Setting<'_>>> {
    let Some(settings) = settings else {
        return Ok(Vec::new());
    };
    let problem = || {
        let expected = "a short array of objects with a category and a threshold";
        invalid("safety_settings", expected)
    };
    let is_short = settings.elements().nth(MAX_SAFETY).is_none();
    if !settings.is_array() || !is_short {
        return Err(problem());
    }
    let settings = settings.elements();
    let read = settings.map(|it| Setting::read(it).ok_or_else(problem));
    read.collect()
}

/// AI Studio's caches have a number; Vertex AI's are named with their project, which the client has to know.
fn write_cache(out: &mut Writer, cache: Option<Value<'_>>, host: Host) -> Result<()> {
    let Some(cache) = cache else {
        return Ok(());
    };
    let name = cache.as_str().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| invalid("cached_content", "the name of a cache"))?;
    match host {
        Host::Studio if !name.contains('/') => {
            out.string("cachedContent", &["cachedContents/", &name].concat());
        }
        _ => out.raw("cachedContent", cache.raw()),
    }
    Ok(())
}

/// What is no label to Google is left out: to OpenAI nearly any text is. Of several of one name the last counts.
fn write_labels(out: &mut Writer, metadata: Option<Value<'_>>) {
    let members = metadata.into_iter().flat_map(Value::members);
    let valid = members.filter(|(key, value)| {
        let key = inside(*key);
        let begins = key.first().is_some_and(u8::is_ascii_lowercase);
        begins && is_label(key) && value.is_string() && is_label(inside(*value))
    });
    let valid: Vec<_> = valid.take(MAX_LABELS).collect();
    let mut labels = Writer::default();
    for (at, (key, value)) in valid.iter().enumerate() {
        let mut later = valid.iter().skip(at + 1);
        if later.all(|(other, _)| other.raw() != key.raw()) {
            labels.item(&[key.raw(), b":", value.raw()].concat());
        }
    }
    if !labels.is_empty() {
        out.open_member("labels");
        out.items(&labels);
        out.close();
    }
}

/// "Label keys and values can be no longer than 63 characters, can only contain lowercase letters, numeric characters,
/// underscores and dashes."
fn is_label(text: &[u8]) -> bool {
    let is_of = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    text.len() <= MAX_LABEL && text.iter().all(is_of)
}
