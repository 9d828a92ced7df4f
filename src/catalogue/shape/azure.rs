//! Azure's lists of models (`/openai/models`) and of deployments.

use crate::catalogue::list::Entry;

pub fn list(entries: &[&Entry]) -> Vec<u8> {
    super::openai::list(entries)
}

pub fn item(entry: &Entry) -> Vec<u8> {
    super::openai::item(entry)
}

pub fn deployments(entries: &[&Entry]) -> Vec<u8> {
    super::openai::list(entries)
}

pub fn deployment(entry: &Entry) -> Vec<u8> {
    super::openai::item(entry)
}
