//! What the client wants, whatever it calls it: path, method, and where they leave it open query and headers ->
//! [`Wanted`].

mod azure;
mod call;
mod forward;
mod inference;
pub mod path;
mod query;

use serde::Serialize;

use crate::error::{Error, Kind, Result};
use crate::headers::Headers;
use crate::openai::images;

pub use azure::reword;
pub use call::{BodyLimits, Call, Naming, Unread};
pub use forward::{Address, nested, told, unexplained};
pub(crate) use forward::{host_and_port, refused};
pub use path::decode;
use path::normalise;
pub use query::encode;

/// The shape a client speaks to us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Surface {
    #[default]
    OpenAi,
    /// Azure OpenAI: `/openai/deployments/{deployment}/...?api-version=`.
    Azure,
    /// Azure AI Model Inference: `/chat/completions?api-version=`, with or without `/models` in front.
    Inference,
    /// Google's list.
    Gemini,
}

/// What the client asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Chat,
    Completions,
    Embeddings,
    Responses,
    ImageGeneration,
    ImageEdit,
    ImageVariation,
    Speech,
    Transcription,
    Translation,
    Moderation,
    Models,
    /// A picture that an answer told the address of: `images/data/{model}/{file}`.
    ImageData,
    /// Any other path of the OpenAI API, passed on as it is.
    Relay,
}

/// How the request says which model it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// A JSON object with a `model`; anything else is the client's mistake.
    Json,
    /// A form with a `model` part among its files.
    Multipart,
    /// Whatever the path takes: looked at for a model, never refused.
    Any,
}

impl Operation {
    const NAMED: [(&'static str, Operation); 11] = [
        ("chat/completions", Operation::Chat),
        ("completions", Operation::Completions),
        ("embeddings", Operation::Embeddings),
        ("responses", Operation::Responses),
        ("images/generations", Operation::ImageGeneration),
        ("images/edits", Operation::ImageEdit),
        ("images/variations", Operation::ImageVariation),
        ("audio/speech", Operation::Speech),
        ("audio/transcriptions", Operation::Transcription),
        ("audio/translations", Operation::Translation),
        ("moderations", Operation::Moderation),
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Completions => "completions",
            Self::Embeddings => "embeddings",
            Self::Responses => "responses",
            Self::ImageGeneration => "image_generation",
            Self::ImageEdit => "image_edit",
            Self::ImageVariation => "image_variation",
            Self::Speech => "speech",
            Self::Transcription => "transcription",
            Self::Translation => "translation",
            Self::Moderation => "moderation",
            Self::Models => "models",
            Self::ImageData => "image_data",
            Self::Relay => "relay",
        }
    }

    pub fn body_kind(self) -> BodyKind {
        match self {
            Self::ImageEdit | Self::ImageVariation | Self::Transcription | Self::Translation => {
                BodyKind::Multipart
            }
            Self::Models | Self::ImageData | Self::Relay => BodyKind::Any,
            _ => BodyKind::Json,
        }
    }

    pub fn is_image(self) -> bool {
        matches!(
            self,
            Self::ImageGeneration | Self::ImageEdit | Self::ImageVariation
        )
    }

    /// Whether OpenAI itself refuses the call without a model; elsewhere the upstream has a default, or
    /// finds the model by other means (a stored prompt, a batch file).
    pub fn needs_model(self) -> bool {
        matches!(
            self,
            Self::Chat
                | Self::Completions
                | Self::Embeddings
                | Self::Speech
                | Self::Transcription
                | Self::Translation
        )
    }
}

/// A recognised request: everything its path and method say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub surface: Surface,
    pub operation: Operation,
    /// The path below `/v1`, as the upstream gets it: no slash in front, as percent-encoded by the client. With a slash
    /// in front it is a server's own, outside of its API.
    pub path: String,
    /// The model, where the path names it.
    pub model: Option<String>,
    /// The api-version a client of Azure's asks with.
    pub version: Option<String>,
}

/// A request, as far as it has to be seen to know what it is.
#[derive(Clone, Copy)]
pub struct Arrival<'a> {
    pub method: &'a str,
    /// Percent-encoded, with its slash in front.
    pub path: &'a str,
    pub query: &'a str,
    pub headers: &'a Headers,
}

impl Wanted {
    /// Of a client of OpenAI's, whose path names no model.
    pub fn of(operation: Operation, path: &str) -> Self {
        Self {
            surface: Surface::OpenAi,
            operation,
            path: path.to_owned(),
            model: None,
            version: None,
        }
    }

    /// The model that is asked about, where the call is about one.
    pub fn described_model(&self) -> Option<String> {
        let id = self.path.strip_prefix("models/")?;
        let id = id.strip_suffix("/capabilities").unwrap_or(id);
        (self.operation == Operation::Models).then(|| path::decode(id))
    }

    /// The model in its body is one to make another of, by the name its maker gave it.
    pub fn names_base_model(&self) -> bool {
        let root = self.path.split('/').next();
        matches!(root, Some("fine_tuning" | "fine_tunes" | "fine-tunes"))
    }
}

/// What a path and a method mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    Root,
    Health,
    Healthz,
    /// Of a model, by its name.
    HealthOf(String),
    Favicon,
    /// How the instances, or the targets of pools, stand.
    Instances,
    Call(Wanted),
    /// To an address the client names.
    Forward(Address),
}

/// The methods that are passed on.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";

/// Recognises a request.
pub fn recognise(arrival: &Arrival<'_>) -> Result<Route> {
    let method = arrival.method;
    if method == "CONNECT" {
        return Err(no_tunnel());
    }
    if let Some(address) = forward::recognise(arrival) {
        return address.map(Route::Forward);
    }
    let path = normalise(arrival.path);
    let local = match path.rest.as_str() {
        "" => Some(Route::Root),
        "instances/status" => Some(Route::Instances),
        _ if path.versioned => None,
        "health" => Some(Route::Health),
        "healthz" => Some(Route::Healthz),
        "favicon.ico" => Some(Route::Favicon),
        other => {
            let model = other.strip_prefix("health/");
            model.map(|model| Route::HealthOf(path::decode(model)))
        }
    };
    match local {
        Some(route) => only(method, "GET, HEAD").map(|()| route),
        None => call(arrival, &path).map(Route::Call),
    }
}

/// Recognises a request where all is one server's: what is nothing here may be something there.
pub fn recognise_all(arrival: &Arrival<'_>) -> Result<Route> {
    let path = normalise(arrival.path);
    let root = path.rest.split('/').next().unwrap_or_default();
    let is_ours = matches!(
        root,
        "" | "health" | "healthz" | "favicon.ico" | forward::PLACE
    );
    recognise(arrival).or_else(|error| {
        let may_be_theirs = matches!(error.code, "unknown_path" | "method_not_allowed");
        if !may_be_theirs || is_ours && !path.versioned || only(arrival.method, METHODS).is_err() {
            return Err(error);
        }
        let slash = if path.versioned || path::is_openai_root(&path.rest) {
            ""
        } else {
            "/"
        };
        let path = format!("{slash}{}", path.rest);
        Ok(Route::Call(Wanted::of(Operation::Relay, &path)))
    })
}

fn call(arrival: &Arrival<'_>, path: &path::Normalised) -> Result<Wanted> {
    let method = arrival.method;
    if path.climbs {
        return Err(path::climbing());
    }
    only(method, METHODS)?;
    if let Some(wanted) = foreign_list(method, path) {
        return only(method, "GET, HEAD").map(|()| wanted);
    }
    // Google's newest clients ask there, too.
    let is_list = path.rest.starts_with("models") && matches!(method, "GET" | "HEAD");
    if is_list && arrival.headers.get("x-goog-api-client").is_some() {
        return openai(method, path).map(|wanted| Wanted {
            surface: Surface::Gemini,
            ..wanted
        });
    }
    if let Some(wanted) = inference::recognise(arrival, path)? {
        return Ok(wanted);
    }
    if let Some(wanted) = azure::recognise(arrival, path)? {
        return Ok(wanted);
    }
    openai(method, path)
}

/// A request of Azure AI Model Inference, where its paths are nobody else's even if nothing but them tells.
pub fn inference_at_root(arrival: &Arrival<'_>) -> Result<Option<Wanted>> {
    inference::at_root(arrival, &normalise(arrival.path))
}

/// What a path of OpenAI's, without what may stand in front of it, and a method mean.
fn openai(method: &str, path: &path::Normalised) -> Result<Wanted> {
    let is_named = |below: &str| Operation::NAMED.iter().any(|(name, _)| *name == below);
    let (below, model) = match path.engine() {
        Some((engine, below)) if is_named(below) => (below, Some(path::decode(engine))),
        _ => (path.rest.as_str(), None),
    };
    if let Some((_, operation)) = Operation::NAMED.iter().find(|(name, _)| *name == below) {
        if method == "POST" {
            return Ok(Wanted {
                model,
                ..Wanted::of(*operation, below)
            });
        }
        // `GET` on these two lists what is stored there.
        if !(method == "GET" && matches!(operation, Operation::Chat | Operation::Responses)) {
            only(method, "POST")?;
        }
    }
    if below == "models" {
        only(method, "GET, HEAD")?;
    }
    // Azure's own list, without a version in front, too: a predecessor's clients ask for it.
    if is_list(below) && matches!(method, "GET" | "HEAD") {
        return Ok(Wanted::of(Operation::Models, below));
    }
    if let Some((model, file)) = images::parts(below)
        && matches!(method, "GET" | "HEAD")
    {
        return Ok(Wanted {
            model: Some(path::decode(model)),
            ..Wanted::of(Operation::ImageData, &images::place(file))
        });
    }
    if path.versioned && !below.is_empty() || path::is_openai_root(below) {
        return Ok(Wanted::of(Operation::Relay, below));
    }
    Err(Error::new(
        Kind::NotFound,
        "unknown_path",
        format!(
            "Nothing is served at /{below}. The OpenAI API is served below /v1 (for example \
             /v1/chat/completions, /v1/responses, /v1/embeddings, /v1/models); besides it there are \
             /, /health, /health/{{model}}, /healthz, /v1/instances/status, /deployments, /openai/models and \
             /v1beta/models."
        ),
    ))
}

/// Where clients of others look for what they know.
const FOREIGN: [(&str, Surface); 3] = [
    ("openai/v1/", Surface::OpenAi),
    ("openai/", Surface::Azure),
    ("v1beta/", Surface::Gemini),
];

/// The shape of an error for who asks what cannot be served.
pub fn spoken(arrival: &Arrival<'_>, is_strict: bool) -> Surface {
    let path = normalise(arrival.path);
    if inference::is_asked(arrival, &path) || is_strict && inference::is_at_root(arrival, &path) {
        return Surface::Inference;
    }
    match foreign(&path) {
        Some((_, surface)) => surface,
        None if azure::is_deployments(&path) => Surface::Azure,
        None => Surface::OpenAi,
    }
}

fn foreign(path: &path::Normalised) -> Option<(&str, Surface)> {
    let mut places = FOREIGN.iter();
    places.find_map(|(place, surface)| Some((path.rest.strip_prefix(place)?, *surface)))
}

/// The lists in other shapes than OpenAI's, or where others have OpenAI's.
fn foreign_list(method: &str, path: &path::Normalised) -> Option<Wanted> {
    let (below, surface) = foreign(path)?;
    let is_served = match surface {
        // What is to be done with a model stands behind its name: `models/m:generateContent`.
        Surface::Gemini if method == "POST" && below.contains(':') => false,
        Surface::Gemini => is_list(below) && below.starts_with("models"),
        Surface::OpenAi | Surface::Azure | Surface::Inference => is_list(below),
    };
    is_served.then(|| Wanted {
        surface,
        ..Wanted::of(Operation::Models, below)
    })
}

/// A list of models or deployments, or one of them. A deployment's name has no slash, a model's may.
fn is_list(below: &str) -> bool {
    match below.split_once('/') {
        None => matches!(below, "models" | "deployments"),
        Some(("models", id)) => !id.is_empty(),
        Some(("deployments", id)) => !id.contains('/'),
        Some(_) => false,
    }
}

/// Programs ask so for a tunnel to a host they encrypt for: nothing in it could be read, mapped or paid for.
fn no_tunnel() -> Error {
    Error::new(
        Kind::MethodNotAllowed { allow: METHODS },
        "method_not_allowed",
        "This gateway is no HTTP proxy, and opens no tunnel: take its address out of HTTPS_PROXY, and give it to your \
         program as the base URL instead (OPENAI_BASE_URL=https://<this host>/v1), or put https://<this host>/proxy/ \
         in front of the URLs it asks for.",
    )
}

fn only(method: &str, allow: &'static str) -> Result<()> {
    if allow.split(", ").any(|allowed| allowed == method) {
        return Ok(());
    }
    Err(Error::new(
        Kind::MethodNotAllowed { allow },
        "method_not_allowed",
        format!("This path takes {allow}, not {method}."),
    ))
}
