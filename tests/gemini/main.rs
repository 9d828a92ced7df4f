//! OpenAI's API in Google's and back, rule by rule.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]
#![allow(
    clippy::too_many_lines,
    clippy::needless_pass_by_value,
    reason = "a table is as long as its rules, and made of values"
)]

mod any_operation;
mod completions;
mod embeddings;
mod images;
mod listing;
mod operation;
mod speech;
mod transcription;
