//! Whole requests on a fake Platform: what goes out, what comes back, what is written down.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod access;
mod bodies;
mod configuration;
mod fake;
mod relay;
mod reports;
mod routes;
