//! Addresses of Google's as people paste them: an origin, a gateway's prefix, a whole call.

use crate::providers::address;

/// What an address tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pasted {
    /// What stands before the version, without a slash at its end.
    pub base: Option<String>,
    pub project: Option<String>,
    pub location: Option<String>,
}

const VERSIONS: [&str; 4] = ["v1", "v1beta", "v1beta1", "v1alpha"];
/// What follows a version of Google's. A gateway's own prefix may hold a `v1`, too, with other things behind it.
const ROOTS: [&str; 6] = [
    "models",
    "tunedModels",
    "openai",
    "projects",
    "publishers",
    "files",
];

impl Pasted {
    /// Its query falls: a key may stand there.
    pub fn read(pasted: &str) -> Result<Self, String> {
        let (origin, path) = address::split(pasted)?;
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
        let (prefix, rest) = segments.split_at(before_version(&segments));
        let (project, location) = match rest {
            [_, "projects", project, "locations", location, ..] => {
                (Some(*project), Some(*location))
            }
            [_, "projects", project, ..] => (Some(*project), None),
            _ => (None, None),
        };
        Ok(Self {
            project: project.map(str::to_owned),
            location: location.or_else(|| location_of(&origin)).map(str::to_owned),
            base: Some(
                prefix
                    .iter()
                    .fold(origin.clone(), |base, segment| base + "/" + segment),
            ),
        })
    }
}

fn before_version(segments: &[&str]) -> usize {
    let is_googles = |at: &usize| {
        let mut from = segments.iter().skip(*at);
        let is_version = from.next().is_some_and(|it| VERSIONS.contains(it));
        is_version && from.next().is_none_or(|it| ROOTS.contains(it))
    };
    let found = (0..segments.len()).find(is_googles);
    found.unwrap_or(segments.len())
}

/// The location that a host of Vertex AI's is for; the global one serves all.
fn location_of(origin: &str) -> Option<&str> {
    let (_, host) = origin.split_once("://")?;
    let host = host.strip_suffix(".googleapis.com")?;
    let multi = host
        .strip_prefix("aiplatform.")
        .and_then(|it| it.strip_suffix(".rep"));
    multi.or_else(|| host.strip_suffix("-aiplatform"))
}

#[cfg(test)]
mod tests {
    use super::Pasted;

    #[test]
    fn an_address_is_cut_before_its_version() {
        const STUDIO: &str = "https://generativelanguage.googleapis.com";
        const GATEWAY: &str = "https://gateway.ai.cloudflare.com/v1/0a1b/team/google-ai-studio";
        for (pasted, base) in [
            (STUDIO.to_owned(), STUDIO),
            (format!(" {STUDIO}/ "), STUDIO),
            ("generativelanguage.googleapis.com".to_owned(), STUDIO),
            (format!("{STUDIO}/v1beta"), STUDIO),
            (format!("{STUDIO}/v1beta/"), STUDIO),
            (format!("{STUDIO}/v1"), STUDIO),
            (format!("{STUDIO}/v1beta/openai/"), STUDIO),
            (format!("{STUDIO}/v1beta/openai/chat/completions"), STUDIO),
            (
                format!("{STUDIO}/v1beta/models/gemini-flash-latest:generateContent?key=secret"),
                STUDIO,
            ),
            (GATEWAY.to_owned(), GATEWAY),
            (format!("{GATEWAY}/"), GATEWAY),
            (format!("{GATEWAY}/v1beta/"), GATEWAY),
            (format!("{GATEWAY}/v1/models"), GATEWAY),
            (
                "https://own.test/v1/team".to_owned(),
                "https://own.test/v1/team",
            ),
            ("127.0.0.1:8080".to_owned(), "http://127.0.0.1:8080"),
        ] {
            let read = Pasted::read(&pasted).unwrap();
            assert_eq!(read.base.as_deref(), Some(base), "{pasted}");
            assert_eq!((read.project, read.location), (None, None), "{pasted}");
        }
        for nonsense in ["", "ftp://x", "https://me:secret@x", "https://x/a b"] {
            assert!(Pasted::read(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn a_project_and_a_location_may_stand_in_an_address() {
        for (pasted, project, location) in [
            ("https://aiplatform.googleapis.com", None, None),
            (
                "https://us-central1-aiplatform.googleapis.com/v1",
                None,
                Some("us-central1"),
            ),
            ("https://aiplatform.eu.rep.googleapis.com", None, Some("eu")),
            (
                "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi",
                Some("p"),
                Some("global"),
            ),
            ("https://own.test/x/v1beta1/projects/p/", Some("p"), None),
        ] {
            let read = Pasted::read(pasted).unwrap();
            assert_eq!(read.project.as_deref(), project, "{pasted}");
            assert_eq!(read.location.as_deref(), location, "{pasted}");
            assert!(!read.base.unwrap().contains("projects"), "{pasted}");
        }
    }
}
