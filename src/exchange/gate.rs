//! The commit gate of an attempt: nothing of its stream is the client's before the first real output, so that what
//! fails before can be given up for the next target unseen.
//!
//! It is there where another target is left, or where the owner bounds the wait for output; else a stream passes as
//! soon as its headers are here.

use crate::error::{Error, Kind, Result};
use crate::exchange::attempt::Sending;
use crate::exchange::prepare::Content;
use crate::exchange::{Exchange, Refused, Reply};
use crate::gate::{self, Gate, Verdict};
use crate::headers::Headers;
use crate::json::without_mark;
use crate::platform::{Bounds, Inbound, Platform};
use crate::surface::Operation;
use crate::together::within;

/// The longest error that is looked for in a whole answer.
const MAX_ERROR: usize = 64 << 10;

/// What is held of a stream that is changed on its way, and the gate, if there is one.
pub(super) struct Front {
    gate: Option<Gate>,
    pub(super) first: Vec<u8>,
}

impl Front {
    /// The next bytes for the client. Without a gate the first of them open.
    pub(super) fn push(&mut self, bytes: Vec<u8>) -> Verdict {
        let verdict = match &mut self.gate {
            Some(gate) => gate.push(&bytes),
            None if bytes.is_empty() => Verdict::Wait,
            None => Verdict::Open,
        };
        self.add(bytes);
        verdict
    }

    /// The same for the last of them.
    pub(super) fn finish(&mut self, bytes: Vec<u8>) -> Verdict {
        let verdict = match &mut self.gate {
            Some(gate) => match gate.push(&bytes) {
                Verdict::Wait => gate.finish(),
                verdict => verdict,
            },
            None => Verdict::Open,
        };
        self.add(bytes);
        verdict
    }

    pub(super) fn is_gated(&self) -> bool {
        self.gate.is_some()
    }

    fn add(&mut self, bytes: Vec<u8>) {
        if self.first.is_empty() {
            self.first = bytes;
        } else {
            self.first.extend(bytes);
        }
    }
}

impl<P: Platform> Exchange<'_, P> {
    /// Sends, and gives the attempt up if there is no output in time: counted from here, since an upstream that stalls
    /// may have sent headers, a role and comments.
    pub(super) async fn send_in_time(
        &mut self,
        content: &Content,
        sending: &Sending<'_>,
        headers: &Headers,
    ) -> Result<Reply<P::UpstreamBody>> {
        let Some(millis) = self.first_output_millis.filter(|_| self.streams()) else {
            return self.send_content(content, sending, headers).await;
        };
        let platform = self.platform;
        let before = self.report.upstream_millis;
        let sent = within(
            platform,
            millis,
            self.send_content(content, sending, headers),
        )
        .await;
        sent.unwrap_or_else(|| {
            platform.abandon(self.lane);
            self.report.upstream_millis = before + u64::from(millis);
            if self.report.upstream_status.is_none() {
                let provider = &sending.target.provider;
                provider.note(platform.now_millis(), None);
            }
            let message = format!("The upstream sent no output within {millis} ms.");
            Err(Error::new(Kind::Timeout, "upstream_silent", message))
        })
    }

    pub(super) fn front(&self) -> Front {
        Front {
            gate: self.is_held_back().then(Gate::default),
            first: Vec::new(),
        }
    }

    /// Looks at the head of a stream that passes as it is: None: it may go, and what was looked at is kept for it.
    pub(super) async fn failed_unseen(
        &self,
        inbound: &mut Inbound<P::UpstreamBody>,
        sending: &Sending<'_>,
    ) -> Result<Option<Refused>> {
        let media_type = inbound.headers.media_type();
        let verdict = match media_type.as_str() {
            _ if !self.is_held_back() => return Ok(None),
            // Some gateways answer without a content type.
            "text/event-stream" | "" => self.look(inbound, sending).await,
            media_type if media_type.ends_with("json") => self.look_whole(inbound, sending).await,
            // Sound, most likely.
            _ => return Ok(None),
        };
        match verdict.map_err(before_output)? {
            Verdict::Failed { status, body } => {
                let headers = std::mem::take(&mut inbound.headers);
                Ok(Some(Refused::by(sending, status, headers, body)))
            }
            Verdict::Over => Err(ended_early()),
            Verdict::Wait | Verdict::Open => Ok(None),
        }
    }

    fn is_held_back(&self) -> bool {
        self.streams() && (self.gated || self.first_output_millis.is_some())
    }

    /// What is only relayed may be a job, and goes to nobody else once it was accepted.
    fn streams(&self) -> bool {
        self.call.stream && self.call.wanted.operation != Operation::Relay
    }

    async fn look(
        &self,
        inbound: &mut Inbound<P::UpstreamBody>,
        sending: &Sending<'_>,
    ) -> Result<Verdict> {
        let idle_millis = sending.target.provider.timeouts.idle_millis;
        let mut gate = Gate::default();
        let mut sniffed = false;
        while let Some(chunk) = self.platform.look(&mut inbound.body, idle_millis).await? {
            if !sniffed && let Some(first) = first_letter(&chunk) {
                if first == b'{' {
                    return self.look_whole(inbound, sending).await;
                }
                sniffed = true;
            }
            match gate.push(&chunk) {
                Verdict::Wait => {}
                verdict => return Ok(verdict),
            }
        }
        Ok(gate.finish())
    }

    /// JSON where a stream was asked for. What is longer than an error goes as it is.
    async fn look_whole(
        &self,
        inbound: &mut Inbound<P::UpstreamBody>,
        sending: &Sending<'_>,
    ) -> Result<Verdict> {
        let bounds = Bounds {
            bytes: MAX_ERROR,
            idle_millis: sending.target.provider.timeouts.idle_millis,
        };
        let read = self.platform.read(&mut inbound.body, bounds).await?;
        Ok(if read.is_whole {
            gate::of_answer(&read.bytes)
        } else {
            Verdict::Open
        })
    }
}

/// Behind a mark and blanks.
pub(super) fn first_letter(text: &[u8]) -> Option<u8> {
    let mut text = without_mark(text).iter();
    text.find(|byte| !byte.is_ascii_whitespace()).copied()
}

pub(super) fn ended_early() -> Error {
    Error::new(
        Kind::BadGateway,
        "upstream_stream_interrupted",
        "The upstream's stream ended before its answer began.",
    )
}

/// A break in front of the gate: nobody has seen anything of that stream.
pub(super) fn before_output(error: Error) -> Error {
    match (error.kind, error.code) {
        (Kind::Timeout, "upstream_idle") => Error::new(
            Kind::Timeout,
            "upstream_silent",
            "The upstream stopped before its answer began.",
        ),
        (Kind::BadGateway, "upstream_broke") => Error {
            detail: error.detail,
            ..ended_early()
        },
        _ => error,
    }
}
