//! A body that may be needed as a whole, or more than once.

use crate::error::{Error, Kind, Result};
use crate::exchange::Exchange;
use crate::platform::{ClientBody, Platform};

impl<P: Platform> Exchange<'_, P> {
    /// Reads the body to its end, so that it can be sent again, unless that would be too much to hold.
    pub(super) async fn hold(&mut self) {
        // What broke will break again where it is sent.
        let _ = self.read_on().await;
    }

    /// The same where the body is to be written anew: what is too much is refused.
    pub(super) async fn hold_whole(&mut self) -> Result<()> {
        self.read_on().await?;
        if self.call.body.is_replayable() {
            return Ok(());
        }
        let limit = self.config.body_limits.multipart;
        let message = format!(
            "The form is larger than {limit} bytes (the gateway's setting MAX_MULTIPART_BUFFER)."
        );
        Err(Error::new(Kind::TooLarge, "request_too_large", message))
    }

    async fn read_on(&mut self) -> Result<()> {
        let mut held = 0;
        while held < self.config.body_limits.multipart && !self.call.body.is_replayable() {
            let Some(window) = self.call.body.window().await? else {
                break;
            };
            held += u64::try_from(window.len()).unwrap_or(u64::MAX);
        }
        Ok(())
    }
}
