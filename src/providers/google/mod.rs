//! Google AI Studio and Vertex AI.

use std::rc::Rc;

use crate::credentials::keys::Keys;
use crate::credentials::token::Identity;
use crate::error::Result;
use crate::gemini::Manner;
use crate::providers::{Demand, Endpoint, Provider};

/// One account's place at Google.
pub struct Site {
    pub manner: Manner,
    pub keys: Option<Rc<Keys>>,
    pub identity: Option<Rc<Identity>>,
}

impl Site {
    /// Whether the owner's money is behind it.
    pub fn has_credential(&self) -> bool {
        self.keys.is_some() || self.identity.is_some()
    }

    pub fn endpoint(&self, _provider: &Provider, demand: &Demand<'_>) -> Result<Endpoint> {
        Err(crate::gemini::unserved(
            self.manner.host,
            demand.wanted.operation,
        ))
    }
}
