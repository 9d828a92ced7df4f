//! One call, from its pool to its answer: endpoint, encode, authorise, send, judge, and deliver or try the next.

mod listing;
mod search;

mod attempt;
mod conversation;
mod course;
mod judged;

mod batch;
mod forward;
mod hold;
mod inference;
mod prepare;
mod remote;
mod send;
mod session;
mod several;

mod gate;
mod images;
mod keepalive;
mod open;
mod pending;

mod deliver;
mod explain;

use crate::answer::Answer;
use crate::clients::Caller;
use crate::config::Config;
use crate::credentials::Whose;
use crate::demo;
use crate::dialect::{Decoded, Dialect};
use crate::error::{Error, Kind, Result};
use crate::headers::Headers;
use crate::json::Value;
use crate::platform::{ClientBody, Inbound, Lane, Platform};
use crate::pool::Pool;
use crate::report::Report;
use crate::stream::Rewrite;
use crate::surface::{Call, Operation};
use crate::tab::Tab;

use attempt::Sending;

pub use explain::explain;
pub use send::{meaningless, redirect, refusal, unreachable};

/// Everything the attempts of one call share.
pub struct Exchange<'a, P: Platform> {
    pub platform: &'a P,
    pub config: &'a Config,
    pub caller: &'a Caller,
    pub call: Call<P::ClientBody>,
    /// Which of several attempts side by side these are.
    pub lane: Lane,
    /// Of the attempt under way: its stream may still be given up for another, until its first real output.
    pub gated: bool,
    /// How long that output is waited for; where the owner bounds that, the last target is held back, too.
    pub first_output_millis: Option<u32>,
    pub report: &'a mut Report,
    pub tab: &'a mut Tab,
}

/// What an attempt brought.
enum Reply<UpstreamBody> {
    /// Passes as it is.
    Native {
        inbound: Inbound<UpstreamBody>,
        dialect: Dialect,
    },
    /// An event stream that is changed on its way; `first` is what became of its head.
    Stream {
        inbound: Inbound<UpstreamBody>,
        dialect: Dialect,
        first: Vec<u8>,
        rewrite: Rewrite,
        idle_millis: u32,
    },
    /// Read, and changed.
    Whole {
        status: u16,
        headers: Headers,
        content_type: &'static str,
        body: Vec<u8>,
    },
    Refused(Refused),
    Demo(demo::Reply),
}

/// An upstream's refusal, read.
#[derive(Clone)]
pub struct Refused {
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
    pub dialect: Dialect,
    /// Whose credential the call carried.
    pub whose: Whose,
    /// The names that were tried for the model, if this is because none was right.
    pub tried: Vec<String>,
}

impl<UpstreamBody> Reply<UpstreamBody> {
    /// What the upstream said beside its body; None where no upstream answered.
    fn headers(&self) -> Option<&Headers> {
        match self {
            Self::Native { inbound, .. } | Self::Stream { inbound, .. } => Some(&inbound.headers),
            Self::Whole { headers, .. } => Some(headers),
            Self::Refused(refused) => Some(&refused.headers),
            Self::Demo(_) => None,
        }
    }

    fn json(status: u16, headers: Headers, body: Vec<u8>) -> Self {
        Self::Whole {
            status,
            headers,
            content_type: "application/json",
            body,
        }
    }

    fn decoded(
        sending: &Sending<'_>,
        decoded: Decoded,
        status: u16,
        headers: Headers,
        body: Vec<u8>,
    ) -> Self {
        let status = sending.endpoint.dialect.status(status);
        match decoded {
            Decoded::AsItIs => Self::json(status, headers, body),
            Decoded::Changed { content_type, body } => Self::Whole {
                status,
                headers,
                content_type,
                body,
            },
            Decoded::Refused { status } => {
                Self::Refused(Refused::by(sending, status, headers, body))
            }
        }
    }
}

impl Refused {
    fn by(sending: &Sending<'_>, status: u16, headers: Headers, body: Vec<u8>) -> Self {
        Self {
            status,
            headers,
            body,
            dialect: sending.endpoint.dialect,
            whose: sending.whose,
            tried: Vec::new(),
        }
    }

    fn is_about_place(&self) -> bool {
        self.dialect.is_about_place(self.status, &self.body)
    }

    /// For how long the key is of no use, if it is the key's alone.
    fn unusable_millis(&self) -> Option<u64> {
        let (status, headers) = (self.status, &self.headers);
        self.dialect.unusable_millis(status, headers, &self.body)
    }

    fn is_missing_model(&self) -> bool {
        self.dialect.is_missing_model(self.status, &self.body)
    }
}

impl<P: Platform> Exchange<'_, P> {
    /// One call, from its pool to its answer.
    pub async fn run(mut self, pool: &Pool) -> Result<Answer<P::UpstreamBody>> {
        let reply = self.course(pool).await?;
        let reply = self.as_begun(reply).await?;
        Ok(self.deliver(reply))
    }

    /// An upstream accepted the call, whatever became of its answer: another would store the same response, or run
    /// the same job, once more. A response that is streamed ends with its stream, which is given up.
    fn has_left_something(&self) -> bool {
        let is_accepted = matches!(self.report.upstream_status, Some(200..300));
        is_accepted
            && match self.call.wanted.operation {
                Operation::Responses => !self.call.stream || is_of_background(&self.call),
                operation => operation == Operation::Relay,
            }
    }
}

/// Whether an upstream works on a response whether or not anybody listens to its stream.
fn is_of_background(call: &Call<impl ClientBody>) -> bool {
    let body = call.body.whole();
    let said = Value::first(&body).and_then(|body| body.get("background"));
    said.is_some_and(Value::is_true)
}

/// Whether an error is this target's.
fn may_go_to_another_target(error: &Error) -> bool {
    let is_targets = matches!(
        error.kind,
        Kind::BadGateway | Kind::Timeout | Kind::Configuration
    );
    // Nothing was sent: this one does not serve such calls, another may.
    is_targets || matches!(error.code, "unsupported_operation" | "unsupported_model")
}
