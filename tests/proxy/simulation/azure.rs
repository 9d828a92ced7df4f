//! A deployment at Azure, as far as its quota goes: the tokens of the last 60 s, counted when a request arrives by what it
//! may need, and 429 with `retry-after` in whole seconds for what has no room.

use std::cell::RefCell;
use std::collections::VecDeque;

use isthmus::limits::estimate;
use isthmus::surface::Operation;
use serde_json::json;

use super::dice::Dice;
use crate::fake::{Sent, Served};

pub const MINUTE: u64 = 60_000;
const REFUSES_IN: u64 = 15;

/// What a request counts for once it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// What it might have needed: so Azure counts.
    Asked,
    /// What it took.
    Used,
}

pub struct Azure {
    pub tpm: u64,
    /// How long its answers take, at least and at most.
    pub millis: (u64, u64),
    pub counts: Counts,
    state: RefCell<State>,
}

struct State {
    dice: Dice,
    window: VecDeque<Accepted>,
    /// When, and how many tokens.
    accepted: Vec<(u64, u64)>,
    refused: usize,
    /// It has asked to be left alone.
    until: u64,
}

struct Accepted {
    at: u64,
    asked: u64,
    answered: u64,
    used: u64,
}

impl Accepted {
    fn counted(&self, counts: Counts, now: u64) -> u64 {
        if counts == Counts::Used && now >= self.answered {
            self.used
        } else {
            self.asked
        }
    }
}

impl Azure {
    pub fn new(number: u64, tpm: u64, counts: Counts) -> Self {
        Self {
            tpm,
            millis: (300, 3_000),
            counts,
            state: RefCell::new(State {
                dice: Dice::new(1_000 + number),
                window: VecDeque::new(),
                accepted: Vec::new(),
                refused: 0,
                until: 0,
            }),
        }
    }

    pub fn answer(&self, sent: &Sent, now: u64) -> Served {
        let asked = estimate::of_request(Operation::Chat, sent.body.as_bytes());
        let left = self.left(now);
        let state = &mut *self.state.borrow_mut();
        let Some(remaining) = left.checked_sub(asked.total()) else {
            state.refused += 1;
            let secs = state.wait(asked.total() - left).div_ceil_from(now);
            state.until = state.until.max(now + secs * 1000);
            return refusal(secs, left);
        };
        let (least, most) = self.millis;
        let millis = least + state.dice.below(most - least + 1);
        let output = 1 + state.dice.below(asked.output);
        let used = asked.input * 9 / 10 + output;
        state.accepted.push((now, asked.total()));
        state.window.push_back(Accepted {
            at: now,
            asked: asked.total(),
            answered: now + millis,
            used,
        });
        Served {
            millis,
            status: 200,
            headers: vec![
                ("x-ratelimit-limit-tokens", self.tpm.to_string()),
                ("x-ratelimit-remaining-tokens", remaining.to_string()),
                ("x-ratelimit-remaining-requests", "1000".to_owned()),
            ],
            body: answer(used - output, output),
        }
    }

    /// Whether it had served a request of so many tokens now.
    pub fn would_serve(&self, tokens: u64, now: u64) -> bool {
        self.left(now) >= tokens
    }

    /// Whether it said that nobody was to come before a time that is not over.
    pub fn wants_peace(&self, now: u64) -> bool {
        now < self.state.borrow().until
    }

    pub fn refused(&self) -> usize {
        self.state.borrow().refused
    }

    pub fn served(&self) -> usize {
        self.state.borrow().accepted.len()
    }

    /// Tokens it accepted from one time to another.
    pub fn accepted(&self, from: u64, to: u64) -> u64 {
        let state = self.state.borrow();
        let all = state.accepted.iter();
        all.filter(|(at, _)| (from..to).contains(at))
            .map(|(_, tokens)| tokens)
            .sum()
    }

    fn left(&self, now: u64) -> u64 {
        let window = &mut self.state.borrow_mut().window;
        while window.pop_front_if(|it| it.at + MINUTE <= now).is_some() {}
        let counted = window.iter().map(|it| it.counted(self.counts, now));
        self.tpm.saturating_sub(counted.sum())
    }
}

impl State {
    /// When so much leaves the window.
    fn wait(&self, tokens: u64) -> Due {
        let mut left = 0;
        let gone = self.window.iter().find(|it| {
            left += it.used.min(it.asked);
            left >= tokens
        });
        Due(gone.map_or(0, |it| it.at + MINUTE))
    }
}

struct Due(u64);

impl Due {
    /// In whole seconds, one at least.
    fn div_ceil_from(&self, now: u64) -> u64 {
        self.0.saturating_sub(now).div_ceil(1000).max(1)
    }
}

fn refusal(secs: u64, left: u64) -> Served {
    let message = format!(
        "Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded token rate limit of your \
         current OpenAI S0 pricing tier. Please retry after {secs} seconds."
    );
    Served {
        millis: REFUSES_IN,
        status: 429,
        headers: vec![
            ("retry-after", secs.to_string()),
            ("x-ratelimit-remaining-tokens", left.to_string()),
        ],
        body: json!({"error": {"code": "429", "message": message}}).to_string(),
    }
}

fn answer(input: u64, output: u64) -> String {
    let usage = json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output});
    json!({"object": "chat.completion", "choices": [], "usage": usage}).to_string()
}
