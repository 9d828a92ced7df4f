//! Azure AI Model Inference as its own clients ask it.

use crate::error::Result;
use crate::headers::Headers;
use crate::inference::Terms;
use crate::inference::request::{self, Policy, Reader};
use crate::platform::ClientBody;
use crate::surface::call::refuse_hostile;
use crate::surface::path::{Normalised, decode};
use crate::surface::{Arrival, Call, Naming, Operation, Surface, Wanted, only, query};

/// What the API has.
const OPERATIONS: [(&str, Operation); 4] = [
    ("chat/completions", Operation::Chat),
    ("embeddings", Operation::Embeddings),
    ("images/embeddings", Operation::Embeddings),
    (INFO, Operation::Models),
];

const INFO: &str = "info";

/// Where Foundry's hosts have it.
const FOLDER: &str = "models/";

/// Where Azure OpenAI has its deployments, which these clients are pointed at, too.
const DEPLOYMENTS: [&str; 2] = ["openai/deployments/", "deployments/"];

/// Headers that name a model where the body does not: of Foundry, and of managed compute.
const NAMING: [&str; 2] = ["x-ms-model-mesh-model-name", "azureml-model-deployment"];

/// None where it is no such request. Without `/models` in front these are OpenAI's paths as people type them, if
/// nothing else tells.
pub(super) fn recognise(arrival: &Arrival<'_>, path: &Normalised) -> Result<Option<Wanted>> {
    if is_asked(arrival, path) {
        return at_root(arrival, path);
    }
    Ok(None)
}

/// The same where such paths are nobody else's.
pub(super) fn at_root(arrival: &Arrival<'_>, path: &Normalised) -> Result<Option<Wanted>> {
    let Some((below, deployment)) = below(arrival, path) else {
        return Ok(None);
    };
    let Some((_, operation)) = find(below) else {
        return Ok(None);
    };
    let allow = if below == INFO { "GET, HEAD" } else { "POST" };
    only(arrival.method, allow)?;
    let named = || query::model(arrival.query).or_else(|| named(arrival.headers));
    Ok(Some(Wanted {
        surface: Surface::Inference,
        operation: *operation,
        path: below.to_owned(),
        model: deployment.or_else(|| named().filter(|_| below == INFO)),
        version: query::said(arrival.query, query::VERSION),
    }))
}

/// Whether a request is one of this API's, were its method right. The path first: it is the quickest to say no.
pub(super) fn is_asked(arrival: &Arrival<'_>, path: &Normalised) -> bool {
    is_in_folder(path) || is_at_root(arrival, path) && is_of_inference(arrival)
}

pub(super) fn is_at_root(arrival: &Arrival<'_>, path: &Normalised) -> bool {
    below(arrival, path).is_some_and(|(below, _)| find(below).is_some())
}

fn is_in_folder(path: &Normalised) -> bool {
    let below = path.rest.strip_prefix(FOLDER);
    !path.versioned && below.is_some_and(|below| find(below).is_some())
}

fn find(below: &str) -> Option<&'static (&'static str, Operation)> {
    OPERATIONS.iter().find(|(name, _)| *name == below)
}

/// What a path says beside where it is served, and the deployment it names.
fn below<'p>(arrival: &Arrival<'_>, path: &'p Normalised) -> Option<(&'p str, Option<String>)> {
    if path.versioned || path.climbs {
        return None;
    }
    let rest = path.rest.as_str();
    let mut folders = DEPLOYMENTS.iter();
    if let Some(classic) = folders.find_map(|folder| rest.strip_prefix(folder)) {
        let (deployment, below) = classic.split_once('/')?;
        return is_sdk(arrival.headers).then(|| (below, Some(decode(deployment))));
    }
    Some((rest.strip_prefix(FOLDER).unwrap_or(rest), None))
}

fn is_of_inference(arrival: &Arrival<'_>) -> bool {
    query::said(arrival.query, query::VERSION).is_some()
        || request::extra(arrival.headers).is_some()
        || is_sdk(arrival.headers)
}

/// `azsdk-python-ai-inference/1.0.0b9 Python/3.12`, and in front of it what an application says of itself.
fn is_sdk(headers: &Headers) -> bool {
    let agent = headers.get("user-agent").unwrap_or_default();
    let mut words = agent.split_ascii_whitespace();
    words.any(|word| {
        // The assembly of .NET has a point in its name.
        let word = word.to_ascii_lowercase().replace('.', "-");
        let name = word.split('/').next().unwrap_or_default();
        let language = name.strip_prefix("azsdk-");
        language.is_some_and(|rest| rest.contains("-ai-inference"))
    })
}

fn named(headers: &Headers) -> Option<String> {
    let mut names = NAMING.iter().filter_map(|name| headers.get(name));
    let name = names.find(|name| !name.trim().is_empty())?;
    Some(name.to_owned())
}

impl Wanted {
    /// These clients want a name for each answer with embeddings.
    pub fn wants_id(&self) -> bool {
        self.surface == Surface::Inference && self.operation == Operation::Embeddings
    }

    /// And nothing but lines with data in their streams.
    pub fn wants_plain_lines(&self) -> bool {
        self.surface == Surface::Inference && self.operation == Operation::Chat
    }
}

impl<Body: ClientBody> Call<Body> {
    /// Does to the body what the client says of extra parameters, and finds the model that only a header names.
    pub fn settle(&mut self, terms: &Terms) -> Result<()> {
        // The version is for us; what else may stand there is no part of the API.
        self.query.clear();
        let policy = Policy::asked(&self.headers)?.unwrap_or(terms.extra);
        if matches!(self.naming, Naming::Json(_)) && policy != Policy::PassThrough {
            let text = self.body.whole();
            if let Some(text) = request::admitted(policy, self.wanted.operation, &text)? {
                self.rewrite(text)?;
            }
        }
        if self.model.is_none() {
            self.model = named(&self.headers);
        }
        self.model.as_deref().map_or(Ok(()), refuse_hostile)
    }

    /// Writes the body for a target, each time from what the client means.
    pub fn write_for(&mut self, reader: Reader) -> Result<()> {
        let (text, was_changed) = match self.meant.take() {
            Some(text) => (text, true),
            None => (self.body.whole(), false),
        };
        let written = request::written_for(reader, self.wanted.operation, &text);
        match written {
            Ok(Some(written)) => {
                self.meant = Some(text);
                self.rewrite(written)
            }
            Ok(None) if was_changed => self.rewrite(text),
            Ok(None) => Ok(()),
            Err(error) => {
                self.meant = was_changed.then_some(text);
                Err(error)
            }
        }
    }
}
