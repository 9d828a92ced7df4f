//! What a refusal of Google's teaches about a model.

mod refusal;

use crate::gemini::errors::shape;

/// A set of lessons. It only ever grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lessons(u32);

/// One of them. The numbers are remembered outside of a request: a new lesson gets a number of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// "Penalty is not enabled".
    NoPenalties = 0,
    /// The signatures that came along are not this endpoint's, or are missing: each call gets the sentinel.
    NoSignatures = 1,
    /// The level of thinking asked for is not one of the model's: one above.
    ThinkMore = 2,
    /// The schema is too much for the model to be bound to: JSON without it.
    NoSchema = 3,
    /// A speaking model took the text for a request: it is told to read it out.
    ReadAloud = 4,
    /// "Logprobs is not enabled".
    NoLogprobs = 5,
    /// "Developer instruction is not enabled": the first user says it.
    NoInstruction = 6,
    /// "only allowed for STRING type": enums of numbers are told in words.
    NoNumberEnums = 7,
    /// "Multiple candidates is not enabled": one request for each choice.
    OneCandidate = 8,
    /// "Thinking is not enabled", "Thinking level is not supported", and the like.
    NoThinking = 9,
    /// "Function calling with a response mime type ... is unsupported".
    NoJsonWithTools = 10,
}

impl Lessons {
    pub fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    pub fn bits(self) -> u32 {
        self.0
    }

    pub fn has(self, lesson: Lesson) -> bool {
        self.0 & 1 << lesson as u32 != 0
    }

    #[must_use]
    pub fn with(self, lesson: Lesson) -> Self {
        Self(self.0 | 1 << lesson as u32)
    }

    /// Those about the model, which hold for the next request too, not about what this one carried.
    #[must_use]
    pub fn lasting(self) -> Self {
        let passing = Self::default()
            .with(Lesson::NoSignatures)
            .with(Lesson::NoSchema)
            .with(Lesson::ReadAloud);
        Self(self.0 & !passing.0)
    }

    /// As people read them.
    pub fn in_words(self) -> Vec<String> {
        const WORDS: [(Lesson, &str); 11] = [
            (Lesson::NoPenalties, "penalties are left out"),
            (Lesson::NoSignatures, "signatures of calls are not sent on"),
            (Lesson::ThinkMore, "it is asked to think a level more"),
            (Lesson::NoSchema, "it is asked for JSON without the schema"),
            (Lesson::ReadAloud, "it is told to read the text out"),
            (Lesson::NoLogprobs, "logprobs are left out"),
            (Lesson::NoInstruction, "instructions are said by the user"),
            (Lesson::NoNumberEnums, "enums of numbers are told in words"),
            (Lesson::OneCandidate, "one request for each choice"),
            (Lesson::NoThinking, "nothing is said of thinking"),
            (Lesson::NoJsonWithTools, "no JSON mode beside tools"),
        ];
        let known = WORDS.iter().filter(|(lesson, _)| self.has(*lesson));
        known.map(|(_, words)| (*words).to_owned()).collect()
    }

    /// What a refusal teaches beside what was known; None if it is not exactly known, or nothing new.
    pub fn learn(self, status: u16, body: &[u8]) -> Option<Self> {
        if status != 400 {
            return None;
        }
        let lesson = refusal::lesson(&shape::read(body))?;
        (!self.has(lesson)).then(|| self.with(lesson))
    }
}
