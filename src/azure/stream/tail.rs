//! What ends a stream that did not end itself.

use crate::openai;
use crate::sse::frames::{self, Event, Search};
use crate::stream::{Ended, Tail};
use crate::surface::Operation;

use super::chunk::Chunk;
use super::half;

pub const DONE: &[u8] = b"[DONE]";

pub const TOO_LARGE: &[u8] = concat!(
    r#"{"error":{"message":"An event of the upstream's stream is larger than 16777216 bytes.","#,
    r#""type":"server_error","param":null,"code":"event_too_large"}}"#
)
.as_bytes();

/// Never a made-up `stop`: a client must be able to tell half an answer from a whole one.
const TRUNCATED: &[u8] = concat!(
    r#"{"error":{"message":"The upstream's stream ended before its answer did.","#,
    r#""type":"server_error","param":null,"code":"stream_truncated"}}"#
)
.as_bytes();

/// What a stream has of an end.
#[derive(Clone, Copy, Default)]
pub struct End {
    /// `[DONE]` went out.
    pub is_done: bool,
    /// An error went out.
    pub has_failed: bool,
    /// Every choice has its finish reason.
    pub is_finished: bool,
}

/// Adds to the bytes what the stream lacks. They must end with an event, or be none.
pub fn complete(mut bytes: Vec<u8>, ended: Ended, end: End) -> Tail {
    let lacks_done = !end.is_done;
    let lacks_rest = lacks_done && !end.has_failed && (ended == Ended::Broken || !end.is_finished);
    if lacks_rest && ended == Ended::Broken {
        bytes.extend_from_slice(broken().as_bytes());
    } else if lacks_done {
        if lacks_rest {
            frames::write(&mut bytes, TRUNCATED);
        }
        frames::write(&mut bytes, DONE);
    }
    Tail {
        bytes,
        is_whole: !end.has_failed && !lacks_rest,
    }
}

/// The same for a stream that passed unseen, from the end of what passed.
pub fn complete_unseen(last: &[u8], ended: Ended, mut end: End) -> Tail {
    let mut rest = last;
    while let Some(length) = Search::default().end(rest) {
        let (block, behind) = rest.split_at(length);
        end.see(block);
        rest = behind;
    }
    // The last event may lack its blank line.
    end.see(rest);
    let is_open = !end.is_done && !end.has_failed;
    if is_open && let Some(bytes) = complete_half(rest, ended) {
        let is_whole = false;
        return Tail { bytes, is_whole };
    }
    let mut tail = complete(Vec::new(), ended, end);
    // Nothing may stand in the line of an event that was cut.
    if !rest.is_empty() || ended == Ended::Broken && !end.is_done {
        tail.bytes.splice(0..0, *b"\n\n");
    }
    tail
}

/// What ends an event that was cut after its beginning. (Inside of a text whose own beginning is not there, `data:`
/// is followed by no object: the quotes of its keys are escaped.)
fn complete_half(event: &[u8], ended: Ended) -> Option<Vec<u8>> {
    let half = event.strip_prefix(b"data:")?;
    let error = match ended {
        Ended::Broken => broken().lines().next()?.strip_prefix("data: ")?.as_bytes(),
        Ended::Cleanly => TRUNCATED,
    };
    let members = error.strip_prefix(b"{")?.strip_suffix(b"}")?;
    let rest = half::rest_of(half, std::str::from_utf8(members).ok()?)?;
    let mut bytes = rest.into_bytes();
    bytes.extend_from_slice(b"\n\n");
    frames::write(&mut bytes, DONE);
    Some(bytes)
}

/// An error and `[DONE]`, without the blank line in front.
fn broken() -> &'static str {
    openai::errors::broken_stream(Operation::Chat).trim_start()
}

impl End {
    fn see(&mut self, block: &[u8]) {
        let event = Event::parse(block, false);
        let data = event.data.as_deref().unwrap_or_default();
        // All of it: the first line may be cut, and may begin inside a text that speaks of streams.
        self.is_done |= data.trim_ascii() == DONE;
        let Some(chunk) = frames::object(data).map(Chunk::of) else {
            return;
        };
        self.has_failed |= chunk.error().is_some();
        self.is_finished |= chunk.says_finished();
    }
}
