//! Azure AI Model Inference as its own clients speak it, whoever answers. Pure: bytes in, bytes out.
//!
//! [`request`] says what may stand in a request and what of it another server takes, [`stream`] and [`embeddings`]
//! bring answers into the form their parsers want, [`info`] describes a model, [`errors`] has their errors.

pub mod embeddings;
pub mod errors;
pub mod info;
pub mod request;
pub mod stream;
pub mod version;

use info::Kind;
use request::Policy;

/// What the owner of the gateway chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// A call must name an api-version, and one that is known.
    pub is_strict: bool,
    /// What becomes of extra parameters where the client says nothing.
    pub extra: Policy,
    /// What the one server behind this API serves, where its owner says so.
    pub serves: Option<Kind>,
}
