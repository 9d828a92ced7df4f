//! What of a request has to change for an endpoint of Azure's to take it.

use crate::azure::Manner;
use crate::azure::lessons::Lessons;
use crate::error::Result;
use crate::platform::Edit;
use crate::surface::Operation;

/// A request with a JSON body.
pub struct Request<'a> {
    pub operation: Operation,
    /// Below `/v1`.
    pub path: &'a str,
    /// The client's own text: valid JSON, maybe with a byte-order mark.
    pub text: &'a [u8],
    /// What the endpoint calls the model: the deployment.
    pub model: Option<&'a str>,
    pub lessons: Lessons,
}

/// The edits, sorted and apart from each other.
pub fn edits(_manner: &Manner, _request: &Request<'_>) -> Result<Vec<Edit>> {
    Ok(Vec::new())
}

pub fn asks_for_usage(_text: &[u8]) -> bool {
    false
}
