//! Lessons as people read them.

use crate::azure::lessons::{DROPPABLE, Lesson, Lessons};

const WORDS: [(Lesson, &str); 4] = [
    (
        Lesson::MaxCompletionTokens,
        "max_completion_tokens goes in place of max_tokens",
    ),
    (
        Lesson::MaxTokens,
        "max_tokens goes in place of max_completion_tokens",
    ),
    (Lesson::NoDeveloper, "it knows no developer"),
    (Lesson::NoSystem, "it knows no instructions"),
];

impl Lessons {
    pub fn in_words(self) -> Vec<String> {
        let known = WORDS.iter().filter(|(lesson, _)| self.has(*lesson));
        let known = known.map(|(_, words)| (*words).to_owned());
        let dropped = DROPPABLE.iter().filter(|name| self.drops(name));
        let dropped = dropped.map(|name| format!("{name} is left out"));
        known.chain(dropped).collect()
    }
}
