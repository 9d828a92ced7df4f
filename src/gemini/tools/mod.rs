//! Tools and the choice among them.

mod names;

pub use names::Names;

use crate::error::Result;
use crate::gemini::Manner;
use crate::gemini::lessons::Lessons;
use crate::gemini::model::Model;
use crate::json::{Fields, Writer};

/// What a request offers: functions of the client's, and tools of Google's own (search, code, maps).
#[derive(Debug, Default)]
pub struct Tools {
    names: Names,
}

impl Tools {
    /// Reads `tools`, `functions`, `tool_choice`, `function_call`, `web_search_options`.
    pub fn read(
        _request: &Fields<'_>,
        _model: Model,
        _manner: &Manner,
        _lessons: Lessons,
    ) -> Result<Self> {
        Ok(Self::default())
    }

    /// Adds Google's search, as if the client had asked for it.
    pub fn add_search(&mut self) {}

    pub fn has_functions(&self) -> bool {
        false
    }

    /// The client offered `functions`, from before there were tools.
    pub fn are_legacy(&self) -> bool {
        false
    }

    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Writes the members `tools` and `toolConfig`, if there is anything to say.
    pub fn write(&self, _out: &mut Writer) {}
}
