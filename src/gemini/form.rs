//! A client's form: its values and its files.

use crate::error::{Result, invalid};
use crate::openai::multipart::{Part, parts};

pub(super) struct Form<'a> {
    bytes: &'a [u8],
    parts: Vec<Part>,
}

/// A file of a form.
#[derive(Clone, Copy, Debug)]
pub(super) struct File<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) name: &'a str,
    /// Its type without parameters, as the sender has it; browsers send `application/octet-stream` for what they do
    /// not know, others nothing.
    pub(super) media_type: &'a str,
}

impl<'a> Form<'a> {
    pub(super) fn read(bytes: &'a [u8], content_type: &str) -> Result<Self> {
        let parts = parts(bytes, content_type)?;
        Ok(Self { bytes, parts })
    }

    /// The text of a field that is there and not empty; of several the last.
    pub(super) fn value(&self, name: &'static str) -> Result<Option<&'a str>> {
        let mut named = self.parts.iter().rev().filter(|part| part.name == name);
        let text = named.next().map(|part| self.text(part, name)).transpose()?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// The texts of a list, with commas between them.
    pub(super) fn list(&self, name: &'static str) -> Result<Option<String>> {
        let texts = self.named(name).map(|part| self.text(part, name));
        let texts = texts.collect::<Result<Vec<_>>>()?.join(", ");
        Ok((!texts.is_empty()).then_some(texts))
    }

    /// The files of that name.
    pub(super) fn files(&self, name: &'static str) -> impl Iterator<Item = File<'_>> {
        self.named(name).map(|part| {
            let media_type = part.content_type.as_deref().unwrap_or_default();
            File {
                bytes: self.content(part),
                name: part.filename.as_deref().unwrap_or_default(),
                media_type: media_type.split(';').next().unwrap_or_default().trim(),
            }
        })
    }

    /// The parts of that name, and of that name with `[]` as PHP and OpenAI's SDKs write lists.
    fn named(&self, name: &'static str) -> impl Iterator<Item = &Part> {
        let is_named = move |part: &&Part| {
            let listed = part.name.strip_suffix("[]");
            listed.unwrap_or(&part.name) == name
        };
        self.parts.iter().filter(is_named)
    }

    fn text(&self, part: &Part, name: &'static str) -> Result<&'a str> {
        std::str::from_utf8(self.content(part)).map_err(|_| invalid(name, "text"))
    }

    fn content(&self, part: &Part) -> &'a [u8] {
        self.bytes.get(part.content.clone()).unwrap_or_default()
    }
}

impl File<'_> {
    /// The ending of its name, in lower case.
    pub(super) fn extension(&self) -> String {
        let ending = self.name.rsplit_once('.').map(|(_, ending)| ending);
        ending.unwrap_or_default().to_ascii_lowercase()
    }
}

/// Whether a body is a form, by its type.
pub(super) fn is_form(content_type: &str) -> bool {
    let start = content_type.trim_start().get(.."multipart/".len());
    start.is_some_and(|it| it.eq_ignore_ascii_case("multipart/"))
}
