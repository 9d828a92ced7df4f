//! The wire languages, and what each must do to a call and to what comes back.

use crate::anthropic::{self, Expects};
use crate::azure::answer;
use crate::azure::lessons::Lessons;
use crate::azure::{self, Manner, request};
use crate::error::{Error, Kind, Result};
use crate::headers::Headers;
use crate::openai;
use crate::platform::{ClientBody, Edit};
use crate::stream::Rewrite;
use crate::surface::{Call, Naming, Operation, Wanted};

/// The longest answer that is translated: text and tool calls stay far below.
const MAX_TRANSLATED: usize = 8 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    OpenAi,
    /// OpenAI's, with what Azure's servers do differently.
    Azure(Manner),
    /// Anthropic's Messages, for chats.
    Anthropic,
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
    pub expects: Expects,
}

/// A request as the upstream understands it.
pub enum Encoded {
    /// The client's own bytes with a few places changed.
    Edited(Vec<Edit>),
    /// Other bytes.
    Anew(anthropic::request::Encoded),
}

/// What became of a whole answer.
pub enum Decoded {
    AsItIs,
    Changed(Vec<u8>),
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

impl Dialect {
    /// The text of a request, where this dialect has to look into it; else nothing.
    pub fn text(self, call: &Call<impl ClientBody>) -> Vec<u8> {
        match (self, &call.naming) {
            (Self::Azure(_) | Self::Anthropic, Naming::Json(_)) => call.body.whole(),
            _ => Vec::new(),
        }
    }

    /// What has to change in the client's request for this upstream to understand it.
    pub fn encode<Body>(
        self,
        call: &Call<Body>,
        text: &[u8],
        model: Option<&str>,
        lessons: Lessons,
    ) -> Result<Encoded> {
        let edits = match (self, &call.naming) {
            (Self::Anthropic, Naming::Json(_)) => {
                let model = model.unwrap_or_default();
                let encoded = anthropic::request::encode(text, model)?;
                return Ok(Encoded::Anew(encoded));
            }
            (Self::Azure(manner), Naming::Json(_)) => {
                let request = request::Request {
                    operation: call.wanted.operation,
                    path: &call.wanted.path,
                    text,
                    model,
                    lessons,
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

    /// Whether models have names of this upstream's wherever a request names them: on the lines of a batch file, in
    /// a session.
    pub fn names_deployments(self) -> bool {
        matches!(self, Self::Azure(_))
    }

    /// Whether refusals may teach how to ask.
    pub fn has_lessons(self) -> bool {
        matches!(self, Self::Azure(manner) if manner.options.reactive_retry)
    }

    /// What a refusal teaches, if it says exactly that and it is new.
    pub fn learn(
        self,
        known: Lessons,
        operation: Operation,
        status: u16,
        refusal: &[u8],
    ) -> Option<Lessons> {
        let learns = self.has_lessons();
        learns
            .then(|| known.learn(operation, status, refusal))
            .flatten()
    }

    /// Whether a refusal says that the model is not known by this name.
    pub fn is_missing_model(self, status: u16, refusal: &[u8]) -> bool {
        match self {
            Self::OpenAi | Self::Anthropic => false,
            Self::Azure(_) => azure::errors::is_missing_deployment(status, refusal),
        }
    }

    /// What OpenAI says where the model is not there that a call asks about: Azure speaks of a deployment or a path.
    pub fn no_such_model(self, status: u16, wanted: &Wanted) -> Option<Error> {
        if status != 404 || !matches!(self, Self::Azure(_)) {
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
        }
    }

    /// The status the client gets.
    pub fn status(self, upstream: u16) -> u16 {
        match self {
            Self::OpenAi | Self::Anthropic => upstream,
            Self::Azure(_) => answer::status(upstream),
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
            Self::OpenAi => None,
            Self::Azure(_) if may_be_events(call, &answer.media_type()) => None,
            Self::Azure(manner) => {
                let wanted = &call.wanted;
                answer::bound(&manner, wanted.operation, &call.method, &wanted.path)
            }
            Self::Anthropic => Some(MAX_TRANSLATED),
        }
    }

    /// A whole successful answer, as the client's dialect has it.
    pub fn decode<Body>(self, asked: &Asked<'_, Body>, body: &[u8]) -> Decoded {
        let call = asked.call;
        match self {
            Self::OpenAi => Decoded::AsItIs,
            Self::Azure(manner) => {
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
            Self::Anthropic => {
                let context = anthropic::answer::Context {
                    model: call.model.as_deref().unwrap_or_default(),
                    id: asked.id,
                    now_secs: asked.now_secs,
                    expects: asked.expects,
                };
                let decoded = anthropic::answer::decode(body, &context);
                decoded.map_or(Decoded::Refused { status: 502 }, Decoded::Changed)
            }
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
        if self == Self::OpenAi {
            return None;
        }
        let model = asked.call.model.clone().unwrap_or_default();
        let (id, now_secs) = (asked.id.to_owned(), asked.now_secs);
        Some(match self {
            Self::Azure(manner) if is_repaired => {
                let options = manner.options;
                let hide_usage =
                    options.always_include_usage && !request::asks_for_usage(asked.text);
                Rewrite::Azure(Box::new(azure::stream::Repair::new(azure::stream::Rules {
                    strip_azure_fields: options.strip_azure_fields,
                    hide_usage,
                    may_settle: !manner.spoken.is_inference(),
                    watch_end: !manner.is_direct,
                    model,
                    id,
                    now_secs,
                    ..azure::stream::Rules::default()
                })))
            }
            Self::Anthropic => {
                let expects = asked.expects;
                let rules = anthropic::stream::Rules {
                    model,
                    id,
                    now_secs,
                    expects,
                };
                let translation = anthropic::stream::Translation::new(rules);
                Rewrite::Anthropic(Box::new(translation))
            }
            Self::OpenAi | Self::Azure(_) => return None,
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
