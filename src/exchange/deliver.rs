//! From what an attempt brought to the client's answer.

use crate::allowed;
use crate::answer::{Answer, Body, Changed, EVENT_STREAM};
use crate::demo;
use crate::dialect::Dialect;
use crate::exchange::{Exchange, Refused, Reply};
use crate::headers::Headers;
use crate::platform::{Inbound, Platform};
use crate::report::Report;
use crate::usage::Usage;

impl<P: Platform> Exchange<'_, P> {
    pub(super) fn deliver(self, reply: Reply<P::UpstreamBody>) -> Answer<P::UpstreamBody> {
        match reply {
            Reply::Native { inbound, dialect } => self.deliver_native(inbound, dialect),
            Reply::Stream {
                inbound,
                dialect,
                first,
                rewrite,
                idle_millis,
            } => {
                let mut answer = Answer::empty(200);
                self.report.stream = true;
                let if_broken = if rewrite.is_plain() {
                    ""
                } else {
                    dialect.broken_stream(self.call.wanted.operation)
                };
                allowed::about_the_call(&inbound.headers, &mut answer.headers);
                stream_headers(EVENT_STREAM, &mut answer.headers);
                answer.body = Body::Changed(Box::new(Changed {
                    body: inbound.body,
                    first,
                    rewrite,
                    idle_millis,
                    if_broken,
                }));
                answer
            }
            Reply::Whole {
                status,
                headers,
                content_type,
                body,
            } => self.deliver_whole(status, &headers, content_type, body),
            Reply::Refused(refused) => refused.answer(self.report),
            Reply::Demo(reply) => self.deliver_demo(reply),
        }
    }

    fn deliver_native(
        self,
        inbound: Inbound<P::UpstreamBody>,
        dialect: Dialect,
    ) -> Answer<P::UpstreamBody> {
        let mut answer = Answer::empty(dialect.status(inbound.status));
        let has_body =
            self.call.method != "HEAD" && !matches!(inbound.status, 101 | 204 | 205 | 304);
        let is_stream = has_body && inbound.headers.media_type() == "text/event-stream";
        self.report.stream = is_stream;
        if is_stream {
            allowed::about_the_call(&inbound.headers, &mut answer.headers);
            let content_type = inbound.headers.get("content-type").unwrap_or_default();
            stream_headers(content_type, &mut answer.headers);
            answer.body = Body::Events {
                body: inbound.body,
                if_broken: dialect.broken_stream(self.call.wanted.operation),
            };
        } else {
            allowed::to_client(&inbound.headers, &mut answer.headers);
            self.report.bytes_out = inbound
                .headers
                .get("content-length")
                .and_then(|length| length.parse().ok());
            answer.body = Body::Native(inbound.body);
        }
        answer
    }

    fn deliver_whole(
        self,
        status: u16,
        upstream: &Headers,
        content_type: &'static str,
        body: Vec<u8>,
    ) -> Answer<P::UpstreamBody> {
        let is_stream = content_type == EVENT_STREAM;
        self.report.stream = is_stream;
        let mut answer = Answer::empty(status);
        allowed::about_the_call(upstream, &mut answer.headers);
        if is_stream {
            stream_headers(EVENT_STREAM, &mut answer.headers);
        } else {
            answer.headers.push("content-type", content_type);
        }
        answer.body = Body::Bytes(body);
        answer
    }

    fn deliver_demo(self, reply: demo::Reply) -> Answer<P::UpstreamBody> {
        let usage = reply.usage.as_ref();
        self.report.tokens_in = usage.map(|usage| usage.input);
        self.report.tokens_out = usage.map(|usage| usage.output);
        if let Some(usage) = usage {
            let (input, output) = (usage.input, usage.output);
            self.tab.note(Usage {
                input,
                output,
                total: input + output,
            });
        }
        match reply.payload {
            demo::Payload::Json(body) => Answer::json(200, self.named(body)),
            demo::Payload::Events(body) => {
                self.report.stream = true;
                let mut answer = Answer::empty(200);
                stream_headers(EVENT_STREAM, &mut answer.headers);
                answer.body = Body::Bytes(body);
                answer
            }
        }
    }
}

impl Refused {
    /// A refusal is JSON under a status of its own, also where a stream was asked for.
    pub fn answer<UpstreamBody>(self, report: &mut Report) -> Answer<UpstreamBody> {
        let mut about = Headers::default();
        allowed::about_the_call(&self.headers, &mut about);
        let dialect = self.dialect;
        let refusal = dialect.refusal(self, report.surface.unwrap_or_default());
        report.error = Some("upstream_refused".to_owned());
        report.detail = refusal.detail;
        let mut answer = Answer::json(refusal.status, refusal.body);
        let ours = |name: &str| refusal.headers.iter().any(|(own, _)| *own == name);
        answer.headers.extend_where(&about, |name| !ours(name));
        for (name, value) in &refusal.headers {
            answer.headers.push(name, value);
        }
        answer
    }
}

/// An event stream must reach the client as it comes: nothing on the way may keep or compress it.
pub(super) fn stream_headers(content_type: &str, headers: &mut Headers) {
    headers.push("content-type", content_type);
    headers.push("cache-control", "no-cache, no-transform");
    headers.push("x-accel-buffering", "no");
}
