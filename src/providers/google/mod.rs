//! Google AI Studio and Vertex AI.
//!
//! [`pasted`] understands the address, [`place`] what a model's name means in a path. What follows the model in a URL
//! (`:generateContent`) is the dialect's. Keys stand in headers, never in a URL.

mod pasted;
mod place;

use std::rc::Rc;

use crate::credentials::google::Account;
use crate::credentials::keys::Keys;
use crate::credentials::token::Identity;
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::gemini::compat::Spoken;
use crate::gemini::{Host, Manner};
use crate::providers::{Auth, Demand, Endpoint, Place, Provider};
use crate::surface::{Operation, encode};

use place::OnVertex;

pub use pasted::Pasted;

const STUDIO: &str = "https://generativelanguage.googleapis.com";
/// It serves what belongs to no region, and keys without a project (express mode).
const GLOBAL: &str = "https://aiplatform.googleapis.com";
/// Google's word for no region at all. Gemini 3 and later is served there, and in no single region.
pub const USUAL_LOCATION: &str = "global";

const KEY: &str = "x-goog-api-key";
/// What OpenAI draws with where nobody says what with.
const USUAL_FOR_IMAGES: &str = "gpt-image-1";

const NO_PROJECT: &str =
    "Vertex AI project not set: set VERTEX_AI_PROJECT_ID, or `project` in the GATEWAY document.";

/// What an owner says of an account at Google.
pub struct Choices {
    pub manner: Manner,
    /// Google's own endpoint in OpenAI's shape is used.
    pub is_compat: bool,
    pub keys: Option<Keys>,
    pub account: Option<Account>,
    /// Another address than Google's.
    pub base: Option<String>,
    pub project: Option<String>,
    pub location: String,
}

/// One account's place at Google.
pub struct Site {
    manner: Manner,
    is_compat: bool,
    keys: Option<Rc<Keys>>,
    identity: Option<Rc<Identity>>,
    /// No slash stands at its end.
    base: String,
    /// The same where no location matters.
    global: String,
    /// Every call has to say who pays for it.
    is_users: bool,
    /// Without one there is express mode: Google's own models, by key.
    project: Option<String>,
    location: String,
}

impl Site {
    pub fn new(choices: Choices) -> Self {
        let location = choices.location;
        let own = match choices.manner.host {
            Host::Studio => STUDIO.to_owned(),
            Host::Vertex => host_of(&location),
        };
        let global = choices.base.clone().unwrap_or_else(|| GLOBAL.to_owned());
        Self {
            manner: choices.manner,
            is_compat: choices.is_compat,
            keys: choices.keys.map(Rc::new),
            is_users: choices.account.as_ref().is_some_and(|it| it.is_user),
            identity: choices.account.map(|it| Rc::new(Identity::Google(it))),
            base: choices.base.unwrap_or(own),
            global,
            project: choices.project,
            location,
        }
    }

    pub fn host(&self) -> Host {
        self.manner.host
    }

    /// Whether the owner's money is behind it.
    pub fn has_credential(&self) -> bool {
        self.keys.is_some() || self.identity.is_some()
    }

    /// What is missing where neither the owner nor the caller brings a credential.
    pub fn lacks(&self, name: &str) -> String {
        match self.manner.host {
            Host::Studio => format!(
                "Google AI Studio API key not set: the provider `{name}` needs the secret GOOGLE_AI_STUDIO_API_KEY, \
                 or a key that the caller brings."
            ),
            Host::Vertex => format!(
                "Vertex AI credential not set: the provider `{name}` needs the secret \
                 GOOGLE_APPLICATION_CREDENTIALS or VERTEX_AI_API_KEY, or a token that the caller brings."
            ),
        }
    }

    pub fn endpoint(&self, provider: &Provider, demand: &Demand<'_>) -> Result<Endpoint> {
        let unserved = || self.unserved(&provider.name, demand);
        match (self.manner.host, demand.wanted.operation) {
            (Host::Studio, _) if self.is_compat => self.studio_compat(demand).ok_or_else(unserved),
            (Host::Studio, Operation::Models) => self.studio_models(demand),
            (Host::Vertex, Operation::Models) => self.vertex_models(demand),
            (_, operation) if !is_served(operation) => Err(unserved()),
            (Host::Studio, _) => {
                let model = place::in_studio(&model(provider, demand)?)?;
                Ok(self.native(format!("{}/v1beta/{model}", self.base)))
            }
            (Host::Vertex, operation) => match OnVertex::read(&model(provider, demand)?)? {
                OnVertex::Raw { publisher } => Err(raw(&publisher)),
                OnVertex::Google(model) if !self.is_compat => self.vertex_model(&model),
                OnVertex::Endpoint(id) if !self.is_compat => {
                    let project = self.in_project("v1beta1")?;
                    Ok(self.native(format!("{project}/endpoints/{id}")))
                }
                OnVertex::Other { publisher, model }
                    if operation == Operation::Embeddings && !self.is_compat =>
                {
                    let project = self.in_project("v1beta1")?;
                    let below = format!("publishers/{publisher}/models/{model}");
                    Ok(self.native(format!("{project}/{below}")))
                }
                _ if operation != Operation::Chat => Err(unserved()),
                OnVertex::Google(_) => self.vertex_chat("openapi", Spoken::Vertex),
                OnVertex::Endpoint(id) => self.vertex_chat(&id, Spoken::Others),
                OnVertex::Other { .. } => self.vertex_chat("openapi", Spoken::Others),
            },
        }
    }

    fn studio_models(&self, demand: &Demand<'_>) -> Result<Endpoint> {
        let below = match demand.wanted.described_model() {
            Some(id) => place::in_studio(&id)?,
            // More fit on no page.
            None => "models?pageSize=1000".to_owned(),
        };
        Ok(self.native(format!("{}/v1beta/{below}", self.base)))
    }

    /// What Google's endpoint in OpenAI's shape has, by its documentation.
    fn studio_compat(&self, demand: &Demand<'_>) -> Option<Endpoint> {
        let wanted = demand.wanted;
        let is_relayed = || matches!(wanted.path.split('/').next(), Some("batches" | "videos"));
        let below = match wanted.operation {
            Operation::Chat | Operation::Embeddings | Operation::ImageGeneration => {
                wanted.path.clone()
            }
            Operation::Models => match wanted.described_model() {
                Some(id) => format!("models/{}", encode(id.trim_start_matches("models/"))),
                None => "models".to_owned(),
            },
            Operation::Relay if is_relayed() && demand.query.is_empty() => wanted.path.clone(),
            Operation::Relay if is_relayed() => format!("{}?{}", wanted.path, demand.query),
            _ => return None,
        };
        let url = format!("{}/v1beta/openai/{below}", self.base);
        let dialect = Dialect::Compat(Spoken::Studio);
        Some(self.at(url, dialect, "authorization"))
    }

    /// The list stands in no project and no location; whose quota it draws on has to be said.
    fn vertex_models(&self, demand: &Demand<'_>) -> Result<Endpoint> {
        let below = match demand.wanted.described_model() {
            None => "google/models?pageSize=200".to_owned(),
            Some(id) => match OnVertex::read(&id)? {
                OnVertex::Google(model) | OnVertex::Endpoint(model) => {
                    format!("google/models/{model}")
                }
                OnVertex::Other { publisher, model } => format!("{publisher}/models/{model}"),
                OnVertex::Raw { publisher } => return Err(raw(&publisher)),
            },
        };
        let url = format!("{}/v1beta1/publishers/{below}", self.global);
        let mut endpoint = if self.is_compat {
            // The list is the same; what can be asked of its models is not.
            self.at(url, Dialect::Compat(Spoken::Vertex), KEY)
        } else {
            self.native(url)
        };
        endpoint.headers = self.payer();
        Ok(endpoint)
    }

    fn payer(&self) -> Vec<(&'static str, String)> {
        let project = self.project.clone();
        let payer = project.map(|project| ("x-goog-user-project", project));
        payer.into_iter().collect()
    }

    fn vertex_model(&self, model: &str) -> Result<Endpoint> {
        let is_express = self.project.is_none() && self.keys.is_some();
        let above = if is_express {
            format!("{}/v1", self.global)
        } else {
            self.in_project("v1beta1")?
        };
        Ok(self.native(format!("{above}/publishers/google/models/{model}")))
    }

    fn vertex_chat(&self, endpoint: &str, spoken: Spoken) -> Result<Endpoint> {
        let project = self.in_project("v1")?;
        let url = format!("{project}/endpoints/{endpoint}/chat/completions");
        Ok(self.at(url, Dialect::Compat(spoken), KEY))
    }

    fn in_project(&self, version: &str) -> Result<String> {
        let project = self.project.as_deref();
        let project = project.ok_or_else(|| Error::configuration(NO_PROJECT))?;
        let (base, location) = (&self.base, &self.location);
        Ok(format!(
            "{base}/{version}/projects/{project}/locations/{location}"
        ))
    }

    fn native(&self, url: String) -> Endpoint {
        self.at(url, Dialect::Gemini(self.manner), KEY)
    }

    fn at(&self, url: String, dialect: Dialect, header: &'static str) -> Endpoint {
        let payer = self.is_users.then(|| self.payer());
        Endpoint {
            place: Place::Url(url),
            auth: self.auth(header),
            dialect,
            headers: payer.unwrap_or_default(),
        }
    }

    /// An account opens everything, a key not all of Vertex AI.
    fn auth(&self, header: &'static str) -> Auth {
        match (&self.identity, &self.keys) {
            (Some(identity), _) => Auth::Token(identity.clone()),
            (None, Some(keys)) => Auth::Keys(header, keys.clone()),
            (None, None) if header == "authorization" => Auth::Bearer(None),
            (None, None) => Auth::Header(header, None),
        }
    }

    fn unserved(&self, provider: &str, demand: &Demand<'_>) -> Error {
        let place = match (self.manner.host, self.is_compat) {
            (Host::Studio, false) => "Google AI Studio",
            (Host::Studio, true) => "Google AI Studio's OpenAI-shaped endpoint",
            (Host::Vertex, false) => "Vertex AI",
            (Host::Vertex, true) => "Vertex AI's OpenAI-shaped endpoint",
        };
        let operation = demand.wanted.operation.name();
        let (method, path) = (demand.method, &demand.wanted.path);
        let model = demand
            .deployment
            .map(|it| format!(" for the model `{}`", it.name));
        let model = model.unwrap_or_default();
        let message = format!(
            "{place} (the provider `{provider}`) does not serve the operation `{operation}`{model}: {method} \
             /v1/{path}."
        );
        Error::new(Kind::BadRequest, "unsupported_operation", message)
    }
}

/// Vertex AI's host for a location.
fn host_of(location: &str) -> String {
    match location {
        USUAL_LOCATION => GLOBAL.to_owned(),
        "us" | "eu" => format!("https://aiplatform.{location}.rep.googleapis.com"),
        region => format!("https://{region}-aiplatform.googleapis.com"),
    }
}

/// What is translated.
fn is_served(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::Chat
            | Operation::Completions
            | Operation::Embeddings
            | Operation::ImageGeneration
            | Operation::ImageEdit
            | Operation::Speech
            | Operation::Transcription
            | Operation::Translation
    )
}

fn model(provider: &Provider, demand: &Demand<'_>) -> Result<String> {
    if let Some(deployment) = demand.deployment {
        return Ok(deployment.name.clone());
    }
    let usual = demand
        .wanted
        .operation
        .is_image()
        .then_some(USUAL_FOR_IMAGES);
    let usual = usual.map(|model| provider.names.candidates(model));
    let found = usual.transpose()?.and_then(|it| it.into_iter().next());
    found
        .map(|deployment| deployment.name)
        .ok_or_else(Error::no_model)
}

fn raw(publisher: &str) -> Error {
    let message = format!(
        "Vertex AI serves the models of `{publisher}` in their maker's own language only (rawPredict), which is not \
         spoken here."
    );
    Error::bad_request("unsupported_model", message).param("model")
}
