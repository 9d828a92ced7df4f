//! The models on offer: names only, as nothing stands behind them.

use serde_json::{Value, json};

use crate::error::{Error, Kind, Result};
use crate::surface::decode;

use super::Reply;

pub const MODELS: [&str; 2] = ["demo", "demo-embedding"];

/// The first of January 2025, so that the list is the same everywhere and always.
const CREATED: u64 = 1_735_689_600;

pub(super) fn answer(path: &str) -> Result<Reply> {
    let Some(encoded) = path.strip_prefix("models/") else {
        let data: Vec<Value> = MODELS.iter().map(|id| model(id)).collect();
        return Ok(Reply::json(&json!({"object": "list", "data": data}), None));
    };
    let wanted = decode(encoded);
    match MODELS.iter().find(|id| **id == wanted) {
        Some(id) => Ok(Reply::json(&model(id), None)),
        None => Err(Error::new(
            Kind::NotFound,
            "model_not_found",
            format!("The model '{wanted}' does not exist."),
        )
        .param("model")),
    }
}

fn model(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": CREATED, "owned_by": "isthmus"})
}
