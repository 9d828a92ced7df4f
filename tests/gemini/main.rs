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

mod answer;
mod any_json;
mod any_operation;
mod compat;
mod completions;
mod config;
mod embeddings;
mod errors;
mod facts;
mod images;
mod lessons;
mod listing;
mod messages;
mod operation;
mod schema;
mod schema_properties;
mod speech;
mod stream;
mod streams;
mod tools;
mod transcription;
