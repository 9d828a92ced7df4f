//! An answer that is not there yet is asked for again until it is.

use crate::azure::pending;
use crate::error::{Error, Kind, Result};
use crate::exchange::attempt::Sending;
use crate::exchange::send::{fetch, redirect};
use crate::exchange::{Exchange, Refused, Reply};
use crate::headers::Headers;
use crate::platform::{Bounds, Inbound, Outbound, Payload, Platform};

/// The result of one call: images as base64, at most ten.
const MAX_RESULT: usize = 48 << 20;

impl<P: Platform> Exchange<'_, P> {
    /// `headers`: what the first request carried, credential included.
    pub(super) async fn await_result(
        &mut self,
        submitted: Inbound<P::UpstreamBody>,
        sending: &Sending<'_>,
        headers: &Headers,
    ) -> Result<Reply<P::UpstreamBody>> {
        let Some(location) = pending::location(sending.url, &submitted.headers) else {
            return Err(Error::new(
                Kind::BadGateway,
                "upstream_nonsense",
                "The upstream accepted the request, and does not say on its own host where the result will be.",
            ));
        };
        let timeout_millis = sending.target.provider.timeouts.upstream_millis;
        let deadline = self.platform.now_millis() + u64::from(timeout_millis);
        let mut pause = pending::pause_millis(&submitted.headers);
        while self.platform.now_millis() + u64::from(pause) < deadline {
            self.platform.sleep(pause).await;
            let (status, about, body) = self.ask_again(sending, location, headers).await?;
            match status {
                300..400 => return Err(redirect()),
                400.. => return Ok(Reply::Refused(Refused::by(sending, status, about, body))),
                _ => {}
            }
            if !pending::is_running(&body) {
                return self.decoded(sending, 200, about, body);
            }
            pause = pending::pause_millis(&about);
        }
        let secs = timeout_millis / 1000;
        Err(Error::new(
            Kind::Timeout,
            "upstream_timeout",
            format!("The upstream had no result within {secs} seconds."),
        ))
    }

    async fn ask_again(
        &mut self,
        sending: &Sending<'_>,
        location: &str,
        headers: &Headers,
    ) -> Result<(u16, Headers, Vec<u8>)> {
        let provider = &sending.target.provider;
        let outbound = Outbound {
            method: "GET",
            url: location,
            headers,
            payload: Payload::None,
            timeout_millis: provider.timeouts.upstream_millis,
            lane: sending.lane,
            is_beside: false,
        };
        let mut inbound = fetch(self.platform, self.report, provider, outbound).await?;
        let bounds = Bounds {
            bytes: MAX_RESULT,
            idle_millis: provider.timeouts.idle_millis,
        };
        let read = self.platform.read(&mut inbound.body, bounds).await?;
        Ok((inbound.status, inbound.headers, read.bytes))
    }
}
