//! What an answer is called.

use crate::json::Writer;

use super::created;
use super::read::Answer;

/// Names longer than this are no names; in a stream every chunk repeats them.
const MAX_NAME: usize = 256;

/// Id, object, time and model, as the answer says them, or else as we do.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// What an id begins with, and what it is where the upstream says none.
    pub prefix: &'a str,
    pub id: &'a str,
    pub object: &'a str,
    pub now_secs: u64,
    /// As the client calls it.
    pub model: &'a str,
}

impl Head<'_> {
    /// Writes them into an object that is open.
    pub fn write(&self, out: &mut Writer, answer: &Answer<'_>) {
        let id = named(answer.id).unwrap_or(self.id.as_bytes());
        out.joined("id", &[self.prefix.as_bytes(), id].concat());
        out.word("object", self.object);
        let created = created::seconds(answer.created);
        out.number("created", created.unwrap_or(self.now_secs));
        match named(answer.model) {
            Some(model) => out.joined("model", model),
            None => out.string("model", self.model),
        }
    }
}

fn named(inside: &[u8]) -> Option<&[u8]> {
    (1..=MAX_NAME).contains(&inside.len()).then_some(inside)
}
