//! Which operation lives where, as data.

use std::borrow::Cow;

use serde_json::json;

/// An operation's row. It covers the paths below its own, too.
pub struct Row {
    path: &'static str,
    /// Only that very path, and only asked for with POST: what lies below is another row's.
    is_call: bool,
    pub scope: Scope,
    /// No dated version but previews since then has it.
    pub preview_since: Option<(u32, u32, u32)>,
    /// Azure AI Model Inference has it.
    pub in_models: bool,
    /// Hosts of a single model have it, some of them.
    pub in_single: bool,
}

/// What an operation belongs to, in the forms with `/openai/` in their paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// A deployment, with dates; without, the resource, like all the rest.
    Deployment,
    /// The resource: the deployment, if any, is the body's `model`.
    Resource,
    /// The same, but no date before Responses began has it.
    Responses,
    /// No dated version has it: it came with `/openai/v1`.
    OnlyV1,
    /// It is no operation of these forms.
    Absent,
}

const fn call(path: &'static str) -> Row {
    Row {
        is_call: true,
        ..row(path, Scope::Deployment)
    }
}

const fn row(path: &'static str, scope: Scope) -> Row {
    Row {
        path,
        is_call: false,
        scope,
        preview_since: None,
        in_models: false,
        in_single: false,
    }
}

impl Row {
    const fn since(self, year: u32, month: u32, day: u32) -> Self {
        Self {
            preview_since: Some((year, month, day)),
            ..self
        }
    }

    const fn models(self) -> Self {
        Self {
            in_models: true,
            ..self
        }
    }

    const fn single(self) -> Self {
        Self {
            in_single: true,
            ..self
        }
    }

    fn covers(&self, method: &str, path: &str) -> bool {
        let Some(below) = path.strip_prefix(self.path) else {
            return false;
        };
        if self.is_call {
            below.is_empty() && method == "POST"
        } else {
            below.is_empty() || below.starts_with('/')
        }
    }
}

/// The first row that covers a path counts. GA 2024-10-21 has six operations below a deployment; speech and the
/// edits of images never left the previews, and so did all of assistants.
static ROWS: [Row; 30] = [
    call("chat/completions").models().single(),
    row("chat/completions", Scope::Resource).since(2025, 2, 1),
    call("completions").single(),
    call("embeddings").models().single(),
    call("images/generations"),
    call("images/edits").since(2025, 4, 1),
    row("images/embeddings", Scope::Absent).models().single(),
    call("audio/transcriptions"),
    call("audio/translations"),
    call("audio/speech").since(2024, 2, 15),
    row("responses/compact", Scope::OnlyV1),
    row("responses/input_tokens", Scope::OnlyV1),
    row("responses", Scope::Responses),
    row("conversations", Scope::OnlyV1),
    row("containers", Scope::OnlyV1),
    row("videos", Scope::OnlyV1),
    row("realtime", Scope::OnlyV1),
    row("fine_tuning/alpha", Scope::OnlyV1),
    row("fine_tuning", Scope::Resource),
    row("files", Scope::Resource),
    row("uploads", Scope::Resource),
    row("batches", Scope::Resource),
    row("models", Scope::Resource).single(),
    row("deployments", Scope::Resource),
    row("assistants", Scope::Resource).since(2024, 5, 1),
    row("threads", Scope::Resource).since(2024, 5, 1),
    row("vector_stores", Scope::Resource).since(2024, 5, 1),
    row("evals", Scope::Resource).since(2025, 4, 1),
    row("info", Scope::Absent).single(),
    row("rerank", Scope::Absent).models().single(),
];

/// What is not in the table is newer than it: it came with `/openai/v1`, and a host of a single model may have it.
static UNHEARD_OF: Row = row("", Scope::OnlyV1).single();

/// What OpenAI has and Azure has nowhere. (Moderation is another product there, with another API.)
const NOWHERE: [&str; 2] = ["images/variations", "moderations"];

pub fn find(method: &str, path: &str) -> Option<&'static Row> {
    if NOWHERE.contains(&path) {
        return None;
    }
    let row = ROWS.iter().find(|row| row.covers(method, path));
    Some(row.unwrap_or(&UNHEARD_OF))
}

/// The name a path has today: OpenAI's first API for fine-tuning became another.
pub fn modern(path: &str) -> Cow<'_, str> {
    let old = ["fine_tunes", "fine-tunes"]
        .iter()
        .find_map(|old| path.strip_prefix(old))
        .filter(|below| below.is_empty() || below.starts_with('/'));
    match old {
        Some(below) => format!("fine_tuning/jobs{below}").into(),
        None => path.into(),
    }
}

/// Voices of OpenAI's speech, for clients that ask: neither OpenAI nor Azure has such a list.
pub fn voices() -> String {
    const VOICES: [&str; 13] = [
        "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx",
        "sage", "shimmer", "verse",
    ];
    let described = |name: &&str| json!({"id": name, "name": name});
    let voices: Vec<_> = VOICES.iter().map(described).collect();
    json!({ "voices": voices }).to_string()
}
