//! The body of a `generateContent` request that is no conversation: one user's turn, and what is wanted of it.

use crate::error::{Error, Kind, Result};
use crate::gemini::Manner;
use crate::gemini::chat::extras::write_safety;
use crate::json::Writer;

/// The method such a request is sent with.
pub(super) fn method(stream: bool) -> &'static str {
    if stream {
        ":streamGenerateContent?alt=sse"
    } else {
        ":generateContent"
    }
}

/// What all requests and the client's own may weigh together: the runtime has a copy of each, and an isolate 128 MB.
const MAX_BYTES: usize = 48 << 20;

/// Whether that many copies of a body of that size can be made.
pub(super) fn check_weight(bytes: usize, copies: usize) -> Result<()> {
    if copies > 1 && bytes.saturating_mul(copies + 1) > MAX_BYTES {
        let problem =
            "The request is too large to be sent once for each of the 'n' that are wanted.";
        return Err(Error::new(Kind::TooLarge, "request_too_large", problem).param("n"));
    }
    Ok(())
}

/// A body whose turn's parts are being written. Vertex AI wants the role named.
pub(super) fn begin() -> Writer {
    let mut out = Writer::default();
    out.open();
    out.open_list("contents");
    out.open();
    out.word("role", "user");
    out.open_list("parts");
    out
}

/// Writes a part of text.
pub(super) fn text(out: &mut Writer, text: &str) {
    out.open();
    out.string("text", text);
    out.close();
}

/// Writes a part of media.
pub(super) fn media(out: &mut Writer, mime: &str, bytes: &[u8]) {
    out.open();
    out.open_member("inlineData");
    out.string("mimeType", mime);
    out.base64("data", bytes);
    out.close();
    out.close();
}

/// Ends the turn; `config` are the members of `generationConfig`.
pub(super) fn finish(mut out: Writer, config: &Writer, manner: &Manner) -> Result<Vec<u8>> {
    out.close_list();
    out.close();
    out.close_list();
    if !config.is_empty() {
        out.open_member("generationConfig");
        out.items(config);
        out.close();
    }
    write_safety(&mut out, manner.options.safety, None, manner.host)?;
    out.close();
    Ok(out.into_bytes())
}
