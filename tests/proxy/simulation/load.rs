//! Requests that arrive at random.

use isthmus::limits::estimate;
use isthmus::surface::Operation;

use super::azure::MINUTE;
use super::dice::Dice;
use crate::fake::{Ask, ask};

/// 2026-11-20T00:00:00Z.
pub const START: u64 = 1_795_132_800_000;

/// No call needs more.
pub const LARGEST: u64 = 700;

pub struct Call {
    pub at: u64,
    pub isolate: usize,
    /// What it may need.
    pub tokens: u64,
    id: String,
    body: String,
}

impl Call {
    pub fn ask(&self) -> Ask {
        ask("POST", "/v1/chat/completions")
            .id(&self.id)
            .key("client-key")
            .header("content-type", "application/json")
            .body(self.body.as_bytes(), self.body.len())
    }
}

/// So many calls, as many a minute as need so many tokens.
pub fn calls(count: u64, tpm: u64, isolates: usize) -> Vec<Call> {
    let mut dice = Dice::new(7);
    let mut calls: Vec<Call> = (0..count)
        .map(|number| call(number, isolates, &mut dice))
        .collect();
    let tokens: u64 = calls.iter().map(|call| call.tokens).sum();
    for call in &mut calls {
        call.at = START + dice.below(tokens * MINUTE / tpm);
    }
    calls.sort_by_key(|call| call.at);
    calls
}

/// Full minutes, without the first: from, and to.
pub fn minutes(calls: &[Call]) -> Vec<(u64, u64)> {
    let count = calls.last().map_or(0, |call| (call.at - START) / MINUTE);
    let begins = (1..count).map(|minute| START + minute * MINUTE);
    begins.map(|begin| (begin, begin + MINUTE)).collect()
}

fn call(number: u64, isolates: usize, dice: &mut Dice) -> Call {
    let body = body(dice);
    let tokens = estimate::of_request(Operation::Chat, body.as_bytes()).total();
    assert!(tokens <= LARGEST, "{tokens}");
    Call {
        at: 0,
        isolate: usize::try_from(dice.below(isolates as u64)).unwrap(),
        tokens,
        id: format!("call-{number}"),
        body,
    }
}

/// Of one of three hundred conversations; what matters is how much may come.
fn body(dice: &mut Dice) -> String {
    let conversation = dice.below(300);
    let words = "words ".repeat(usize::try_from(1 + dice.below(30)).unwrap());
    let most = 100 + 50 * dice.below(11);
    format!(
        r#"{{"model":"m","max_tokens":{most},"messages":[{{"role":"system","content":"You are number {conversation}."}},{{"role":"user","content":"{words}"}}]}}"#
    )
}
