//! The addresses of pictures in an answer, where the gateway's own are to be in it.

use crate::error::Result;
use crate::exchange::attempt::Sending;
use crate::exchange::{Exchange, Reply};
use crate::headers::Headers;
use crate::platform::{Bounds, Platform};

/// Ten addresses are some kilobytes; what is longer holds the pictures themselves, and passes unread.
const MOST: usize = 256 << 10;

impl<P: Platform> Exchange<'_, P> {
    pub(super) async fn move_images(
        &self,
        reply: Reply<P::UpstreamBody>,
        sending: &Sending<'_>,
    ) -> Result<Reply<P::UpstreamBody>> {
        let Some(moving) = &sending.target.moving else {
            return Ok(reply);
        };
        let model = self.call.model.as_deref();
        let Some(model) = model.filter(|_| self.call.wanted.operation.is_image()) else {
            return Ok(reply);
        };
        match reply {
            Reply::Native {
                mut inbound,
                dialect,
            } if is_plain_json(&inbound.headers) && inbound.status == 200 => {
                let idle_millis = sending.target.provider.timeouts.idle_millis;
                let bounds = Bounds {
                    bytes: MOST,
                    idle_millis,
                };
                let read = self.platform.read(&mut inbound.body, bounds).await?;
                let moved = moving.answer(model, &read.bytes).filter(|_| read.is_whole);
                Ok(match moved {
                    Some(body) => Reply::json(200, inbound.headers, body),
                    // What was read is kept on the runtime's side.
                    None => Reply::Native { inbound, dialect },
                })
            }
            Reply::Whole {
                status,
                headers,
                content_type,
                body,
            } => Ok(Reply::Whole {
                body: moving.answer(model, &body).unwrap_or(body),
                status,
                headers,
                content_type,
            }),
            other => Ok(other),
        }
    }
}

fn is_plain_json(headers: &Headers) -> bool {
    let encoding = headers.get("content-encoding").unwrap_or("identity");
    headers.media_type() == "application/json" && encoding.eq_ignore_ascii_case("identity")
}
