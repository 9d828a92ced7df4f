//! One request to an upstream: prepared, authorised, sent, and what came back judged.

use crate::credentials::{self, Proof};
use crate::dialect::Outgoing;
use crate::error::{Error, Kind, Result};
use crate::exchange::attempt::Sending;
use crate::exchange::prepare::{self, Content};
use crate::exchange::{Exchange, Refused, Reply};
use crate::headers::Headers;
use crate::platform::{Bounds, Edit, FetchError, Inbound, Outbound, Payload, Platform};
use crate::providers::Provider;
use crate::report::Report;

/// The longest refusal of an upstream that is read; what is longer is a page, not an error.
const MAX_REFUSAL: usize = 64 << 10;

impl<P: Platform> Exchange<'_, P> {
    pub(super) async fn send(
        &mut self,
        sending: &mut Sending<'_>,
    ) -> Result<Reply<P::UpstreamBody>> {
        let mut prepared = self.prepare(sending)?;
        let (keys, now_millis) = (sending.keys(), self.platform.now_millis());
        sending.key =
            keys.and_then(|keys| keys.pick(sending.model, now_millis, &sending.tried_keys));
        let proof = Proof {
            refused: sending.refused_token.as_deref(),
            key: sending.key,
        };
        let (endpoint, whose, out) = (sending.endpoint, prepared.whose, &mut prepared.headers);
        sending.token =
            credentials::authorise(self.platform, whose, endpoint, self.caller, proof, out).await?;
        credentials::add_owners(&sending.target.provider, out);
        let (headers, content) = self.complete(prepared, sending).await;
        self.send_in_time(&content, sending, &headers).await
    }

    pub(super) async fn send_content(
        &mut self,
        content: &Content,
        sending: &Sending<'_>,
        headers: &Headers,
    ) -> Result<Reply<P::UpstreamBody>> {
        match content {
            Content::Edited(edits) => self.send_edited(edits, sending, headers).await,
            Content::Anew(requests) => self.send_anew(requests, sending, headers).await,
        }
    }

    async fn send_edited(
        &mut self,
        edits: &[Edit],
        sending: &Sending<'_>,
        headers: &Headers,
    ) -> Result<Reply<P::UpstreamBody>> {
        let outbound = Outbound {
            payload: Payload::Client(&mut self.call.body, edits),
            ..without_body(&self.call.method, sending, headers)
        };
        let provider = &sending.target.provider;
        let inbound = fetch(self.platform, self.report, provider, outbound).await?;
        self.judge(inbound, sending, headers).await
    }

    async fn send_anew(
        &mut self,
        requests: &[Outgoing],
        sending: &Sending<'_>,
        headers: &Headers,
    ) -> Result<Reply<P::UpstreamBody>> {
        let [request] = requests else {
            return self.send_several(requests, sending, headers).await;
        };
        let url = prepare::address(sending, request);
        let outbound = Outbound {
            url: &url,
            payload: Payload::Own(&request.body),
            ..without_body(prepare::METHOD, sending, headers)
        };
        let provider = &sending.target.provider;
        let inbound = fetch(self.platform, self.report, provider, outbound).await?;
        self.judge(inbound, sending, headers).await
    }

    pub(super) async fn judge(
        &mut self,
        inbound: Inbound<P::UpstreamBody>,
        sending: &Sending<'_>,
        headers: &Headers,
    ) -> Result<Reply<P::UpstreamBody>> {
        match inbound.status {
            202 if sending
                .endpoint
                .dialect
                .may_answer_later(self.call.wanted.operation) =>
            {
                self.await_result(inbound, sending, headers).await
            }
            // A WebSocket, an answer, or the confirmation that there is no newer one.
            101 | 200..300 | 304 => {
                let reply = self.open(inbound, sending).await?;
                self.move_images(reply, sending).await
            }
            // Followed, it would carry a credential to an address no configuration names.
            300..400 => Err(redirect()),
            400..600 => self.read_refusal(inbound, sending).await,
            status => Err(meaningless(status)),
        }
    }

    async fn read_refusal(
        &self,
        mut inbound: Inbound<P::UpstreamBody>,
        sending: &Sending<'_>,
    ) -> Result<Reply<P::UpstreamBody>> {
        let idle_millis = sending.target.provider.timeouts.idle_millis;
        let body = refusal(self.platform, &mut inbound.body, idle_millis).await?;
        let (status, headers) = (inbound.status, inbound.headers);
        Ok(Reply::Refused(Refused::by(sending, status, headers, body)))
    }
}

/// A request to the endpoint, without a body yet.
pub(super) fn without_body<'s, Body>(
    method: &'s str,
    sending: &'s Sending<'_>,
    headers: &'s Headers,
) -> Outbound<'s, Body> {
    Outbound {
        method,
        url: sending.url,
        headers,
        payload: Payload::None,
        timeout_millis: sending.target.provider.timeouts.upstream_millis,
        lane: sending.lane,
        is_beside: false,
    }
}

/// Sends, and notes in the report what became of it.
pub(super) async fn fetch<P: Platform>(
    platform: &P,
    report: &mut Report,
    provider: &Provider,
    outbound: Outbound<'_, P::ClientBody>,
) -> Result<Inbound<P::UpstreamBody>> {
    report.attempts += 1;
    // What an attempt before this one heard is over.
    (report.upstream_status, report.ttfb_ms) = (None, None);
    let sent_at = platform.now_millis();
    let outcome = platform.fetch(outbound).await;
    let now = platform.now_millis();
    let waited = now.saturating_sub(sent_at);
    report.upstream_millis += waited;
    let status = outcome.as_ref().ok().map(|inbound| inbound.status);
    provider.note(now, status);
    let timeout_millis = provider.timeouts.upstream_millis;
    let inbound =
        outcome.map_err(|problem| unreachable(&problem, &provider.name, timeout_millis))?;
    report.upstream_status = Some(inbound.status);
    report.ttfb_ms = Some(now.saturating_sub(report.arrived_millis));
    Ok(inbound)
}

/// The body of a refusal, as far as it is read.
pub async fn refusal<P: Platform>(
    platform: &P,
    body: &mut P::UpstreamBody,
    idle_millis: u32,
) -> Result<Vec<u8>> {
    let bounds = Bounds {
        bytes: MAX_REFUSAL,
        idle_millis,
    };
    let mut bytes = platform.read(body, bounds).await?.bytes;
    bytes.truncate(MAX_REFUSAL);
    Ok(bytes)
}

pub fn meaningless(status: u16) -> Error {
    let message = format!("The upstream answered with the status {status}, which means nothing.");
    Error::new(Kind::BadGateway, "upstream_nonsense", message)
}

pub fn redirect() -> Error {
    Error::new(
        Kind::BadGateway,
        "upstream_redirect",
        "The upstream answered with a redirect, which is not followed. Its address is probably not quite right.",
    )
}

pub fn unreachable(problem: &FetchError, provider: &str, timeout_millis: u32) -> Error {
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
