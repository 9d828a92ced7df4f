//! Lists of Azure's: of models, and of deployments. Each says by its items what it is.

mod deployed;
mod deployment;

use crate::azure::facts;
use crate::azure::family::Family;
use crate::json::Value;
use crate::listed::Listed;
use crate::openai::listing::{Item, Keep, Reader, read_as};
use crate::origin;
use crate::surface::Operation;

pub use deployed::{Deployed, deployed, find, from_text, to_text};
use deployment::Deployment;

/// Who serves them, to OpenAI's clients.
const OWNER: &str = "azure-openai";

/// The states of a fine-tuned model that cannot be called. A gateway in front may have words of its own.
const NOT_READY: [&str; 5] = ["notRunning", "running", "canceled", "failed", "deleted"];

/// What the one model of a host is for, as `/info` has it and as Microsoft's own client reads it; the others are no
/// operations of OpenAI's.
const PURPOSES: [(&str, Operation); 9] = [
    ("chat_completion", Operation::Chat),
    ("chat_completions", Operation::Chat),
    ("chat", Operation::Chat),
    ("completion", Operation::Chat),
    ("text_generation", Operation::Completions),
    ("embeddings", Operation::Embeddings),
    ("embedding", Operation::Embeddings),
    ("text_embedding", Operation::Embeddings),
    ("text_embeddings", Operation::Embeddings),
];

/// What can be called of the models of a list, or the one model that was asked about.
pub fn models(pages: &[Vec<u8>]) -> Option<Vec<Listed>> {
    const AZURES: Reader = Reader {
        is_shown: can_be_called,
        read,
    };
    read_as(&AZURES, pages)
}

/// What an item is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A resource of the resource manager's, with its `properties`.
    Managed,
    /// What a Foundry project can call.
    OfProject,
    /// Of the data plane, as it was until 2023.
    Deployment,
    /// The one model of a host, as `/info` tells it.
    OfHost,
    /// Of GitHub's catalogue.
    Catalogued,
    /// A base model, a fine-tuned one, or an item in OpenAI's own shape.
    Model,
}

impl Kind {
    fn of(item: &Item<'_>) -> Self {
        let is = |name, value: &str| item.get(name).is_some_and(|it| it.is(value));
        let kind = item.text(&["type"]);
        if item.get("properties").is_some_and(Value::is_object) {
            Self::Managed
        } else if item.has("modelName") || kind.is_some_and(|it| it.ends_with("Deployment")) {
            Self::OfProject
        } else if is("object", "deployment") {
            Self::Deployment
        } else if item.has("model_name") && !item.has("id") {
            Self::OfHost
        } else if item.has("publisher") {
            Self::Catalogued
        } else {
            Self::Model
        }
    }
}

fn can_be_called(item: &Item<'_>) -> bool {
    let is_done = |path: &[&str]| {
        let state = item.text(path);
        state.is_none_or(|it| it.eq_ignore_ascii_case("succeeded"))
    };
    match Kind::of(item) {
        Kind::Managed => is_done(&["properties", "provisioningState"]),
        Kind::Deployment => is_done(&["status"]),
        // Other kinds of deployments may come.
        Kind::OfProject => item
            .text(&["type"])
            .is_none_or(|kind| kind == "ModelDeployment"),
        Kind::OfHost | Kind::Catalogued => true,
        Kind::Model => {
            let status = item.text(&["status"]).unwrap_or_default();
            let inference = item.at(&["capabilities", "inference"]);
            let is_for_training = inference.is_some_and(|it| it.as_bool() == Some(false));
            !NOT_READY.contains(&&*status) && !is_for_training
        }
    }
}

fn read(item: &Item<'_>, keep: Keep) -> Option<Listed> {
    match Kind::of(item) {
        Kind::Managed => Some(Deployment::managed(item)?.listed()),
        Kind::OfProject => Some(Deployment::of_project(item)?.listed()),
        Kind::Deployment => {
            let id = item.text(&["id"]).filter(|id| !id.contains('/'));
            let id = id.or_else(|| item.text(&["name"]))?;
            let model = item.text(&["model"]).unwrap_or_default();
            let known = facts::of(Family::of(&model), &model);
            Some(item.with(id.into_owned(), OWNER, keep, known))
        }
        Kind::OfHost => of_host(item, keep),
        Kind::Catalogued => {
            let id = item.id()?;
            let known = facts::of(Family::of(&id), &id);
            Some(item.with(id, &item.owner()?, keep, known))
        }
        // As Azure has it: what else is known of a model is known by its name alone.
        Kind::Model => {
            let owner = item.owner().unwrap_or(OWNER.into());
            Some(item.listed(item.id()?, &owner, keep))
        }
    }
}

fn of_host(item: &Item<'_>, keep: Keep) -> Option<Listed> {
    let id = item.text(&["model_name"])?.into_owned();
    let owner = item.text(&["model_provider_name"]);
    let mut known = facts::of(Family::of(&id), &id);
    let kind = item.text(&["model_type"]).unwrap_or_default();
    let kind = kind.to_ascii_lowercase().replace(['-', ' '], "_");
    if let Some((_, operation)) = PURPOSES.iter().find(|(word, _)| *word == kind) {
        known.operations = vec![operation.name()];
        if *operation != Operation::Chat {
            known.parameters.clear();
        }
    }
    Some(item.with(id, &owner.unwrap_or(OWNER.into()), keep, known))
}

/// Where the page behind this one is, at the same origin: it is asked with the same token.
pub fn next_page(url: &str, page: &[u8]) -> Option<String> {
    let next = Value::first(page)?.get("nextLink")?.as_str()?;
    let is_clean = !next.chars().any(|it| it.is_control() || it.is_whitespace());
    (is_clean && origin::is_shared(url, &next)).then(|| next.into_owned())
}
