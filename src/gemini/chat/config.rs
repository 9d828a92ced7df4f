//! How the answer is drawn: `generationConfig`.

use crate::error::Result;
use crate::gemini::Manner;
use crate::gemini::lessons::Lessons;
use crate::gemini::model::{Family, Model};
use crate::json::{Fields, Value, Writer};

/// The members of `generationConfig` that a chat's or completion's fields ask for.
#[derive(Debug)]
pub struct Config {
    requests: usize,
    low: bool,
}

impl Config {
    pub fn read(
        request: &Fields<'_>,
        model: Model,
        _manner: &Manner,
        _lessons: Lessons,
    ) -> Result<Self> {
        let n = request.get("n").and_then(Value::as_u64).unwrap_or(1);
        let is_new = matches!(model.family, Family::Gemini(3.., _));
        Ok(Self {
            requests: if is_new {
                usize::try_from(n).unwrap_or(1)
            } else {
                1
            },
            low: request.get("reasoning_effort").is_some(),
        })
    }

    /// How many requests give the choices that are wanted (`n`): 1 where the model gives them together.
    pub fn requests(&self) -> usize {
        self.requests
    }

    /// Writes the members into an object that is open.
    pub fn write(&self, out: &mut Writer) {
        if self.low {
            out.open_member("thinkingConfig");
            out.word("thinkingLevel", "low");
            out.close();
        }
    }
}
