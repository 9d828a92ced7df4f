//! Google's endpoints behind OpenAI's API, by whole requests.

mod providers;
