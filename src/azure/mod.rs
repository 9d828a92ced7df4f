//! What Azure's servers do differently with OpenAI's wire. Pure: bytes in, edits and bytes out.
//!
//! Where they live and which credential they take is `providers/azure`.

pub mod facts;
pub mod family;
pub mod version;

pub mod batch;
pub mod request;

pub mod errors;
pub mod lessons;
pub mod listing;
pub mod pending;

pub mod answer;
pub mod stream;

mod annotations;
mod usage;

use family::Family;
use version::Version;

/// How one endpoint wants to be spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    pub spoken: Spoken,
    pub version: Version,
    /// Of the model behind the deployment, as far as its names tell.
    pub family: Family,
    /// The host is Azure's own. A gateway in front of it can end a stream early and make it look like its end.
    pub is_direct: bool,
    pub options: Options,
}

/// The shape of the API spoken there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// `/openai/deployments/{deployment}/...?api-version=`: the deployment stands in the path.
    Classic,
    /// `/openai/v1/...`: the deployment is the body's `model`.
    V1,
    /// `/models/...?api-version=`: Azure AI Model Inference, strict about what it knows.
    Models,
    /// One model per host: serverless, managed compute, GitHub Models.
    Single,
}

impl Spoken {
    /// Whether it is the Model Inference API, or a host with one model: not Azure OpenAI.
    pub fn is_inference(self) -> bool {
        matches!(self, Self::Models | Self::Single)
    }
}

/// What the owner of a provider chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of the configuration"
)]
pub struct Options {
    /// Remove content-filter annotations from answers.
    pub strip_azure_fields: bool,
    /// Drop what the family is known to refuse, instead of letting the upstream say so.
    pub drop_unsupported: bool,
    /// Rewrite and send again on a refusal that says exactly what to change.
    pub reactive_retry: bool,
    /// Ask for a stream's usage, and hide the chunk from a client that did not.
    pub always_include_usage: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            strip_azure_fields: false,
            drop_unsupported: false,
            reactive_retry: true,
            always_include_usage: false,
        }
    }
}
