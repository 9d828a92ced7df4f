//! Requests that arrive at random.

use isthmus::limits::estimate;
use isthmus::surface::Operation;

use super::azure::MINUTE;
use super::dice::Dice;

/// 2026-11-20T00:00:00Z.
pub const START: u64 = 1_795_132_800_000;

pub struct Call {
    pub at: u64,
    pub isolate: usize,
    pub id: String,
    pub body: String,
    /// What it may need.
    pub tokens: u64,
}

/// So many calls, as many a minute as need so many tokens.
pub fn calls(count: usize, tpm: u64, isolates: usize, seed: u64) -> Vec<Call> {
    let mut dice = Dice::new(seed);
    let mut calls: Vec<Call> = (0..count)
        .map(|number| {
            let body = body(&mut dice);
            Call {
                at: 0,
                isolate: usize::try_from(dice.below(isolates as u64)).unwrap(),
                id: format!("call-{seed}-{number}"),
                tokens: estimate::of_request(Operation::Chat, body.as_bytes()).total(),
                body,
            }
        })
        .collect();
    let tokens: u64 = calls.iter().map(|call| call.tokens).sum();
    let millis = tokens * MINUTE / tpm;
    for call in &mut calls {
        call.at = START + dice.below(millis);
    }
    calls.sort_by_key(|call| call.at);
    calls
}

/// Short questions and long ones, in one of three hundred conversations.
fn body(dice: &mut Dice) -> String {
    let conversation = dice.below(300);
    let words = "word ".repeat(usize::try_from(40 + dice.below(400)).unwrap());
    let most = 100 + 50 * dice.below(11);
    format!(
        r#"{{"model":"m","max_tokens":{most},"messages":[{{"role":"system","content":"You are number {conversation}."}},{{"role":"user","content":"{words}"}}]}}"#
    )
}
