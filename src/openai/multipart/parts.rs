//! All parts of a form that is whole.

use std::ops::Range;

use memchr::memmem;

use super::delimiter::{CRLF, Delimiter, Line, Seek};
use super::field::Labels;
use super::{MAX_HEADERS, MAX_PARTS, boundary, invalid};
use crate::error::Result;

/// A part with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    /// Of a file, as its sender calls it.
    pub filename: Option<String>,
    pub content_type: Option<String>,
    /// Where in the form its bytes are.
    pub content: Range<usize>,
}

/// The parts of a form, by the same rules as [`Scan`](super::Scan).
pub fn parts(form: &[u8], content_type: &str) -> Result<Vec<Part>> {
    let (_, delimiter) = boundary(content_type)?;
    let mut parts = Vec::new();
    let mut line = next(&delimiter, form, 0)?;
    for _ in 0..=MAX_PARTS {
        if line.closing {
            return Ok(parts);
        }
        let start = line.end;
        let headers = form.get(start..).unwrap_or_default();
        let headers = headers.get(..MAX_HEADERS).unwrap_or(headers);
        // A part without headers begins with the line break that ends them.
        let length = if headers.starts_with(CRLF) {
            0
        } else {
            memmem::find(headers, b"\r\n\r\n")
                .ok_or_else(|| invalid("The headers of a part do not end, or not within 16 KiB."))?
                + CRLF.len()
        };
        let labels = Labels::of_headers(headers.get(..length).unwrap_or_default())?;
        let content = start + length + CRLF.len();
        // The line break behind the headers may be the one in front of the next delimiter.
        line = next(&delimiter, form, content - CRLF.len())?;
        parts.extend(labels.map(|labels| Part {
            name: labels.name,
            filename: labels.filename,
            content_type: labels.content_type,
            content: content..line.content_end.max(content),
        }));
    }
    Err(invalid("The form has more than 1000 parts."))
}

/// The first delimiter line from `start` on, its places counted from the start of the form.
fn next(delimiter: &Delimiter, form: &[u8], start: usize) -> Result<Line> {
    let rest = form.get(start..).unwrap_or_default();
    let found = match delimiter.seek(rest, start as u64)? {
        Seek::Line(line) => Some((line, start)),
        // The line break after the closing delimiter may be missing: the end of the form stands for it.
        Seek::Nothing { settled } => {
            let last = [rest.get(settled..).unwrap_or_default(), CRLF].concat();
            let start = start + settled;
            match delimiter.seek(&last, start as u64)? {
                Seek::Line(line) => Some((line, start)),
                Seek::Nothing { .. } => None,
            }
        }
    };
    let ends_early = || invalid("The form ends before its closing boundary.");
    let (line, offset) = found.ok_or_else(ends_early)?;
    Ok(Line {
        content_end: line.content_end + offset,
        start: line.start + offset,
        end: line.end + offset,
        closing: line.closing,
    })
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_file_keeps_what_its_sender_calls_it() {
        for (labels, filename, content_type) in [
            ("", None, None),
            (
                "; filename=\"a.mp3\"\r\nContent-Type: audio/mpeg; x=y",
                Some("a.mp3"),
                Some("audio/mpeg; x=y"),
            ),
            (
                "; filename=\"\"\r\ncontent-type:text/plain",
                Some(""),
                Some("text/plain"),
            ),
            (
                "; filename*=UTF-8''caf%C3%A9.wav",
                Some("caf%C3%A9.wav"),
                None,
            ),
            (
                "; filename*=UTF-8''%C3%A9.wav; filename=e.wav",
                Some("e.wav"),
                None,
            ),
        ] {
            let form = format!(
                "--b\r\nContent-Disposition: form-data; name=\"file\"{labels}\r\n\r\nx\r\n--b--\r\n"
            );
            let parts = parts(form.as_bytes(), "multipart/form-data; boundary=b").unwrap();
            assert_eq!(parts.len(), 1, "{labels}");
            assert_eq!(parts[0].filename.as_deref(), filename, "{labels}");
            assert_eq!(parts[0].content_type.as_deref(), content_type, "{labels}");
            assert_eq!(form.get(parts[0].content.clone()), Some("x"), "{labels}");
        }
    }
}
