//! Google's names, and what stands in for those it does not know.

use crate::gemini::Host;
use crate::gemini::chat::without_search;
use crate::glob;

/// How names become Google's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Googles {
    pub host: Host,
    pub aliases: Aliases,
    /// A model of Google's is named with its maker: so wants Vertex AI's endpoint in OpenAI's shape.
    pub with_maker: bool,
}

/// Which names stand for others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Aliases {
    /// OpenAI's, and Google's own of models that were shut down.
    #[default]
    Usual,
    /// Those of an earlier proxy of this kind, as they were.
    Legacy,
    None,
}

impl Aliases {
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "usual" => Self::Usual,
            "legacy" => Self::Legacy,
            "none" => Self::None,
            _ => return None,
        })
    }
}

impl Googles {
    /// What a model is called there that the owner's map does not have.
    pub fn name(&self, asked: &str) -> String {
        let name = bare(asked);
        match self.alias(name) {
            Some(name) => self.written(name),
            // All of Google's own are in lower case.
            None if is_of_family(name) => self.written(&name.to_ascii_lowercase()),
            None => self.written(name),
        }
    }

    /// A name of Google's as a request writes it.
    pub fn written(&self, name: &str) -> String {
        let name = bare(name);
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        if self.with_maker && !is_number && !name.contains('/') {
            return format!("google/{name}");
        }
        name.to_owned()
    }

    fn alias(self, name: &str) -> Option<&'static str> {
        let tables: [&[Alias]; 2] = match (self.aliases, self.host) {
            (Aliases::None, _) => return None,
            (Aliases::Usual, Host::Studio) => [&USUAL, &[]],
            (Aliases::Usual, Host::Vertex) => [&USUAL, &USUAL_OF_VERTEX],
            (Aliases::Legacy, Host::Studio) => [&LEGACY_OF_STUDIO, &[]],
            (Aliases::Legacy, Host::Vertex) => [&LEGACY_OF_VERTEX, &[]],
        };
        let name = name.to_ascii_lowercase();
        let mut aliases = tables.into_iter().flatten();
        let found = aliases.find(|(pattern, _)| glob::fits(pattern, &name))?;
        Some(found.1)
    }
}

/// A name without what may stand before and behind it: `models/` as Google's lists have it, `google/` as marketplaces
/// do, and `:search`.
pub fn bare(asked: &str) -> &str {
    const BEFORE: [&str; 3] = ["publishers/google/models/", "models/", "google/"];
    let (mut name, _) = without_search(asked);
    while let Some(rest) = BEFORE.iter().find_map(|it| name.strip_prefix(it)) {
        name = rest;
    }
    name
}

/// Whether a name is plainly Google's, whoever is the default.
pub fn is_googles(asked: &str) -> bool {
    let name = bare(asked);
    is_of_family(name) || name.starts_with("tunedModels/")
}

fn is_of_family(name: &str) -> bool {
    ["gemini-", "gemma-"].iter().any(|family| {
        let head = name.get(..family.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(family))
    })
}

/// A pattern in lower case, and what stands in for it. The first that fits counts.
type Alias = (&'static str, &'static str);

const LITE: &str = "gemini-3.5-flash-lite";
const FLASH: &str = "gemini-3.8-flash";
const PRO_LATEST: &str = "gemini-pro-latest";
const FLASH_LATEST: &str = "gemini-flash-latest";
const EMBEDDING: &str = "gemini-embedding-001";
const IMAGE: &str = "gemini-3.1-flash-image";
const SPEECH: &str = "gemini-3.1-flash-tts-preview";

/// The small ones of OpenAI's before the large ones of the same series, what is no chat before both.
static USUAL: [Alias; 33] = [
    ("gpt-4o-mini-tts*", SPEECH),
    ("tts-1*", SPEECH),
    ("gpt-4o-*transcribe*", LITE),
    ("whisper-1", LITE),
    ("gpt-image-*", IMAGE),
    ("dall-e-*", IMAGE),
    ("text-embedding-ada-002", EMBEDDING),
    ("text-embedding-3-*", EMBEDDING),
    ("gpt-3.5-turbo*", LITE),
    ("gpt-4o-mini*", LITE),
    ("gpt-4.1-mini*", LITE),
    ("gpt-4.1-nano*", LITE),
    ("gpt-5*-mini*", LITE),
    ("gpt-5*-nano*", LITE),
    ("gpt-4*", FLASH),
    ("gpt-5*", FLASH),
    ("o1", FLASH),
    ("o1-*", FLASH),
    ("o3", FLASH),
    ("o3-*", FLASH),
    ("o4", FLASH),
    ("o4-*", FLASH),
    // Shut down.
    ("gemini-pro", PRO_LATEST),
    ("gemini-pro-vision", FLASH_LATEST),
    ("gemini-1.0-pro-vision*", FLASH_LATEST),
    ("gemini-1.0-pro*", PRO_LATEST),
    ("gemini-1.5-pro*", PRO_LATEST),
    ("gemini-1.5-flash*", LITE),
    ("gemini-2.0-flash*", LITE),
    ("embedding-gecko-001", EMBEDDING),
    ("embedding-001", EMBEDDING),
    ("chat-bison*", LITE),
    ("text-bison*", LITE),
];

/// Embeddings that AI Studio never had.
static USUAL_OF_VERTEX: [Alias; 4] = [
    (
        "textembedding-gecko-multilingual*",
        "text-multilingual-embedding-002",
    ),
    (
        "embedding-gecko-multilingual",
        "text-multilingual-embedding-002",
    ),
    ("textembedding-gecko*", "text-embedding-005"),
    ("embedding-gecko", "text-embedding-005"),
];

static LEGACY_OF_STUDIO: [Alias; 3] = [
    ("gemini-pro", "gemini-pro"),
    ("gemini-pro-vision", "gemini-pro-vision"),
    ("embedding-gecko-001", "embedding-001"),
];

static LEGACY_OF_VERTEX: [Alias; 4] = [
    ("chat-bison", "chat-bison@002"),
    ("text-bison", "text-bison@002"),
    ("embedding-gecko", "textembedding-gecko@003"),
    (
        "embedding-gecko-multilingual",
        "textembedding-gecko-multilingual@003",
    ),
];

#[cfg(test)]
mod tests {
    use super::{Aliases, Googles, bare, is_googles};
    use crate::gemini::Host;

    /// By aliases and host.
    fn name(aliases: Aliases, host: Host, asked: &str) -> String {
        let googles = Googles {
            host,
            aliases,
            with_maker: false,
        };
        googles.name(asked)
    }

    fn check(asked: &str, name_there: &str) {
        for host in [Host::Studio, Host::Vertex] {
            assert_eq!(name(Aliases::Usual, host, asked), name_there, "{asked}");
            let plain = name(Aliases::None, host, asked);
            assert!(plain.eq_ignore_ascii_case(bare(asked)), "{plain}");
        }
    }

    #[test]
    fn openais_names() {
        for (asked, name_there) in [
            ("gpt-3.5-turbo", "gemini-3.5-flash-lite"),
            ("gpt-3.5-turbo-0125", "gemini-3.5-flash-lite"),
            ("gpt-4o-mini", "gemini-3.5-flash-lite"),
            ("gpt-4o-mini-2024-07-18", "gemini-3.5-flash-lite"),
            ("gpt-4.1-nano", "gemini-3.5-flash-lite"),
            ("gpt-4.1-mini", "gemini-3.5-flash-lite"),
            ("gpt-5-nano", "gemini-3.5-flash-lite"),
            ("gpt-5-mini-2025-08-07", "gemini-3.5-flash-lite"),
            ("gpt-5.4-mini", "gemini-3.5-flash-lite"),
            ("gpt-4", "gemini-3.8-flash"),
            ("gpt-4-turbo", "gemini-3.8-flash"),
            ("GPT-4o", "gemini-3.8-flash"),
            ("gpt-4.1-2025-04-14", "gemini-3.8-flash"),
            ("gpt-5", "gemini-3.8-flash"),
            ("gpt-5.2-pro", "gemini-3.8-flash"),
            ("o1", "gemini-3.8-flash"),
            ("o3-mini", "gemini-3.8-flash"),
            ("o4-mini-2025-04-16", "gemini-3.8-flash"),
            ("text-embedding-ada-002", "gemini-embedding-001"),
            ("text-embedding-3-large", "gemini-embedding-001"),
            ("dall-e-3", "gemini-3.1-flash-image"),
            ("gpt-image-1-mini", "gemini-3.1-flash-image"),
            ("tts-1", "gemini-3.1-flash-tts-preview"),
            ("tts-1-hd", "gemini-3.1-flash-tts-preview"),
            ("gpt-4o-mini-tts", "gemini-3.1-flash-tts-preview"),
            ("whisper-1", "gemini-3.5-flash-lite"),
            ("gpt-4o-transcribe", "gemini-3.5-flash-lite"),
            ("gpt-4o-mini-transcribe", "gemini-3.5-flash-lite"),
            ("gpt-4o-transcribe-diarize", "gemini-3.5-flash-lite"),
        ] {
            check(asked, name_there);
        }
    }

    #[test]
    fn googles_names() {
        for (asked, name_there) in [
            ("gemini-pro", "gemini-pro-latest"),
            ("models/gemini-pro", "gemini-pro-latest"),
            ("gemini-1.0-pro-001", "gemini-pro-latest"),
            ("gemini-1.5-pro-latest", "gemini-pro-latest"),
            ("gemini-pro-vision", "gemini-flash-latest"),
            ("gemini-1.0-pro-vision-latest", "gemini-flash-latest"),
            ("gemini-1.5-flash-8b", "gemini-3.5-flash-lite"),
            ("gemini-2.0-flash-lite", "gemini-3.5-flash-lite"),
            (
                "google/gemini-2.0-flash-001:search",
                "gemini-3.5-flash-lite",
            ),
            ("embedding-gecko-001", "gemini-embedding-001"),
            ("embedding-001", "gemini-embedding-001"),
            ("chat-bison", "gemini-3.5-flash-lite"),
            ("chat-bison@002", "gemini-3.5-flash-lite"),
            ("text-bison@002", "gemini-3.5-flash-lite"),
            ("gemini-3.8-flash", "gemini-3.8-flash"),
            ("gemini-3.8-flash:search", "gemini-3.8-flash"),
            ("Gemini-2.5-Pro", "gemini-2.5-pro"),
            ("tunedModels/Mine", "tunedModels/Mine"),
            ("text-embedding-004", "text-embedding-004"),
            ("openai/gpt-oss-120b-maas", "openai/gpt-oss-120b-maas"),
            ("o1x", "o1x"),
            ("no-such-model", "no-such-model"),
        ] {
            check(asked, name_there);
        }
    }

    #[test]
    fn names_of_one_host_or_of_an_earlier_time() {
        use {
            Aliases::{Legacy, Usual},
            Host::{Studio, Vertex},
        };
        for (aliases, host, asked, name_there) in [
            (
                Usual,
                Vertex,
                "textembedding-gecko@003",
                "text-embedding-005",
            ),
            (Usual, Vertex, "embedding-gecko", "text-embedding-005"),
            (
                Usual,
                Vertex,
                "textembedding-gecko-multilingual@001",
                "text-multilingual-embedding-002",
            ),
            (
                Usual,
                Studio,
                "textembedding-gecko@003",
                "textembedding-gecko@003",
            ),
            (Legacy, Studio, "gemini-pro", "gemini-pro"),
            (Legacy, Studio, "gemini-pro-vision", "gemini-pro-vision"),
            (Legacy, Studio, "embedding-gecko-001", "embedding-001"),
            (Legacy, Studio, "chat-bison", "chat-bison"),
            (Legacy, Studio, "gpt-4o", "gpt-4o"),
            (Legacy, Vertex, "chat-bison", "chat-bison@002"),
            (Legacy, Vertex, "Text-Bison", "text-bison@002"),
            (Legacy, Vertex, "embedding-gecko", "textembedding-gecko@003"),
            (
                Legacy,
                Vertex,
                "embedding-gecko-multilingual",
                "textembedding-gecko-multilingual@003",
            ),
            (Legacy, Vertex, "gemini-pro", "gemini-pro"),
        ] {
            assert_eq!(name(aliases, host, asked), name_there, "{asked}");
        }
    }

    #[test]
    fn a_maker_is_named_where_that_is_wanted() {
        let googles = Googles {
            host: Host::Vertex,
            with_maker: true,
            ..Googles::default()
        };
        for (asked, written) in [
            ("gemini-3.8-flash", "google/gemini-3.8-flash"),
            ("google/gemini-3.8-flash", "google/gemini-3.8-flash"),
            ("gpt-4o", "google/gemini-3.8-flash"),
            ("meta/llama-4-maas", "meta/llama-4-maas"),
            ("endpoints/mine", "endpoints/mine"),
            ("1234", "1234"),
        ] {
            assert_eq!(googles.name(asked), written);
        }
    }

    #[test]
    fn names_that_are_plainly_googles() {
        for asked in [
            "gemini-3.8-flash",
            "Gemini-flash-latest",
            "gemini-embedding-001",
            "gemma-4-31b-it",
            "models/gemini-3.8-flash",
            "google/gemini-3.8-flash:search",
            "tunedModels/mine",
        ] {
            assert!(is_googles(asked), "{asked}");
        }
        for asked in [
            "",
            "gemini",
            "gpt-4o",
            "text-embedding-004",
            "my-gemini-x",
            "x/gemini-y",
            "géminix",
        ] {
            assert!(!is_googles(asked), "{asked}");
        }
    }

    #[test]
    fn only_what_is_no_part_of_a_name_falls() {
        for (asked, name) in [
            ("models/google/x", "x"),
            ("publishers/google/models/x", "x"),
            ("tunedModels/x", "tunedModels/x"),
            ("x:SEARCH", "x"),
            (":search", ""),
            ("é:searc", "é:searc"),
            ("search", "search"),
        ] {
            assert_eq!(bare(asked), name);
        }
    }
}
