//! Pictures and files behind addresses in a request, fetched for an upstream that takes none.

mod public;

use crate::base64;
use crate::error::{Error, Result};
use crate::exchange::Exchange;
use crate::exchange::attempt::Sending;
use crate::exchange::together::together;
use crate::gemini::media::Fetched;
use crate::headers::Headers;
use crate::platform::{Bounds, Inbound, Outbound, Payload, Platform};

const AT_ONCE: usize = 4;
/// Of one, and of all: as base64 they grow by a third, and Google takes 20 MB.
const MAX_BYTES: usize = 15 << 20;
const TIMEOUT_MILLIS: u32 = 10_000;
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
        let all = addresses.iter().map(|url| self.fetch_media(url));
        let fetched = together(AT_ONCE, all).await?;
        let size: usize = fetched.iter().map(|media| media.data.len() / 4 * 3).sum();
        if size > MAX_BYTES {
            return Err(refused(
                "The pictures and files it refers to are larger than 15 MiB.",
            ));
        }
        sending.fetched = fetched;
        Ok(())
    }

    /// Without any credential, and nowhere but to the public internet.
    async fn fetch_media(&self, url: &str) -> Result<Fetched> {
        let mut at = url.to_owned();
        for _ in 0..=MOST_REDIRECTS {
            if !public::is_public(&at) {
                return Err(refused("It is no public https address."));
            }
            let mut inbound = self.ask_for_media(&at).await?;
            match (inbound.status, inbound.headers.get("location")) {
                (200, _) => {
                    let mime = inbound.headers.media_type();
                    if !KINDS.iter().any(|kind| mime.starts_with(kind)) {
                        return Err(refused(
                            "What stands there is no picture, sound, film, text or PDF.",
                        ));
                    }
                    let data = self.read_media(&mut inbound).await?;
                    let url = url.to_owned();
                    return Ok(Fetched { url, mime, data });
                }
                (300..400, Some(location)) => at = public::follow(&at, location),
                (status, _) => {
                    let problem = format!("Its server answered with the status {status}.");
                    return Err(refused(&problem));
                }
            }
        }
        Err(refused("It leads on and on."))
    }

    async fn ask_for_media(&self, url: &str) -> Result<Inbound<P::UpstreamBody>> {
        let mut headers = Headers::default();
        headers.push(
            "accept",
            "image/*, audio/*, video/*, application/pdf, text/*",
        );
        let outbound = Outbound {
            method: "GET",
            url,
            headers: &headers,
            payload: Payload::None,
            timeout_millis: TIMEOUT_MILLIS,
            is_beside: true,
        };
        let sent = self.platform.fetch(outbound).await;
        sent.map_err(|_| refused("Its server could not be reached."))
    }

    async fn read_media(&self, inbound: &mut Inbound<P::UpstreamBody>) -> Result<String> {
        let bounds = Bounds {
            bytes: MAX_BYTES,
            idle_millis: TIMEOUT_MILLIS,
        };
        let read = self.platform.read(&mut inbound.body, bounds).await;
        let read = read.map_err(|_| refused("Its server stopped in the middle."))?;
        if !read.is_whole {
            return Err(refused("What stands there is larger than 15 MiB."));
        }
        Ok(base64::encode(&read.bytes))
    }
}

/// The address is the client's own, and may hold a secret: it is not repeated.
fn refused(problem: &str) -> Error {
    let message = format!("An address in 'messages' could not be fetched. {problem}");
    Error::bad_request("invalid_image_url", message).param("messages")
}
