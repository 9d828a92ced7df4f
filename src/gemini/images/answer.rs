//! Pictures as OpenAI's list.

use super::Expects;
use crate::error::Result;
use crate::gemini::reply::{Blob, Counts, Reply, blobs, nothing, withheld};
use crate::gemini::{Context, Decoded};
use crate::json::{Value, Writer, inside, member};

/// Of several answers the pictures follow each other; that one of them holds none does not spoil the others.
pub fn decode(bodies: &[Vec<u8>], expects: &Expects, context: &Context<'_>) -> Result<Decoded> {
    let replies = Reply::all(bodies)?;
    let pictures: Vec<_> = replies.iter().flat_map(|it| pictures(*it)).collect();
    let Some(first) = pictures.first() else {
        return Err(if expects.imagen {
            withheld("moderation_blocked")
        } else {
            nothing(&replies, "moderation_blocked", "no_image")
        });
    };
    let mut out = Writer::with_room(pictures.iter().map(|it| it.data.raw().len()).sum());
    out.open();
    out.number("created", context.now_secs);
    out.open_list("data");
    for picture in &pictures {
        let data = inside(picture.data);
        out.open();
        if expects.url {
            let head = ["data:", &picture.mime, ";base64,"].concat();
            out.joined("url", &[head.as_bytes(), data].concat());
        } else {
            out.joined("b64_json", data);
        }
        out.close();
    }
    out.close_list();
    if let Some(format) = first.mime.strip_prefix("image/") {
        out.string("output_format", format);
    }
    write_usage(&mut out, &replies);
    out.close();
    Ok(Decoded::json(out.into_bytes()))
}

/// Gemini's, or Imagen's predictions.
fn pictures(reply: Reply<'_>) -> impl Iterator<Item = Blob<'_>> {
    let drawn = reply.candidates().flat_map(|it| blobs(it, "image/"));
    let predictions = reply.get("predictions");
    let predictions = predictions.into_iter().flat_map(Value::elements);
    drawn.chain(predictions.filter_map(predicted))
}

fn predicted(prediction: Value<'_>) -> Option<Blob<'_>> {
    let data = member(prediction, "bytesBase64Encoded")?;
    let mime = member(prediction, "mimeType").and_then(Value::as_str);
    let mime = mime.filter(|mime| mime.starts_with("image/"));
    let mime = mime.unwrap_or("image/png".into()).into_owned();
    (!inside(data).is_empty()).then_some(Blob { mime, data })
}

fn write_usage(out: &mut Writer, replies: &[Reply<'_>]) {
    let counts = Counts::sum(replies);
    out.open_member("usage");
    out.number("input_tokens", counts.input);
    out.number("output_tokens", counts.output);
    out.number("total_tokens", counts.total);
    out.open_member("input_tokens_details");
    let texts = counts.input.saturating_sub(counts.input_images);
    out.number("text_tokens", texts);
    out.number("image_tokens", counts.input_images);
    out.close();
    if counts.output_images > 0 {
        out.open_member("output_tokens_details");
        let texts = counts.output.saturating_sub(counts.output_images);
        out.number("text_tokens", texts);
        out.number("image_tokens", counts.output_images);
        out.close();
    }
    out.close();
}
