//! The body of a `generateContent` request that is no conversation: one user's turn, and what is wanted of it.

use crate::gemini::options::{CATEGORIES, Options};
use crate::json::Writer;

/// The methods such a request is sent with.
pub(super) const WHOLE: &str = ":generateContent";
pub(super) const STREAMED: &str = ":streamGenerateContent?alt=sse";

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
pub(super) fn finish(mut out: Writer, config: &Writer, options: &Options) -> Vec<u8> {
    out.close_list();
    out.close();
    out.close_list();
    if !config.is_empty() {
        out.open_member("generationConfig");
        out.items(config);
        out.close();
    }
    write_safety(&mut out, options);
    out.close();
    out.into_bytes()
}

/// What the owner chose; nothing where Google's own thresholds hold.
fn write_safety(out: &mut Writer, options: &Options) {
    let mut settings = Writer::default();
    for (category, threshold) in CATEGORIES.iter().zip(options.safety) {
        if let Some(threshold) = threshold {
            settings.open();
            settings.word("category", category);
            settings.word("threshold", threshold.name());
            settings.close();
        }
    }
    if !settings.is_empty() {
        out.list("safetySettings", &settings);
    }
}
