//! What all isolates know of the targets together: kept by the shared object named [`NAME`], asked in the background.
//!
//! Its clock and theirs differ, so all times are told as durations. Nothing of it is on disk: a new board is told anew.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::condition::health::{Health, Word};
use crate::condition::traffic::{self, Traffic};

/// Of the shared object: one for all.
pub const NAME: &str = "conditions";

/// Things known of at most; those nobody spoke of for the longest time make room.
const MOST: usize = 4096;
/// In one report, and in one answer.
pub const MOST_AT_ONCE: usize = 256;
/// Longer names are not shared.
pub const LONGEST_KEY: usize = 256;
/// Who hears of a failure from others waits for so much of the pause longer, each who asks more than the one before: so
/// one of them tries, and the others hear what came of it.
const STAGGERS: u64 = 16;
const MOST_STAGGERS: u64 = 8;

/// What an isolate tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// How far it has read.
    pub seen: Seen,
    pub parts: Vec<Told>,
}

/// A place in the history of one board: of another one it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seen {
    pub birth: u64,
    pub version: u64,
}

/// A part that is of interest to the isolate, and what is new of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    pub key: String,
    /// Used since it told last.
    pub tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word: Option<Word>,
}

/// What a board answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct News {
    pub seen: Seen,
    pub words: Vec<(String, Word)>,
    /// Of the parts that were told of, in that order.
    pub counts: Vec<Count>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Count {
    /// Tokens ever, with those just told.
    pub total: u64,
    /// Tokens of the last minute, without those just told.
    pub minute: u64,
}

#[derive(Clone, Debug, Default)]
pub struct Board {
    /// Tells it from the one before; 0: it has not been asked yet.
    birth: u64,
    /// Grows with each change.
    version: u64,
    /// How many reports it has heard.
    reports: u64,
    entries: HashMap<String, Entry>,
}

#[derive(Clone, Debug, Default)]
struct Entry {
    health: Health,
    /// The board's when the health changed last; 0: it never did.
    version: u64,
    /// What that was before, and which report has changed it.
    before: u64,
    changed_by: u64,
    /// How often that change was told.
    told: u64,
    traffic: Traffic,
    total: u64,
    touched_millis: u64,
}

impl Board {
    pub fn hear(&mut self, report: &Report, now_millis: u64) -> News {
        if self.birth == 0 {
            self.birth = now_millis.max(1);
        }
        let is_reader = report.seen.birth == self.birth;
        let seen = if is_reader { report.seen.version } else { 0 };
        self.reports += 1;
        let parts = report.parts.iter().take(MOST_AT_ONCE);
        let counts = parts.map(|told| self.note(told, now_millis)).collect();
        let (version, words) = self.since(seen, now_millis);
        News {
            seen: Seen {
                birth: self.birth,
                version,
            },
            words,
            counts,
        }
    }

    fn note(&mut self, told: &Told, now_millis: u64) -> Count {
        if told.key.len() > LONGEST_KEY {
            return Count::default();
        }
        self.make_room(&told.key);
        let entry = self.entries.entry(told.key.clone()).or_default();
        entry.touched_millis = now_millis;
        let minute = entry.traffic.minute(now_millis);
        let tokens = told.tokens.min(traffic::MOST_AT_ONCE);
        entry.traffic.count(tokens, now_millis);
        entry.total = entry.total.saturating_add(tokens);
        let word = told.word.as_ref();
        if word.is_some_and(|word| entry.health.adopt(word, now_millis)) {
            self.version += 1;
            entry.before = std::mem::replace(&mut entry.version, self.version);
            entry.changed_by = self.reports;
            entry.told = 0;
        }
        Count {
            total: entry.total,
            minute,
        }
    }

    /// What has changed after a version, the oldest first, and how far that goes. Without what only this report has
    /// changed: who sent it knows.
    fn since(&mut self, seen: u64, now_millis: u64) -> (u64, Vec<(String, Word)>) {
        let report = self.reports;
        let is_own = |entry: &Entry| entry.changed_by == report && entry.before <= seen;
        let changed = |entry: &Entry| entry.version > seen && !is_own(entry);
        let entries = self.entries.iter_mut();
        let mut news: Vec<_> = entries.filter(|(_, entry)| changed(entry)).collect();
        news.sort_unstable_by_key(|(_, entry)| entry.version);
        let is_all = news.len() <= MOST_AT_ONCE;
        news.truncate(MOST_AT_ONCE);
        let last = news.last().map_or(seen, |(_, entry)| entry.version);
        let words = news
            .into_iter()
            .map(|(key, entry)| (key.clone(), entry.tell(now_millis)))
            .collect();
        (if is_all { self.version } else { last }, words)
    }

    fn make_room(&mut self, key: &str) {
        if self.entries.len() < MOST || self.entries.contains_key(key) {
            return;
        }
        let mut times: Vec<u64> = self.entries.values().map(|it| it.touched_millis).collect();
        times.sort_unstable();
        let middle = times.get(times.len() / 2).copied().unwrap_or_default();
        self.entries
            .retain(|_, entry| entry.touched_millis > middle);
    }
}

impl Entry {
    fn tell(&mut self, now_millis: u64) -> Word {
        self.told += 1;
        let mut word = self.health.word(now_millis);
        if let Some(failing) = &mut word.failing {
            let longer = failing.pause_millis / STAGGERS * self.told.min(MOST_STAGGERS);
            failing.millis = failing.millis.saturating_add(longer);
        }
        word
    }
}

#[cfg(test)]
mod tests {
    use super::{Board, LONGEST_KEY, MOST, MOST_AT_ONCE, Report, Seen, Told};
    use crate::condition::health::{RestWord, Word};

    fn told(key: &str) -> Told {
        let (millis, is_its_word) = (60_000, true);
        let rest = Some(RestWord {
            millis,
            is_its_word,
        });
        let word = Some(Word {
            rest,
            ..Word::default()
        });
        Told {
            key: key.to_owned(),
            tokens: 1,
            word,
        }
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut board = Board::default();
        for now in 0..40 {
            let keys = (0..MOST_AT_ONCE + 9).map(|number| format!("{now}/{number}"));
            let parts = keys.map(|key| told(&key)).collect();
            let report = Report {
                parts,
                ..Report::default()
            };
            assert_eq!(board.hear(&report, now).counts.len(), MOST_AT_ONCE);
            assert!(board.entries.len() <= MOST);
        }
        assert!(board.entries.contains_key("39/0") && !board.entries.contains_key("0/0"));
        let parts = vec![told(&"k".repeat(LONGEST_KEY + 1))];
        let seen = Seen::default();
        let before = board.entries.len();
        board.hear(&Report { seen, parts }, 40);
        assert_eq!(board.entries.len(), before);
    }

    #[test]
    fn what_is_too_much_at_once_is_read_in_turn() {
        let mut board = Board::default();
        for number in 0..600 {
            let parts = vec![told(&number.to_string())];
            let seen = Seen::default();
            board.hear(&Report { seen, parts }, 1);
        }
        let mut report = Report::default();
        let mut read = Vec::new();
        for expected in [256, 256, 88, 0] {
            let news = board.hear(&report, 1);
            assert_eq!(news.words.len(), expected);
            read.extend(news.words.into_iter().map(|(key, _)| key));
            report.seen = news.seen;
        }
        let all: Vec<String> = (0..600).map(|number| number.to_string()).collect();
        assert_eq!(read, all);
        report.seen.birth += 1;
        assert_eq!(board.hear(&report, 1).words.len(), 256, "of another board");
    }
}
