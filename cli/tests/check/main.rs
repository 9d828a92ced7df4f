//! `isthmus check` as it is called: files in a folder, the lines that come out, the exit code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod folder;

mod findings;
mod foap;
mod migrating;
mod models;
mod places;
mod secrets;
mod understood;
mod usage;
