//! One call as several requests at once: choices, prompts, images, pieces of a batch that an upstream takes one by one.

use crate::dialect::Outgoing;
use crate::error::{Error, Result};
use crate::exchange::attempt::Sending;
use crate::exchange::open::too_large;
use crate::exchange::prepare;
use crate::exchange::send::{unreachable, without_body};
use crate::exchange::{Exchange, Reply};
use crate::headers::Headers;
use crate::platform::{Bounds, Inbound, Outbound, Payload, Platform};
use crate::together::{AT_ONCE, together};

/// Of all answers together: an isolate has 128 MB for all its requests, and holds an answer more than once.
const MAX_TOGETHER: usize = 32 << 20;

/// And of one of them at least: a picture of 4K.
const LEAST: usize = 8 << 20;

/// A success: with its body unread where that is a stream, else without. What was read of one is kept on the runtime's
/// side too, as long as somebody has it.
struct Success<UpstreamBody> {
    status: u16,
    headers: Headers,
    stream: Option<UpstreamBody>,
    bytes: Vec<u8>,
}

/// Why there is no answer.
enum Stop<UpstreamBody> {
    Failed(Error),
    /// Not a success: all that this one says counts for all of them.
    Other(Inbound<UpstreamBody>),
}

impl<P: Platform> Exchange<'_, P> {
    pub(super) async fn send_several(
        &mut self,
        requests: &[Outgoing],
        sending: &Sending<'_>,
        headers: &Headers,
    ) -> Result<Reply<P::UpstreamBody>> {
        let sent_at = self.platform.now_millis();
        let streams = sending.endpoint.dialect.streams(&self.asked(sending));
        // Streams all begin before the first is read: none may wait for another's end.
        let at_once = if streams { requests.len() } else { AT_ONCE };
        let bytes = (MAX_TOGETHER / requests.len().max(1)).max(LEAST);
        let this = &*self;
        let all = requests.iter().enumerate().map(|(at, request)| async move {
            let inbound = this.send_one(request, sending, headers, at > 0).await?;
            if streams {
                return Ok(Success {
                    status: inbound.status,
                    headers: inbound.headers,
                    stream: Some(inbound.body),
                    bytes: Vec::new(),
                });
            }
            this.read_all(inbound, sending, bytes).await
        });
        let outcome = together(at_once, all).await;
        self.note_several(requests.len(), sent_at, &outcome);
        let mut answers = match outcome {
            Ok(answers) => answers,
            Err(stop) => {
                let reply = match stop {
                    Stop::Failed(error) => Err(error),
                    Stop::Other(inbound) => self.judge(inbound, sending, headers).await,
                };
                self.platform.abandon(self.lane);
                return reply;
            }
        };
        if streams {
            return self.open_together(answers, sending).await;
        }
        let bodies: Vec<Vec<u8>> = answers
            .iter_mut()
            .map(|answer| std::mem::take(&mut answer.bytes))
            .collect();
        let dialect = sending.endpoint.dialect;
        let decoded = dialect.decode(&self.asked(sending), &bodies)?;
        self.count(&decoded, &bodies);
        let first = answers.into_iter().next();
        let (status, headers) =
            first.map_or((200, Headers::default()), |it| (it.status, it.headers));
        Ok(Reply::decoded(
            sending,
            decoded,
            status,
            headers,
            Vec::new(),
        ))
    }

    async fn send_one(
        &self,
        request: &Outgoing,
        sending: &Sending<'_>,
        headers: &Headers,
        is_beside: bool,
    ) -> std::result::Result<Inbound<P::UpstreamBody>, Stop<P::UpstreamBody>> {
        let url = prepare::address(sending, request);
        let outbound = Outbound {
            url: &url,
            payload: Payload::Own(&request.body),
            is_beside,
            ..without_body(prepare::METHOD, sending, headers)
        };
        let provider = &sending.target.provider;
        let timeout_millis = outbound.timeout_millis;
        match self.platform.fetch(outbound).await {
            Ok(inbound) if matches!(inbound.status, 200..300) => Ok(inbound),
            Ok(inbound) => Err(Stop::Other(inbound)),
            Err(problem) => {
                let error = unreachable(&problem, &provider.name, timeout_millis);
                Err(Stop::Failed(error))
            }
        }
    }

    async fn read_all(
        &self,
        mut inbound: Inbound<P::UpstreamBody>,
        sending: &Sending<'_>,
        bytes: usize,
    ) -> std::result::Result<Success<P::UpstreamBody>, Stop<P::UpstreamBody>> {
        let idle_millis = sending.target.provider.timeouts.idle_millis;
        let bounds = Bounds { bytes, idle_millis };
        let read = self.platform.read(&mut inbound.body, bounds).await;
        let read = read.map_err(Stop::Failed)?;
        if !read.is_whole {
            return Err(Stop::Failed(too_large(bytes)));
        }
        Ok(Success {
            status: inbound.status,
            headers: inbound.headers,
            stream: None,
            bytes: read.bytes,
        })
    }

    async fn open_together(
        &mut self,
        answers: Vec<Success<P::UpstreamBody>>,
        sending: &Sending<'_>,
    ) -> Result<Reply<P::UpstreamBody>> {
        let mut headers = Headers::default();
        let mut bodies = Vec::with_capacity(answers.len());
        for answer in answers {
            headers = answer.headers;
            bodies.extend(answer.stream);
        }
        let inbound = Inbound {
            status: 200,
            headers,
            body: self.platform.join(bodies),
        };
        let rewrite = sending.endpoint.dialect.rewrite(&self.asked(sending));
        let watched = |rewrite| self.watched(Some(rewrite), sending, &inbound.headers);
        match rewrite.and_then(watched) {
            Some(rewrite) => self.open_stream(inbound, sending, rewrite).await,
            None => Err(Error::configuration("Several streams cannot be made one.")),
        }
    }

    fn note_several<T>(
        &mut self,
        count: usize,
        sent_at: u64,
        outcome: &std::result::Result<T, Stop<P::UpstreamBody>>,
    ) {
        let now = self.platform.now_millis();
        self.report.attempts += u32::try_from(count).unwrap_or(u32::MAX);
        self.report.upstream_millis += now.saturating_sub(sent_at);
        self.report.ttfb_ms = Some(now.saturating_sub(self.report.arrived_millis));
        self.report.upstream_status = match outcome {
            Ok(_) => Some(200),
            Err(Stop::Other(inbound)) => Some(inbound.status),
            Err(Stop::Failed(_)) => None,
        };
    }
}
