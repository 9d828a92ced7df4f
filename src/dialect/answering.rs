//! An upstream's answer, as the client gets it.

use crate::azure::{self, answer, request};
use crate::dialect::{Asked, Decoded, Dialect, Expects};
use crate::error::Result;
use crate::gemini::compat::{self, Spoken};
use crate::headers::Headers;
use crate::openai::streaming::asks_for_usage;
use crate::stream::Rewrite;
use crate::surface::{Call, Operation, Surface};
use crate::{anthropic, gemini, inference, openai};

/// The longest answer of Anthropic's that is translated: text and tool calls stay far below.
const MAX_TRANSLATED: usize = 8 << 20;
/// The longest of Google's: pictures and sounds come as base64 inside of it.
const MAX_WITH_MEDIA: usize = 48 << 20;
/// The longest answer with embeddings that gets a name: two thousand vectors of 1536 numbers in base64.
const MAX_EMBEDDINGS: usize = 18 << 20;

impl Dialect {
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
            Self::OpenAi | Self::Azure(_) | Self::Compat(_) if call.wanted.wants_id() => {
                Some(MAX_EMBEDDINGS)
            }
            Self::OpenAi => None,
            Self::Azure(_) if may_be_events(call, &answer.media_type()) => None,
            Self::Azure(manner) => {
                let wanted = &call.wanted;
                answer::bound(&manner, wanted.operation, &call.method, &wanted.path)
            }
            Self::Compat(_) if call.wanted.operation != Operation::Chat || call.stream => None,
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
        let decoded = self.as_openais(asked, bodies)?;
        let answer = match (&decoded, bodies) {
            _ if !asked.call.wanted.wants_id() => return Ok(decoded),
            (Decoded::Changed { body, .. }, _) | (Decoded::AsItIs, [body]) => body.as_slice(),
            _ => return Ok(decoded),
        };
        let named = inference::embeddings::with_id(answer, asked.id);
        Ok(named.map_or(decoded, Decoded::json))
    }

    fn as_openais<Body>(self, asked: &Asked<'_, Body>, bodies: &[Vec<u8>]) -> Result<Decoded> {
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
            (Self::Gemini(manner), Expects::Gemini(expects)) => {
                return decode_googles(manner, expects, asked, bodies);
            }
            (Self::Compat(_), _) => {
                compat::repair(call.wanted.operation, body, &compat_defaults(asked))
            }
            (Self::OpenAi | Self::Anthropic | Self::Gemini(_), _) => Decoded::AsItIs,
        })
    }

    /// A whole answer, decoded, as the events of the stream that was asked for; None if it is no such answer.
    pub fn as_events<Body>(self, asked: &Asked<'_, Body>, body: &[u8]) -> Option<Vec<u8>> {
        let include_usage = asked.call.wanted.wants_plain_lines() || asks_for_usage(asked.text);
        openai::unstreamed::as_events(body, include_usage)
    }

    /// What has to be done to the event stream of an answer.
    pub fn rewrite<Body>(self, asked: &Asked<'_, Body>) -> Option<Rewrite> {
        let rewrite = self.to_openais(asked);
        if !asked.call.wanted.wants_plain_lines() {
            return rewrite;
        }
        let plain = inference::stream::Plain::over(rewrite);
        Some(Rewrite::Plain(Box::new(plain)))
    }

    fn to_openais<Body>(self, asked: &Asked<'_, Body>) -> Option<Rewrite> {
        let operation = asked.call.wanted.operation;
        let is_repaired = matches!(operation, Operation::Chat | Operation::Completions);
        let model = || asked.call.model.clone().unwrap_or_default();
        let (id, now_secs) = (asked.id, asked.now_secs);
        Some(match (self, asked.expects) {
            (Self::Azure(manner), _) if is_repaired => {
                let options = manner.options;
                let knows_azure = asked.call.wanted.surface == Surface::Azure;
                // What is counted is hidden by who counts it.
                let hide_usage = options.always_include_usage
                    && !asked.counts_tokens
                    && !asks_for_usage(asked.text);
                Rewrite::Azure(Box::new(azure::stream::Repair::new(azure::stream::Rules {
                    strip_azure_fields: options.strip_azure_fields,
                    hide_usage,
                    keep_annotation_chunks: knows_azure && !options.strip_azure_fields,
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
                    usage: asks_for_usage(asked.text),
                };
                Rewrite::Compat(Box::new(compat::Repair::new(rules)))
            }
            _ => return None,
        })
    }

    /// Whether a stream has a usage because we asked for it, and not its client. Translations tell theirs beside it.
    pub fn hides_usage<Body>(self, asked: &Asked<'_, Body>) -> bool {
        asked.counts_tokens && self.tells_usage_if_asked(asked.call) && !asks_for_usage(asked.text)
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

/// An error may come as an answer.
fn decode_googles<Body>(
    manner: gemini::Manner,
    expects: &gemini::Expects,
    asked: &Asked<'_, Body>,
    bodies: &[Vec<u8>],
) -> Result<Decoded> {
    let context = gemini::Context {
        model: asked.call.model.as_deref().unwrap_or_default(),
        id: asked.id,
        now_secs: asked.now_secs,
        host: manner.host,
        options: manner.options,
    };
    match gemini::decode(bodies, expects, &context) {
        Ok(decoded) => Ok(Decoded::Changed {
            content_type: decoded.content_type,
            body: decoded.body,
        }),
        Err(error) => {
            let first = bodies.first().map(Vec::as_slice).unwrap_or_default();
            let status = gemini::errors::status_of_answer(first).ok_or(error)?;
            Ok(Decoded::Refused { status })
        }
    }
}

fn compat_defaults<Body>(asked: &Asked<'_, Body>) -> compat::Defaults {
    compat::Defaults {
        model: asked.call.model.clone().unwrap_or_default(),
        id: asked.id.to_owned(),
        now_secs: asked.now_secs,
    }
}
