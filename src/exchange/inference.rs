//! Requests of clients of Azure AI Model Inference, each time as the target takes them.

use crate::dialect::Dialect;
use crate::error::{Error, Kind, Result};
use crate::exchange::Exchange;
use crate::headers::Headers;
use crate::inference::embeddings;
use crate::inference::request::{self, Reader};
use crate::platform::Platform;
use crate::providers::Endpoint;
use crate::surface::Surface;

/// Besides Azure's own nobody has it: OpenAI's embeddings are of text.
const OF_IMAGES: &str = "images/embeddings";

impl<P: Platform> Exchange<'_, P> {
    pub(super) fn fit(&mut self, endpoint: &Endpoint) -> Result<()> {
        if !self.is_inference() {
            return Ok(());
        }
        let reader = reader(endpoint.dialect);
        if reader != Reader::Native && self.call.wanted.path == OF_IMAGES {
            let problem = "This model has no embeddings of images.";
            return Err(Error::new(Kind::NotFound, "unsupported_operation", problem));
        }
        self.call.write_for(reader)
    }

    /// The client's word on extra parameters, where it is understood: here its own were let through already, and what
    /// passed is to reach the model.
    pub(super) fn say_extra_parameters(&self, endpoint: &Endpoint, headers: &mut Headers) {
        if self.is_inference()
            && reader(endpoint.dialect) == Reader::Native
            && let Some(word) = request::extra(&self.call.headers)
        {
            headers.set("extra-parameters", word);
        }
    }

    /// An answer of the built-in provider's.
    pub(super) fn named(&self, answer: Vec<u8>) -> Vec<u8> {
        let wants_id = self.call.wanted.wants_id();
        let named = wants_id.then(|| embeddings::with_id(&answer, &self.report.request_id));
        named.flatten().unwrap_or(answer)
    }

    fn is_inference(&self) -> bool {
        self.call.wanted.surface == Surface::Inference
    }
}

fn reader(dialect: Dialect) -> Reader {
    match dialect {
        Dialect::Azure(manner) if manner.spoken.is_inference() => Reader::Native,
        Dialect::Gemini(_) => Reader::Gemini,
        _ => Reader::OpenAi,
    }
}
