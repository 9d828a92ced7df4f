//! What we must know of the OpenAI wire.

pub mod multipart;
