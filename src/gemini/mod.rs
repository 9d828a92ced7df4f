//! Google's `generateContent` and its sisters for OpenAI's clients: AI Studio and Vertex AI. Pure: text in, text out.
//!
//! [`encode`] makes of a client's request the requests Google gets: usually one; several where OpenAI takes at once what
//! Google takes one by one (prompts, choices a model refuses to give together, embeddings, images). [`decode`] makes one
//! answer of theirs, [`stream`] of event streams. Texts are looked at in place ([`crate::json`]) and written anew: a
//! string, a schema or a call's arguments keep the bytes they came in.
//!
//! A chat is written by [`chat`], with [`tools`], [`schema`] and [`media`], and read by [`answer`] and [`stream`]. The
//! other operations have a folder each. [`errors`] and [`lessons`] are about refusals; [`compat`] is for Google's own
//! endpoints in OpenAI's shape.
//!
//! What differs between models is data ([`model`]): known old ones are exceptions, unknown names are the newest.

pub mod facts;
pub mod model;
pub mod options;

pub mod chat;
pub mod media;
pub mod schema;
pub mod tools;

pub mod answer;
pub mod citations;
pub mod finish;
pub mod logprobs;
pub mod stream;
pub mod usage;

pub mod completions;
pub mod embeddings;
pub mod images;
pub mod listing;
pub mod speech;
pub mod transcription;
pub mod voices;

mod asked;
mod form;
mod google;
mod surrogates;
mod turn;

pub mod errors;
pub mod lessons;

pub mod compat;

use std::borrow::Cow;

pub use crate::dialect::Outgoing;
use crate::error::{Error, Kind, Result};
use crate::surface::Operation;

use lessons::Lessons;
use media::Fetched;
use options::Options;

/// Whose rules hold: the two differ in what they know and refuse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Host {
    /// Google AI Studio, the Gemini API.
    #[default]
    Studio,
    Vertex,
}

/// How one provider is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    pub host: Host,
    pub options: Options,
}

/// A client's request.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    pub operation: Operation,
    /// The body: JSON in UTF-8 (maybe with a byte-order mark), or a form.
    pub text: &'a [u8],
    /// Of a form: it names the boundary.
    pub content_type: &'a str,
    /// The model as the client calls it.
    pub asked: &'a str,
    /// The model as Google calls it, without `models/`; on Vertex an endpoint's number may stand for it.
    pub model: &'a str,
    pub lessons: Lessons,
    /// What stood behind the addresses of [`remote`], as far as it could be fetched.
    pub fetched: &'a [Fetched],
}

/// What Google gets, and what its answers have to be like.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded {
    /// Never empty. They are sent at once.
    pub requests: Vec<Outgoing>,
    pub expects: Expects,
}

/// What a request means for its answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Expects {
    Chat(chat::Expects),
    Completions(completions::Expects),
    Embeddings(embeddings::Expects),
    Images(images::Expects),
    Speech(speech::Expects),
    Transcription(transcription::Expects),
}

impl Expects {
    /// A header that goes along with the requests.
    pub fn header(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Chat(expects) => expects.header(),
            _ => None,
        }
    }
}

/// What an answer is the answer to.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The model as the client calls it, where the upstream names none.
    pub model: &'a str,
    /// For what comes without an id: unique, without a prefix.
    pub id: &'a str,
    pub now_secs: u64,
    pub host: Host,
    pub options: Options,
}

/// An answer for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    pub content_type: &'static str,
    pub body: Vec<u8>,
}

impl Decoded {
    pub fn json(body: Vec<u8>) -> Self {
        Self {
            content_type: "application/json",
            body,
        }
    }
}

pub fn encode(manner: &Manner, request: &Request<'_>) -> Result<Encoded> {
    if form::is_form(request.content_type) {
        return encode_sound(manner, request);
    }
    let text = &surrogates::mended(request.text);
    let sound = Request {
        text,
        ..request.clone()
    };
    let mut encoded = encode_sound(manner, &sound)?;
    for outgoing in &mut encoded.requests {
        // Arguments and results are JSON in strings: what was an escape in them is one only now.
        if let Cow::Owned(body) = surrogates::mended(&outgoing.body) {
            outgoing.body = body;
        }
    }
    Ok(encoded)
}

fn encode_sound(manner: &Manner, request: &Request<'_>) -> Result<Encoded> {
    match request.operation {
        Operation::Chat => chat::encode(manner, request),
        Operation::Completions => completions::encode(manner, request),
        Operation::Embeddings => embeddings::encode(manner, request),
        Operation::ImageGeneration | Operation::ImageEdit => images::encode(manner, request),
        Operation::Speech => speech::encode(manner, request),
        Operation::Transcription | Operation::Translation => transcription::encode(manner, request),
        operation => Err(unserved(manner.host, operation)),
    }
}

/// The addresses of pictures and files a request refers to and Google would not fetch itself: to be fetched first.
pub fn remote(manner: &Manner, request: &Request<'_>) -> Vec<String> {
    match request.operation {
        // To look for them is to walk through the whole conversation.
        Operation::Chat if manner.options.fetch_media => chat::remote(request),
        _ => Vec::new(),
    }
}

/// Whole answers, in the order of the requests, as the one the client gets. An [`Error`] where they hold none: it goes
/// to the next target, or to the client.
pub fn decode(bodies: &[Vec<u8>], expects: &Expects, context: &Context<'_>) -> Result<Decoded> {
    match expects {
        Expects::Chat(expects) => answer::decode(bodies, expects, context),
        Expects::Completions(expects) => completions::decode(bodies, expects, context),
        Expects::Embeddings(expects) => embeddings::decode(bodies, expects, context),
        Expects::Images(expects) => images::decode(bodies, expects, context),
        Expects::Speech(expects) => speech::decode(bodies, expects),
        Expects::Transcription(expects) => transcription::decode(bodies, expects),
    }
}

/// Whether an operation has an event stream, and this call asked for it.
pub fn streams(expects: &Expects) -> bool {
    match expects {
        Expects::Chat(expects) => expects.stream,
        Expects::Completions(expects) => expects.stream,
        Expects::Speech(expects) => expects.stream,
        Expects::Transcription(expects) => expects.stream,
        Expects::Embeddings(_) | Expects::Images(_) => false,
    }
}

/// What is not served there, in words that name it.
pub fn unserved(host: Host, operation: Operation) -> Error {
    let place = match host {
        Host::Studio => "Google AI Studio",
        Host::Vertex => "Vertex AI",
    };
    let name = operation.name();
    let message = format!("{place} does not serve the operation `{name}`.");
    Error::new(Kind::BadRequest, "unsupported_operation", message)
}

/// An answer that is none.
fn nonsense() -> Error {
    let problem = "Google answered with something that is no answer.";
    Error::new(Kind::BadGateway, "upstream_nonsense", problem)
}

/// A stream without its end. Never a made-up `stop`: a client must be able to tell half an answer from a whole one.
fn interrupted() -> Error {
    let problem = "The upstream's stream ended before its answer did.";
    Error::new(Kind::BadGateway, "upstream_stream_interrupted", problem)
}
