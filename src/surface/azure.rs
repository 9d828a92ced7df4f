//! Azure OpenAI as its own clients ask it.

use crate::error::Result;
use crate::surface::path::Normalised;
use crate::surface::{Arrival, Wanted};

/// None where it is no such request.
pub(super) fn recognise(arrival: &Arrival<'_>, path: &Normalised) -> Result<Option<Wanted>> {
    let _ = (arrival, path);
    Ok(None)
}
