//! The events of a stream, as they stand in its chunks.

use crate::error::Result;
use crate::sse::{MAX_EVENT, too_large};

/// Cuts a stream into the JSON of its events: server-sent ones, and values that come bare, on lines of their own or as
/// an array (errors do, and streams without `alt=sse`). An event that is whole in its chunk is not copied.
///
/// What must survive between chunks: the line or bare value that is cut (`held`) and, of a bare one, how deep it is;
/// the lines of an event that is not over (`data`); whether the last byte was a carriage return, which a line feed may
/// follow. Always `held.len() + data.len() <= MAX_EVENT`.
#[derive(Debug, Default)]
pub(super) struct Frames {
    held: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    bare: Option<Bare>,
    after_carriage_return: bool,
}

/// Where the end of what was seen of a bare value stands in it.
#[derive(Clone, Copy, Debug, Default)]
struct Bare {
    depth: usize,
    is_inside: bool,
    is_escaped: bool,
}

impl Frames {
    /// Gives every event that is complete.
    pub(super) fn push(&mut self, chunk: &[u8], mut each: impl FnMut(&[u8])) -> Result<()> {
        let mut rest = chunk;
        while !rest.is_empty() {
            rest = if self.bare.is_some() {
                self.bare(rest, &mut each)?
            } else if self.held.is_empty() {
                self.start(rest, &mut each)?
            } else {
                self.line(rest, &mut each)?
            };
        }
        Ok(())
    }

    /// The last event may lack the line ends that complete it.
    pub(super) fn finish(&mut self, each: impl FnMut(&[u8])) -> Result<()> {
        self.bare = None;
        self.push(b"\n\n", each)
    }

    /// At the beginning of a line. Blanks, a byte-order mark and what stands between the elements of an array are
    /// passed.
    fn start<'c>(&mut self, rest: &'c [u8], each: &mut impl FnMut(&[u8])) -> Result<&'c [u8]> {
        let after_carriage_return = std::mem::take(&mut self.after_carriage_return);
        match rest {
            [b'\n', rest @ ..] if after_carriage_return => Ok(rest),
            [
                b' ' | b'\t' | b',' | b'[' | b']' | 0xef | 0xbb | 0xbf,
                rest @ ..,
            ] => Ok(rest),
            [b'{', ..] => {
                self.end_event(each);
                self.bare = Some(Bare::default());
                Ok(rest)
            }
            _ => self.line(rest, each),
        }
    }

    fn line<'c>(&mut self, rest: &'c [u8], each: &mut impl FnMut(&[u8])) -> Result<&'c [u8]> {
        let Some(end) = memchr::memchr2(b'\n', b'\r', rest) else {
            self.hold(rest)?;
            return Ok(&[]);
        };
        let (line, rest) = rest.split_at(end);
        let rest = self.line_end(rest).unwrap_or_default();
        if self.held.is_empty() {
            self.check_room_for(line.len())?;
            return Ok(self.whole_line(line, rest, each));
        }
        self.hold(line)?;
        let held = std::mem::take(&mut self.held);
        Ok(self.whole_line(&held, rest, each))
    }

    /// Takes a line, and gives what follows. Mostly an event is one line, and the blank one that ends it is there, too.
    fn whole_line<'c>(
        &mut self,
        line: &[u8],
        rest: &'c [u8],
        each: &mut impl FnMut(&[u8]),
    ) -> &'c [u8] {
        if line.is_empty() {
            self.end_event(each);
            return rest;
        }
        let Some(value) = line.strip_prefix(b"data") else {
            return rest;
        };
        let value = match value {
            [b':', b' ', value @ ..] | [b':', value @ ..] => value,
            [] => value,
            // Another field.
            _ => return rest,
        };
        if !self.has_data
            && let Some(rest) = self.line_end(rest)
        {
            each(value);
            return rest;
        }
        if self.has_data {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(value);
        self.has_data = true;
        rest
    }

    /// What follows the end of a line, if one stands here.
    fn line_end<'c>(&mut self, text: &'c [u8]) -> Option<&'c [u8]> {
        match text {
            [b'\r'] => {
                self.after_carriage_return = true;
                Some(&[])
            }
            [b'\r', b'\n', rest @ ..] | [b'\r' | b'\n', rest @ ..] => Some(rest),
            _ => None,
        }
    }

    fn end_event(&mut self, each: &mut impl FnMut(&[u8])) {
        if std::mem::take(&mut self.has_data) {
            let data = std::mem::take(&mut self.data);
            each(&data);
        }
    }

    fn bare<'c>(&mut self, rest: &'c [u8], each: &mut impl FnMut(&[u8])) -> Result<&'c [u8]> {
        let end = self.bare.as_mut().and_then(|bare| bare.end(rest));
        let Some((value, rest)) = end.and_then(|end| rest.split_at_checked(end)) else {
            self.hold(rest)?;
            return Ok(&[]);
        };
        self.bare = None;
        if self.held.is_empty() {
            self.check_room_for(value.len())?;
            each(value);
        } else {
            self.hold(value)?;
            each(&std::mem::take(&mut self.held));
        }
        Ok(rest)
    }

    fn hold(&mut self, bytes: &[u8]) -> Result<()> {
        self.check_room_for(bytes.len())?;
        self.held.extend_from_slice(bytes);
        Ok(())
    }

    fn check_room_for(&self, more: usize) -> Result<()> {
        if self.held.len() + self.data.len() + more > MAX_EVENT {
            return Err(too_large());
        }
        Ok(())
    }
}

impl Bare {
    /// Behind the bracket that closes the value; None if that is still to come.
    fn end(&mut self, text: &[u8]) -> Option<usize> {
        for (at, byte) in text.iter().enumerate() {
            if self.is_inside {
                self.is_inside = self.is_escaped || *byte != b'"';
                self.is_escaped = !self.is_escaped && *byte == b'\\';
                continue;
            }
            match byte {
                b'"' => self.is_inside = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if self.depth == 0 {
                return Some(at + 1);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::Frames;

    fn events(chunks: &[&[u8]]) -> Vec<String> {
        let mut frames = Frames::default();
        let mut events = Vec::new();
        let mut keep = |event: &[u8]| events.push(String::from_utf8(event.to_vec()).unwrap());
        for chunk in chunks {
            frames.push(chunk, &mut keep).unwrap();
        }
        frames.finish(&mut keep).unwrap();
        events
    }

    #[test]
    fn any_framing_and_any_cut_gives_the_same_events() {
        for (stream, expected) in [
            ("data: {1}\r\n\r\ndata: {2}\r\n\r\n", &["{1}", "{2}"][..]),
            ("data: {1}\n\ndata:{2}\n\n", &["{1}", "{2}"]),
            ("data: {1}\r\rdata:  {2}\r\r", &["{1}", " {2}"]),
            (
                "\u{feff}data: {1}\n\n: note\n\nevent: x\nid: 7\ndata: {2}",
                &["{1}", "{2}"],
            ),
            ("data: {\ndata:  1\ndata: }\n\ndata\n\n", &["{\n 1\n}", ""]),
            ("database: {1}\n\n\n\ndata: {2}\r\n", &["{2}"]),
            (
                "\u{feff}[{\"a\":\"}\\\"\"}\n,\r\n{\"b\":[{}]}\n]\n",
                &["{\"a\":\"}\\\"\"}", "{\"b\":[{}]}"],
            ),
            (
                "data: {1}\n{\n \"error\": {}\n}\n",
                &["{1}", "{\n \"error\": {}\n}"],
            ),
            ("{1}{2}\ndata: {3}\n\n", &["{1}", "{2}", "{3}"]),
            ("<html>\n{1}\n", &["{1}"]),
            ("data: {1}\r\n\ndata: {2}\n\r\n", &["{1}", "{2}"]),
            ("", &[]),
        ] {
            let bytes = stream.as_bytes();
            assert_eq!(events(&[bytes]), expected, "{stream}");
            for size in 1..bytes.len() {
                let chunks: Vec<_> = bytes.chunks(size).collect();
                assert_eq!(events(&chunks), expected, "{stream} by {size}");
                let (before, behind) = bytes.split_at(size);
                assert_eq!(events(&[before, behind]), expected, "{stream} at {size}");
            }
        }
    }

    #[test]
    fn an_event_has_a_bound_however_it_is_cut() {
        let long = [b"data: ", &vec![b'x'; crate::sse::MAX_EVENT][..], b"\n\n"].concat();
        let bare = [b"{", &vec![b'x'; crate::sse::MAX_EVENT][..], b"}"].concat();
        for stream in [long, bare] {
            for size in [1 << 16, stream.len()] {
                let mut frames = Frames::default();
                let mut chunks = stream.chunks(size);
                assert!(chunks.any(|chunk| frames.push(chunk, |_| {}).is_err()));
            }
        }
    }
}
