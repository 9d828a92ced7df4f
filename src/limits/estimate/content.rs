//! How many tokens the content of a request is likely to be: texts, messages, and the pictures, recordings and files
//! among them.

use super::text;
use crate::json::Value;

/// What marks a message's beginning, its role and its end, as OpenAI's cookbook counts it.
const AROUND_MESSAGE: u64 = 4;
/// A picture in low detail, whatever its size, and a square one in high detail: 85 + 4 tiles * 170. Which it is without
/// being asked depends on its size, which is not looked at.
const SMALL_PICTURE: u64 = 85;
const PICTURE: u64 = 765;
/// Ten tokens a second, of 16 bits 24,000 times a second, and of 128 kbit/s where it is compressed.
const WAVE_BYTES: u64 = 4800;
const COMPRESSED_BYTES: u64 = 1600;
/// A page is sent as its text and a picture of it, and takes some 60 kB.
const PAGE: u64 = 1500;
const PAGE_BYTES: u64 = 60_000;
/// Of one file: no context is longer by much.
const MOST_PAGES: u64 = 100;
/// A message's parts may hold a file or the output of a tool. Each level is looked at once more; what is deeper is
/// counted as text.
const LEVELS: usize = 6;

/// Of whatever a request says: a text, tokens as numbers, lists of either, messages, items.
pub(super) fn tokens(value: Value<'_>) -> u64 {
    within(value, LEVELS)
}

fn within(value: Value<'_>, levels: usize) -> u64 {
    match (value.raw(), levels.checked_sub(1)) {
        (b"null" | b"true" | b"false", _) => 0,
        ([b'"', inside @ .., b'"'], _) if is_data(inside) => PICTURE,
        ([b'"', inside @ .., b'"'], _) => text::tokens(inside),
        (raw @ [b'[' | b'{', ..], None) => text::tokens(raw),
        ([b'[', ..], Some(levels)) => value.elements().map(|it| within(it, levels)).sum(),
        ([b'{', ..], Some(levels)) => of_object(value, levels),
        // A token itself.
        _ => 1,
    }
}

/// A message, a part of one, or an item. Of what only names or orders it nothing is counted.
fn of_object(object: Value<'_>, levels: usize) -> u64 {
    let mut tokens = 0;
    let mut document = 0;
    let (mut is_picture, mut is_small) = (false, false);
    for (name, value) in object.members() {
        match name.as_str().unwrap_or_default().as_ref() {
            "id" | "call_id" | "status" | "index" => {}
            "role" => tokens += AROUND_MESSAGE,
            "type" => is_picture |= value.is("input_image"),
            "detail" => is_small |= value.is("low"),
            // The last is what a tool has drawn.
            "image_url" | "image" | "result" => {
                is_picture |= !value.is_null();
                is_small |= value.get("detail").is_some_and(|it| it.is("low"));
            }
            "input_audio" => tokens += of_recording(value),
            "file_data" => document = of_file(value),
            "file_id" | "file_url" => document = document.max(PAGE),
            _ => tokens += within(value, levels),
        }
    }
    tokens
        + match (is_picture, is_small) {
            (false, _) => document,
            (true, false) => PICTURE,
            (true, true) => SMALL_PICTURE,
        }
}

fn of_recording(recording: Value<'_>) -> u64 {
    let is_wave = recording.get("format").is_some_and(|it| it.is("wav"));
    let bytes_a_token = if is_wave {
        WAVE_BYTES
    } else {
        COMPRESSED_BYTES
    };
    let data = recording.get("data").map_or(0, decoded_length);
    data.div_ceil(bytes_a_token)
}

fn of_file(data: Value<'_>) -> u64 {
    let pages = decoded_length(data).div_ceil(PAGE_BYTES);
    pages.min(MOST_PAGES) * PAGE
}

fn is_data(text: &[u8]) -> bool {
    const BEGINNING: usize = 128;
    let beginning = text.get(..BEGINNING).unwrap_or(text);
    text.starts_with(b"data:") && memchr::memmem::find(beginning, b";base64,").is_some()
}

/// Of Base64: three bytes in four characters.
fn decoded_length(value: Value<'_>) -> u64 {
    let length = u64::try_from(value.raw().len()).unwrap_or(u64::MAX);
    length / 4 * 3
}
