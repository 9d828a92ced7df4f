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
        let number = |text: Option<&str>| text.and_then(|it| it.parse().ok());
        let name = name.rsplit('/').next().unwrap_or_default();
        let mut words = name.split('-');
        let family = match (words.next(), words.next()) {
            (Some("gemma"), generation) => Family::Gemma(number(generation).unwrap_or(4)),
            (_, version) => {
                let mut version = version.unwrap_or_default().split('.');
                let major = number(version.next());
                let minor = number(version.next()).unwrap_or(0);
                major.map_or(Family::Gemini(3, 8), |it| Family::Gemini(it, minor))
            }
        };
        Self { family }
    }

    pub fn is_gemini3(self) -> bool {
        matches!(self.family, Family::Gemini(3.., _))
    }

    /// It is told what the system says apart from the conversation.
    pub fn takes_instructions(self) -> bool {
        matches!(self.family, Family::Gemini(..))
    }

    /// It does not continue words of its own.
    pub fn ends_with_user(self) -> bool {
        matches!(self.family, Family::Gemini(major, minor) if (major, minor) >= (3, 6))
    }

    /// Results of calls may hold pictures.
    pub fn takes_result_parts(self) -> bool {
        self.is_gemini3()
    }

    /// It opens addresses in the web.
    pub fn takes_urls(self) -> bool {
        matches!(self.family, Family::Gemini(major, minor) if (major, minor) >= (2, 5))
    }
}
