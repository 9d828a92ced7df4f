//! The Durable Object behind a client's limit: one per client, one window each. Nothing is stored: an object
//! that sleeps for a minute has nothing left to remember.

use std::cell::RefCell;
use std::collections::HashMap;

use wasm_bindgen::prelude::*;

use crate::cloudflare::runtime::now_millis;
use crate::limits::{Reply, Window};

/// The inner side of `shim.js`'s class of that name.
#[wasm_bindgen]
#[derive(Default)]
pub struct Limiter {
    window: Window,
}

#[wasm_bindgen]
impl Limiter {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// What remains, or, below zero, how many seconds to wait.
    pub fn take(&mut self, amount: f64, limit: f64) -> f64 {
        pack(
            self.window
                .take(whole(amount), whole(limit), now_millis() / 1000),
        )
    }
}

thread_local! {
    /// One window a client, for as long as its object cannot be asked: as many as there are clients.
    static LOCAL: RefCell<HashMap<String, Window>> = RefCell::default();
}

/// The same within this isolate alone.
pub(super) fn take_locally(client: &str, amount: u64, limit: u64) -> Reply {
    LOCAL.with_borrow_mut(|windows| {
        let window = windows.entry(client.to_owned()).or_default();
        window.take(amount, limit, now_millis() / 1000)
    })
}

#[expect(clippy::cast_precision_loss, reason = "limits stay below 2^53")]
pub(super) fn number(amount: u64) -> f64 {
    amount as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and NaN is 0"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

fn pack(reply: Reply) -> f64 {
    match reply {
        Reply::Granted { remaining } => number(remaining),
        Reply::Denied { retry_after_secs } => -number(retry_after_secs),
    }
}

pub(super) fn unpack(packed: f64) -> Reply {
    if packed < 0.0 {
        Reply::Denied {
            retry_after_secs: whole(-packed),
        }
    } else {
        Reply::Granted {
            remaining: whole(packed),
        }
    }
}
