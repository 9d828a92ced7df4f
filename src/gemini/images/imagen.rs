//! Imagen, from before Gemini drew: `:predict`. Google has shut it down; a deployment may still be named so.

use super::shape::Ratio;
use super::{Source, Wish};
use crate::error::Result;
use crate::gemini::Outgoing;
use crate::gemini::asked::unsupported;
use crate::json::Writer;

/// What it gives at a time.
const MAX_SAMPLES: u64 = 4;

const RATIOS: [Ratio; 5] = [
    (1, 1, "1:1"),
    (3, 4, "3:4"),
    (4, 3, "4:3"),
    (9, 16, "9:16"),
    (16, 9, "16:9"),
];

pub(super) fn requests(wish: &Wish<'_>, sources: &[Source<'_>]) -> Result<Vec<Outgoing>> {
    if !sources.is_empty() {
        let problem = "Imagen does not edit pictures: choose one of Gemini's image models.";
        return Err(unsupported("model", problem));
    }
    let mut requests = Vec::new();
    let mut left = wish.count;
    while left > 0 {
        let count = left.min(MAX_SAMPLES);
        left -= count;
        requests.push(Outgoing {
            method: ":predict",
            body: body(wish, count),
        });
    }
    Ok(requests)
}

fn body(wish: &Wish<'_>, count: u64) -> Vec<u8> {
    let mut out = Writer::default();
    out.open();
    out.open_list("instances");
    out.open();
    out.string("prompt", &wish.prompt);
    out.close();
    out.close_list();
    out.open_member("parameters");
    out.number("sampleCount", count);
    if let Some(ratio) = wish.shape.nearest(RATIOS.into_iter()) {
        out.word("aspectRatio", ratio);
    }
    if wish.shape.is_large {
        out.word("sampleImageSize", "2K");
    }
    if let Some(format @ ("png" | "jpeg")) = wish.format.as_deref() {
        out.open_member("outputOptions");
        out.word("mimeType", &["image/", format].concat());
        out.close();
    }
    out.raw("includeRaiReason", b"true");
    out.close();
    out.close();
    out.into_bytes()
}
