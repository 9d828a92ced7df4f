//! Where an answer comes from: Google's grounding and citations as OpenAI's annotations.

use std::collections::HashSet;

use crate::gemini::answer::cursor::Cursor;
use crate::gemini::answer::places::Places;
use crate::gemini::answer::read::{elements, number, strings, values};
use crate::json::Writer;

/// Metadata as they came, until the text they speak of is there. Never more than [`MAX_HELD`] bytes, nor more than
/// [`MAX_KEPT`] of them.
#[derive(Debug, Default)]
pub struct Citations {
    held: Vec<(Kind, Vec<u8>)>,
    bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Grounding,
    Citation,
}

/// A page that was found, or the place in one.
#[derive(Clone, Copy)]
struct Source<'t> {
    url: &'t [u8],
    title: &'t [u8],
}

/// Far above what a search gives; models that search often say it all again with each event.
const MAX_HELD: usize = 1 << 20;
const MAX_KEPT: usize = 256;

/// Far above what a text of theirs has.
const MAX_ANNOTATIONS: usize = 1000;

impl Citations {
    /// Takes a `groundingMetadata`.
    pub fn ground(&mut self, metadata: Option<&[u8]>) {
        self.hold(Kind::Grounding, metadata);
    }

    /// Takes a `citationMetadata`.
    pub fn cite(&mut self, metadata: Option<&[u8]>) {
        self.hold(Kind::Citation, metadata);
    }

    /// The newest say the most.
    fn hold(&mut self, kind: Kind, metadata: Option<&[u8]>) {
        let Some(metadata) = metadata.filter(|it| it.len() <= MAX_HELD) else {
            return;
        };
        if self.held.iter().any(|(_, it)| it == metadata) {
            return;
        }
        self.bytes += metadata.len();
        self.held.push((kind, metadata.to_vec()));
        while self.bytes > MAX_HELD || self.held.len() > MAX_KEPT {
            self.bytes -= self.held.remove(0).1.len();
        }
    }

    /// The items of `annotations`, each once.
    pub fn annotations(&self, places: &Places) -> Writer {
        let mut found = Annotations::default();
        let mut chunks: &[u8] = &[];
        for (kind, metadata) in &self.held {
            match kind {
                // Of a stream one event may bring the pages, another what they support.
                Kind::Grounding => {
                    let [said] = values(metadata, [b"groundingChunks"]);
                    chunks = said.unwrap_or(chunks);
                    found.ground(metadata, chunks, places);
                }
                Kind::Citation => found.cite(metadata, places),
            }
        }
        found.add_unplaced(places.chars());
        found.items
    }
}

#[derive(Default)]
struct Annotations<'t> {
    items: Writer,
    seen: HashSet<Vec<u8>>,
    /// Addresses that something in the text is said to come from, and all there are.
    placed: HashSet<&'t [u8]>,
    pages: Vec<Source<'t>>,
}

impl<'t> Annotations<'t> {
    fn ground(&mut self, metadata: &'t [u8], chunks: &'t [u8], places: &Places) {
        let chunks: Vec<_> = elements(chunks, |cursor| page(cursor.value())).collect();
        let [supports] = values(metadata, [b"groundingSupports"]);
        for support in elements(supports.unwrap_or_default(), Cursor::value) {
            let [segment, indices] = values(support, [b"segment", b"groundingChunkIndices"]);
            let ends = ends(segment.unwrap_or_default(), places);
            for index in elements(indices.unwrap_or_default(), |it| number(it.value())) {
                let index: usize = index.unwrap_or(usize::MAX);
                if let Some(page) = chunks.get(index).copied().flatten() {
                    self.placed.insert(page.url);
                    self.add(ends, Some(page));
                }
            }
        }
        self.pages.extend(chunks.into_iter().flatten());
    }

    /// What nothing in the text is said to come from stands at its end.
    fn add_unplaced(&mut self, end: usize) {
        let pages = std::mem::take(&mut self.pages).into_iter();
        for page in pages.take(MAX_ANNOTATIONS) {
            if !self.placed.contains(page.url) {
                self.add((end, end), Some(page));
            }
        }
    }

    fn cite(&mut self, metadata: &[u8], places: &Places) {
        let lists = values(metadata, [b"citationSources", b"citations"]);
        for list in lists.into_iter().flatten() {
            for citation in elements(list, Cursor::value) {
                let [url, title] = strings(citation, [b"uri", b"title"]);
                self.add(ends(citation, places), source(url, title));
            }
        }
    }

    fn add(&mut self, (start, end): (usize, usize), source: Option<Source<'_>>) {
        let Some(source) = source.filter(|_| self.seen.len() < MAX_ANNOTATIONS) else {
            return;
        };
        let mut item = Writer::default();
        item.open();
        item.word("type", "url_citation");
        item.open_member("url_citation");
        item.raw("start_index", start.to_string().as_bytes());
        item.raw("end_index", end.to_string().as_bytes());
        item.joined("url", source.url);
        item.joined("title", source.title);
        item.close();
        item.close();
        let item = item.into_bytes();
        if !self.seen.contains(&item) {
            self.items.item(&item);
            self.seen.insert(item);
        }
    }
}

/// A segment of a part, in characters; what is not said is 0.
fn ends(segment: &[u8], places: &Places) -> (usize, usize) {
    let names: [&[u8]; 3] = [b"partIndex", b"startIndex", b"endIndex"];
    let [part, start, end] =
        values(segment, names).map(|value| value.and_then(number).unwrap_or(0));
    let start = places.char_at(part, start);
    (start, places.char_at(part, end).max(start))
}

/// What a `groundingChunk` leads to; a picture to the page it is on.
fn page(chunk: &[u8]) -> Option<Source<'_>> {
    let mut cursor = Cursor::new(chunk);
    if !cursor.enter(b'{') {
        return None;
    }
    let mut found = None;
    while let Some(key) = cursor.key() {
        let value = cursor.value();
        let [url, page, picture, title] =
            strings(value, [b"uri", b"sourceUri", b"imageUri", b"title"]);
        let url = match key {
            b"web" | b"retrievedContext" | b"maps" => url,
            b"image" if page.is_empty() => picture,
            b"image" => page,
            _ => continue,
        };
        found = found.or(source(url, title));
    }
    found
}

fn source<'t>(url: &'t [u8], title: &'t [u8]) -> Option<Source<'t>> {
    let title = if title.is_empty() { url } else { title };
    (!url.is_empty()).then_some(Source { url, title })
}
