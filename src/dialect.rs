//! The wire languages, and what each must do to a call and to what comes back.

use crate::anthropic;
use crate::azure::answer;
use crate::azure::{self, Manner, request};
use crate::error::{Error, Kind, Result};
use crate::gemini;
use crate::gemini::compat::{self, Spoken};
use crate::gemini::media::Fetched;
use crate::headers::Headers;
use crate::openai;
use crate::platform::{ClientBody, Edit};
use crate::stream::Rewrite;
use crate::surface::{Call, Naming, Operation, Wanted};

/// The longest answer of Anthropic's that is translated: text and tool calls stay far below.
const MAX_TRANSLATED: usize = 8 << 20;
/// The longest of Google's: pictures and sounds come as base64 inside of it.
const MAX_WITH_MEDIA: usize = 48 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    OpenAi,
    /// OpenAI's, with what Azure's servers do differently.
    Azure(Manner),
    /// Anthropic's Messages, for chats.
    Anthropic,
    /// Google's own.
    Gemini(gemini::Manner),
    /// OpenAI's as Google speaks it.
    Compat(Spoken),
}

/// A call, as it is written for an upstream.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// The text of the request, as [`Dialect::text`] gave it.
    pub text: &'a [u8],
    /// What the upstream calls the model.
    pub model: Option<&'a str>,
    pub learnt: Learnt,
    /// What stood behind the addresses of [`Dialect::remote`].
    pub fetched: &'a [Fetched],
}

/// A call, as its answer is read.
pub struct Asked<'a, Body> {
    pub call: &'a Call<Body>,
    /// The text of the request, as [`Dialect::text`] gave it.
    pub text: &'a [u8],
    /// For what an upstream leaves unnamed: unique, without a prefix.
    pub id: &'a str,
    pub now_secs: u64,
    /// What the encoding promised of the answer.
    pub expects: &'a Expects,
    /// Of how many requests it is the answer.
    pub requests: usize,
}

/// A request as the upstream understands it.
#[derive(PartialEq)]
pub enum Encoded {
    /// The client's own bytes with a few places changed.
    Edited(Vec<Edit>),
    /// Other bytes: one request, or several that are sent at once.
    Anew(Vec<Outgoing>, Expects),
}

/// One request of a dialect's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// What follows the endpoint's URL.
    pub method: &'static str,
    pub body: Vec<u8>,
}

/// What a request means for its answer.
#[derive(Debug, Default, PartialEq)]
pub enum Expects {
    #[default]
    Nothing,
    Messages(anthropic::Expects),
    Gemini(gemini::Expects),
}

/// What refusals taught about a model: numbers that only its dialect understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Learnt(pub u32);

/// What became of a whole answer.
pub enum Decoded {
    AsItIs,
    Changed {
        content_type: &'static str,
        body: Vec<u8>,
    },
    /// It is an error under a status of success: [`Dialect::refusal`] makes of it what the client gets.
    Refused {
        status: u16,
    },
}

/// An upstream's refusal, as the client gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub body: Vec<u8>,
    /// Headers of ours, in place of the upstream's of that name.
    pub headers: Vec<(&'static str, String)>,
    /// For the log only.
    pub detail: Option<String>,
}

impl Refusal {
    pub fn new(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            body,
            headers: Vec::new(),
            detail: None,
        }
    }
}

impl Decoded {
    pub fn json(body: Vec<u8>) -> Self {
        Self::Changed {
            content_type: "application/json",
            body,
        }
    }
}

impl Dialect {
    /// The text of a request, where this dialect has to look into it; else nothing.
    pub fn text(self, call: &Call<impl ClientBody>) -> Vec<u8> {
        match (self, &call.naming) {
            (Self::OpenAi | Self::Compat(Spoken::Others), _) => Vec::new(),
            (Self::Gemini(_), Naming::Form(_)) | (_, Naming::Json(_)) => call.body.whole(),
            _ => Vec::new(),
        }
    }

    /// The addresses a request refers to that have to be looked up before it can be written.
    pub fn remote<Body>(self, call: &Call<Body>, asking: &Asking<'_>) -> Vec<String> {
        match self {
            Self::Gemini(manner) if manner.options.fetch_media => {
                gemini::remote(&manner, &for_google(call, asking))
            }
            _ => Vec::new(),
        }
    }

    /// What has to change in the client's request for this upstream to understand it.
    pub fn encode<Body>(self, call: &Call<Body>, asking: &Asking<'_>) -> Result<Encoded> {
        let Asking { text, model, .. } = *asking;
        let edits = match (self, &call.naming) {
            (Self::Anthropic, Naming::Json(_)) => {
                let model = model.unwrap_or_default();
                let encoded = anthropic::request::encode(text, model)?;
                let request = Outgoing {
                    method: "",
                    body: encoded.body,
                };
                return Ok(Encoded::Anew(
                    vec![request],
                    Expects::Messages(encoded.expects),
                ));
            }
            (Self::Gemini(manner), Naming::Json(_) | Naming::Form(_)) => {
                let encoded = gemini::encode(&manner, &for_google(call, asking))?;
                return Ok(Encoded::Anew(
                    encoded.requests,
                    Expects::Gemini(encoded.expects),
                ));
            }
            (Self::Compat(spoken), Naming::Json(_)) if spoken != Spoken::Others => {
                let operation = call.wanted.operation;
                compat::edits(spoken, operation, text, model.unwrap_or_default())?
            }
            (Self::Azure(manner), Naming::Json(_)) => {
                let request = request::Request {
                    operation: call.wanted.operation,
                    path: &call.wanted.path,
                    text,
                    model,
                    lessons: azure::lessons::Lessons::from_bits(asking.learnt.0),
                };
                request::edits(&manner, &request)?
            }
            // The path names the deployment. Of images they refuse a model beside it, of audio they ignore it.
            (Self::Azure(manner), Naming::Form(form))
                if manner.spoken == azure::Spoken::Classic =>
            {
                let is_refused = call.wanted.operation.is_image();
                is_refused
                    .then(|| form.without_model())
                    .flatten()
                    .into_iter()
                    .collect()
            }
            _ => model.map_or_else(Vec::new, |model| call.naming.rename(model)),
        };
        Ok(Encoded::Edited(edits))
    }

    /// Whether an answer means nothing to the client as it is.
    pub fn is_translated(self) -> bool {
        matches!(self, Self::Anthropic | Self::Gemini(_))
    }

    /// Whether models have names of this upstream's wherever a request names them: on the lines of a batch file, in
    /// a session.
    pub fn names_deployments(self) -> bool {
        matches!(self, Self::Azure(_))
    }

    /// Whether refusals may teach how to ask.
    pub fn has_lessons(self) -> bool {
        match self {
            Self::Azure(manner) => manner.options.reactive_retry,
            Self::Gemini(_) => true,
            Self::OpenAi | Self::Anthropic | Self::Compat(_) => false,
        }
    }

    /// The mode a request asks its model for: what is learnt in one may not hold in another.
    pub fn mode(self, text: &[u8]) -> &'static str {
        match self {
            Self::Azure(_) => azure::lessons::mode(text),
            _ => "",
        }
    }

    /// What a refusal teaches, if it says exactly that and it is new.
    pub fn learn<Body>(
        self,
        known: Learnt,
        call: &Call<Body>,
        text: &[u8],
        status: u16,
        refusal: &[u8],
    ) -> Option<Learnt> {
        if !self.has_lessons() {
            return None;
        }
        let learnt = if let Self::Azure(_) = self {
            let operation = call.wanted.operation;
            let known = azure::lessons::Lessons::from_bits(known.0);
            let learnt = known.learn(operation, status, refusal);
            let learnt = learnt.filter(|_| azure::lessons::may_be_believed(text));
            learnt?.bits()
        } else {
            let known = gemini::lessons::Lessons::from_bits(known.0);
            known.learn(status, refusal)?.bits()
        };
        Some(Learnt(learnt))
    }

    /// Of what was learnt that which holds for the next request, too.
    pub fn lasting(self, learnt: Learnt) -> Learnt {
        match self {
            Self::Gemini(_) => Learnt(
                gemini::lessons::Lessons::from_bits(learnt.0)
                    .lasting()
                    .bits(),
            ),
            _ => learnt,
        }
    }

    /// For how long a key is of no use after a refusal that is about nothing else.
    pub fn unusable_millis(self, status: u16, headers: &Headers, refusal: &[u8]) -> Option<u64> {
        match self {
            Self::Gemini(_) | Self::Compat(_) => {
                gemini::errors::unusable_millis(status, headers, refusal)
            }
            Self::OpenAi | Self::Azure(_) | Self::Anthropic => None,
        }
    }

    /// Whether a refusal says that the model is not known by this name.
    pub fn is_missing_model(self, status: u16, refusal: &[u8]) -> bool {
        match self {
            Self::OpenAi | Self::Anthropic => false,
            Self::Azure(_) => azure::errors::is_missing_deployment(status, refusal),
            Self::Gemini(_) | Self::Compat(_) => gemini::errors::is_missing_model(status, refusal),
        }
    }

    /// What OpenAI says where the model is not there that a call asks about: Azure speaks of a deployment or a path.
    pub fn no_such_model(self, status: u16, wanted: &Wanted) -> Option<Error> {
        if status != 404 || !matches!(self, Self::Azure(_) | Self::Gemini(_)) {
            return None;
        }
        let message = format!("The model '{}' does not exist", wanted.described_model()?);
        Some(Error::new(Kind::NotFound, "model_not_found", message).param("model"))
    }

    /// Whether OpenAI's organizations and projects mean something there.
    pub fn knows_accounts(self) -> bool {
        self == Self::OpenAi
    }

    /// Whether a refusal of a token may be over with a new one.
    pub fn is_stale_token(self, status: u16, refusal: &[u8]) -> bool {
        let is_azure = matches!(self, Self::Azure(_));
        status == 401 && !(is_azure && azure::errors::lacks_role(refusal))
    }

    /// Whether the answer to a request it accepted may have to be asked for.
    pub fn may_answer_later(self, operation: Operation) -> bool {
        matches!(self, Self::Azure(_)) && operation == Operation::ImageGeneration
    }

    /// An upstream's refusal, as the client's dialect has it. `tried`: the names no model was found under.
    pub fn refusal(
        self,
        status: u16,
        headers: &Headers,
        body: Vec<u8>,
        is_ours: bool,
        tried: &[String],
    ) -> Refusal {
        match self {
            Self::OpenAi => Refusal::new(status, openai::errors::reshape(status, body)),
            Self::Azure(_) if !tried.is_empty() => azure::errors::not_found(tried, &body),
            Self::Azure(_) => azure::errors::refusal(status, headers, &body, is_ours),
            Self::Anthropic => anthropic::errors::refusal(status, headers, &body, is_ours),
            Self::Gemini(_) | Self::Compat(_) => gemini::errors::refusal(status, headers, &body),
        }
    }

    /// The status the client gets.
    pub fn status(self, upstream: u16) -> u16 {
        match self {
            Self::Azure(_) => answer::status(upstream),
            _ => upstream,
        }
    }

    /// What OpenAI says where this upstream answers with nothing.
    pub fn instead_of_nothing<Body>(self, call: &Call<Body>) -> Option<Vec<u8>> {
        let deletes = matches!(self, Self::Azure(_)) && call.method == "DELETE";
        deletes
            .then(|| answer::deleted_file(&call.wanted.path))
            .flatten()
    }

    /// How much of a successful answer has to be read to know whether it must be changed; None: nothing. An event
    /// stream that no [`Rewrite`] is for comes as it is: read, it would be held back.
    pub fn bound<Body>(self, call: &Call<Body>, answer: &Headers) -> Option<usize> {
        match self {
            Self::OpenAi | Self::Compat(Spoken::Others) => None,
            Self::Azure(_) if may_be_events(call, &answer.media_type()) => None,
            Self::Azure(manner) => {
                let wanted = &call.wanted;
                answer::bound(&manner, wanted.operation, &call.method, &wanted.path)
            }
            Self::Compat(_) if call.wanted.operation != Operation::Chat => None,
            Self::Anthropic | Self::Compat(_) => Some(MAX_TRANSLATED),
            Self::Gemini(_) => Some(MAX_WITH_MEDIA),
        }
    }

    /// Whether an event stream was asked for.
    pub fn streams<Body>(self, asked: &Asked<'_, Body>) -> bool {
        match asked.expects {
            Expects::Gemini(expects) => gemini::streams(expects),
            _ => asked.call.stream,
        }
    }

    /// Whole successful answers, as the client's dialect has them; several where several requests were sent.
    pub fn decode<Body>(self, asked: &Asked<'_, Body>, bodies: &[Vec<u8>]) -> Result<Decoded> {
        let call = asked.call;
        let body = bodies.first().map(Vec::as_slice).unwrap_or_default();
        Ok(match (self, asked.expects) {
            (Self::Azure(manner), _) => {
                let context = answer::Context {
                    operation: call.wanted.operation,
                    method: &call.method,
                    path: &call.wanted.path,
                    model: call.model.as_deref(),
                    id: asked.id,
                    now_secs: asked.now_secs,
                    wants_base64: call.wanted.operation == Operation::Embeddings
                        && request::asks_for_base64(asked.text),
                };
                answer::normalise(&manner, &context, body)
            }
            (Self::Anthropic, Expects::Messages(expects)) => {
                let context = anthropic::answer::Context {
                    model: call.model.as_deref().unwrap_or_default(),
                    id: asked.id,
                    now_secs: asked.now_secs,
                    expects: *expects,
                };
                let decoded = anthropic::answer::decode(body, &context);
                decoded.map_or(Decoded::Refused { status: 502 }, Decoded::json)
            }
            (Self::Gemini(manner), expects) => {
                let context = gemini::Context {
                    model: call.model.as_deref().unwrap_or_default(),
                    id: asked.id,
                    now_secs: asked.now_secs,
                    host: manner.host,
                    options: manner.options,
                };
                let models = gemini::Expects::Models;
                let expects = match expects {
                    Expects::Gemini(expects) => expects,
                    _ => &models,
                };
                let decoded = gemini::decode(bodies, expects, &context)?;
                Decoded::Changed {
                    content_type: decoded.content_type,
                    body: decoded.body,
                }
            }
            (Self::Compat(_), _) => {
                compat::repair(call.wanted.operation, body, &compat_defaults(asked))
            }
            (Self::OpenAi | Self::Anthropic, _) => Decoded::AsItIs,
        })
    }

    /// What the page behind this one of a list is asked for with.
    pub fn next_page(self, operation: Operation, page: &[u8]) -> Option<String> {
        match (self, operation) {
            (Self::Gemini(_), Operation::Models) => gemini::listing::next_page(page),
            _ => None,
        }
    }

    /// A whole answer, decoded, as the events of the stream that was asked for; None if it is no such answer.
    pub fn as_events<Body>(self, asked: &Asked<'_, Body>, body: &[u8]) -> Option<Vec<u8>> {
        openai::unstreamed::as_events(body, request::asks_for_usage(asked.text))
    }

    /// What has to be done to the event stream of an answer.
    pub fn rewrite<Body>(self, asked: &Asked<'_, Body>) -> Option<Rewrite> {
        let operation = asked.call.wanted.operation;
        let is_repaired = matches!(operation, Operation::Chat | Operation::Completions);
        let model = || asked.call.model.clone().unwrap_or_default();
        let (id, now_secs) = (asked.id, asked.now_secs);
        Some(match (self, asked.expects) {
            (Self::Azure(manner), _) if is_repaired => {
                let options = manner.options;
                let hide_usage =
                    options.always_include_usage && !request::asks_for_usage(asked.text);
                Rewrite::Azure(Box::new(azure::stream::Repair::new(azure::stream::Rules {
                    strip_azure_fields: options.strip_azure_fields,
                    hide_usage,
                    may_settle: !manner.spoken.is_inference(),
                    watch_end: !manner.is_direct,
                    model: model(),
                    id: id.to_owned(),
                    now_secs,
                    ..azure::stream::Rules::default()
                })))
            }
            (Self::Anthropic, Expects::Messages(expects)) => {
                let rules = anthropic::stream::Rules {
                    model: model(),
                    id: id.to_owned(),
                    now_secs,
                    expects: *expects,
                };
                let translation = anthropic::stream::Translation::new(rules);
                Rewrite::Anthropic(Box::new(translation))
            }
            (Self::Gemini(manner), Expects::Gemini(expects)) => {
                let rules = gemini::stream::Rules {
                    model: model(),
                    id: id.to_owned(),
                    now_secs,
                    host: manner.host,
                    options: manner.options,
                    expects: expects.clone(),
                    sources: asked.requests,
                };
                Rewrite::Gemini(Box::new(gemini::stream::Translation::new(rules)))
            }
            (Self::Compat(spoken), _)
                if operation == Operation::Chat && spoken != Spoken::Others =>
            {
                let rules = compat::Rules {
                    defaults: compat_defaults(asked),
                    usage: request::asks_for_usage(asked.text),
                };
                Rewrite::Compat(Box::new(compat::Repair::new(rules)))
            }
            _ => return None,
        })
    }

    /// What ends an event stream that broke before its end.
    pub fn broken_stream(self, operation: Operation) -> &'static str {
        openai::errors::broken_stream(operation)
    }
}

/// Whether an answer may be an event stream: some gateways leave the type out.
fn may_be_events<Body>(call: &Call<Body>, media_type: &str) -> bool {
    media_type == "text/event-stream" || call.stream && !media_type.ends_with("json")
}

fn compat_defaults<Body>(asked: &Asked<'_, Body>) -> compat::Defaults {
    compat::Defaults {
        model: asked.call.model.clone().unwrap_or_default(),
        id: asked.id.to_owned(),
        now_secs: asked.now_secs,
    }
}

fn for_google<'a, Body>(call: &'a Call<Body>, asking: &Asking<'a>) -> gemini::Request<'a> {
    gemini::Request {
        operation: call.wanted.operation,
        text: asking.text,
        content_type: call.headers.get("content-type").unwrap_or_default(),
        asked: call.model.as_deref().unwrap_or_default(),
        model: asking.model.unwrap_or_default(),
        lessons: gemini::lessons::Lessons::from_bits(asking.learnt.0),
        fetched: asking.fetched,
    }
}
