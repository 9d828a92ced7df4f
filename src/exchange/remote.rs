//! Pictures and files behind addresses in a request, fetched for an upstream that takes none.

use std::cell::Cell;

use crate::base64;
use crate::error::{Error, Result};
use crate::exchange::Exchange;
use crate::exchange::attempt::Sending;
use crate::gemini::media::Fetched;
use crate::headers::Headers;
use crate::internet;
use crate::origin;
use crate::platform::{Inbound, Outbound, Payload, Platform};
use crate::together::together;

const AT_ONCE: usize = 4;
/// Of all together: as base64 they grow by a third, and Google takes 20 MB.
const MAX_BYTES: usize = 15 << 20;
/// To each head, and between bytes.
const TIMEOUT_MILLIS: u32 = 10_000;
/// Of all together: whoever sends a byte now and then holds the call up for no longer.
const MOST_MILLIS: u64 = 60_000;
const MOST_REDIRECTS: usize = 3;

/// What a model may be shown.
const KINDS: [&str; 5] = ["image/", "audio/", "video/", "text/", "application/pdf"];

impl<P: Platform> Exchange<'_, P> {
    pub(super) async fn look_up(&self, sending: &mut Sending<'_>) -> Result<()> {
        let dialect = sending.endpoint.dialect;
        let addresses = dialect.remote(&self.call, &sending.asking());
        if addresses.is_empty() {
            return Ok(());
        }
        let bounds = &MediaBounds {
            bytes_left: Cell::new(MAX_BYTES),
            until_millis: self.platform.now_millis() + MOST_MILLIS,
        };
        let all = addresses.iter().map(|url| self.fetch_media(url, bounds));
        let fetched = together(AT_ONCE, all).await.inspect_err(|_| {
            // The others would be read on, for nobody.
            self.platform.abandon(self.lane);
        })?;
        sending.fetched = fetched.into_iter().flatten().collect();
        Ok(())
    }

    /// Puts words in place of what would be fetched, and gives the addresses.
    pub(super) fn stand_in(&self, sending: &mut Sending<'_>) -> Result<Vec<String>> {
        let dialect = sending.endpoint.dialect;
        let addresses = dialect.remote(&self.call, &sending.asking());
        if !addresses.iter().all(|url| internet::is_public(url)) {
            return Err(not_public());
        }
        let fetched = addresses.iter().map(|url| Fetched {
            url: url.clone(),
            mime: "<its media type>".to_owned(),
            data: "<base64 of what stands at the address>".to_owned(),
        });
        sending.fetched = fetched.collect();
        Ok(addresses)
    }

    /// Without any credential, and nowhere but to the public internet. None where it is too large to be sent along:
    /// Google may go there itself.
    async fn fetch_media(&self, url: &str, bounds: &MediaBounds) -> Result<Option<Fetched>> {
        let mut at = url.to_owned();
        for _ in 0..=MOST_REDIRECTS {
            if !internet::is_public(&at) {
                return Err(not_public());
            }
            let mut inbound = self.ask_for_media(&at, bounds).await?;
            match (inbound.status, inbound.headers.get("location")) {
                (200, _) => {
                    let mime = inbound.headers.media_type();
                    if !KINDS.iter().any(|kind| mime.starts_with(kind)) {
                        return Err(refused(
                            "What stands there is no picture, sound, film, text or PDF.",
                        ));
                    }
                    let data = self.read_media(&mut inbound, bounds).await?;
                    let url = url.to_owned();
                    return Ok(data.map(|data| Fetched { url, mime, data }));
                }
                (300..400, Some(location)) => at = origin::follow(&at, location),
                (status, _) => {
                    let problem = format!("Its server answered with the status {status}.");
                    return Err(refused(&problem));
                }
            }
        }
        Err(refused("It leads on and on."))
    }

    async fn ask_for_media(
        &self,
        url: &str,
        bounds: &MediaBounds,
    ) -> Result<Inbound<P::UpstreamBody>> {
        let mut headers = Headers::default();
        headers.push(
            "accept",
            "image/*, audio/*, video/*, application/pdf, text/*",
        );
        // The runtime names nobody, and there are sites that refuse whom they cannot name.
        headers.push("user-agent", concat!("isthmus/", env!("CARGO_PKG_VERSION")));
        let outbound = Outbound {
            method: "GET",
            url,
            headers: &headers,
            payload: Payload::None,
            timeout_millis: bounds.patience(self.platform.now_millis())?,
            lane: self.lane,
            is_beside: true,
        };
        let sent = self.platform.fetch(outbound).await;
        sent.map_err(|_| refused("Its server could not be reached."))
    }

    async fn read_media(
        &self,
        inbound: &mut Inbound<P::UpstreamBody>,
        bounds: &MediaBounds,
    ) -> Result<Option<String>> {
        let mut bytes = Vec::new();
        loop {
            let idle_millis = bounds.patience(self.platform.now_millis())?;
            let next = self.platform.next(&mut inbound.body, idle_millis).await;
            let next = next.map_err(|_| refused("Its server stopped in the middle."))?;
            let Some(piece) = next else {
                return Ok(Some(base64::encode(&bytes)));
            };
            if !bounds.take(piece.len()) {
                bounds.give_back(bytes.len());
                return Ok(None);
            }
            bytes.extend_from_slice(&piece);
        }
    }
}

/// What all addresses of a call may cost together.
struct MediaBounds {
    bytes_left: Cell<usize>,
    until_millis: u64,
}

impl MediaBounds {
    fn take(&self, bytes: usize) -> bool {
        let left = self.bytes_left.get().checked_sub(bytes);
        self.bytes_left.set(left.unwrap_or(self.bytes_left.get()));
        left.is_some()
    }

    fn give_back(&self, bytes: usize) {
        self.bytes_left.set(self.bytes_left.get() + bytes);
    }

    /// How long the next step may take.
    fn patience(&self, now_millis: u64) -> Result<u32> {
        let left = self.until_millis.saturating_sub(now_millis);
        if left == 0 {
            return Err(refused("Its server took too long."));
        }
        Ok(u32::try_from(left).map_or(TIMEOUT_MILLIS, |left| left.min(TIMEOUT_MILLIS)))
    }
}

fn not_public() -> Error {
    refused("It is no public https address.")
}

/// The address is the client's own, and may hold a secret: it is not repeated.
fn refused(problem: &str) -> Error {
    let message = format!("An address in 'messages' could not be fetched. {problem}");
    Error::bad_request("invalid_image_url", message).param("messages")
}
