//! Pictures, sounds and files of a message.

use std::borrow::Cow;

use super::Setting;
use crate::error::{Error, Result};
use crate::gemini::Host;
use crate::gemini::media::{
    Address, Inline, Media, audio_mime, clean_base64, file_uri, inline, mime_of_format,
    mime_of_name,
};
use crate::json::{Fields, Value, Writer};
use crate::openai::place::Place;

/// What most pictures are, where nothing says what one is.
const PICTURE: &str = "image/jpeg";
/// What OpenAI's clients send as files.
const DOCUMENT: &str = "application/pdf";
/// Of a file with a name that says nothing. Google's refusal names it.
const UNKNOWN: &str = "application/octet-stream";
const SOUND: &str = "audio/wav";
/// Vertex AI wants a type of every address.
const VIDEO: &str = "video/mp4";

/// What OpenAI's parts with media in them are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Image,
    Audio,
    File,
}

impl Kind {
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "image_url" => Some(Self::Image),
            "input_audio" => Some(Self::Audio),
            "file" => Some(Self::File),
            _ => None,
        }
    }

    /// What tells the one thing a part is about.
    fn held<'t>(self, part: &Fields<'t>) -> Option<Value<'t>> {
        part.get(match self {
            Self::Image => "image_url",
            Self::Audio => "input_audio",
            Self::File => "file",
        })
    }

    /// Where it is, or what it is in base64.
    fn source<'t>(self, held: Value<'t>, members: &Fields<'t>) -> Option<Cow<'t, str>> {
        let some = |name| members.get(name).filter(|it| !it.is_empty());
        let source = match self {
            // Some clients write the address alone.
            Self::Image => some("url").or(Some(held)),
            Self::Audio => some("data"),
            Self::File => some("file_data").or_else(|| some("file_id")),
        };
        source?.as_str()
    }

    fn missing(self, place: Place) -> Error {
        let problem = match self {
            Self::Image => "needs 'image_url' with a 'url'",
            Self::Audio => "needs 'input_audio' with 'data' in base64 and its 'format'",
            Self::File => "needs 'file' with 'file_data' in base64, or a 'file_id'",
        };
        place.refuse("", problem)
    }
}

/// Media, and how closely it is looked at.
#[derive(Debug)]
pub(super) struct Shown<'t> {
    pub(super) media: Media<'t>,
    is_coarse: bool,
}

impl Shown<'_> {
    /// Writes its members into a part that is open.
    pub(super) fn write(&self, out: &mut Writer) {
        self.media.write(out);
        if self.is_coarse {
            out.open_member("mediaResolution");
            out.word("level", "MEDIA_RESOLUTION_LOW");
            out.close();
        }
    }
}

pub(super) fn read<'t>(
    kind: Kind,
    part: &Fields<'t>,
    setting: &Setting<'t>,
    place: Place,
) -> Result<Shown<'t>> {
    let missing = || kind.missing(place);
    let held = kind.held(part).ok_or_else(missing)?;
    let members = Fields::of(held);
    let source = kind.source(held, &members).ok_or_else(missing)?;
    let hints = Hints::of(kind, &members);
    let media = match Address::of(&source) {
        Some(address) => open(source, address, hints, setting, place)?,
        None if kind == Kind::Image => {
            let problem = "names no address of a picture: 'https://...', 'gs://...', 'data:...'";
            return Err(place.refuse(".image_url", problem));
        }
        None if kind == Kind::File && members.get("file_data").is_none_or(Value::is_empty) => {
            let problem = "is not known to Google, which has files of its own alone \
                           ('files/...', 'gs://...'): send 'file_data'";
            return Err(place.unopened(".file.file_id", problem));
        }
        None if kind == Kind::Audio && hints.said.is_none() => return Err(missing()),
        None => Media::Inline(Inline {
            mime: hints.mime(""),
            data: clean_base64(source).ok_or_else(|| no_base64(place))?,
        }),
    };
    if matches!(&media, Media::Inline(inline) if inline.data.is_empty()) {
        return Err(place.refuse("", "holds no data"));
    }
    let low = members.get("detail").is_some_and(|it| it.is("low"));
    let is_coarse = low && setting.model.is_gemini3();
    Ok(Shown { media, is_coarse })
}

/// The address a part names, if it is one of the web.
pub(super) fn web_address<'t>(part: &Fields<'t>) -> Option<Cow<'t, str>> {
    let kind = part.get("type").and_then(Value::as_str)?;
    let kind = Kind::of(&kind)?;
    let held = kind.held(part)?;
    let source = kind.source(held, &Fields::of(held))?;
    (Address::of(&source) == Some(Address::Web)).then_some(source)
}

/// What a part says of the type of its media.
struct Hints<'t> {
    said: Option<Cow<'t, str>>,
    by_name: Option<&'static str>,
    /// Where nothing else tells.
    otherwise: &'static str,
}

impl<'t> Hints<'t> {
    fn of(kind: Kind, members: &Fields<'t>) -> Self {
        let text = |name| members.get(name).and_then(Value::as_str);
        let said = text("mime_type").or_else(|| text("format"));
        let said = said.and_then(|said| match kind {
            Kind::Audio => audio_mime(&said),
            _ => mime_of_format(&said).map(|mime| Cow::Owned(mime.into_owned())),
        });
        let name = text("filename");
        Self {
            said,
            by_name: name.as_deref().and_then(mime_of_name),
            otherwise: match kind {
                Kind::File if name.is_some() => UNKNOWN,
                Kind::File => DOCUMENT,
                Kind::Audio => SOUND,
                Kind::Image => PICTURE,
            },
        }
    }

    fn mime(self, address: &str) -> Cow<'t, str> {
        let by_name = self.by_name.or_else(|| mime_of_name(address));
        let otherwise = by_name.unwrap_or(self.otherwise);
        self.said.unwrap_or(Cow::Borrowed(otherwise))
    }
}

fn open<'t>(
    url: Cow<'t, str>,
    address: Address,
    hints: Hints<'t>,
    setting: &Setting<'t>,
    place: Place,
) -> Result<Media<'t>> {
    let is_vertex = setting.manner.host == Host::Vertex;
    let (mime, uri) = match address {
        Address::Data => {
            let inline = inline(&url, hints.mime("")).ok_or_else(|| no_base64(place))?;
            return Ok(Media::Inline(inline));
        }
        Address::File if is_vertex => {
            let problem = "is a file of the Gemini API, which Vertex AI cannot read: \
                           send the data, or put it at 'gs://...'";
            return Err(place.unopened("", problem));
        }
        Address::File => (hints.said, file_uri(url)),
        Address::Bucket if is_vertex => (Some(hints.mime(&url)), url),
        Address::Bucket => {
            let problem = "is in Google Cloud's storage ('gs://...'), which AI Studio cannot read: \
                           send the data";
            return Err(place.unopened("", problem));
        }
        Address::YouTube if is_vertex => (Some(hints.said.unwrap_or(Cow::Borrowed(VIDEO))), url),
        Address::YouTube => (hints.said, url),
        Address::Web => return visit(url, hints, setting, place),
    };
    Ok(Media::File { mime, uri })
}

/// What stands somewhere in the web is sent along if it was fetched; else Google goes there.
fn visit<'t>(
    url: Cow<'t, str>,
    hints: Hints<'t>,
    setting: &Setting<'t>,
    place: Place,
) -> Result<Media<'t>> {
    let mut fetched = setting.fetched.iter();
    let found = fetched.find(|it| setting.manner.options.fetch_media && it.url == url);
    if let Some(found) = found {
        // Stores that were told nothing of a file serve it as of no type.
        let mime = match &*found.mime {
            "" | UNKNOWN => hints.mime(&url),
            mime => Cow::Borrowed(mime),
        };
        let data = Cow::Borrowed(&*found.data);
        return Ok(Media::Inline(Inline { mime, data }));
    }
    let mime = match setting.manner.host {
        Host::Vertex => Some(hints.mime(&url)),
        Host::Studio if setting.model.takes_urls() => hints.said,
        Host::Studio => {
            let problem = "is at an address this model cannot open: send it as a data URL, \
                           or have the gateway fetch it (its option 'fetch_media')";
            return Err(place.unopened("", problem));
        }
    };
    Ok(Media::File { mime, uri: url })
}

fn no_base64(place: Place) -> Error {
    place.refuse("", "holds data that is not valid base64")
}
