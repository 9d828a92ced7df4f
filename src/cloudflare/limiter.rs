//! The Durable Object behind what all isolates count together: one for each name.

use wasm_bindgen::prelude::*;

use crate::cloudflare::runtime::now_millis;
use crate::shared::Object;

/// The inner side of `shim.js`'s class of that name.
#[wasm_bindgen]
pub struct Limiter {
    object: Object,
}

#[wasm_bindgen]
impl Limiter {
    /// `saved`: what was on disk.
    #[wasm_bindgen(constructor)]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a string that may be missing is only handed over as a whole"
    )]
    pub fn new(saved: Option<String>) -> Self {
        Self {
            object: Object::restored(saved.as_deref(), now_millis()),
        }
    }

    pub fn ask(&mut self, message: &str) -> Option<String> {
        self.object.ask(message, now_millis())
    }

    /// What has to be on disk before the answer goes out.
    pub fn due(&mut self) -> Option<String> {
        self.object.due()
    }

    /// What is to be there when nothing was asked for a while.
    pub fn rest(&mut self) -> Option<String> {
        self.object.rest()
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "times and lengths stay below 2^53"
)]
pub(super) fn number(amount: u64) -> f64 {
    amount as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and NaN is 0"
)]
pub(super) fn whole(number: f64) -> u64 {
    number as u64
}
