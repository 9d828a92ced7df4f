//! `{"object": "list", "data": [{"id", "object": "model", ...}]}`.

use crate::catalogue::list::Entry;
use crate::json::quoted;

pub fn list(entries: &[&Entry]) -> Vec<u8> {
    let size: usize = entries
        .iter()
        .map(|it| it.id.len() + it.members.len() + 16)
        .sum();
    let mut out = Vec::with_capacity(size + 32);
    out.extend_from_slice(b"{\"object\":\"list\",\"data\":[");
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(entry, &mut out);
    }
    out.extend_from_slice(b"]}");
    out
}

pub fn item(entry: &Entry) -> Vec<u8> {
    let mut out = Vec::new();
    write(entry, &mut out);
    out
}

fn write(entry: &Entry, out: &mut Vec<u8>) {
    for piece in ["{\"id\":", &quoted(&entry.id), ",", &entry.members, "}"] {
        out.extend_from_slice(piece.as_bytes());
    }
}
