//! Server-sent events, both ways.
//!
//! The decoder takes bytes cut anywhere and gives whole events; it holds one unfinished event and no more
//! than [`MAX_EVENT`] bytes of it. The line endings of the standard (`\n`, `\r\n`, `\r`), comments, a missing
//! space after the colon, `data` over several lines and a byte-order mark are all understood.
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>

pub mod frames;

use crate::error::{Error, Kind, Result};

/// The longest event held: the largest seen in the field is one base64 image of about 10 MB; clients
/// themselves stop at 4 MiB a line (`Open WebUI`) or later.
pub const MAX_EVENT: usize = 16 << 20;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The `event` field; empty means `message`.
    pub name: String,
    pub data: String,
}

impl Event {
    /// OpenAI's end of a stream.
    pub fn is_done(&self) -> bool {
        self.data == "[DONE]"
    }
}

/// What must survive between chunks: the unfinished line, the unfinished event, whether the last chunk ended
/// in `\r` (a following `\n` belongs to it), whether anything was read at all (a byte-order mark may only come
/// first). Always `line.len() + event.name.len() + event.data.len() <= MAX_EVENT`.
#[derive(Default)]
pub struct Decoder {
    line: Vec<u8>,
    event: Event,
    has_data: bool,
    after_carriage_return: bool,
    started: bool,
}

impl Decoder {
    /// Takes the next bytes; gives the events they complete.
    pub fn push(&mut self, chunk: &[u8]) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        let mut rest = chunk;
        if self.after_carriage_return && !rest.is_empty() {
            self.after_carriage_return = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
            let (line, tail) = rest.split_at(end);
            self.hold(line)?;
            self.end_line(&mut events)?;
            rest = match tail {
                [b'\r'] => {
                    self.after_carriage_return = true;
                    &[]
                }
                [b'\r', b'\n', after @ ..] | [_, after @ ..] => after,
                [] => &[],
            };
        }
        self.hold(rest)?;
        Ok(events)
    }

    fn hold(&mut self, bytes: &[u8]) -> Result<()> {
        self.check_room_for(bytes.len())?;
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn check_room_for(&self, more: usize) -> Result<()> {
        if self.line.len() + self.event.name.len() + self.event.data.len() + more > MAX_EVENT {
            return Err(too_large());
        }
        Ok(())
    }

    fn end_line(&mut self, events: &mut Vec<Event>) -> Result<()> {
        let line = std::mem::take(&mut self.line);
        let mut line = String::from_utf8_lossy(&line);
        // The replacement character takes three bytes where one may have been.
        self.check_room_for(line.len())?;
        if !self.started {
            self.started = true;
            if let Some(rest) = line.strip_prefix('\u{feff}') {
                line = rest.to_owned().into();
            }
        }
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            if std::mem::take(&mut self.has_data) {
                events.push(event);
            }
            return Ok(());
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
                self.has_data = true;
            }
            "event" => value.clone_into(&mut self.event.name),
            _ => {}
        }
        Ok(())
    }
}

/// An event is longer than [`MAX_EVENT`].
pub fn too_large() -> Error {
    let problem = format!("An event of the upstream's stream is larger than {MAX_EVENT} bytes.");
    Error::new(Kind::BadGateway, "event_too_large", problem)
}

/// Writes one event without a name, OpenAI's usual kind. A carriage return in the data arrives as a line
/// break: left as it is, it would end the line, and what follows would be read as a field.
pub fn write_data(out: &mut String, data: &str) {
    for line in data.split(['\n', '\r']) {
        out.push_str("data: ");
        out.push_str(line);
        out.push('\n');
    }
    out.push('\n');
}

/// Writes one named event, as the Responses API does. The name must be one line.
pub fn write_named(out: &mut String, name: &str, data: &str) {
    out.push_str("event: ");
    out.push_str(name);
    out.push('\n');
    write_data(out, data);
}

/// Writes OpenAI's end of a stream.
pub fn write_done(out: &mut String) {
    write_data(out, "[DONE]");
}
