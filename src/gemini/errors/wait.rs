//! How long to wait, in milliseconds, where the headers do not say it.

use crate::openai::retry;

use super::shape::Fault;

/// By `RetryInfo`, or "Please retry in 34.4s."
pub fn millis(fault: &Fault) -> Option<u64> {
    let delay = fault.delay.as_deref().and_then(retry::beginning);
    delay.or_else(|| retry::in_words(&fault.message))
}
