//! The parts of a message as Google's.

use super::Setting;
use super::calls::Call;
use super::media::{self, Shown};
use super::results::Answered;
use super::signatures::Signature;
use super::text::Text;
use crate::error::Result;
use crate::json::{Fields, Value, Writer};
use crate::openai::place::Place;

/// One of the parts of a turn.
#[derive(Debug)]
pub(super) struct Part<'t> {
    body: Body<'t>,
    pub(super) signature: Option<Signature<'t>>,
}

#[derive(Debug)]
enum Body<'t> {
    Text(Text<'t>),
    Media(Shown<'t>),
    Call(Call<'t>),
    Answered(Answered<'t>),
}

impl<'t> Part<'t> {
    fn new(body: Body<'t>) -> Self {
        let signature = None;
        Self { body, signature }
    }

    /// Google refuses texts with nothing in them.
    pub(super) fn text(text: Text<'t>) -> Option<Self> {
        let is_said = !text.is_empty();
        is_said.then(|| Self::new(Body::Text(text)))
    }

    pub(super) fn media(shown: Shown<'t>) -> Self {
        Self::new(Body::Media(shown))
    }

    pub(super) fn call(mut call: Call<'t>) -> Self {
        let signature = call.signature.take();
        let body = Body::Call(call);
        Self { body, signature }
    }

    pub(super) fn answered(answered: Answered<'t>) -> Self {
        Self::new(Body::Answered(answered))
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self.body, Body::Text(_))
    }

    pub(super) fn write(&self, out: &mut Writer) {
        out.open();
        match &self.body {
            Body::Text(text) => out.raw("text", text.literal()),
            Body::Media(shown) => shown.write(out),
            Body::Call(call) => call.write(out),
            Body::Answered(answered) => answered.write(out),
        }
        if let Some(signature) = &self.signature {
            signature.write(out);
        }
        out.close();
    }
}

/// What a user or an assistant says and shows.
pub(super) fn read<'t>(
    content: Option<Value<'t>>,
    setting: &Setting<'t>,
    place: Place,
) -> Result<Vec<Part<'t>>> {
    let mut parts = Vec::new();
    each(content, place, |piece, place| {
        parts.extend(match piece {
            Piece::Text(text) => Part::text(text),
            Piece::Media(kind, part) => {
                Some(Part::media(media::read(kind, &part, setting, place)?))
            }
        });
        Ok(())
    })?;
    Ok(parts)
}

/// What can only be told in words.
pub(super) fn texts(content: Option<Value<'_>>, place: Place) -> Result<Vec<Text<'_>>> {
    let mut texts = Vec::new();
    each(content, place, |piece, place| match piece {
        Piece::Text(text) => {
            texts.push(text);
            Ok(())
        }
        Piece::Media(..) => Err(place.refuse(".type", "must be 'text' in an instruction")),
    })?;
    Ok(texts)
}

/// What a tool says, as one text, and what it shows.
pub(super) fn result<'t>(
    content: Option<Value<'t>>,
    setting: &Setting<'t>,
    place: Place,
) -> Result<(Text<'t>, Vec<Shown<'t>>)> {
    let (mut texts, mut shown) = (Vec::new(), Vec::new());
    each(content, place, |piece, place| {
        match piece {
            Piece::Text(text) => texts.push(text),
            Piece::Media(kind, part) => shown.push(media::read(kind, &part, setting, place)?),
        }
        Ok(())
    })?;
    Ok((Text::joined(texts), shown))
}

/// The pictures of an assistant's message, as answers of ours carry them.
pub(super) fn images<'t>(
    images: Option<Value<'t>>,
    setting: &Setting<'t>,
    place: Place,
) -> Result<Vec<Part<'t>>> {
    let images = images.into_iter().flat_map(Value::elements).enumerate();
    let read = images.map(|(index, image)| {
        let (image, place) = (Fields::of(image), place.below("images", index));
        let shown = media::read(media::Kind::Image, &image, setting, place)?;
        let mut part = Part::media(shown);
        part.signature = Signature::of(image.get("extra_content"), setting);
        Ok(part)
    });
    read.collect()
}

/// One of the parts as the client has it.
enum Piece<'t> {
    Text(Text<'t>),
    Media(media::Kind, Fields<'t>),
}

fn each<'t>(
    content: Option<Value<'t>>,
    place: Place,
    mut take: impl FnMut(Piece<'t>, Place) -> Result<()>,
) -> Result<()> {
    let Some(content) = content else {
        return Ok(());
    };
    if let Some(text) = Text::read(content) {
        return take(Piece::Text(text), place);
    }
    if !content.is_array() {
        return Err(place.refuse(".content", "is neither text nor parts"));
    }
    for (index, part) in content.elements().enumerate() {
        let place = place.below("content", index);
        take(Piece::read(Fields::of(part), place)?, place)?;
    }
    Ok(())
}

impl<'t> Piece<'t> {
    fn read(part: Fields<'t>, place: Place) -> Result<Self> {
        let kind = part.get("type").and_then(Value::as_str);
        let kind = kind.as_deref().unwrap_or_default();
        match kind {
            "text" | "refusal" => {
                let text = part.get(kind).and_then(Text::read);
                let problem = || place.refuse(&[".", kind].concat(), "is no string");
                Ok(Self::Text(text.ok_or_else(problem)?))
            }
            _ => {
                let known = media::Kind::of(kind);
                let problem = "is none of text, refusal, image_url, input_audio, file";
                let kind = known.ok_or_else(|| place.refuse(".type", problem))?;
                Ok(Self::Media(kind, part))
            }
        }
    }
}
