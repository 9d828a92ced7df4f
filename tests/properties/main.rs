//! What holds for all inputs, one file per subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod azure_request;
mod anthropic;
mod cut;
mod json;
mod limits;
mod multipart;
mod sse;
