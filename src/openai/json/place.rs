//! Where in the text the scan is, and the errors that say so.

use crate::error::Error;

pub(super) struct Place {
    /// Bytes before this one.
    pub(super) offset: u64,
    line: u64,
    line_start: u64,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            offset: 0,
            line: 1,
            line_start: 0,
        }
    }
}

impl Place {
    pub(super) fn advance(&mut self, bytes: usize) {
        self.offset += u64::try_from(bytes).unwrap_or(u64::MAX);
    }

    /// The byte here is a line break.
    pub(super) fn break_line(&mut self) {
        self.line += 1;
        self.line_start = self.offset + 1;
    }

    pub(super) fn unexpected(&self, byte: u8) -> Error {
        if byte.is_ascii_graphic() {
            self.invalid(&format!("unexpected `{}`", char::from(byte)))
        } else {
            self.invalid(&format!("unexpected byte 0x{byte:02x}"))
        }
    }

    pub(super) fn invalid(&self, what: &str) -> Error {
        let Self { offset, line, .. } = self;
        let column = offset - self.line_start + 1;
        Error::bad_request(
            "invalid_json",
            format!(
                "The request body is not valid JSON: {what} at byte {offset} (line {line}, column {column})."
            ),
        )
    }
}
