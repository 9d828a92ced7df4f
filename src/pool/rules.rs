//! How a pool chooses, how often it tries, and what it waits for.

use std::cell::Cell;

use crate::pool::budget::Budget;

/// Which of the targets of one priority comes first. In every strategy all of a lower number come before those of a
/// higher one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// As they are written down. `priority` is another word for it.
    #[default]
    Failover,
    /// By chance, in proportion to their weights.
    Weighted,
    /// Each in turn.
    RoundRobin,
    /// The one with the smallest part of its tokens a minute in use.
    LeastLoaded,
    /// The quicker to its first byte of two taken by chance.
    Fastest,
    /// The same for the same beginning of a conversation, so that a prompt cache stays warm.
    Affinity,
}

impl Strategy {
    /// All of them, by the words of the settings.
    pub const WORDS: [(&'static str, Self); 7] = [
        ("failover", Self::Failover),
        ("priority", Self::Failover),
        ("weighted", Self::Weighted),
        ("round_robin", Self::RoundRobin),
        ("least_loaded", Self::LeastLoaded),
        ("fastest", Self::Fastest),
        ("affinity", Self::Affinity),
    ];

    pub fn of(word: &str) -> Option<Self> {
        let mut words = Self::WORDS.iter();
        let found = words.find(|(known, _)| known.eq_ignore_ascii_case(word));
        found.map(|(_, strategy)| *strategy)
    }

    pub fn word(self) -> &'static str {
        let mut words = Self::WORDS.iter();
        let found = words.find(|(_, strategy)| *strategy == self);
        found.map_or("failover", |(word, _)| word)
    }
}

/// What a pool goes by.
#[derive(Clone, Debug)]
pub struct Rules {
    /// What it is called where it is told of: the public name of the model.
    pub name: String,
    pub strategy: Strategy,
    /// How often a call is sent at most; none: to each target once, and to five at most.
    pub attempts: Option<usize>,
    /// From a request's arrival: after that no further attempt begins.
    pub deadline_millis: u32,
    /// A target whose first output has not come by then is given up for the next.
    pub first_output_millis: Option<u32>,
    /// How often a comment keeps a silent stream open.
    pub keep_alive_millis: Option<u32>,
    pub hedge: Option<Hedge>,
    /// How many second attempts may be made now.
    pub hedges: Budget,
    pub fallback: Fallback,
    /// Of equals the first is taken by chance, not as written.
    pub mixes_ties: bool,
    /// Whether the tokens of its targets are counted whatever the limits.
    pub counts_tokens: bool,
    /// Whose turn it is.
    pub turn: Cell<usize>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            name: String::new(),
            strategy: Strategy::default(),
            attempts: None,
            deadline_millis: 300_000,
            first_output_millis: None,
            keep_alive_millis: None,
            hedge: None,
            hedges: Budget::default(),
            fallback: Fallback::default(),
            mixes_ties: false,
            counts_tokens: false,
            turn: Cell::default(),
        }
    }
}

/// A second attempt beside a slow one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hedge {
    /// Of a hundred calls so many may get one.
    pub percent: u32,
    /// Not before this much time, however quick the target usually is.
    pub least_millis: u32,
}

/// The public names of the models that are asked where a target refuses for what another model may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fallback {
    pub content_filter: Option<String>,
    pub context_length: Option<String>,
}

impl Fallback {
    /// The model for each reason, by the words of the settings.
    pub fn by_reason(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let models = [
            ("content_filter", &self.content_filter),
            ("context_length", &self.context_length),
        ];
        let models = models.into_iter();
        models.filter_map(|(reason, model)| Some((reason, model.as_deref()?)))
    }
}
