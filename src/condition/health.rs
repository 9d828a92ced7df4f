//! Whether one thing, a target or a provider, may be asked: a machine without a clock of its own.
//!
//! Two registers that change independently. `rest`: it is busy, and well again when the time is over. `failing`: it
//! failed three times in a row, or cannot work as it is set up; after a pause one request at a time tries it, each
//! failure doubles the pause, a success ends it. Always `rest.until` and `failing.until` are at most ten minutes away.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::condition::Held;

/// In a row.
const MOST_FAILURES: u32 = 3;
const FIRST_PAUSE_MILLIS: u64 = 60_000;
/// Of a pause and of a rest, whatever anybody says: who is well again is to be found out.
pub const LONGEST_MILLIS: u64 = 600_000;
/// A trial whose request was killed with everything it held is over after that: longer than most wait for headers.
const TRIAL_MILLIS: u64 = 120_000;
/// A rest that grows by less is not worth telling the others.
const WORTH_TELLING_MILLIS: u64 = 1_000;
/// Of what a failure was called, in bytes.
const LONGEST_WORDS: usize = 64;

#[derive(Clone, Debug, Default)]
pub struct Health {
    rest: Option<Rest>,
    failing: Option<Failing>,
    /// Failures since the last success.
    errors: u32,
    last_error: Option<Rc<str>>,
    /// When it last began to fail, failed a trial, or was well again.
    changed_millis: u64,
    /// The others do not know yet.
    is_news: bool,
    /// How many trials there were: no two have the same number.
    trials: u64,
}

#[derive(Clone, Copy, Debug)]
struct Rest {
    since_millis: u64,
    until_millis: u64,
    is_its_word: bool,
    /// Somebody went there all the same, so that a success tells something.
    was_tried: bool,
}

#[derive(Clone, Copy, Debug)]
struct Failing {
    until_millis: u64,
    pause_millis: u64,
    trial: Option<Trial>,
    /// Of where this isolate runs: nothing for the others to know, nor for them to end.
    is_here_only: bool,
}

#[derive(Clone, Copy, Debug)]
struct Trial {
    number: u64,
    until_millis: u64,
}

/// The same for another clock: durations, and no times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Word {
    /// Since it last began to fail, failed a trial, or was well again.
    pub age_millis: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest: Option<RestWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing: Option<FailingWord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestWord {
    pub millis: u64,
    pub is_its_word: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingWord {
    pub millis: u64,
    pub pause_millis: u64,
    pub errors: u32,
}

impl Word {
    pub fn tells_of_trouble(&self) -> bool {
        self.rest.is_some() || self.failing.is_some()
    }
}

impl Health {
    pub fn held(&self, now_millis: u64) -> Held {
        let rest = self.rest.map_or(Held::No, |rest| Held::Resting {
            until_millis: rest.until_millis,
            is_its_word: rest.is_its_word,
        });
        let failing = self.failing.map_or(Held::No, |it| it.held(now_millis));
        rest.and(failing, now_millis)
    }

    pub fn errors(&self) -> u32 {
        self.errors
    }

    pub fn last_error(&self) -> Option<Rc<str>> {
        self.last_error.clone()
    }

    /// Busy, for so long. It is no failure: the count of those stays. On trial, it is to be tried again after that.
    pub fn rest(&mut self, millis: u64, is_its_word: bool, now_millis: u64) {
        let before = self.rest.map_or(now_millis, |it| it.until_millis);
        self.merge_rest(millis, is_its_word, now_millis);
        let until = self.rest.map_or(now_millis, |it| it.until_millis);
        if until.abs_diff(before.max(now_millis)) >= WORTH_TELLING_MILLIS {
            self.is_news = true;
        }
        if let Some(failing) = &mut self.failing {
            failing.trial = None;
            failing.until_millis = failing.until_millis.max(until);
        }
    }

    /// A target's own word replaces a guess of ours, and no guess replaces it. Of two words the later end holds: Azure
    /// says a second for requests and half a minute for tokens, and who was told the first still is not served.
    /// Whether it is another now.
    fn merge_rest(&mut self, millis: u64, is_its_word: bool, now_millis: u64) -> bool {
        let new = Rest {
            since_millis: now_millis,
            until_millis: now_millis.saturating_add(millis.min(LONGEST_MILLIS)),
            is_its_word,
            was_tried: false,
        };
        let old = self.rest.filter(|it| it.until_millis > now_millis);
        let stays = old.is_some_and(|old| match (old.is_its_word, is_its_word) {
            (true, false) => true,
            (false, true) => false,
            _ => old.until_millis >= new.until_millis,
        });
        if !stays {
            self.rest = Some(new);
        }
        !stays
    }

    /// One failure more.
    pub fn fail(&mut self, words: &str, now_millis: u64) {
        self.count(words);
        if self.failing.is_some() || self.errors >= MOST_FAILURES {
            self.pause(self.fails_here_only(), now_millis);
        }
    }

    /// It cannot work before somebody changes something.
    pub fn break_down(&mut self, words: &str, now_millis: u64) {
        self.count(words);
        self.pause(false, now_millis);
    }

    /// The same for who is here.
    pub fn break_down_here(&mut self, words: &str, now_millis: u64) {
        self.count(words);
        self.pause(true, now_millis);
    }

    fn count(&mut self, words: &str) {
        self.errors = self.errors.saturating_add(1);
        let end = words.floor_char_boundary(LONGEST_WORDS);
        self.last_error = words.get(..end).map(Rc::from);
    }

    /// The first pause, or one twice as long. A failure in the middle of a pause is of a request from before it, or of
    /// a last resort, and tells nothing new. What the others know of they are told of.
    fn pause(&mut self, is_here_only: bool, now_millis: u64) {
        let pause_millis = match &self.failing {
            None => FIRST_PAUSE_MILLIS,
            Some(it) if it.trial.is_none() && it.until_millis > now_millis => return,
            Some(it) => it.pause_millis.saturating_mul(2).min(LONGEST_MILLIS),
        };
        let is_here_only = is_here_only && (self.failing.is_none() || self.fails_here_only());
        self.failing = Some(Failing {
            until_millis: now_millis.saturating_add(pause_millis),
            pause_millis,
            trial: None,
            is_here_only,
        });
        if !is_here_only {
            self.change(now_millis);
        }
    }

    fn fails_here_only(&self) -> bool {
        self.failing.is_some_and(|it| it.is_here_only)
    }

    fn change(&mut self, now_millis: u64) {
        self.changed_millis = self.changed_millis.max(now_millis);
        self.is_news = true;
    }

    /// A success. What a target said of itself holds all the same: the success may be of a request from before. A guess
    /// of ours is refuted where somebody went there since.
    pub fn heal(&mut self, now_millis: u64) {
        self.errors = 0;
        self.last_error = None;
        let is_refuted = self.rest.is_some_and(|it| !it.is_its_word && it.was_tried);
        if is_refuted {
            self.rest = None;
        }
        if self.failing.take().is_some() || is_refuted {
            self.change(now_millis);
        }
    }

    /// A request goes there. The number of the trial, if it is one.
    pub fn go(&mut self, now_millis: u64) -> Option<u64> {
        if let Some(rest) = &mut self.rest {
            rest.was_tried = true;
        }
        let failing = self.failing.as_mut()?;
        if failing.is_closed(now_millis) {
            return None;
        }
        self.trials = self.trials.wrapping_add(1);
        failing.trial = Some(Trial {
            number: self.trials,
            until_millis: now_millis.saturating_add(TRIAL_MILLIS),
        });
        Some(self.trials)
    }

    /// The request of a trial is over; if nothing came of it, the next may try.
    pub fn give_up(&mut self, trial: u64) {
        if let Some(failing) = &mut self.failing
            && failing.trial.is_some_and(|it| it.number == trial)
        {
            failing.trial = None;
        }
    }

    /// Whether the others are to know; asked once.
    pub fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.is_news)
    }

    pub fn has_news(&self) -> bool {
        self.is_news
    }

    /// They may not have heard it.
    pub fn tell_again(&mut self) {
        self.is_news = true;
    }

    pub fn word(&self, now_millis: u64) -> Word {
        let left = |until: u64| until.saturating_sub(now_millis);
        let rest = self.rest.filter(|it| left(it.until_millis) > 0);
        let is_for_all = !self.fails_here_only();
        Word {
            age_millis: now_millis.saturating_sub(self.changed_millis),
            rest: rest.map(|it| RestWord {
                millis: left(it.until_millis),
                is_its_word: it.is_its_word,
            }),
            failing: self.failing.filter(|_| is_for_all).map(|it| FailingWord {
                millis: left(it.until_millis),
                pause_millis: it.pause_millis,
                errors: self.errors,
            }),
            last_error: self
                .last_error
                .as_deref()
                .filter(|_| is_for_all)
                .map(str::to_owned),
        }
    }

    /// Takes over what another has seen: a rest as if it were one's own, of failing and being well the newest. At the
    /// same time the worse holds, so that all come to the same. Whether anything is different now.
    pub fn adopt(&mut self, word: &Word, now_millis: u64) -> bool {
        let rests = word
            .rest
            .is_some_and(|rest| self.merge_rest(rest.millis, rest.is_its_word, now_millis));
        let at = now_millis.saturating_sub(word.age_millis);
        let is_worse = word.failing.is_some() && self.failing.is_none();
        let is_newer = at > self.changed_millis || at == self.changed_millis && is_worse;
        if is_newer {
            self.changed_millis = at;
            self.take_over(word, at, now_millis);
        }
        rests || is_newer
    }

    fn take_over(&mut self, word: &Word, at: u64, now_millis: u64) {
        let is_refuted = |it: &Rest| !it.is_its_word && it.since_millis < at;
        if !word.tells_of_trouble() && self.rest.as_ref().is_some_and(is_refuted) {
            self.rest = None;
        }
        if word.failing.is_none() && self.fails_here_only() {
            return;
        }
        self.errors = word.failing.map_or(0, |it| it.errors);
        self.last_error = word.last_error.as_deref().and_then(|words| {
            let end = words.floor_char_boundary(LONGEST_WORDS);
            words.get(..end).map(Rc::from)
        });
        self.failing = word.failing.map(|it| Failing {
            until_millis: now_millis.saturating_add(it.millis.min(LONGEST_MILLIS)),
            pause_millis: it.pause_millis.clamp(FIRST_PAUSE_MILLIS, LONGEST_MILLIS),
            trial: None,
            is_here_only: false,
        });
    }
}

impl Failing {
    fn held(&self, now_millis: u64) -> Held {
        match self.trial {
            Some(trial) if trial.until_millis > now_millis => Held::OnTrial {
                until_millis: trial.until_millis,
            },
            _ => Held::Failing {
                until_millis: self.until_millis,
            },
        }
    }

    /// In its pause, or tried by somebody.
    fn is_closed(&self, now_millis: u64) -> bool {
        let is_on_trial = self.trial.is_some_and(|it| it.until_millis > now_millis);
        is_on_trial || self.until_millis > now_millis
    }
}

#[cfg(test)]
mod tests;
