//! How the answer is drawn: `generationConfig`.

use crate::error::Result;
use crate::gemini::Manner;
use crate::gemini::lessons::Lessons;
use crate::gemini::model::Model;
use crate::json::{Fields, Writer};

/// The members of `generationConfig` that a chat's or completion's fields ask for.
#[derive(Debug)]
pub struct Config {}

impl Config {
    pub fn read(
        _request: &Fields<'_>,
        _model: Model,
        _manner: &Manner,
        _lessons: Lessons,
    ) -> Result<Self> {
        Ok(Self {})
    }

    /// How many requests give the choices that are wanted (`n`): 1 where the model gives them together.
    pub fn requests(&self) -> usize {
        1
    }

    /// Writes the members into an object that is open.
    pub fn write(&self, _out: &mut Writer) {}
}
