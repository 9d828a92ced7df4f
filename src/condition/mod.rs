//! How targets stand: whether they are well, how much they have served, how quick they are, what they say is left.
//!
//! Each isolate keeps what it saw, and tells the others through the shared object in the background; no request waits
//! for it.

pub mod board;
mod health;
mod known;
mod latency;
mod page;
mod part;
mod quota;
mod sharing;
mod snapshot;
mod traffic;

use std::cell::RefCell;
use std::rc::Rc;

use crate::headers::Headers;
use crate::pool::judgement::{Effect, Judgement, Scope};

use latency::Latency;
use part::Part;
use quota::Learnt;

pub use known::Conditions;
pub use page::look;
pub use sharing::share;
pub use snapshot::{Held, Quota, Snapshot, Standing};

/// Of one target: its own, and its provider's, which is that of other targets, too.
pub struct Condition {
    own: Rc<Part>,
    provider: Rc<Part>,
    latency: RefCell<Option<Latency>>,
    quota: RefCell<Learnt>,
}

/// What one request does to a target while it runs. Dropped, it is over: a trial that came to nothing is free for the
/// next, and what was reserved is given back.
pub struct Visit {
    condition: Rc<Condition>,
    tokens: u64,
    /// Where it is the trial.
    own_trial: Option<u64>,
    provider_trial: Option<u64>,
}

impl Condition {
    pub fn snapshot(&self, now_millis: u64) -> Snapshot {
        let (own, provider) = (self.own.health(), self.provider.health());
        let latency = self.latency.borrow();
        let latency = latency.as_ref();
        let last_error = own.last_error().or_else(|| provider.last_error());
        Snapshot {
            standing: self.held(now_millis),
            used_tokens: self.own.used_tokens(now_millis),
            provider_tokens: self.provider.used_tokens(now_millis),
            in_flight: self.own.in_flight(),
            first_byte_millis: latency.and_then(|it| it.average(now_millis)),
            slow_first_byte_millis: latency.and_then(|it| it.slow(now_millis)),
            quota: self.quota.borrow().at(now_millis),
            errors: own.errors().max(provider.errors()),
            last_error,
            last_used_millis: self.own.last_used_millis(),
        }
    }

    /// The same for a choice among several: from now on what others see of it is of use here.
    pub fn compared(&self, now_millis: u64) -> Snapshot {
        self.own.look_at(now_millis);
        self.provider.look_at(now_millis);
        self.snapshot(now_millis)
    }

    /// Whether an order that was made a while ago still holds for it.
    pub fn standing(&self, now_millis: u64) -> Standing {
        self.held(now_millis).standing(now_millis)
    }

    fn held(&self, now_millis: u64) -> Held {
        let (own, provider) = (self.own.health(), self.provider.health());
        own.held(now_millis)
            .and(provider.held(now_millis), now_millis)
    }

    /// A request of so many tokens goes there; where the target is to be tried this one is the trial.
    pub fn visit(self: Rc<Self>, tokens: u64, now_millis: u64) -> Visit {
        let own_trial = self.own.begin(tokens, now_millis);
        let provider_trial = self.provider.begin(tokens, now_millis);
        self.quota.borrow_mut().send(tokens);
        Visit {
            condition: self,
            tokens,
            own_trial,
            provider_trial,
        }
    }

    /// What became of a request; `words`: what a failure is called.
    pub fn note(&self, judgement: &Judgement, words: &str, now_millis: u64) {
        let part = match judgement.scope {
            Scope::Deployment => &self.own,
            Scope::Provider => &self.provider,
            Scope::Request => return,
        };
        match judgement.effect {
            Effect::Nothing => return,
            Effect::Well => part.change(|health| health.heal(now_millis)),
            Effect::Rest {
                millis,
                is_its_word,
            } => part.change(|health| health.rest(millis, is_its_word, now_millis)),
            Effect::Failure => return part.change(|health| health.fail(words, now_millis)),
            Effect::Broken => part.change(|health| health.break_down(words, now_millis)),
            Effect::BrokenHere => part.change(|health| health.break_down_here(words, now_millis)),
        }
        if judgement.scope == Scope::Deployment {
            // It was reached, and let us in.
            self.provider.change(|health| health.heal(now_millis));
        }
    }

    /// What the headers of an answer say is left.
    pub fn learn(&self, headers: &Headers, now_millis: u64) {
        self.quota.borrow_mut().learn(headers, now_millis);
    }

    /// How long the first byte took.
    pub fn time(&self, millis: u64, now_millis: u64) {
        match &mut *self.latency.borrow_mut() {
            Some(latency) => latency.add(millis, now_millis),
            latency => *latency = Some(Latency::first(millis, now_millis)),
        }
    }

    /// Tokens it has used.
    pub fn count(&self, tokens: u64, now_millis: u64) {
        self.own.count(tokens, now_millis);
        self.provider.count(tokens, now_millis);
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let Condition { own, provider, .. } = &*self.condition;
        own.end(self.tokens, self.own_trial);
        provider.end(self.tokens, self.provider_trial);
    }
}

#[cfg(test)]
mod tests;
