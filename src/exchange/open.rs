//! A success of an upstream's, looked into as far as its dialect demands: the head of a stream, a small answer whole.

use crate::answer::EVENT_STREAM;
use crate::dialect::Decoded;
use crate::error::{Error, Kind, Result};
use crate::exchange::attempt::Sending;
use crate::exchange::gate::{Front, before_output, ended_early, first_letter};
use crate::exchange::{Exchange, Refused, Reply};
use crate::gate::Verdict;
use crate::headers::Headers;
use crate::platform::{Bounds, Inbound, Platform};
use crate::stream::{Ended, Rewrite, Step};
use crate::usage::{self, Watch};

/// The longest answer that is held whole where a stream was asked for: text, not images.
pub(super) const MAX_UNSTREAMED: usize = 8 << 20;

/// The longest answer that is read for nothing but its usage: of what is longer it is estimated.
const MAX_COUNTED: usize = 8 << 20;

/// What the head of a stream turned out to be.
enum Head {
    /// It goes on; this much goes to the client now.
    Stream(Vec<u8>),
    /// It is over already, and this is all of it.
    Ended(Vec<u8>),
    Refused {
        status: u16,
        body: Vec<u8>,
    },
    /// No event stream at all.
    Json(Vec<u8>),
}

impl<P: Platform> Exchange<'_, P> {
    pub(super) async fn open(
        &mut self,
        mut inbound: Inbound<P::UpstreamBody>,
        sending: &Sending<'_>,
    ) -> Result<Reply<P::UpstreamBody>> {
        let dialect = sending.endpoint.dialect;
        let has_body = self.call.method != "HEAD" && !matches!(inbound.status, 101 | 205 | 304);
        if !has_body {
            return Ok(Reply::Native { inbound, dialect });
        }
        if inbound.status == 204
            && let Some(body) = dialect.instead_of_nothing(&self.call)
        {
            return Ok(Reply::json(200, inbound.headers, body));
        }
        let asked = self.asked(sending);
        if dialect.streams(&asked)
            && let Some(rewrite) = self.watched(dialect.rewrite(&asked), sending, &inbound.headers)
        {
            return self.open_stream(inbound, sending, rewrite).await;
        }
        if dialect.streams(&self.asked(sending))
            && let Some(refused) = self.failed_unseen(&mut inbound, sending).await?
        {
            return Ok(Reply::Refused(refused));
        }
        let bound = dialect.bound(&self.call, &inbound.headers);
        let Some(bytes) = bound.or_else(|| self.counted(&inbound.headers)) else {
            return Ok(Reply::Native { inbound, dialect });
        };
        let idle_millis = sending.target.provider.timeouts.idle_millis;
        let bounds = Bounds { bytes, idle_millis };
        let read = self.platform.read(&mut inbound.body, bounds).await?;
        if !read.is_whole {
            if dialect.is_translated() {
                return Err(too_large(bytes));
            }
            return Ok(Reply::Native { inbound, dialect });
        }
        let bodies = [read.bytes];
        let decoded = dialect.decode(&self.asked(sending), &bodies)?;
        self.count(&decoded, &bodies);
        if matches!(decoded, Decoded::AsItIs) {
            // What was read is kept on the runtime's side, and need not cross again.
            return Ok(Reply::Native { inbound, dialect });
        }
        let (status, headers) = (inbound.status, inbound.headers);
        let [body] = bodies;
        Ok(Reply::decoded(sending, decoded, status, headers, body))
    }

    /// What a whole answer says of its usage.
    pub(super) fn count(&mut self, decoded: &Decoded, bodies: &[Vec<u8>]) {
        let ((Decoded::Changed { body: answer, .. }, _) | (Decoded::AsItIs, [answer])) =
            (decoded, bodies)
        else {
            return;
        };
        if let Some(usage) = usage::of_answer(answer) {
            self.tab.note(usage);
        }
    }

    /// How much of an answer is read for its usage: only what is asked for by a POST and comes in JSON has one.
    fn counted(&self, answer: &Headers) -> Option<usize> {
        let may_have_usage = self.call.method == "POST" && answer.media_type().ends_with("json");
        (self.tab.counts_tokens && may_have_usage).then_some(MAX_COUNTED)
    }

    /// A stream whose usage is wanted is looked at for it. What nobody has to change may be no stream, for all that one
    /// was asked for, and passes then as any other answer.
    pub(super) fn watched(
        &self,
        rewrite: Option<Rewrite>,
        sending: &Sending<'_>,
        answer: &Headers,
    ) -> Option<Rewrite> {
        let is_stream = rewrite.is_some() || answer.media_type() == "text/event-stream";
        if !(self.tab.counts_tokens && is_stream) {
            return rewrite;
        }
        let dialect = sending.endpoint.dialect;
        let hides = dialect.hides_usage(&self.asked(sending));
        let if_broken = dialect.broken_stream(self.call.wanted.operation);
        let watch = Watch::over(rewrite, hides, if_broken);
        Some(Rewrite::Watched(Box::new(watch)))
    }

    /// A whole answer, as the client gets it.
    pub(super) fn decoded(
        &mut self,
        sending: &Sending<'_>,
        status: u16,
        headers: Headers,
        body: Vec<u8>,
    ) -> Result<Reply<P::UpstreamBody>> {
        let dialect = sending.endpoint.dialect;
        let bodies = [body];
        let decoded = dialect.decode(&self.asked(sending), &bodies)?;
        self.count(&decoded, &bodies);
        let [body] = bodies;
        Ok(Reply::decoded(sending, decoded, status, headers, body))
    }

    pub(super) async fn open_stream(
        &mut self,
        mut inbound: Inbound<P::UpstreamBody>,
        sending: &Sending<'_>,
        mut rewrite: Rewrite,
    ) -> Result<Reply<P::UpstreamBody>> {
        let idle_millis = sending.target.provider.timeouts.idle_millis;
        let is_joined = sending.requests > 1;
        let head = self
            .head(&mut inbound, &mut rewrite, idle_millis, is_joined)
            .await?;
        let events = |headers, body| Reply::Whole {
            status: 200,
            headers,
            content_type: EVENT_STREAM,
            body,
        };
        let dialect = sending.endpoint.dialect;
        let reply = match head {
            Head::Stream(first) => Reply::Stream {
                inbound,
                dialect,
                first,
                rewrite,
                idle_millis,
            },
            Head::Ended(all) => {
                if let Some(usage) = rewrite.usage() {
                    self.tab.note(usage);
                }
                events(inbound.headers, all)
            }
            Head::Refused { status, body } => {
                Reply::Refused(Refused::by(sending, status, inbound.headers, body))
            }
            Head::Json(json) => match self.decoded(sending, 200, inbound.headers, json)? {
                Reply::Whole { headers, body, .. } => {
                    match dialect.as_events(&self.asked(sending), &body) {
                        Some(body) => events(headers, body),
                        None => Reply::json(200, headers, body),
                    }
                }
                reply => reply,
            },
        };
        Ok(reply)
    }

    /// Reads on until there is something for the client, or an error that can still have a status of its own.
    async fn head(
        &self,
        inbound: &mut Inbound<P::UpstreamBody>,
        rewrite: &mut Rewrite,
        idle_millis: u32,
        is_joined: bool,
    ) -> Result<Head> {
        let mut front = self.front();
        // Joined streams begin with their numbers, and one of them is a brace's.
        let mut sniffed = is_joined;
        loop {
            let next = self.platform.next(&mut inbound.body, idle_millis).await;
            let next = next.map_err(|error| front.failure(error))?;
            let Some(chunk) = next else {
                return front.ended(rewrite);
            };
            // Some gateways answer without a content type, or ignore `stream`.
            let begins = first_letter(&chunk);
            if !sniffed && begins == Some(b'{') {
                return self.unstreamed(inbound, chunk, idle_millis).await;
            }
            sniffed |= begins.is_some();
            let verdict = match rewrite.push(&chunk) {
                Step::AsItIs => front.push(chunk),
                Step::Instead(bytes) => front.push(bytes),
                Step::Refused { status, body } => return Ok(Head::Refused { status, body }),
            };
            match verdict {
                Verdict::Wait if front.is_gated() && rewrite.breaks_off() => {
                    return Err(ended_early());
                }
                Verdict::Wait => {}
                Verdict::Open => return Ok(Head::Stream(front.first)),
                Verdict::Failed { status, body } => return Ok(Head::Refused { status, body }),
                Verdict::Over => return Err(ended_early()),
            }
        }
    }

    async fn unstreamed(
        &self,
        inbound: &mut Inbound<P::UpstreamBody>,
        mut json: Vec<u8>,
        idle_millis: u32,
    ) -> Result<Head> {
        while let Some(chunk) = self.platform.next(&mut inbound.body, idle_millis).await? {
            json.extend_from_slice(&chunk);
            if json.len() > MAX_UNSTREAMED {
                return Err(too_large(MAX_UNSTREAMED));
            }
        }
        Ok(Head::Json(json))
    }
}

impl Front {
    /// What a stream is that ended before it could go.
    fn ended(mut self, rewrite: &mut Rewrite) -> Result<Head> {
        let tail = rewrite.finish(Ended::Cleanly);
        if !tail.is_whole {
            return Err(ended_early());
        }
        match self.finish(tail.bytes) {
            Verdict::Open => Ok(Head::Ended(self.first)),
            Verdict::Failed { status, body } => Ok(Head::Refused { status, body }),
            Verdict::Wait | Verdict::Over => Err(ended_early()),
        }
    }

    fn failure(&self, error: Error) -> Error {
        if self.is_gated() {
            before_output(error)
        } else {
            error
        }
    }
}

pub(super) fn too_large(bytes: usize) -> Error {
    let message = format!(
        "The upstream's answer is larger than {bytes} bytes, which is too much to translate."
    );
    Error::new(Kind::BadGateway, "answer_too_large", message)
}
