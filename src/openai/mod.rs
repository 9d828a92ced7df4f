//! What we must know of the OpenAI wire.

pub mod errors;
pub mod fault;
pub mod images;
pub mod json;
pub mod listing;
pub mod multipart;
pub mod place;
pub mod retry;
pub mod stop;
pub mod streaming;
pub mod unstreamed;
