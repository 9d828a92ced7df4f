//! Addresses that are asked for through us: `/proxy/https://api.openai.com/v1/...`, by clients that can only put something
//! in front of a URL.
