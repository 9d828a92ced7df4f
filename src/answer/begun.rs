//! What becomes of an answer whose head went out before it was known: events are all that can follow.
//!
//! Its own headers are lost, and its status is told in the report alone: the client has had 200 for long.

use crate::answer::{Answer, Body, EVENT_STREAM};
use crate::json::{Value, Writer};
use crate::sse::frames;

/// Where there is no error to tell of, and no stream either.
const NOTHING: &[u8] = concat!(
    r#"{"error":{"message":"The answer is no stream, and cannot follow here.","#,
    r#""type":"server_error","param":null,"code":"internal_error"}}"#
)
.as_bytes();

/// Where Rust does not come to say anything any more.
const BROKEN: &[u8] = concat!(
    r#"{"error":{"message":"The gateway failed on this request. That is a defect of the gateway.","#,
    r#""type":"server_error","param":null,"code":"internal_error"}}"#
)
.as_bytes();

/// What ends an answer whose call has gone down. `is_of_responses`: that API names its events, and has one of its own for
/// errors.
pub fn broken(is_of_responses: bool) -> String {
    String::from_utf8_lossy(&events_of(BROKEN, is_of_responses)).into_owned()
}

impl<UpstreamBody> Answer<UpstreamBody> {
    #[must_use]
    pub fn in_events(mut self, is_of_responses: bool) -> Self {
        let is_stream = self.headers.media_type() == "text/event-stream";
        let error = match &self.body {
            Body::Events { .. } | Body::Changed(_) => return self,
            Body::Bytes(_) if is_stream => return self,
            Body::Bytes(bytes) => bytes,
            Body::Empty | Body::Native(_) => NOTHING,
        };
        let events = events_of(error, is_of_responses);
        self.headers.set("content-type", EVENT_STREAM);
        self.body = Body::Bytes(events);
        self
    }
}

fn events_of(error: &[u8], is_of_responses: bool) -> Vec<u8> {
    let mut events = Vec::new();
    if is_of_responses {
        events.extend_from_slice(b"event: error\n");
        frames::write(&mut events, &of_responses(error));
    } else {
        frames::write(&mut events, error);
    }
    frames::write(&mut events, b"[DONE]");
    events
}

/// The members of an error, in that API's event for one.
fn of_responses(body: &[u8]) -> Vec<u8> {
    let error = |body| Value::first(body).and_then(|body| body.get("error"));
    let error = error(body).or_else(|| error(NOTHING));
    let mut event = Writer::default();
    event.open();
    event.word("type", "error");
    for name in ["code", "message", "param"] {
        let value = error.and_then(|error| error.get(name));
        event.raw(name, value.map_or(b"null", Value::raw));
    }
    event.number("sequence_number", 0);
    event.close();
    event.into_bytes()
}
