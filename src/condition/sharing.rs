//! An isolate's side of what all know together.

use std::cell::Cell;
use std::rc::Rc;

use crate::condition::board::{self, News, Report, Seen, Told};
use crate::condition::known::Conditions;
use crate::condition::part::{Part, Telling};
use crate::platform::Platform;
use crate::shared::Message;

/// Who has nothing new to say but what was used says it so often at most.
const PAUSE_MILLIS: u64 = 3_000;
/// After a question that was not answered.
const PAUSE_AFTER_FAILURE_MILLIS: u64 = 5_000;
/// Longer than any question lasts: who holds the turn for that long was killed.
const TURN_MILLIS: u64 = 1_000;
/// A failure says nothing of the object after that.
const TELLING_MILLIS: u64 = 30_000;

/// When this isolate may ask, and how far it has read.
#[derive(Default)]
pub struct Sharing {
    seen: Cell<Seen>,
    not_before_millis: Cell<u64>,
    last_millis: Cell<Option<u64>>,
    failed_millis: Cell<Option<u64>>,
}

/// Tells the others what this isolate has seen, and takes over what they have.
pub async fn share<P: Platform>(platform: &P) {
    let conditions = platform.memory().conditions();
    let Some((round, message)) = Round::begin(conditions, platform.now_millis()) else {
        return;
    };
    let answer = platform.ask(board::NAME, &message).await;
    let news = answer.and_then(|text| serde_json::from_str(&text).ok());
    round.end(news, platform.now_millis());
}

impl Conditions {
    /// Whether something is to be told to the others, or asked of them, now. A change at once; what was used now and
    /// then, and only where a pool can choose; without calls nothing.
    pub fn wants_sharing(&self, now_millis: u64) -> bool {
        let Sharing {
            not_before_millis,
            last_millis,
            ..
        } = &self.sharing;
        let signals = self.signals();
        let last = last_millis.get();
        let is_due = last.is_none_or(|at| now_millis.saturating_sub(at) >= PAUSE_MILLIS);
        now_millis >= not_before_millis.get()
            && (signals.news.get() || is_due && signals.traffic.get())
    }

    /// Whether the shared object could not be asked lately: each isolate goes by what it sees alone.
    pub fn is_degraded(&self, now_millis: u64) -> bool {
        let failed = self.sharing.failed_millis.get();
        failed.is_some_and(|at| now_millis.saturating_sub(at) < TELLING_MILLIS)
    }
}

/// One question to the board. Dropped before it was answered, what it told is to be told again.
struct Round<'a> {
    conditions: &'a Conditions,
    parts: Vec<(Rc<Part>, Telling)>,
    is_over: bool,
}

impl<'a> Round<'a> {
    fn begin(conditions: &'a Conditions, now_millis: u64) -> Option<(Self, String)> {
        if !conditions.wants_sharing(now_millis) {
            return None;
        }
        let Sharing {
            seen,
            not_before_millis,
            last_millis,
            ..
        } = &conditions.sharing;
        not_before_millis.set(now_millis.saturating_add(TURN_MILLIS));
        last_millis.set(Some(now_millis));
        let mut report = Report {
            seen: seen.get(),
            parts: Vec::new(),
        };
        let mut parts = Vec::new();
        conditions.signals().traffic.set(false);
        for (key, part) in chosen(conditions, now_millis) {
            let telling = part.tell(now_millis);
            report.parts.push(Told {
                key,
                tokens: telling.tokens,
                word: telling.word.clone(),
            });
            parts.push((part, telling));
        }
        let round = Self {
            conditions,
            parts,
            is_over: false,
        };
        let message = serde_json::to_string(&Message::Board(report)).ok()?;
        Some((round, message))
    }

    fn end(mut self, news: Option<News>, now_millis: u64) {
        let sharing = &self.conditions.sharing;
        let Some(news) = news else {
            let pause = now_millis.saturating_add(PAUSE_AFTER_FAILURE_MILLIS);
            sharing.not_before_millis.set(pause);
            sharing.failed_millis.set(Some(now_millis));
            return;
        };
        self.is_over = true;
        sharing.failed_millis.set(None);
        sharing.not_before_millis.set(0);
        let before = sharing.seen.replace(news.seen);
        if before.birth != news.seen.birth && before.birth != 0 {
            self.start_again(now_millis);
        }
        for ((part, telling), count) in self.parts.iter().zip(&news.counts) {
            part.hear(telling.tokens, count.total, count.minute, now_millis);
        }
        let words = news.words.iter().take(board::MOST_AT_ONCE);
        for (key, word) in words.filter(|(key, _)| key.len() <= board::LONGEST_KEY) {
            // That something is well which was never met here is no news.
            if word.tells_of_trouble() || self.conditions.has_part(key) {
                self.conditions.part(key).adopt(word, now_millis);
            }
        }
    }

    /// Another board answered than before, which knows nothing of what was told to that one but what was told now.
    fn start_again(&self, now_millis: u64) {
        for (_, part) in self.conditions.parts() {
            let is_told = |(told, telling): &(Rc<Part>, Telling)| {
                Rc::ptr_eq(told, &part) && telling.word.is_some()
            };
            part.start_again(self.parts.iter().any(is_told), now_millis);
        }
    }
}

/// What is of interest here, and of too many what has changed first: the rest next time.
fn chosen(conditions: &Conditions, now_millis: u64) -> Vec<(String, Rc<Part>)> {
    let mut parts = conditions.parts();
    parts.retain(|(key, part)| part.is_of_interest(now_millis) && key.len() <= board::LONGEST_KEY);
    parts.sort_by_key(|(_, part)| !part.has_news());
    let mut left = parts.iter().skip(board::MOST_AT_ONCE);
    let news = left.any(|(_, part)| part.has_news());
    conditions.signals().news.set(news);
    parts.truncate(board::MOST_AT_ONCE);
    parts
}

impl Drop for Round<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            for (part, telling) in &self.parts {
                part.tell_again(telling);
            }
        }
    }
}

#[cfg(test)]
mod tests;
