//! Google's dialect, rule by rule.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    clippy::needless_pass_by_value,
    reason = "a test may fail, and a table is as long as its rules"
)]

mod config;
mod errors;
mod lessons;
mod messages;
mod schema;
mod schema_properties;
mod tools;
