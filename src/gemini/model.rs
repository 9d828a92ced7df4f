//! What models can do, by their names.

use crate::gemini::Host;

/// A model's abilities and manners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    pub family: Family,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Major and minor number; unknown names are the newest.
    Gemini(u16, u16),
    Gemma(u16),
}

impl Model {
    pub fn of(name: &str, host: Host) -> Self {
        let _ = host;
        let is_old = name.starts_with("gemini-2.5");
        let family = if is_old {
            Family::Gemini(2, 5)
        } else {
            Family::Gemini(3, 8)
        };
        Self { family }
    }
}
