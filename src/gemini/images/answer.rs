//! Pictures as OpenAI's list.

use super::Expects;
use crate::error::Result;
use crate::gemini::answer::cursor::Cursor;
use crate::gemini::answer::nothing::{nothing, withheld};
use crate::gemini::answer::read::{Answer, elements, strings, values};
use crate::gemini::answer::{blob::Blob, read};
use crate::gemini::usage::Usage;
use crate::gemini::{Context, Decoded};
use crate::json::Writer;

/// Of several answers the pictures follow each other; that one of them holds none does not spoil the others.
pub fn decode(bodies: &[Vec<u8>], expects: &Expects, context: &Context<'_>) -> Result<Decoded> {
    let answers = read(bodies)?;
    let candidates = answers.iter().flat_map(Answer::candidates);
    let mut pictures: Vec<_> = candidates.flat_map(|it| it.blobs("image/")).collect();
    if expects.imagen {
        pictures.extend(bodies.iter().flat_map(|body| predicted(body)));
    }
    let Some(first) = pictures.first() else {
        return Err(if expects.imagen {
            withheld("moderation_blocked")
        } else {
            nothing(&answers, "moderation_blocked", "no_image")
        });
    };
    let mut out = Writer::with_room(pictures.iter().map(|it| it.data.len()).sum());
    out.open();
    out.number("created", context.now_secs);
    out.open_list("data");
    for picture in &pictures {
        out.open();
        if expects.url {
            out.joined("url", &picture.url());
        } else {
            out.joined("b64_json", picture.data);
        }
        out.close();
    }
    out.close_list();
    if let Some(format) = first.mime().strip_prefix("image/") {
        out.string("output_format", format);
    }
    Usage::sum(&answers).write_of_images(&mut out);
    out.close();
    Ok(Decoded::json(out.into_bytes()))
}

/// Imagen's predictions. One that its filter holds back has no picture.
fn predicted(body: &[u8]) -> impl Iterator<Item = Blob<'_>> {
    let [predictions] = values(body, [b"predictions"]);
    elements(
        predictions.unwrap_or_default(),
        |cursor: &mut Cursor<'_>| {
            let [mime, data] = strings(cursor.value(), [b"mimeType", b"bytesBase64Encoded"]);
            let blob = Blob { mime, data };
            let mime = if blob.is("image/") {
                mime
            } else {
                b"image/png"
            };
            Blob { mime, data }
        },
    )
    .filter(|blob| !blob.data.is_empty())
}
