//! Google's endpoints behind OpenAI's API, by whole requests.

mod account;
mod media;
mod providers;
mod several;
