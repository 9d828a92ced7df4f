//! A call that goes where the client says, as it is: nothing of it is read, and nothing of the answer.

use crate::allowed;
use crate::answer::Answer;
use crate::credentials;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::exchange::send::{fetch, meaningless, redirect};
use crate::exchange::{Exchange, Reply};
use crate::headers::Headers;
use crate::platform::{Outbound, Payload, Platform};
use crate::providers::{Provider, Timeouts};
use crate::surface::Address;

impl<P: Platform> Exchange<'_, P> {
    /// For an address that no provider has.
    pub async fn forward(
        mut self,
        address: &Address,
        timeouts: Timeouts,
    ) -> Result<Answer<P::UpstreamBody>> {
        let provider = Provider {
            name: address.host.clone(),
            timeouts,
            ..Provider::demo()
        };
        self.report.provider = Some(address.host.clone());
        self.report.target = Some(address.host.clone());
        let headers = self.forwarded()?;
        let outbound = Outbound {
            method: &self.call.method,
            url: &address.url(),
            headers: &headers,
            payload: Payload::Client(&mut self.call.body, &[]),
            timeout_millis: timeouts.upstream_millis,
            lane: self.lane,
            is_beside: false,
        };
        let inbound = fetch(self.platform, self.report, &provider, outbound).await?;
        match inbound.status {
            101 | 200..300 | 304 => {}
            300..400 => return Err(redirect()),
            400..600 => self.report.error = Some("upstream_refused".to_owned()),
            status => return Err(meaningless(status)),
        }
        let dialect = Dialect::OpenAi;
        Ok(self.deliver(Reply::Native { inbound, dialect }))
    }

    fn forwarded(&self) -> Result<Headers> {
        let client = &self.call.headers;
        let mut headers = Headers::default();
        let is_theirs = self.caller.own_credential.is_some();
        allowed::to_upstream(client, is_theirs, &mut headers);
        if let Some(content_type) = client.get("content-type") {
            headers.push("content-type", content_type);
        }
        if self.call.is_upgrade() {
            allowed::upgrade(client, is_theirs, &mut headers);
        }
        if self.call.stream {
            // A compressor in between may hold events back.
            headers.push("accept-encoding", "identity");
        }
        credentials::pass_on(self.caller, client, &mut headers)?;
        Ok(headers)
    }
}
