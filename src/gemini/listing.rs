//! Lists of models, and one of them.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::error::Result;
use crate::gemini::answer::read::object;
use crate::gemini::{Decoded, nonsense};
use crate::json::{Value, Writer, member};
use crate::surface::encode;

/// Where the two hosts have their list.
const LISTS: [&str; 2] = ["models", "publisherModels"];

/// What a model must be able to do to be of use here: others speak over web sockets, or take minutes for a film.
const METHODS: [&str; 3] = ["generateContent", "embedContent", "predict"];

/// The pages of a list, or a single model, as OpenAI has them.
pub fn decode(pages: &[Vec<u8>]) -> Result<Decoded> {
    let pages = pages.iter().map(|page| object(page));
    let pages = pages.collect::<Option<Vec<_>>>().ok_or_else(nonsense)?;
    let mut out = Writer::default();
    if let [model] = pages.as_slice()
        && let Some(id) = id(*model)
    {
        write(&mut out, &id);
        return Ok(Decoded::json(out.into_bytes()));
    }
    out.open();
    out.word("object", "list");
    out.open_list("data");
    let mut seen = HashSet::new();
    for model in pages.iter().flat_map(|page| models(*page)) {
        let Some(id) = id(model).filter(|_| is_served(model)) else {
            continue;
        };
        if seen.insert(id.clone()) {
            write(&mut out, &id);
        }
    }
    out.close_list();
    out.close();
    Ok(Decoded::json(out.into_bytes()))
}

/// The models of a list, or a single one.
pub fn read(pages: &[Vec<u8>], host: crate::gemini::Host) -> Option<Vec<crate::listed::Listed>> {
    let _ = host;
    match decode(pages) {
        Ok(decoded) => crate::openai::listing::read(&[decoded.body]),
        Err(_) => None,
    }
}

/// Where a further page is.
pub fn next_page(url: &str, page: &[u8]) -> Option<String> {
    let token = member(object(page)?, "nextPageToken")?.as_str()?;
    let mark = if url.contains('?') { '&' } else { '?' };
    (!token.is_empty()).then(|| format!("{url}{mark}pageToken={}", encode(&token)))
}

fn models(page: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    let lists = LISTS.iter().filter_map(move |name| member(page, name));
    lists.flat_map(Value::elements)
}

/// Google's own go by their bare name; another maker's, as Vertex AI lists them, are named with it.
fn id(model: Value<'_>) -> Option<String> {
    let name = member(model, "name")?.as_str()?;
    let own = ["models/", "publishers/google/models/"];
    let own = own.iter().find_map(|prefix| name.strip_prefix(prefix));
    let id = match (own, name.strip_prefix("publishers/")) {
        (Some(id), _) => Cow::Borrowed(id),
        (None, Some(other)) => Cow::Owned(other.replacen("/models/", "/", 1)),
        (None, None) => name.clone(),
    };
    (!id.is_empty()).then(|| id.into_owned())
}

/// Vertex AI does not say what its models can do.
fn is_served(model: Value<'_>) -> bool {
    let Some(methods) = member(model, "supportedGenerationMethods") else {
        return true;
    };
    let mut methods = methods.elements();
    methods.any(|method| METHODS.iter().any(|known| method.is(known)))
}

/// Google gives no date.
fn write(out: &mut Writer, id: &str) {
    out.open();
    out.string("id", id);
    out.word("object", "model");
    out.number("created", 0);
    out.word("owned_by", "google");
    out.close();
}
