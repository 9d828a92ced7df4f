//! Isthmus.

pub mod proxy;

pub mod surface;

pub mod clients;
pub mod config;
pub mod cors;

pub mod catalogue;
pub mod health;

pub mod exchange;
pub mod limits;
pub mod pool;

pub mod providers;

pub mod credentials;

pub mod allowed;

pub mod dialect;

pub mod openai;

pub mod demo;
pub mod sse;

pub mod answer;
pub mod error;
pub mod glob;
pub mod headers;
pub mod platform;
pub mod report;
pub mod secret;

#[cfg(target_arch = "wasm32")]
pub mod cloudflare;
