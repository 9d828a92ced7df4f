//! Isthmus.

pub mod demo;
pub mod error;
pub mod openai;
pub mod sse;
pub mod surface;
