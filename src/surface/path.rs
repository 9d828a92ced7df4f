//! Paths as people type them: `/v1/v1/models/`, `//v1/chat/completions`, `/chat/completions`.

use crate::error::Error;

/// A path brought to one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Normalised {
    /// Whether it had a `/v1` (or several) in front.
    pub versioned: bool,
    /// What comes after, without slashes at either end.
    pub rest: String,
    /// A segment is `.` or `..`, plainly or percent-encoded: such a path could leave an upstream's prefix.
    pub climbs: bool,
}

/// Collapses slashes, takes `/v1` off, drops the slash at the end. A backslash is a slash, as it is to the URL
/// parser (WHATWG) that the result goes through on its way to an upstream.
pub fn normalise(path: &str) -> Normalised {
    let mut segments = path
        .split(['/', '\\'])
        .filter(|segment| !segment.is_empty())
        .peekable();
    let mut versioned = false;
    while segments.next_if_eq(&"v1").is_some() {
        versioned = true;
    }
    let segments: Vec<&str> = segments.collect();
    Normalised {
        versioned,
        climbs: segments.iter().any(|segment| climbs(segment)),
        rest: segments.join("/"),
    }
}

/// What a path that climbs is told.
pub(super) fn climbing() -> Error {
    let problem = "The path has a segment that is only dots.";
    Error::bad_request("invalid_path", problem)
}

/// Whether some server could take a segment for a step up: `..`, plainly or encoded, also as a part (`..%2Fx`)
/// or with parameters (`..;x`).
fn climbs(segment: &str) -> bool {
    if !segment.contains(['.', '%']) {
        return false;
    }
    let decoded = decode(segment);
    let mut parts = decoded.split(['/', '\\']);
    parts.any(|part| matches!(part.split(';').next(), Some("." | "..")))
}

impl Normalised {
    /// The old form that names the model in the path: `engines/{model}/embeddings`.
    pub fn engine(&self) -> Option<(&str, &str)> {
        let (model, below) = self.rest.strip_prefix("engines/")?.split_once('/')?;
        Some((model, below))
    }
}

/// First segments of the OpenAI API, served without `/v1` too.
pub fn is_openai_root(below: &str) -> bool {
    const ROOTS: [&str; 26] = [
        "assistants",
        "audio",
        "batches",
        "chat",
        "chatkit",
        "completions",
        "containers",
        "conversations",
        "dashboard",
        "embeddings",
        "evals",
        "files",
        "fine-tunes",
        "fine_tunes",
        "fine_tuning",
        "images",
        "models",
        "moderations",
        "organization",
        "realtime",
        "responses",
        "skills",
        "threads",
        "uploads",
        "vector_stores",
        "videos",
    ];
    let root = below.split('/').next().unwrap_or_default();
    ROOTS.contains(&root)
}

/// Percent-decodes; what is not UTF-8 afterwards stays visible as replacement characters.
pub fn decode(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = |byte: &u8| char::from(*byte).to_digit(16);
        match (first, after) {
            (b'%', [high, low, after @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                let value = hex(high).unwrap_or(0) * 16 + hex(low).unwrap_or(0);
                bytes.push(u8::try_from(value).unwrap_or(b'?'));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
