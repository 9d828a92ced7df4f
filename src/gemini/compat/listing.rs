//! The models of these endpoints, and what can be asked of them there.

use std::collections::HashSet;

use crate::facts::Facts;
use crate::gemini::model::Model;
use crate::gemini::{self, listing};
use crate::json::{Value, Writer};
use crate::listed::{self, Listed};
use crate::openai;

use super::Spoken;
use super::request::knows;

/// What AI Studio's endpoint serves, of what is an operation of a model.
const OF_STUDIO: [&str; 3] = ["chat", "embeddings", "image_generation"];

/// What Vertex AI documents of a chat; the rest it ignores.
const OF_VERTEX: [&str; 15] = [
    "max_tokens",
    "max_completion_tokens",
    "n",
    "stop",
    "seed",
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "reasoning_effort",
    "response_format",
    "structured_outputs",
    "tools",
    "tool_choice",
    "web_search_options",
];

/// The models of a list, or a single one. AI Studio's endpoint names them with `models/` in front; Vertex AI's has no
/// list but the publisher's.
pub fn listed(pages: &[Vec<u8>], spoken: Spoken) -> Option<Vec<Listed>> {
    if spoken != Spoken::Studio {
        return listing::read_with(pages, |model| facts(model, spoken));
    }
    let models = openai::listing::read(pages)?;
    let mut seen = HashSet::new();
    let models = models.iter().map(|model| filled(model, spoken));
    let is_list = is_list(pages);
    let is_shown = |id: &str| !(is_list && listing::is_live(id));
    let shown = models.filter(|it| is_shown(&it.id) && seen.insert(it.id.clone()));
    Some(shown.collect())
}

/// What is known of a model by its name.
pub fn facts(model: &str, spoken: Spoken) -> Facts {
    let mut facts = gemini::facts::of(model, spoken.host());
    match spoken {
        Spoken::Studio => {
            facts.operations.retain(|it| OF_STUDIO.contains(it));
            // A schema comes in a field that it knows.
            facts
                .parameters
                .retain(|it| knows(it) || *it == "structured_outputs");
        }
        Spoken::Vertex | Spoken::Others => {
            let takes_candidates = Model::of(model, spoken.host()).takes_candidates();
            facts.operations.retain(|it| *it == "chat");
            facts
                .parameters
                .retain(|it| OF_VERTEX.contains(it) && (*it != "n" || takes_candidates));
        }
    }
    facts
}

/// What is asked for by its name is told whatever it is.
fn is_list(pages: &[Vec<u8>]) -> bool {
    let mut roots = pages.iter().filter_map(|page| Value::first(page));
    roots.any(|root| root.get("data").is_some())
}

/// A model by its bare name, with what OpenAI always says and what is known beside what the endpoint tells.
fn filled(model: &Listed, spoken: Spoken) -> Listed {
    let id = listing::unprefixed(&model.id).into_owned();
    let object = listed::object(&model.members);
    let told = Value::first(object.as_bytes());
    let get = |name: &str| told.and_then(|told| told.get(name));
    let mut out = Writer::default();
    out.item(model.members.as_bytes());
    for (name, usual) in [
        ("object", "\"model\""),
        ("created", "0"),
        ("owned_by", "\"google\""),
    ] {
        if get(name).is_none() {
            out.raw(name, usual.as_bytes());
        }
    }
    if get("name").is_none() {
        out.value("name", get("display_name").filter(|it| it.is_string()));
    }
    facts(&id, spoken).write(&mut out, |name| get(name).is_some());
    Listed {
        members: out.into_text(),
        id,
    }
}
