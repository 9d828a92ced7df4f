//! Where a form's delimiter lines are, and what looks like one.

use memchr::memmem::Finder;

use super::invalid;
use crate::error::Result;

pub(super) const CRLF: &[u8] = b"\r\n";

/// Blanks allowed after a boundary, for mail gateways of the past: HTTP clients write none.
const MAX_PADDING: usize = 256;

/// `--boundary`.
pub(super) struct Delimiter(Finder<'static>);

/// What a search has found.
pub(super) enum Seek {
    /// No delimiter in the first `settled` bytes, whatever follows.
    Nothing {
        settled: usize,
    },
    Line(Line),
}

/// A delimiter line from `start` to `end`, its line break included.
pub(super) struct Line {
    /// The content before ends here: the line break before the delimiter is not part of it.
    pub(super) content_end: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) closing: bool,
}

impl Delimiter {
    pub(super) fn new(boundary: &str) -> Option<Self> {
        is_boundary(boundary).then(|| Self(Finder::new(&format!("--{boundary}")).into_owned()))
    }

    /// Finds the first delimiter line in bytes that start at `offset` of the body.
    pub(super) fn seek(&self, bytes: &[u8], offset: u64) -> Result<Seek> {
        let width = self.0.needle().len();
        // A boundary holds no line break: no match can hide an overlapping one at the start of a line.
        for start in self.0.find_iter(bytes) {
            let (before, rest) = bytes.split_at(start);
            let starts_line = before.ends_with(CRLF) || (before.is_empty() && offset == 0);
            if !starts_line && !matches!(before.last(), Some(b'\r' | b'\n')) {
                continue;
            }
            let settled = start.saturating_sub(CRLF.len());
            match LineEnd::of(rest.split_at(width).1) {
                LineEnd::Text => {}
                LineEnd::Unknown => return Ok(Seek::Nothing { settled }),
                LineEnd::At { length, closing } if starts_line => {
                    return Ok(Seek::Line(Line {
                        content_end: settled,
                        start,
                        end: start + width + length,
                        closing,
                    }));
                }
                LineEnd::At { .. } | LineEnd::Bare => {
                    return Err(invalid(
                        "A boundary of the form is not between CRLF line breaks.",
                    ));
                }
            }
        }
        // The last bytes may be a line break and a delimiter cut short.
        let settled = (bytes.len() + 1).saturating_sub(CRLF.len() + width);
        Ok(Seek::Nothing { settled })
    }
}

/// RFC 2046: 1 to 70 of these characters, the last not a blank.
fn is_boundary(text: &str) -> bool {
    (1..=70).contains(&text.len())
        && !text.ends_with(' ')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "'()+_,-./:=? ".contains(c))
}

/// What follows a boundary on its line.
enum LineEnd {
    /// Other characters: not a delimiter.
    Text,
    /// The bytes end here.
    Unknown,
    /// Half a line break, or more blanks than anyone writes.
    Bare,
    At {
        length: usize,
        closing: bool,
    },
}

impl LineEnd {
    fn of(after: &[u8]) -> Self {
        let (closing, line) = match after.strip_prefix(b"--") {
            Some(line) => (true, line),
            None => (false, after),
        };
        let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
        let padding = line.iter().take_while(is_blank).count();
        let text = line.split_at(padding).1;
        match text {
            _ if padding > MAX_PADDING => Self::Bare,
            [] | [b'\r'] => Self::Unknown,
            [b'-'] if !closing && padding == 0 => Self::Unknown,
            [b'\r', b'\n', ..] => Self::At {
                length: after.len() - text.len() + CRLF.len(),
                closing,
            },
            [b'\r' | b'\n', ..] => Self::Bare,
            _ => Self::Text,
        }
    }
}
