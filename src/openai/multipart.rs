//! The `model` field of a multipart form, found while the form streams past.
//!
//! An upload of audio or images is too large to hold twice, and its `model` may come first or last. The
//! caller keeps the bytes or passes them on; a [`Scan`] reads each window once and says where in the body
//! the value lies, so that a range can be replaced ([`ModelPart::span`]) or a part inserted
//! ([`Form::model_part`]) and nothing else changes. RFC 7578 for forms, RFC 2046 section 5.1 for boundaries.
//!
//! # One form, one reading
//!
//! Where a client may use some models only, reading one model here while the upstream reads another would
//! let it use them all. Hence one rule: **a form names one model, in a way every reader agrees on, or it is
//! refused.** [`Progress::Found`] comes at the first `model`. A caller that cares which one it is pushes
//! every later window *before* passing it on: a second `model` is an error by the end of its header, so the
//! upstream gets neither that header whole nor the closing delimiter. (Starlette and PHP read the last
//! duplicate, Go the first.) Refused for the same reason, whatever they hold:
//!
//! - a boundary on a line of its own whose line break is a bare `\n` or `\r`: text by the RFC, a delimiter
//!   to Werkzeug, and to Go once the first delimiter ends so;
//! - header lines that are folded or hold control characters; a second Content-Disposition or `name`;
//! - a name that must be decoded, `name*=` (Go) or `=?…?=` (ASP.NET);
//! - a quoted parameter with both an escaped quote and a semicolon: to readers that know no escapes, as
//!   browsers write none, it ends early and another parameter follows;
//! - a `model` whose `filename` is empty or only `filename*` (a file to one of Go and Starlette, a value to
//!   the other), or whose Content-Transfer-Encoding is not the identity.

mod delimiter;
mod field;
mod header;
mod parts;

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use crate::error::{Error, Result};
use crate::platform::Edit;

use self::delimiter::{CRLF, Delimiter, Line, Seek};
use self::field::{Field, model_name};
use self::header::Header;
pub use self::parts::{Part, parts};

/// The longest header block of a part: browsers and SDKs write under 1 KiB, most of it the file's name.
pub const MAX_HEADERS: usize = 16 << 10;
/// The longest value of a field we read.
pub const MAX_VALUE: usize = 1 << 10;
/// What a scan holds between two windows: at most a header block one byte short of being too long.
pub const MAX_HELD: usize = MAX_HEADERS + 3;
/// As many as Go and Starlette take by default.
pub const MAX_PARTS: usize = 1000;
/// A window is taken in steps of this size, so that `held` is small whatever the size of the window.
const STEP: usize = 16 << 10;

/// Where the form says which model it wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelPart {
    pub value: String,
    /// The bytes of the value, counted from the start of the body.
    pub span: Range<u64>,
    /// The bytes of the whole part, from its delimiter to the next.
    pub part: Range<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// No `model` yet.
    More,
    /// The `model` is known; the form goes on.
    Found,
    /// The closing delimiter was seen.
    End,
}

/// What a form said, so far or in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    pub model: Option<ModelPart>,
    /// Whether a `stream` field says `true`.
    pub stream: bool,
    /// Where the first `--boundary` starts: a new part can be inserted there.
    pub first_delimiter: Option<u64>,
    boundary: String,
}

impl Form {
    /// The edit that leaves the part out that names the model, if there is one.
    pub fn without_model(&self) -> Option<Edit> {
        let named = self.model.as_ref()?;
        Some(Edit::remove(named.part.clone()))
    }

    /// A whole part naming the model, to insert at `first_delimiter`. A `model` with a line break in it
    /// would end the part: names come from settings or from a [`ModelPart`], which has none.
    pub fn model_part(&self, model: &str) -> String {
        let boundary = &self.boundary;
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n")
    }
}

/// What must survive between windows: the bytes not yet settled and where they start in the body, what
/// they are part of, and what was found.
///
/// `held` is a possible start of a delimiter line, or the header block so far, or the value so far of a
/// field we read; in the latter two it starts with the CRLF before, because a delimiter may share that CRLF.
/// Between windows `held.len() <= MAX_HELD`, within `push` `held.len() <= MAX_HELD + STEP`.
pub struct Scan {
    delimiter: Delimiter,
    held: Vec<u8>,
    /// `offset + held.len()` is the number of bytes pushed, until the form has ended or was refused.
    offset: u64,
    state: State,
    /// Where the delimiter of the part stands that is being read.
    part_start: u64,
    /// `parts <= MAX_PARTS`: every part costs an allocation or two, however short.
    parts: usize,
    form: Form,
}

enum State {
    /// In the content of a part, of a field we read or any other, or in the preamble before all parts.
    Content(Option<Field>),
    Headers,
    /// After the closing delimiter: no reader looks at it.
    Epilogue,
    /// What was refused once stays refused.
    Refused(Error),
}

impl Scan {
    /// Takes the value of the request's content-type header.
    pub fn new(content_type: &str) -> Result<Self> {
        let (boundary, delimiter) = boundary(content_type)?;
        Ok(Self {
            delimiter,
            held: Vec::new(),
            offset: 0,
            state: State::Content(None),
            part_start: 0,
            parts: 0,
            form: Form {
                model: None,
                stream: false,
                first_delimiter: None,
                boundary,
            },
        })
    }

    /// Takes the next bytes of the body, cut anywhere. After an error every call gives that error.
    pub fn push(&mut self, window: &[u8]) -> Result<Progress> {
        for piece in window.chunks(STEP) {
            self.held.extend_from_slice(piece);
            if let Err(error) = self.advance() {
                self.held = Vec::new();
                self.state = State::Refused(error);
                break;
            }
        }
        match &self.state {
            State::Refused(error) => Err(error.clone()),
            State::Epilogue => Ok(Progress::End),
            _ if self.form.model.is_some() => Ok(Progress::Found),
            _ => Ok(Progress::More),
        }
    }

    /// What was seen so far: the model after `Found`, everything after `End`.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// How many bytes are held, never more than [`MAX_HELD`].
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// Takes the end of the body, which must come after the closing delimiter.
    pub fn finish(mut self) -> Result<Form> {
        // The line break after the closing delimiter may be missing: the end of the body stands for it.
        let progress = match self.state {
            State::Epilogue => Progress::End,
            _ => self.push(b"\r\n")?,
        };
        match progress {
            Progress::End => Ok(self.form),
            _ => Err(invalid("The form ends before its closing boundary.")),
        }
    }

    fn advance(&mut self) -> Result<()> {
        loop {
            let moved = match &self.state {
                State::Content(field) => self.content(*field)?,
                State::Headers => self.headers()?,
                State::Epilogue => {
                    self.held.clear();
                    false
                }
                State::Refused(error) => return Err(error.clone()),
            };
            if !moved {
                return Ok(());
            }
        }
    }

    /// Looks for the end of the content; gives whether it is there.
    fn content(&mut self, field: Option<Field>) -> Result<bool> {
        let seek = self.delimiter.seek(&self.held, self.offset)?;
        let (Seek::Nothing { settled: end }
        | Seek::Line(Line {
            content_end: end, ..
        })) = seek;
        if let Some(field) = field.filter(|_| end > CRLF.len() + MAX_VALUE) {
            return Err(field.refused("longer than 1 KiB"));
        }
        let Seek::Line(line) = seek else {
            if field.is_none() {
                self.settle(end);
            }
            return Ok(false);
        };
        if let Some(field) = field {
            self.end_field(field, end)?;
        }
        self.end_part(&line)?;
        Ok(true)
    }

    fn end_field(&mut self, field: Field, end: usize) -> Result<()> {
        let value = self.held.get(CRLF.len()..end).unwrap_or_default();
        match field {
            Field::Model => {
                let start = self.offset + CRLF.len() as u64;
                self.form.model = Some(ModelPart {
                    value: model_name(value)?.to_owned(),
                    span: start..start + value.len() as u64,
                    part: self.part_start..self.offset + (end + CRLF.len()) as u64,
                });
            }
            Field::Stream => self.form.stream |= value == b"true",
        }
        Ok(())
    }

    fn end_part(&mut self, line: &Line) -> Result<()> {
        let start = self.offset + line.start as u64;
        self.part_start = start;
        self.form.first_delimiter.get_or_insert(start);
        self.settle(line.end - CRLF.len());
        if line.closing {
            self.state = State::Epilogue;
            return Ok(());
        }
        if self.parts == MAX_PARTS {
            return Err(invalid("The form has more than 1000 parts."));
        }
        self.parts += 1;
        self.state = State::Headers;
        Ok(())
    }

    /// Reads the header block once it is whole; gives whether it was.
    fn headers(&mut self) -> Result<bool> {
        let end = memmem::find(&self.held, b"\r\n\r\n");
        // Where the block ends, or else the first place where it may still end.
        if end.unwrap_or(self.held.len().saturating_sub(3)) > MAX_HEADERS {
            return Err(invalid("The headers of a part are longer than 16 KiB."));
        }
        let Some(end) = end else {
            return Ok(false);
        };
        let field = Field::of_headers(self.held.get(CRLF.len()..end).unwrap_or_default())?;
        if field == Some(Field::Model) && self.form.model.is_some() {
            return Err(Field::Model.refused("given twice"));
        }
        self.state = State::Content(field);
        self.settle(end + CRLF.len());
        Ok(true)
    }

    fn settle(&mut self, count: usize) {
        let count = count.min(self.held.len());
        self.held.drain(..count);
        self.offset += count as u64;
    }
}

/// The boundary that a content type names.
fn boundary(content_type: &str) -> Result<(String, Delimiter)> {
    let header = Header::parse(content_type)?;
    if !header.value.eq_ignore_ascii_case("multipart/form-data") {
        return Err(invalid("The content type is not multipart/form-data."));
    }
    let boundary = header.the_only("boundary")?.unwrap_or_default().to_owned();
    let delimiter = Delimiter::new(&boundary)
        .ok_or_else(|| invalid("The content type has no usable boundary."))?;
    Ok((boundary, delimiter))
}

fn invalid(message: impl Into<Cow<'static, str>>) -> Error {
    Error::bad_request("invalid_multipart", message)
}
