//! Where each setting stands, and which of them a sentence is about.

use crate::dotenv::line_of;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub file: String,
    pub line: usize,
}

/// A file, and its text.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    pub file: &'a str,
    pub text: &'a str,
}

/// Places by dotted paths (`GATEWAY.providers.east.key`), as the warnings of the configuration write them.
#[derive(Default)]
pub struct Places {
    entries: Vec<(String, Place)>,
}

impl Places {
    pub fn add(&mut self, path: &str, origin: &Origin<'_>, at: usize) {
        self.add_line(path, origin.file, line_of(origin.text, at));
    }

    pub fn add_line(&mut self, path: &str, file: &str, line: usize) {
        let file = file.to_owned();
        self.entries.push((path.to_owned(), Place { file, line }));
    }

    /// Another file says the same.
    pub fn forget(&mut self, setting: &str) {
        let is_it = |path: &str| {
            let rest = path.strip_prefix(setting);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.entries.retain(|(path, _)| !is_it(path));
    }

    pub fn of(&self, path: &str) -> Option<&Place> {
        let mut entries = self.entries.iter();
        let found = entries.find(|(other, _)| other.eq_ignore_ascii_case(path));
        found.map(|(_, place)| place)
    }

    /// The place of the setting that a sentence names first, with as much of its path as is there.
    pub fn named_in(&self, text: &str) -> Option<&Place> {
        let found = self.entries.iter().filter_map(|(path, place)| {
            let at = position(text, path)?;
            Some((at, std::cmp::Reverse(path.len()), place))
        });
        let first = found.min_by_key(|(at, length, _)| (*at, *length));
        first
            .map(|(_, _, place)| place)
            .or_else(|| self.of_provider(provider_in(text)?))
            .or_else(|| self.of(host_in(text)?))
    }

    fn of_provider(&self, name: &str) -> Option<&Place> {
        let in_document = self.of(&format!("GATEWAY.providers.{name}"));
        in_document.or_else(|| {
            let (_, settings) = FLAT.iter().find(|(provider, _)| *provider == name)?;
            settings.iter().find_map(|setting| self.of(setting))
        })
    }
}

/// What a provider of flat settings is there for.
const FLAT: [(&str, &[&str]); 4] = [
    ("azure", &["AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_BASE"]),
    (
        "google",
        &["GOOGLE_AI_STUDIO_ENDPOINT", "AZURE_OPENAI_PROXY_MODE"],
    ),
    (
        "vertex",
        &[
            "VERTEX_AI_PROJECT_ID",
            "GOOGLE_CLOUD_PROJECT",
            "VERTEX_AI_ENDPOINT",
            "VERTEX_AI_API_KEY",
            "GOOGLE_APPLICATION_CREDENTIALS",
        ],
    ),
    (
        "openai",
        &["OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_API_ENDPOINT"],
    ),
];

/// Where a path stands in a text as a whole, or as the beginning of a longer one.
fn position(text: &str, path: &str) -> Option<usize> {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut found = text.match_indices(path).map(|(at, _)| at);
    found.find(|at| {
        let before = text.get(..*at).and_then(|it| it.chars().next_back());
        let behind = text.get(at + path.len()..).and_then(|it| it.chars().next());
        let begins = !before.is_some_and(|c| is_of_name(c) || c == '.');
        begins && !behind.is_some_and(is_of_name)
    })
}

/// Of a provider that is only called by its name.
fn provider_in(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("provider `")?;
    rest.split_once('`').map(|(name, _)| name)
}

/// Of a model on a host of its own.
fn host_in(text: &str) -> Option<&'static str> {
    text.starts_with("The model `")
        .then_some("AZURE_AI_STUDIO_DEPLOYMENTS")
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn the_longest_path_of_the_setting_named_first() {
        let mut places = Places::default();
        for (line, path) in [
            "LOG_LEVEL",
            "GATEWAY",
            "GATEWAY.models",
            "GATEWAY.models.gpt-4",
            "GATEWAY.models.gpt-4.1",
            "GATEWAY.providers.east",
            "GATEWAY.providers.east.key",
        ]
        .into_iter()
        .enumerate()
        {
            places.add_line(path, "f", line);
        }
        for (text, line) in [
            ("LOG_LEVEL is `x`.", Some(0)),
            ("The setting LOG_LEVEL", Some(0)),
            ("MY_LOG_LEVEL and LOG_LEVELS", None),
            ("GATEWAY.models.gpt-4.1 names", Some(4)),
            ("GATEWAY.models.gpt-4.targets has", Some(3)),
            ("GATEWAY.models.gpt-4o has", Some(2)),
            ("GATEWAY.providers.east.key names LOG_LEVEL", Some(6)),
            ("GATEWAY.providers.west.key names", Some(1)),
            ("The provider `East` has no key", Some(5)),
            ("Nobody is served.", None),
            ("The model `m` has no key", None),
        ] {
            assert_eq!(places.named_in(text).map(|it| it.line), line, "{text}");
        }
    }
}
