//! Lists of models, and one of them, in OpenAI's words.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::facts::Facts;
use crate::gemini::answer::read::object;
use crate::gemini::{Host, facts};
use crate::json::{Fields, Value, Writer, member};
use crate::listed::{Listed, MOST};
use crate::surface::encode;

/// Where the two hosts have their list.
const LISTS: [&str; 2] = ["models", "publisherModels"];

const CHAT: &str = "generateContent";
const EMBEDDINGS: &str = "embedContent";
const IMAGES: &str = "predict";

/// What a model must be able to do to be of use here: others speak over web sockets, or take minutes for a film.
const METHODS: [&str; 3] = [CHAT, EMBEDDINGS, IMAGES];

/// Google's longest texts have some hundred characters, its models half a dozen methods.
const MOST_CHARS: usize = 1000;
const MOST_METHODS: usize = 32;

/// How far a model is, in Azure's words. Vertex AI calls it the launch stage, AI Studio the model's.
const STAGES: [(&str, &str); 10] = [
    ("GA", "generally-available"),
    ("STABLE", "generally-available"),
    ("PUBLIC_PREVIEW", "preview"),
    ("PRIVATE_PREVIEW", "preview"),
    ("PREVIEW", "preview"),
    ("EXPERIMENTAL", "preview"),
    ("UNSTABLE_EXPERIMENTAL", "preview"),
    ("LEGACY", "deprecating"),
    ("DEPRECATED", "deprecated"),
    ("RETIRED", "deprecated"),
];

/// The models of a list's pages, or a single one; None if it is no such thing.
pub fn read(pages: &[Vec<u8>], host: Host) -> Option<Vec<Listed>> {
    read_with(pages, |model| facts::of(model, host))
}

/// The same, where it is known otherwise what a model can do.
pub(super) fn read_with(pages: &[Vec<u8>], known: impl Fn(&str) -> Facts) -> Option<Vec<Listed>> {
    let pages = pages.iter().map(|page| object(page));
    let pages = pages.collect::<Option<Vec<_>>>()?;
    if let [model] = pages.as_slice()
        && let Some(id) = id(*model)
    {
        // Who asks for it by name gets it, whatever it can do.
        let facts = known(&id);
        return Some(vec![listed(id, *model, facts)]);
    }
    let mut seen = HashSet::new();
    let models = pages.iter().flat_map(|page| models(*page));
    let named = models.filter_map(|model| Some((id(model)?, model)));
    let served = named.filter(|(id, model)| is_served(id, *model) && seen.insert(id.clone()));
    let listed = served.map(|(id, model)| {
        let facts = known(&id);
        listed(id, model, facts)
    });
    Some(listed.take(MOST + 1).collect())
}

/// Where the page behind this one is. `url`: where the first is.
pub fn next_page(url: &str, page: &[u8]) -> Option<String> {
    let token = member(object(page)?, "nextPageToken")?.as_str()?;
    let mark = if url.contains('?') { '&' } else { '?' };
    (!token.is_empty()).then(|| format!("{url}{mark}pageToken={}", encode(&token)))
}

/// Google's own go by their bare name; another maker's, as Vertex AI lists them, are named with it.
pub(super) fn unprefixed(name: &str) -> Cow<'_, str> {
    let own = ["models/", "publishers/google/models/"];
    let own = own.iter().find_map(|prefix| name.strip_prefix(prefix));
    match (own, name.strip_prefix("publishers/")) {
        (Some(id), _) => id.into(),
        (None, Some(other)) => other.replacen("/models/", "/", 1).into(),
        (None, None) => name.into(),
    }
}

/// A model that speaks over web sockets, and nowhere else.
pub(super) fn is_live(id: &str) -> bool {
    ["-live", "-native-audio"]
        .iter()
        .any(|word| id.contains(word))
}

fn models(page: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    let lists = LISTS.iter().filter_map(move |name| member(page, name));
    lists.flat_map(Value::elements)
}

fn id(model: Value<'_>) -> Option<String> {
    let name = member(model, "name")?.as_str()?;
    let id = unprefixed(&name);
    (!id.is_empty()).then(|| id.into_owned())
}

/// Vertex AI does not say what its models can do, but for their names.
fn is_served(id: &str, model: Value<'_>) -> bool {
    let Some(methods) = member(model, "supportedGenerationMethods") else {
        return !is_live(id) && !id.starts_with("veo-");
    };
    let mut methods = methods.elements();
    methods.any(|method| METHODS.iter().any(|known| method.is(known)))
}

fn listed(id: String, model: Value<'_>, known: Facts) -> Listed {
    let fields = Fields::of(model);
    let mut out = Writer::default();
    out.word("object", "model");
    // Google gives no date.
    out.number("created", 0);
    out.word("owned_by", "google");
    write_text(&mut out, "name", fields.get("displayName"));
    write_text(&mut out, "description", fields.get("description"));
    let version = fields.get("version").or_else(|| fields.get("versionId"));
    write_text(&mut out, "version", version);
    let thinking = fields.get("thinking");
    if let Some(thinks) = thinking.and_then(Value::as_bool) {
        out.flag("thinking", thinks);
    }
    let methods = methods(&fields);
    if let Some(methods) = &methods {
        write_methods(&mut out, methods);
    }
    if let Some(stage) = stage(&fields) {
        out.word("lifecycle_status", stage);
    }
    told(known, &fields, methods.as_deref()).write(&mut out, |_| false);
    Listed {
        id,
        members: out.into_text(),
    }
}

fn write_text(out: &mut Writer, name: &str, text: Option<Value<'_>>) {
    let Some(text) = text.and_then(Value::as_str).filter(|it| !it.is_empty()) else {
        return;
    };
    let end = text.char_indices().nth(MOST_CHARS).map(|(at, _)| at);
    let kept = end.and_then(|end| text.get(..end)).unwrap_or(&text);
    out.string(name, kept);
}

/// None where nothing is said of them.
fn methods<'t>(fields: &Fields<'t>) -> Option<Vec<Value<'t>>> {
    let list = fields.get("supportedGenerationMethods")?;
    let words = list.elements().filter(|method| method.as_str().is_some());
    Some(words.take(MOST_METHODS).collect())
}

fn write_methods(out: &mut Writer, methods: &[Value<'_>]) {
    out.open_list("supported_generation_methods");
    for method in methods {
        out.item(method.raw());
    }
    out.close_list();
}

fn stage(fields: &Fields<'_>) -> Option<&'static str> {
    let stage = fields
        .get("launchStage")
        .or_else(|| fields.get("modelStage"))?;
    let known = STAGES.iter().find(|(name, _)| stage.is(name))?;
    Some(known.1)
}

/// What the list says counts before what the name does.
fn told(known: Facts, fields: &Fields<'_>, methods: Option<&[Value<'_>]>) -> Facts {
    let limit = |name| {
        fields
            .get(name)
            .and_then(Value::as_u64)
            .filter(|it| *it > 0)
    };
    let operations = match methods {
        Some(methods) => operations(known.operations, methods),
        None => known.operations,
    };
    Facts {
        context_length: limit("inputTokenLimit").or(known.context_length),
        max_output_tokens: limit("outputTokenLimit").or(known.max_output_tokens),
        operations,
        ..known
    }
}

/// Those of a model's purpose that its methods allow; of a purpose nobody knows those that need no more than a method.
fn operations(known: Vec<&'static str>, methods: &[Value<'_>]) -> Vec<&'static str> {
    let has = |wanted: &str| methods.iter().any(|method| method.is(wanted));
    if known.is_empty() {
        let plain = [("chat", CHAT), ("embeddings", EMBEDDINGS)];
        let had = plain.into_iter().filter(|(_, method)| has(method));
        return had.map(|(operation, _)| operation).collect();
    }
    let is_allowed = |operation: &&str| match *operation {
        "embeddings" => has(EMBEDDINGS),
        // Gemini draws as it speaks, Imagen does nothing else.
        "image_generation" => has(CHAT) || has(IMAGES),
        _ => has(CHAT),
    };
    known.into_iter().filter(is_allowed).collect()
}
