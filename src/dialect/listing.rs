//! Lists of models, in each upstream's shape, and what is known of a model.

use crate::dialect::Dialect;
use crate::facts::Facts;
use crate::listed::Listed;
use crate::{azure, gemini, openai};

impl Dialect {
    /// The models of a list, of all its pages or of a page that is one model; None if it is no such thing.
    pub fn listed(self, pages: &[Vec<u8>]) -> Option<Vec<Listed>> {
        match self {
            Self::OpenAi | Self::Anthropic => openai::listing::read(pages),
            Self::Azure(_) => azure::listing::models(pages),
            Self::Gemini(manner) => gemini::listing::read(pages, manner.host),
            Self::Compat(spoken) => gemini::compat::listed(pages, spoken),
        }
    }

    /// Where the page behind this one of a list is.
    pub fn next_page(self, url: &str, page: &[u8]) -> Option<String> {
        match self {
            // Google's endpoint in OpenAI's shape has all on one page; Vertex AI has no list but the native one.
            Self::Gemini(_) | Self::Compat(_) => gemini::listing::next_page(url, page),
            // The resource manager pages, which is asked in no dialect of its own.
            Self::OpenAi | Self::Azure(_) => azure::listing::next_page(url, page),
            Self::Anthropic => None,
        }
    }

    /// What is known of a model by its name there.
    pub fn facts(self, model: &str) -> Facts {
        match self {
            Self::Azure(manner) => azure::facts::of(manner.family, model),
            Self::Gemini(manner) => gemini::facts::of(model, manner.host),
            Self::Compat(spoken) => gemini::compat::facts(model, spoken),
            Self::Anthropic | Self::OpenAi => Facts::default(),
        }
    }
}
