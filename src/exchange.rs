//! One call, from its pool to its answer: endpoint, encode, authorise, send, judge, and deliver or try the next.

use crate::allowed;
use crate::answer::{Answer, Body};
use crate::clients::Caller;
use crate::credentials::{self, Whose};
use crate::demo;
use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::headers::Headers;
use crate::platform::{Bounds, ClientBody, FetchError, Inbound, Outbound, Platform};
use crate::pool::{self, Pool, Target};
use crate::providers::{Demand, Endpoint, Place};
use crate::report::Report;
use crate::surface::{Call, Naming};

/// The longest refusal of an upstream that is read; what is longer is a page, not an error.
const MAX_REFUSAL: usize = 64 << 10;

/// Everything the attempts of one call share.
pub struct Exchange<'a, P: Platform> {
    pub platform: &'a P,
    pub caller: &'a Caller,
    pub call: Call<P::ClientBody>,
    pub report: &'a mut Report,
}

/// What an attempt brought.
enum Reply<UpstreamBody> {
    Upstream {
        inbound: Inbound<UpstreamBody>,
        dialect: Dialect,
        idle_millis: u32,
    },
    Demo(demo::Reply),
    Known(String),
}

impl<P: Platform> Exchange<'_, P> {
    /// Tries the targets in turn until one does better than the others could.
    pub async fn run(mut self, pool: &Pool) -> Result<Answer<P::UpstreamBody>> {
        let mut targets = pool.order();
        loop {
            let Some(target) = targets.next() else {
                return Err(Error::configuration("The model's pool has no target."));
            };
            let outcome = self.attempt(target).await;
            let alternatives = targets.len() > 0 && self.call.body.is_replayable();
            if !(alternatives && is_worth_another_target(&outcome)) {
                return self.deliver(outcome?).await;
            }
        }
    }

    async fn attempt(&mut self, target: &Target) -> Result<Reply<P::UpstreamBody>> {
        let deployments = target.deployments(self.call.model.as_deref())?;
        let deployment = deployments.first();
        // A pinned deployment is for calls that name no model, too, and is not written into them.
        let is_named = target.model(self.call.model.as_deref()).is_some();
        let model = deployment
            .filter(|_| is_named)
            .map(|deployment| deployment.name.clone());
        self.report.attempts += 1;
        self.report.provider = Some(target.provider.name.clone());
        self.report.target = Some(match &model {
            Some(model) => format!("{}/{model}", target.provider.name),
            None => target.provider.name.clone(),
        });
        self.report.model_used.clone_from(&model);
        let endpoint = target.provider.endpoint(&Demand {
            wanted: &self.call.wanted,
            method: &self.call.method,
            query: &self.call.query_for(model.as_deref()),
            asked: self.call.model.as_deref(),
            deployment,
            is_upgrade: self.call.is_upgrade(),
        })?;
        match &endpoint.place {
            Place::Here => self.ask_demo().map(Reply::Demo),
            Place::Known(json) => Ok(Reply::Known(json.clone())),
            Place::Url(url) => self.send(target, &endpoint, url, model.as_deref()).await,
        }
    }

    async fn send(
        &mut self,
        target: &Target,
        endpoint: &Endpoint,
        url: &str,
        model: Option<&str>,
    ) -> Result<Reply<P::UpstreamBody>> {
        let provider = &target.provider;
        let whose = credentials::whose(endpoint, provider, self.caller)?;
        let edits = endpoint.dialect.encode(&self.call, model);
        let mut headers = self.headers(whose);
        for (name, value) in &endpoint.headers {
            headers.push(name, value);
        }
        credentials::authorise(whose, endpoint, provider, self.caller, &mut headers);
        // What an attempt before this one heard is over.
        (self.report.upstream_status, self.report.ttfb_ms) = (None, None);
        let sent_at = self.platform.now_millis();
        let sent = self.platform.fetch(Outbound {
            method: &self.call.method,
            url,
            headers: &headers,
            body: &mut self.call.body,
            edits: &edits,
            timeout_millis: provider.timeouts.upstream_millis,
        });
        let outcome = sent.await;
        let now = self.platform.now_millis();
        self.report.upstream_millis += now.saturating_sub(sent_at);
        let inbound = outcome.map_err(|problem| {
            unreachable(&problem, &provider.name, provider.timeouts.upstream_millis)
        })?;
        self.report.upstream_status = Some(inbound.status);
        self.report.ttfb_ms = Some(now.saturating_sub(self.report.arrived_millis));
        Ok(Reply::Upstream {
            inbound,
            dialect: endpoint.dialect,
            idle_millis: provider.timeouts.idle_millis,
        })
    }

    /// What the upstream gets of the client's headers, and what we add.
    fn headers(&self, whose: Whose) -> Headers {
        let mut headers = Headers::default();
        let client = &self.call.headers;
        allowed::to_upstream(client, whose == Whose::TheClients, &mut headers);
        let content_type = match self.call.naming {
            // What was scanned is JSON in UTF-8, whatever `curl -d` or a charset called it.
            Naming::Json(_) => Some("application/json"),
            _ => client.get("content-type"),
        };
        if let Some(content_type) = content_type {
            headers.push("content-type", content_type);
        }
        if self.call.is_upgrade() {
            allowed::upgrade(client, whose == Whose::TheClients, &mut headers);
        }
        if self.call.stream {
            // A compressor in between may hold events back.
            headers.push("accept-encoding", "identity");
        }
        headers
    }

    fn ask_demo(&self) -> Result<demo::Reply> {
        demo::answer(&demo::Ask {
            operation: self.call.wanted.operation,
            path: &self.call.wanted.path,
            method: &self.call.method,
            body: &self.call.body.whole(),
            id: &self.report.request_id,
            now_secs: self.report.arrived_millis / 1000,
        })
    }

    async fn deliver(self, reply: Reply<P::UpstreamBody>) -> Result<Answer<P::UpstreamBody>> {
        match reply {
            Reply::Known(json) => Ok(Answer::json(200, json)),
            Reply::Demo(reply) => Ok(self.deliver_demo(reply)),
            Reply::Upstream {
                inbound,
                dialect,
                idle_millis,
            } => match inbound.status {
                // A WebSocket, an answer, or the confirmation that there is no newer one.
                101 | 200..300 | 304 => Ok(self.deliver_native(inbound, dialect)),
                // Followed, it would carry a credential to an address no configuration names.
                300..400 => Err(Error::new(
                    Kind::BadGateway,
                    "upstream_redirect",
                    "The upstream answered with a redirect, which is not followed. Its address is probably \
                     not quite right.",
                )),
                400..600 => self.deliver_refusal(inbound, dialect, idle_millis).await,
                status => Err(Error::new(
                    Kind::BadGateway,
                    "upstream_nonsense",
                    format!("The upstream answered with the status {status}, which means nothing."),
                )),
            },
        }
    }

    fn deliver_native(
        self,
        inbound: Inbound<P::UpstreamBody>,
        dialect: Dialect,
    ) -> Answer<P::UpstreamBody> {
        let mut answer = Answer::empty(inbound.status);
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

    /// A refusal is JSON under the upstream's own status, also where a stream was asked for.
    async fn deliver_refusal(
        self,
        inbound: Inbound<P::UpstreamBody>,
        dialect: Dialect,
        idle_millis: u32,
    ) -> Result<Answer<P::UpstreamBody>> {
        let bounds = Bounds {
            bytes: MAX_REFUSAL,
            idle_millis,
        };
        let body = self.platform.read(inbound.body, bounds).await?;
        self.report.error = Some("upstream_refused".to_owned());
        let mut answer = Answer::json(inbound.status, dialect.refusal(inbound.status, body));
        allowed::about_the_call(&inbound.headers, &mut answer.headers);
        Ok(answer)
    }

    fn deliver_demo(self, reply: demo::Reply) -> Answer<P::UpstreamBody> {
        let usage = reply.usage.as_ref();
        self.report.tokens_in = usage.map(|usage| usage.input);
        self.report.tokens_out = usage.map(|usage| usage.output);
        match reply.payload {
            demo::Payload::Json(body) => Answer::json(200, body),
            demo::Payload::Events(body) => {
                self.report.stream = true;
                let mut answer = Answer::empty(200);
                stream_headers("text/event-stream; charset=utf-8", &mut answer.headers);
                answer.body = Body::Bytes(body);
                answer
            }
        }
    }
}

/// An event stream must reach the client as it comes: nothing on the way may keep or compress it.
fn stream_headers(content_type: &str, headers: &mut Headers) {
    headers.push("content-type", content_type);
    headers.push("cache-control", "no-cache, no-transform");
    headers.push("x-accel-buffering", "no");
}

fn is_worth_another_target<UpstreamBody>(outcome: &Result<Reply<UpstreamBody>>) -> bool {
    match outcome {
        Ok(Reply::Upstream { inbound, .. }) => pool::is_worth_another_target(inbound.status),
        Ok(Reply::Demo(_) | Reply::Known(_)) => false,
        Err(error) => matches!(
            error.kind,
            Kind::BadGateway | Kind::Timeout | Kind::Configuration
        ),
    }
}

fn unreachable(problem: &FetchError, provider: &str, timeout_millis: u32) -> Error {
    match problem {
        FetchError::Unreachable(detail) => Error::new(
            Kind::BadGateway,
            "upstream_unreachable",
            format!("The upstream of the provider `{provider}` could not be reached."),
        )
        .detail(detail.clone()),
        FetchError::Timeout => Error::new(
            Kind::Timeout,
            "upstream_timeout",
            format!(
                "The upstream of the provider `{provider}` sent no response headers within {} seconds.",
                timeout_millis / 1000
            ),
        ),
    }
}
