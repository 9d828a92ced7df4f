//! What a model's name means in a path. It is hostile text: each part becomes one segment, or is refused.

use std::fmt::Write;

use crate::error::{Error, Result};
use crate::providers::names::google::bare;

/// What AI Studio keeps besides `models/`.
const COLLECTIONS: [&str; 2] = ["tunedModels", "dynamic"];
/// Makers whose models Vertex AI serves in their own languages only (`:rawPredict`).
const RAW: [&str; 3] = ["anthropic", "mistralai", "ai21"];

/// A model's place in AI Studio, below the version.
pub fn in_studio(name: &str) -> Result<String> {
    let name = checked(name)?;
    let (collection, id) = match name.split_once('/') {
        Some((collection, id)) if COLLECTIONS.contains(&collection) => (collection, id),
        _ => ("models", name),
    };
    Ok(format!("{collection}/{}", segment(id)))
}

/// What a name means on Vertex AI. The parts are segments of a path already.
#[derive(Debug, PartialEq, Eq)]
pub enum OnVertex {
    /// A model of Google's.
    Google(String),
    /// Something tuned or deployed, by its id.
    Endpoint(String),
    /// A model of another maker.
    Other { publisher: String, model: String },
    /// The same, in its maker's language.
    Raw { publisher: String },
}

impl OnVertex {
    pub fn read(name: &str) -> Result<Self> {
        let name = checked(name)?;
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self::Endpoint(name.to_owned()));
        }
        let Some((publisher, model)) = name.split_once('/') else {
            return Ok(Self::Google(segment(name)));
        };
        let is_raw = RAW.iter().any(|it| it.eq_ignore_ascii_case(publisher));
        Ok(match publisher {
            "endpoints" => Self::Endpoint(segment(model)),
            _ if is_raw => Self::Raw {
                publisher: publisher.to_owned(),
            },
            _ => Self::Other {
                publisher: segment(publisher),
                model: segment(model),
            },
        })
    }
}

/// The name without what may stand before it, if it is one.
fn checked(name: &str) -> Result<&str> {
    let is_hostile = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '&' | '#');
    let is_nothing = |part: &str| matches!(part, "" | ".");
    let name = bare(name);
    if name.contains("..") || name.contains(is_hostile) || name.split('/').any(is_nothing) {
        let message = "The model's name is none: it is empty, or holds `..`, `?`, `&`, `#`, a blank or a part that is \
                       only a dot.";
        return Err(Error::bad_request("invalid_model", message).param("model"));
    }
    Ok(name)
}

/// One segment of a path. An `@` stands before a version (`text-bison@002`), as Google writes it.
fn segment(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte);
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_plain(byte) {
            out.push(char::from(byte));
        } else {
            // Nothing fails to be written into a String.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{OnVertex, in_studio};

    #[test]
    fn names_become_segments() {
        for (name, place) in [
            ("gemini-3.8-flash", "models/gemini-3.8-flash"),
            ("models/gemini-3.8-flash", "models/gemini-3.8-flash"),
            ("google/gemini-3.8-flash", "models/gemini-3.8-flash"),
            ("tunedModels/mine-1", "tunedModels/mine-1"),
            ("dynamic/x", "dynamic/x"),
            ("tunedModels/a/b", "tunedModels/a%2Fb"),
            ("meta/llama", "models/meta%2Fllama"),
            ("text-bison@002", "models/text-bison@002"),
            ("1234", "models/1234"),
            ("a:generateContent", "models/a%3AgenerateContent"),
            ("a\\b%2e", "models/a%5Cb%252e"),
            ("é", "models/%C3%A9"),
        ] {
            assert_eq!(in_studio(name).unwrap(), place, "{name}");
        }
        for hostile in [
            "",
            "models/",
            "..",
            "a/../b",
            "a..b",
            "a?b",
            "a&b",
            "a#b",
            "a b",
            "a\nb",
            "a\u{a0}b",
            ".",
            "./a",
            "a//b",
            "tunedModels/",
        ] {
            let error = in_studio(hostile).unwrap_err();
            assert_eq!(
                (error.status(), error.param),
                (400, Some("model")),
                "{hostile}"
            );
            assert_eq!(OnVertex::read(hostile).unwrap_err(), error, "{hostile}");
        }
    }

    #[test]
    fn what_a_name_means_on_vertex() {
        let google = |name: &str| OnVertex::Google(name.to_owned());
        let endpoint = |id: &str| OnVertex::Endpoint(id.to_owned());
        let other = |publisher: &str, model: &str| OnVertex::Other {
            publisher: publisher.to_owned(),
            model: model.to_owned(),
        };
        let raw = |publisher: &str| OnVertex::Raw {
            publisher: publisher.to_owned(),
        };
        for (name, meaning) in [
            ("gemini-3.8-flash", google("gemini-3.8-flash")),
            ("google/gemini-3.8-flash", google("gemini-3.8-flash")),
            ("publishers/google/models/gemini-x", google("gemini-x")),
            ("textembedding-gecko@003", google("textembedding-gecko@003")),
            ("1234567890", endpoint("1234567890")),
            ("endpoints/1234567890", endpoint("1234567890")),
            ("endpoints/mine", endpoint("mine")),
            ("endpoints/a/b:c", endpoint("a%2Fb%3Ac")),
            ("meta/llama-4-maas", other("meta", "llama-4-maas")),
            (
                "openai/gpt-oss-120b-maas",
                other("openai", "gpt-oss-120b-maas"),
            ),
            ("anthropic/claude-opus-4-5", raw("anthropic")),
            ("Anthropic/claude", raw("Anthropic")),
            ("mistralai/mistral-medium-3", raw("mistralai")),
        ] {
            assert_eq!(OnVertex::read(name).unwrap(), meaning, "{name}");
        }
    }
}
