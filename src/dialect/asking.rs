//! A call, written for an upstream.

use crate::azure::{self, request};
use crate::dialect::{Asking, Dialect, Encoded, Expects, Outgoing};
use crate::error::Result;
use crate::gemini::compat::{self, Spoken};
use crate::openai::streaming;
use crate::platform::{ClientBody, Edit};
use crate::surface::{Call, Naming, Operation};
use crate::{anthropic, gemini, json};

impl Dialect {
    /// The text of a request, where this dialect has to look into it; else nothing.
    pub fn text(self, call: &Call<impl ClientBody>) -> Vec<u8> {
        match (self, &call.naming) {
            (Self::OpenAi | Self::Compat(Spoken::Others), _) => Vec::new(),
            (Self::Gemini(_), Naming::Form(_)) | (_, Naming::Json(_)) => call.body.whole(),
            _ => Vec::new(),
        }
    }

    /// The same where tokens are counted.
    pub fn text_of_counted(self, call: &Call<impl ClientBody>) -> Vec<u8> {
        if self.tells_usage_if_asked(call) {
            return call.body.whole();
        }
        self.text(call)
    }

    /// Whether the usage comes in a chunk of its own, and only for those who ask for it with a member of their request.
    pub(super) fn tells_usage_if_asked<Body>(self, call: &Call<Body>) -> bool {
        let is_openais = matches!(
            self,
            Self::OpenAi | Self::Azure(_) | Self::Compat(Spoken::Others)
        );
        let is_asked = matches!(
            call.wanted.operation,
            Operation::Chat | Operation::Completions
        );
        is_openais && is_asked && call.stream && matches!(call.naming, Naming::Json(_))
    }

    /// The addresses a request refers to that have to be looked up before it can be written.
    pub fn remote<Body>(self, call: &Call<Body>, asking: &Asking<'_>) -> Vec<String> {
        match self {
            Self::Gemini(manner) => gemini::remote(&manner, &for_google(call, asking)),
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
                let request = compat::Request {
                    operation: call.wanted.operation,
                    text,
                    model: model.unwrap_or_default(),
                    counts_tokens: asking.counts_tokens,
                };
                compat::edits(spoken, &request)?
            }
            (Self::Azure(manner), Naming::Json(_)) => {
                let request = request::Request {
                    operation: call.wanted.operation,
                    path: &call.wanted.path,
                    text,
                    model,
                    lessons: azure::lessons::Lessons::from_bits(asking.learnt.0),
                    counts_tokens: asking.counts_tokens,
                };
                let mut edits = request::edits(&manner, &request)?;
                edits.extend(beside_path(manner, call, model));
                edits
            }
            // The path names the deployment. Of images they refuse a model beside it, of audio they ignore it.
            (Self::Azure(manner), Naming::Form(form))
                if manner.spoken == azure::Spoken::Classic =>
            {
                if call.wanted.operation.is_image() {
                    form.without_model().into_iter().collect()
                } else {
                    beside_path(manner, call, model)
                }
            }
            _ => self.usual_edits(call, asking),
        };
        Ok(Encoded::Edited(edits))
    }

    /// For a server that takes OpenAI's requests as they are.
    fn usual_edits<Body>(self, call: &Call<Body>, asking: &Asking<'_>) -> Vec<Edit> {
        let model = asking.model;
        let mut edits = model.map_or_else(Vec::new, |model| call.naming.rename(model));
        if asking.counts_tokens && self.tells_usage_if_asked(call) {
            edits.extend(streaming::include_usage(asking.text));
            json::sort(&mut edits);
        }
        edits
    }
}

/// Where a body keeps its name for the model, because the path names the deployment: one that was never let through
/// goes. A gateway in front of Azure may believe it.
fn beside_path<Body>(manner: azure::Manner, call: &Call<Body>, model: Option<&str>) -> Vec<Edit> {
    let is_kept = manner.spoken == azure::Spoken::Classic && call.wanted.operation.needs_model();
    let model = model.filter(|_| is_kept);
    model.map_or_else(Vec::new, |model| call.overruled(model))
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
