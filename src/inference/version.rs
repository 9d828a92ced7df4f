//! The api-version of a call: anything, or what a strict owner takes.

use crate::error::{Error, Kind, Result};
use crate::inference::Terms;

/// Those that were published.
const KNOWN: [&str; 2] = ["2024-05-01-preview", "2025-04-01"];

pub const MISSING: &str = "MissingApiVersionParameter";
pub const UNSUPPORTED: &str = "UnsupportedApiVersionValue";

/// A query may be 16 KB long; no version is.
const QUOTED: usize = 100;

pub fn check(terms: &Terms, version: Option<&str>) -> Result<()> {
    if !terms.is_strict {
        return Ok(());
    }
    let Some(version) = version.filter(|it| !it.is_empty()) else {
        let problem =
            "The api-version query parameter (?api-version=) is required for all requests.";
        return Err(Error::new(Kind::BadRequest, MISSING, problem));
    };
    if KNOWN.contains(&version) {
        return Ok(());
    }
    let quoted: String = version.chars().take(QUOTED).collect();
    let problem = format!(
        "Unsupported api-version '{quoted}'. The supported api-versions are '{}'.",
        KNOWN.join(", ")
    );
    Err(Error::new(Kind::BadRequest, UNSUPPORTED, problem))
}
