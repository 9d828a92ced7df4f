//! When a client may come again, in Azure's words.

use crate::headers::Headers;
use crate::openai::retry;

/// The headers the upstream left out.
pub fn headers(status: u16, upstream: &Headers, message: &str) -> Vec<(&'static str, String)> {
    retry::headers(upstream, || {
        let in_words = || matches!(status, 408 | 429 | 500..).then(|| retry::in_words(message));
        retry::said_by_azure(upstream).or_else(|| in_words().flatten())
    })
}
