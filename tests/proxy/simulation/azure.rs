//! A deployment at Azure, as far as its quota goes: tokens are counted when a request arrives, by what it may need, and
//! what has no room is refused at once, with `retry-after` in whole seconds.

use std::cell::RefCell;
use std::collections::VecDeque;

use isthmus::limits::estimate;
use isthmus::surface::Operation;
use serde_json::json;

use super::dice::Dice;
use crate::fake::{Sent, Served};

pub const MINUTE: u64 = 60_000;

const REFUSES_IN: u64 = 15;
/// At least and at most.
const ANSWERS_IN: (u64, u64) = (300, 3_000);
/// What does not count any more is still known for so long.
const KNOWN: u64 = 5_000;

/// What a request counts for once it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// What it might have needed: so Azure does.
    Asked,
    /// What it took.
    Used,
}

/// When what was counted is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// All of it at the end of each minute: so Azure documents it.
    Resets,
    /// Each request a minute after it came: room comes all the time, a little each second.
    Slides,
}

#[derive(Clone, Copy, Debug)]
pub struct Quota {
    pub tpm: u64,
    pub counts: Counts,
    pub window: Window,
}

pub struct Azure {
    pub quota: Quota,
    state: RefCell<State>,
}

struct State {
    dice: Dice,
    window: VecDeque<Accepted>,
    /// When, and how many tokens.
    accepted: Vec<(u64, u64)>,
    refused: usize,
    /// By its own word.
    alone_until: u64,
    /// That ever counted at one time.
    most: u64,
}

struct Accepted {
    at: u64,
    asked: u64,
    answered: u64,
    used: u64,
}

impl Azure {
    pub fn new(number: u64, quota: Quota) -> Self {
        Self {
            quota,
            state: RefCell::new(State {
                dice: Dice::new(1_000 + number),
                window: VecDeque::new(),
                accepted: Vec::new(),
                refused: 0,
                alone_until: 0,
                most: 0,
            }),
        }
    }

    pub fn answer(&self, sent: &Sent, now: u64) -> Served {
        let asked = estimate::of_request(Operation::Chat, sent.body.as_bytes());
        let state = &mut *self.state.borrow_mut();
        let window = &mut state.window;
        while window
            .pop_front_if(|it| self.forgets_at(it) + KNOWN <= now)
            .is_some()
        {}
        let counted = self.counted(window, now, 0) + asked.total();
        if let Some(excess @ 1..) = counted.checked_sub(self.quota.tpm) {
            state.refused += 1;
            let secs = self.wait_secs(window, excess, now);
            state.alone_until = state.alone_until.max(now + secs * 1000);
            return refusal(secs);
        }
        let millis = ANSWERS_IN.0 + state.dice.below(ANSWERS_IN.1 - ANSWERS_IN.0 + 1);
        // From two thirds of what it may to all of it.
        let output = asked.output - state.dice.below(asked.output / 3 + 1);
        let used = asked.input * 9 / 10 + output;
        state.most = state.most.max(counted);
        state.accepted.push(match self.quota.counts {
            Counts::Asked => (now, asked.total()),
            Counts::Used => (now, used),
        });
        window.push_back(Accepted {
            at: now,
            asked: asked.total(),
            answered: now + millis,
            used,
        });
        answer(millis, self.quota.tpm - counted, used - output, output)
    }

    /// Whether it would serve so many tokens, and would have for a while: it had room for them, and had not asked to be
    /// left alone.
    pub fn is_open(&self, tokens: u64, now: u64, millis: u64) -> bool {
        let state = self.state.borrow();
        let counted = self.counted(&state.window, now, millis);
        counted + tokens <= self.quota.tpm && state.alone_until <= now
    }

    pub fn refused(&self) -> usize {
        self.state.borrow().refused
    }

    pub fn served(&self) -> usize {
        self.state.borrow().accepted.len()
    }

    pub fn most(&self) -> u64 {
        self.state.borrow().most
    }

    /// Tokens it accepted from one time to another.
    pub fn accepted(&self, from: u64, to: u64) -> u64 {
        let state = self.state.borrow();
        let all = state.accepted.iter();
        let between = all.filter(|(at, _)| (from..to).contains(at));
        between.map(|(_, tokens)| tokens).sum()
    }

    /// What counts now, or did so not long ago.
    fn counted(&self, window: &VecDeque<Accepted>, now: u64, millis: u64) -> u64 {
        let counts = window
            .iter()
            .filter(|it| self.forgets_at(it) + millis > now);
        counts.map(|it| self.count(it, now - millis)).sum()
    }

    fn count(&self, it: &Accepted, now: u64) -> u64 {
        match self.quota.counts {
            Counts::Used if now >= it.answered => it.used,
            _ => it.asked,
        }
    }

    fn forgets_at(&self, it: &Accepted) -> u64 {
        match self.quota.window {
            Window::Slides => it.at + MINUTE,
            Window::Resets => it.at / MINUTE * MINUTE + MINUTE,
        }
    }

    /// Until so much is forgotten: in whole seconds, one at least.
    fn wait_secs(&self, window: &VecDeque<Accepted>, tokens: u64, now: u64) -> u64 {
        let mut forgotten = 0;
        let mut counted = window.iter().filter(|it| self.forgets_at(it) > now);
        let last = counted.find(|it| {
            forgotten += self.count(it, now);
            forgotten >= tokens
        });
        let at = last.map_or(now, |it| self.forgets_at(it));
        (at - now).div_ceil(1000).max(1)
    }
}

fn refusal(secs: u64) -> Served {
    let message = format!(
        "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded token \
         rate limit of your current OpenAI S0 pricing tier. Please retry after {secs} seconds."
    );
    Served {
        millis: REFUSES_IN,
        status: 429,
        headers: vec![
            ("retry-after", secs.to_string()),
            ("x-ratelimit-remaining-tokens", "0".to_owned()),
        ],
        body: json!({"error": {"code": "429", "message": message}}).to_string(),
    }
}

fn answer(millis: u64, remaining: u64, input: u64, output: u64) -> Served {
    let usage = json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output});
    let body = json!({"object": "chat.completion", "choices": [], "usage": usage});
    Served {
        millis,
        status: 200,
        headers: vec![
            ("x-ratelimit-remaining-tokens", remaining.to_string()),
            ("x-ratelimit-remaining-requests", "1000".to_owned()),
        ],
        body: body.to_string(),
    }
}
