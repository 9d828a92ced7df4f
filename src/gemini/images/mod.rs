//! Images by Gemini's image models, and edits of them.

mod answer;
mod imagen;
mod shape;
mod source;

pub use answer::decode;

use std::borrow::Cow;

use crate::error::{Result, invalid};
use crate::gemini::asked::{Asked, fields, missing, unsupported};
use crate::gemini::form::{Form, is_form};
use crate::gemini::model::{Family, Model};
use crate::gemini::{self, Encoded, Manner, Outgoing, Request, turn};
use crate::json::Writer;
use crate::surface::Operation;

use shape::{Shape, ratios};
use source::Source;

/// OpenAI's limit for `n`.
const MAX_IMAGES: u64 = 10;

/// What a request means for its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expects {
    /// The client wants addresses: pictures as data URLs, for there is no place to keep them.
    pub url: bool,
    /// Imagen was asked, which answers with nothing where its filter held all back.
    pub imagen: bool,
}

/// What is wanted, whichever way it was said.
struct Wish<'a> {
    prompt: Cow<'a, str>,
    count: u64,
    shape: Shape,
    url: bool,
    /// Of the picture's file: Imagen alone can be told.
    format: Option<Cow<'a, str>>,
}

pub fn encode(manner: &Manner, request: &Request<'_>) -> Result<Encoded> {
    let is_edit = request.operation == Operation::ImageEdit;
    if is_edit && is_form(request.content_type) {
        let form = Form::read(request.text, request.content_type)?;
        let sources = source::of_form(&form)?;
        return build(manner, request, &Wish::read(&form)?, &sources);
    }
    let fields = fields(request.text)?;
    let sources = if is_edit {
        source::of_json(&fields)?
    } else {
        Vec::new()
    };
    build(manner, request, &Wish::read(&fields)?, &sources)
}

fn build(
    manner: &Manner,
    request: &Request<'_>,
    wish: &Wish<'_>,
    sources: &[Source<'_>],
) -> Result<Encoded> {
    let imagen = request.model.starts_with("imagen");
    let requests = if imagen {
        imagen::requests(wish, sources)?
    } else {
        requests(manner, request, wish, sources)?
    };
    let url = wish.url;
    let expects = gemini::Expects::Images(Expects { url, imagen });
    Ok(Encoded { requests, expects })
}

/// A request for each picture: the models give one at a time, and refuse `candidateCount`.
fn requests(
    manner: &Manner,
    request: &Request<'_>,
    wish: &Wish<'_>,
    sources: &[Source<'_>],
) -> Result<Vec<Outgoing>> {
    let count = usize::try_from(wish.count).unwrap_or(1);
    turn::check_weight(sources.iter().map(Source::weight).sum(), count)?;
    let mut out = turn::begin();
    for source in sources {
        source.write(&mut out);
    }
    turn::text(&mut out, &wish.prompt);
    let config = config(wish, Model::of(request.model, manner.host));
    let body = turn::finish(out, &config, manner)?;
    let method = turn::method(false);
    let outgoing = Outgoing { method, body };
    Ok(std::iter::repeat_n(outgoing, count).collect())
}

fn config(wish: &Wish<'_>, model: Model) -> Writer {
    let is_new = matches!(model.family, Family::Gemini(3.., _));
    let ratio = wish.shape.nearest(ratios(is_new));
    let is_large = wish.shape.is_large && is_new;
    let mut out = Writer::default();
    out.raw("responseModalities", br#"["IMAGE"]"#);
    if ratio.is_some() || is_large {
        out.open_member("imageConfig");
        if let Some(ratio) = ratio {
            out.word("aspectRatio", ratio);
        }
        if is_large {
            out.word("imageSize", "2K");
        }
        out.close();
    }
    out
}

impl<'a> Wish<'a> {
    /// `background`, `moderation`, `style` and `output_compression` have no counterpart and only tune.
    fn read(asked: &'a dyn Asked) -> Result<Self> {
        refuse_streams(asked)?;
        let prompt = asked.text("prompt")?.ok_or_else(|| missing("prompt"))?;
        if prompt.trim().is_empty() {
            return Err(invalid("prompt", "a string that is not empty"));
        }
        let url = match asked.text("response_format")?.as_deref() {
            None | Some("b64_json") => false,
            Some("url") => true,
            Some(_) => return Err(invalid("response_format", "\"b64_json\" or \"url\"")),
        };
        let format = asked.text("output_format")?;
        if format
            .as_deref()
            .is_some_and(|it| !["png", "jpeg", "webp"].contains(&it))
        {
            let wanted = "\"png\", \"jpeg\" or \"webp\"";
            return Err(invalid("output_format", wanted));
        }
        Ok(Self {
            prompt,
            count: asked.integer("n", 1..=MAX_IMAGES)?.unwrap_or(1),
            shape: Shape::read(asked)?,
            url,
            format,
        })
    }
}

fn refuse_streams(asked: &dyn Asked) -> Result<()> {
    if asked.flag("stream")? {
        let problem = "Gemini's pictures come whole: 'stream' must be false.";
        return Err(unsupported("stream", problem));
    }
    if asked
        .integer("partial_images", 0..=3)?
        .is_some_and(|it| it > 0)
    {
        let problem = "Gemini's pictures come whole: 'partial_images' must be 0.";
        return Err(unsupported("partial_images", problem));
    }
    Ok(())
}
