//! What holds for all inputs, one file per subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod anthropic;
mod azure_request;
mod azure_stream;
mod cut;
mod estimate;
mod gate;
mod gemini;
mod inference;
mod json;
mod limits;
mod multipart;
mod pool;
mod pool_conditions;
#[path = "../azure/recorded.rs"]
mod recorded;
mod sse;
mod usage;
