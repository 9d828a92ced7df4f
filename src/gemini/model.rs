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
        let number = |text: &str| text.parse().ok();
        let mut parts = name.split(['-', '.']);
        let family = match parts.next() {
            Some("gemma") => Family::Gemma(parts.next().and_then(number).unwrap_or(4)),
            _ => match (parts.next().and_then(number), parts.next().and_then(number)) {
                (Some(major), minor) => Family::Gemini(major, minor.unwrap_or(0)),
                _ => Family::Gemini(3, 8),
            },
        };
        Self { family }
    }

    pub fn is_gemini3(self) -> bool {
        matches!(self.family, Family::Gemini(3.., _))
    }

    /// `parametersJsonSchema` and `responseJsonSchema`.
    pub fn takes_json_schema(self) -> bool {
        matches!(self.family, Family::Gemini(2.., _) | Family::Gemma(4..))
    }

    pub fn takes_tools(self) -> bool {
        !matches!(self.family, Family::Gemma(..4))
    }

    /// Functions and Google's own tools in one request.
    pub fn mixes_tools(self) -> bool {
        self.is_gemini3()
    }
}
