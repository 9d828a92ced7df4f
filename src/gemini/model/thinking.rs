//! How models are told how much to think.

use super::{Family, Model, Purpose, Tier};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thinking {
    /// "Thinking is not enabled for this model".
    Never,
    /// In tokens.
    Budget(Budgets),
    /// By one of these; the least first.
    Level(&'static [Level]),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budgets {
    pub least: i64,
    pub most: i64,
    /// Else: "Budget 0 is invalid. This model only works in thinking mode."
    pub may_be_off: bool,
    /// Does not think unless told to.
    pub is_off_unasked: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Minimal,
    Low,
    Medium,
    High,
}

impl Level {
    /// By Google's name for it, in any case.
    pub fn of(name: &str) -> Option<Self> {
        let mut all = ALL.iter().copied();
        all.find(|it| it.name().eq_ignore_ascii_case(name))
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

const ALL: &[Level] = &[Level::Minimal, Level::Low, Level::Medium, Level::High];

/// "Thinking level MINIMAL is not supported".
const FROM_LOW: &[Level] = &[Level::Low, Level::Medium, Level::High];

const LOW_OR_HIGH: &[Level] = &[Level::Low, Level::High];

/// Gemma 4 thinks or does not.
const MINIMAL_OR_HIGH: &[Level] = &[Level::Minimal, Level::High];

const FLASH: Budgets = Budgets {
    least: 0,
    most: 24_576,
    may_be_off: true,
    is_off_unasked: false,
};

const LITE: Budgets = Budgets {
    least: 512,
    is_off_unasked: true,
    ..FLASH
};

const PRO: Budgets = Budgets {
    least: 128,
    most: 32_768,
    may_be_off: false,
    is_off_unasked: false,
};

pub(super) fn of(model: Model) -> Thinking {
    if matches!(model.purpose, Purpose::Speech | Purpose::Embeddings) {
        return Thinking::Never;
    }
    match (model.family, model.tier) {
        (Family::Gemma(version), _) if version < 4 => Thinking::Never,
        (Family::Gemma(_), _) => Thinking::Level(MINIMAL_OR_HIGH),
        (Family::Gemini(major, minor), _) if (major, minor) < (2, 5) => Thinking::Never,
        (Family::Gemini(..3, _), _) if model.purpose == Purpose::Images => Thinking::Never,
        (Family::Gemini(..3, _), Tier::Pro) => Thinking::Budget(PRO),
        (Family::Gemini(..3, _), Tier::Lite) => Thinking::Budget(LITE),
        (Family::Gemini(..3, _), _) => Thinking::Budget(FLASH),
        (Family::Gemini(3, 0), Tier::Pro) => Thinking::Level(LOW_OR_HIGH),
        (Family::Gemini(..), Tier::Pro) => Thinking::Level(FROM_LOW),
        (Family::Gemini(..), Tier::Lite) => Thinking::Level(ALL),
        (Family::Gemini(major, minor), _) if (major, minor) >= (3, 7) => Thinking::Level(FROM_LOW),
        (Family::Gemini(..), _) => Thinking::Level(ALL),
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, FLASH, FROM_LOW, LITE, LOW_OR_HIGH, MINIMAL_OR_HIGH, PRO, Thinking};
    use crate::gemini::{Host, model::Model};

    #[test]
    fn each_model_in_its_way() {
        for (name, expected) in [
            ("gemini-3.8-flash", Thinking::Level(FROM_LOW)),
            ("gemini-3.7-flash", Thinking::Level(FROM_LOW)),
            ("gemini-flash-latest", Thinking::Level(FROM_LOW)),
            ("1234567890", Thinking::Level(FROM_LOW)),
            ("gemini-3.7-flash-lite", Thinking::Level(ALL)),
            ("gemini-3.6-flash", Thinking::Level(ALL)),
            ("gemini-3.5-flash-lite", Thinking::Level(ALL)),
            ("gemini-flash-lite-latest", Thinking::Level(ALL)),
            ("gemini-3-flash-preview", Thinking::Level(ALL)),
            ("gemini-3.1-flash-image", Thinking::Level(ALL)),
            ("gemini-3.1-pro-preview", Thinking::Level(FROM_LOW)),
            ("gemini-pro-latest", Thinking::Level(FROM_LOW)),
            ("gemini-3-pro-preview", Thinking::Level(LOW_OR_HIGH)),
            ("gemini-2.5-flash", Thinking::Budget(FLASH)),
            ("gemini-2.5-flash-lite", Thinking::Budget(LITE)),
            ("gemini-2.5-pro", Thinking::Budget(PRO)),
            ("gemini-2.5-flash-image", Thinking::Never),
            ("gemini-2.5-flash-preview-tts", Thinking::Never),
            ("gemini-3.1-flash-tts-preview", Thinking::Never),
            ("gemini-2.0-flash", Thinking::Never),
            ("gemini-pro", Thinking::Never),
            ("gemini-embedding-001", Thinking::Never),
            ("gemma-3-27b-it", Thinking::Never),
            ("gemma-4-31b-it", Thinking::Level(MINIMAL_OR_HIGH)),
        ] {
            assert_eq!(Model::of(name, Host::Studio).thinking(), expected, "{name}");
        }
    }
}
