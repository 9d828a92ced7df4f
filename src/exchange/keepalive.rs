//! An answer that is kept alive while it takes long: its head goes out before anything is known of it, and comments
//! follow. To no target that commits the call.

use crate::answer::{self, EVENT_STREAM};
use crate::cors;
use crate::error::{Error, Kind, Result};
use crate::exchange::deliver::stream_headers;
use crate::exchange::gate::first_letter;
use crate::exchange::open::{MAX_UNSTREAMED, too_large};
use crate::exchange::{Exchange, Reply};
use crate::headers::Headers;
use crate::limits;
use crate::openai::streaming::asks_for_usage;
use crate::openai::unstreamed;
use crate::platform::{Bounds, ClientBody, Inbound, Platform};
use crate::pool::Pool;
use crate::proxy;
use crate::surface::{Operation, Surface};

/// How long to wait for the next bytes of an answer that should have been a stream.
const IDLE_MILLIS: u32 = 60_000;

impl<P: Platform> Exchange<'_, P> {
    pub(super) fn keep_alive(&self, pool: &Pool) {
        let wanted = &self.call.wanted;
        // Of no other is it certain that events come, and how an error is told among them.
        let is_known = matches!(
            wanted.operation,
            Operation::Chat | Operation::Completions | Operation::Responses
        );
        // Their parsers die on comments.
        let takes_comments = wanted.surface != Surface::Inference;
        if let Some(millis) = pool.rules().keep_alive_millis
            && self.call.stream
            && is_known
            && takes_comments
        {
            let if_broken = answer::broken(wanted.operation == Operation::Responses);
            let headers = self.early_headers();
            self.platform.keep_alive(millis, &headers, &if_broken);
        }
    }

    /// As far as they are known before anybody has answered.
    fn early_headers(&self) -> Headers {
        let mut headers = Headers::default();
        let (id, client) = (&self.report.request_id, &self.call.headers);
        stream_headers(EVENT_STREAM, &mut headers);
        if self.call.wanted.surface == Surface::Azure {
            proxy::name_as_azure(id, client.get(proxy::CALL_ID), &mut headers);
        }
        cors::allow(&self.config.origins, client.get("origin"), &mut headers);
        headers.push("x-isthmus-request-id", id);
        limits::error::say(self.tab.room(), &mut headers);
        headers
    }

    /// What was begun as a stream goes on as one, also where the upstream sent a whole answer.
    pub(super) async fn as_begun(
        &self,
        reply: Reply<P::UpstreamBody>,
    ) -> Result<Reply<P::UpstreamBody>> {
        if !self.platform.has_begun() {
            return Ok(reply);
        }
        match reply {
            Reply::Native {
                mut inbound,
                dialect,
            } if inbound.headers.media_type() != "text/event-stream" => {
                if self.is_unnamed_stream(&mut inbound).await? {
                    inbound.headers.set("content-type", EVENT_STREAM);
                    return Ok(Reply::Native { inbound, dialect });
                }
                let (headers, body) = self.read_whole(inbound).await?;
                self.in_events(headers, &body)
            }
            Reply::Whole {
                headers,
                content_type,
                body,
                ..
            } if content_type != EVENT_STREAM => self.in_events(headers, &body),
            reply => Ok(reply),
        }
    }

    /// Some gateways answer without a content type.
    async fn is_unnamed_stream(&self, inbound: &mut Inbound<P::UpstreamBody>) -> Result<bool> {
        if !inbound.headers.media_type().is_empty() {
            return Ok(false);
        }
        let bounds = Bounds {
            bytes: 1,
            idle_millis: IDLE_MILLIS,
        };
        let read = self.platform.read(&mut inbound.body, bounds).await?;
        Ok(first_letter(&read.bytes).is_some_and(|letter| letter != b'{'))
    }

    async fn read_whole(
        &self,
        mut inbound: Inbound<P::UpstreamBody>,
    ) -> Result<(Headers, Vec<u8>)> {
        let bounds = Bounds {
            bytes: MAX_UNSTREAMED,
            idle_millis: IDLE_MILLIS,
        };
        let read = self.platform.read(&mut inbound.body, bounds).await?;
        if !read.is_whole {
            return Err(too_large(MAX_UNSTREAMED));
        }
        Ok((inbound.headers, read.bytes))
    }

    fn in_events(&self, headers: Headers, body: &[u8]) -> Result<Reply<P::UpstreamBody>> {
        let events = match self.call.wanted.operation {
            Operation::Responses => unstreamed::as_last_event(body),
            _ => unstreamed::as_events(body, asks_for_usage(&self.call.body.whole())),
        };
        let body = events.ok_or_else(|| {
            let problem = "The upstream answered with no stream, and nothing that could be one.";
            Error::new(Kind::BadGateway, "upstream_nonsense", problem)
        })?;
        Ok(Reply::Whole {
            status: 200,
            headers,
            content_type: EVENT_STREAM,
            body,
        })
    }
}
