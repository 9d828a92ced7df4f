//! The models on offer: names only, as nothing stands behind them.

use serde_json::{Value, json};

pub const MODELS: [&str; 2] = ["demo", "demo-embedding"];

/// The first of January 2025, so that the list is the same everywhere and always.
const CREATED: u64 = 1_735_689_600;

pub fn list() -> String {
    let data: Vec<Value> = MODELS.iter().map(|id| model(id)).collect();
    json!({"object": "list", "data": data}).to_string()
}

fn model(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": CREATED, "owned_by": "isthmus"})
}
