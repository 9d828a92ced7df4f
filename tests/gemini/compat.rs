//! Google's own OpenAI-shaped endpoints.

mod answer;
mod listing;
mod request;
mod stream;

use isthmus::gemini::compat::Defaults;

fn defaults() -> Defaults {
    Defaults {
        model: "asked".to_owned(),
        id: "7".to_owned(),
        now_secs: 1_800_000_000,
    }
}
