//! Sound as clients want it, from the bare samples that models give.

pub mod flac;
