//! Whole requests on a fake Platform: what goes out, what comes back, what is written down.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "a test may fail, and a table may be long"
)]

mod access;
mod azure;
mod azure_clients;
mod bodies;
mod catalogue;
mod configuration;
mod explain;
mod fake;
mod foap;
mod forward;
mod golden;
mod google;
mod health;
mod inference;
mod instances;
mod limits;
mod pools;
mod predecessors;
mod refusals;
mod relay;
mod reports;
mod routes;
mod shapes;
mod simulation;
mod usage;
