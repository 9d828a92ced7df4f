//! What Azure's servers do differently, rule by rule.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]
#![allow(clippy::too_many_lines, reason = "a table has a line for each case")]

mod answers;
mod errors;
mod facts;
mod listing;
mod recorded;
mod request;
mod stream;
