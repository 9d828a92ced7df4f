//! The list as each kind of client knows it.

pub mod azure;
pub mod gemini;
pub mod openai;
mod told;

pub use told::Told;
