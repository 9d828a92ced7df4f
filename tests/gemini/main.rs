//! Google's dialect.

mod answer;
mod stream;
mod streams;
