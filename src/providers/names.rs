//! What a provider calls the models: the owner's map, and what is tried where it says nothing.

pub mod google;
mod usual;

use crate::azure::family::{Family, without_date};
use crate::error::{Error, Kind, Result};
use crate::providers::azure::ApiVersion;

use google::Googles;

/// The names of one provider. By default every model is called what the client calls it.
#[derive(Clone, Debug, Default)]
pub struct Names {
    entries: Vec<Entry>,
    otherwise: Otherwise,
    /// For every model that the map does not name: an address of one deployment.
    pinned: Option<Deployment>,
}

/// A model as a provider calls it. (Azure's word; elsewhere it is the model's name.)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    pub name: String,
    /// The owner's hint, where the name tells nothing.
    pub family: Option<Family>,
    /// The model behind it, where a list told it.
    pub model: Option<String>,
    /// Where this one needs another api-version than the provider.
    pub api_version: Option<ApiVersion>,
}

impl Deployment {
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// One with a model behind it that is known, or not (`""`).
    pub fn serving(name: &str, model: &str) -> Self {
        let model = Some(model).filter(|model| !model.is_empty());
        Self {
            family: model
                .map(Family::of)
                .filter(|family| *family != Family::Unknown),
            model: model.map(str::to_owned),
            ..Self::named(name)
        }
    }
}

/// What becomes of a name the map does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Otherwise {
    #[default]
    AsItIs,
    /// A deployment is looked for under the names it may have.
    Find,
    /// Dots and colons fall, as deployments could not have them once.
    Strip,
    Refuse,
    /// It is Google's, or stands for one of Google's.
    Googles(Googles),
}

#[derive(Clone, Debug)]
struct Entry {
    /// As a client may send it.
    public: String,
    /// Written as a variable's name, which has no room for dots and dashes: only letters and digits count.
    is_squashed: bool,
    deployment: Deployment,
}

/// More is not tried for one call.
const MOST: usize = 8;

impl Names {
    pub fn new(otherwise: Otherwise, pinned: Option<Deployment>) -> Self {
        Self {
            entries: Vec::new(),
            otherwise,
            pinned,
        }
    }

    /// Of two entries for a name the first counts.
    pub fn map(&mut self, name: &str, deployment: Deployment) {
        self.entries.push(Entry {
            public: name.to_owned(),
            is_squashed: false,
            deployment,
        });
    }

    /// An entry by a variable's name: `GPT_4_1` is `gpt-4-1`, and `gpt-4.1` as well.
    pub fn map_variable(&mut self, name: &str, deployment: Deployment) {
        self.entries.push(Entry {
            public: name.to_ascii_lowercase().replace('_', "-"),
            is_squashed: true,
            deployment,
        });
    }

    /// What to try, in this order, for a model the client asked for.
    pub fn candidates(&self, asked: &str) -> Result<Vec<Deployment>> {
        if let Some(entry) = self.entry(asked) {
            return Ok(vec![entry.deployment.clone()]);
        }
        if let Some(pinned) = &self.pinned {
            return Ok(vec![pinned.clone()]);
        }
        match self.otherwise {
            Otherwise::AsItIs => Ok(vec![Deployment::named(asked)]),
            Otherwise::Find => Ok(find(asked)),
            Otherwise::Strip => Ok(distinct(
                [stripped(asked)].into_iter().chain(usual_for(asked)),
            )),
            Otherwise::Refuse => Err(unmapped(asked)),
            Otherwise::Googles(googles) => Ok(vec![Deployment::named(&googles.name(asked))]),
        }
    }

    /// Whether a deployment is looked for, whatever it is called.
    pub fn finds(&self, asked: &str) -> bool {
        self.otherwise == Otherwise::Find && self.pinned.is_none() && !self.claims(asked)
    }

    /// Whether the owner wants nothing but the name itself to be tried.
    pub fn passes_through(&self) -> bool {
        matches!(self.otherwise, Otherwise::AsItIs | Otherwise::Googles(_))
    }

    /// What a call that names no model is for.
    pub fn pinned(&self) -> Option<&Deployment> {
        self.pinned.as_ref()
    }

    /// Whether the owner's map names a model.
    pub fn claims(&self, asked: &str) -> bool {
        self.entry(asked).is_some()
    }

    /// Whether a name is plainly of this provider's models, by the maker's way of naming them.
    pub fn owns(&self, asked: &str) -> bool {
        matches!(self.otherwise, Otherwise::Googles(_)) && google::is_googles(asked)
    }

    /// What the owner's map makes of a name.
    pub fn mapped(&self, asked: &str) -> Option<String> {
        self.entry(asked).map(|entry| entry.deployment.name.clone())
    }

    /// The names of the map, as clients may send them.
    pub fn public(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.public.as_str())
    }

    /// A name itself before what it is without its date; of Google's also without what stands around it.
    fn entry(&self, asked: &str) -> Option<&Entry> {
        let bare = matches!(self.otherwise, Otherwise::Googles(_)).then(|| google::bare(asked));
        self.dated(asked).or_else(|| self.dated(bare?))
    }

    fn dated(&self, asked: &str) -> Option<&Entry> {
        let dateless = without_date(asked);
        self.exactly(asked)
            .or_else(|| self.exactly(dateless.filter(|name| !name.is_empty())?))
    }

    fn exactly(&self, name: &str) -> Option<&Entry> {
        let mut entries = self.entries.iter();
        let exact = entries.find(|entry| entry.public.eq_ignore_ascii_case(name));
        exact.or_else(|| {
            let mut squashed = self.entries.iter().filter(|entry| entry.is_squashed);
            squashed.find(|entry| squash(&entry.public).eq(squash(name)))
        })
    }
}

fn squash(name: &str) -> impl Iterator<Item = u8> {
    let letters_and_digits = name.bytes().filter(u8::is_ascii_alphanumeric);
    letters_and_digits.map(|byte| byte.to_ascii_lowercase())
}

/// The name as it is, the names deployments usually have, the same without the date, and all of them with the
/// `gpt-35` that Azure began with.
fn find(asked: &str) -> Vec<Deployment> {
    let dateless = without_date(asked).filter(|name| !name.is_empty());
    let mut names = vec![asked.to_owned()];
    names.extend(usual_for(asked));
    if let Some(dateless) = dateless {
        names.push(dateless.to_owned());
        names.extend(usual_for(dateless));
    }
    let old: Vec<String> = names
        .iter()
        .filter(|name| name.contains("gpt-3.5"))
        .map(|name| name.replace("gpt-3.5", "gpt-35"))
        .collect();
    distinct(names.into_iter().chain(old))
}

fn usual_for(asked: &str) -> impl Iterator<Item = String> {
    usual::NAMES
        .iter()
        .filter(move |(model, _)| model.eq_ignore_ascii_case(asked))
        .map(|(_, deployment)| (*deployment).to_owned())
}

fn stripped(asked: &str) -> String {
    asked.chars().filter(|c| !matches!(c, '.' | ':')).collect()
}

fn distinct(names: impl Iterator<Item = String>) -> Vec<Deployment> {
    let mut found: Vec<Deployment> = Vec::new();
    for name in names {
        if found.len() < MOST && found.iter().all(|other| other.name != name) {
            found.push(Deployment::named(&name));
        }
    }
    found
}

fn unmapped(asked: &str) -> Error {
    let message = format!(
        "The model `{asked}` is not mapped to a deployment. Map it with \
         AZURE_OPENAI_MODEL_MAPPER=\"{asked}=your-deployment\", or in `deployments` of the provider."
    );
    Error::new(Kind::NotFound, "model_not_found", message).param("model")
}

#[cfg(test)]
mod tests {
    use super::google::Googles;
    use super::{Deployment, Names, Otherwise};

    fn candidates(names: &Names, asked: &str) -> Vec<String> {
        let found = names.candidates(asked).unwrap().into_iter();
        found.map(|deployment| deployment.name).collect()
    }

    #[test]
    fn the_map_comes_first_then_the_name_without_its_date() {
        let mut names = Names::new(Otherwise::AsItIs, None);
        names.map("gpt-4", Deployment::named("prod-4"));
        names.map("gpt-4o", Deployment::named("Prod-4o"));
        names.map_variable("GPT35TURBO", Deployment::named("cheap"));
        names.map_variable("GPT_4_1", Deployment::named("newer"));
        for (asked, deployment) in [
            ("gpt-4", "prod-4"),
            ("GPT-4", "prod-4"),
            ("gpt-4o-2024-08-06", "Prod-4o"),
            ("gpt-4o-20240806", "Prod-4o"),
            ("gpt-3.5-turbo", "cheap"),
            ("gpt-35-turbo", "cheap"),
            ("gpt-4.1", "newer"),
            ("gpt-4-1-2025-04-14", "newer"),
        ] {
            assert_eq!(candidates(&names, asked), [deployment], "{asked}");
            assert!(names.claims(asked), "{asked}");
        }
        for unknown in [
            "unknown-model",
            "gpt-4o-2024",
            "-20240806",
            "gpt-4o-é0240806",
        ] {
            assert_eq!(candidates(&names, unknown), [unknown]);
            assert!(!names.claims(unknown), "{unknown}");
        }
        let public: Vec<_> = names.public().collect();
        assert_eq!(public, ["gpt-4", "gpt-4o", "gpt35turbo", "gpt-4-1"]);
    }

    #[test]
    fn a_deployment_is_looked_for_under_the_names_it_may_have() {
        let names = Names::new(Otherwise::Find, None);
        for (asked, tried) in [
            ("mine", &["mine"][..]),
            ("gpt-4.1", &["gpt-4.1"]),
            (
                "gpt-3.5-turbo",
                &["gpt-3.5-turbo", "gpt-35-turbo", "gpt-35-turbo-0613"],
            ),
            (
                "gpt-3.5-turbo-0613",
                &["gpt-3.5-turbo-0613", "gpt-35-turbo-0613"],
            ),
            (
                "gpt-3.5-turbo-16k",
                &[
                    "gpt-3.5-turbo-16k",
                    "gpt-35-turbo-16k-0613",
                    "gpt-35-turbo-16k",
                ],
            ),
            ("whisper-1", &["whisper-1", "whisper"]),
            ("tts-1-hd", &["tts-1-hd", "tts-hd"]),
            ("GPT-4", &["GPT-4", "gpt-4-0613"]),
            (
                "gpt-4o-mini-2024-07-18",
                &["gpt-4o-mini-2024-07-18", "gpt-4o-mini"],
            ),
            ("claude-opus-4-5", &["claude-opus-4-5", "claude-opus-4.5"]),
        ] {
            assert_eq!(candidates(&names, asked), tried, "{asked}");
        }
    }

    #[test]
    fn other_answers_to_an_unknown_name() {
        let stripped = Names::new(Otherwise::Strip, None);
        assert_eq!(candidates(&stripped, "gpt-3.5-turbo:x"), ["gpt-35-turbox"]);
        let pinned = Names::new(Otherwise::Find, Some(Deployment::named("one")));
        assert_eq!(candidates(&pinned, "anything"), ["one"]);
        let refused = Names::new(Otherwise::Refuse, None).candidates("nope");
        assert_eq!(refused.unwrap_err().code, "model_not_found");
    }

    #[test]
    fn googles_names_come_after_the_owners() {
        let mut names = Names::new(Otherwise::Googles(Googles::default()), None);
        names.map("gpt-4o", Deployment::named("gemini-3.1-pro-preview"));
        for (asked, name, is_claimed) in [
            ("gpt-4o", "gemini-3.1-pro-preview", true),
            ("GPT-4o-2024-08-06", "gemini-3.1-pro-preview", true),
            ("gpt-4o:search", "gemini-3.1-pro-preview", true),
            ("gpt-4.1", "gemini-3.8-flash", false),
            ("models/gemini-2.5-pro", "gemini-2.5-pro", false),
        ] {
            assert_eq!(candidates(&names, asked), [name]);
            assert_eq!(names.claims(asked), is_claimed, "{asked}");
        }
        assert!(names.passes_through() && names.owns("gemini-2.5-pro"));
        assert!(!names.owns("gpt-4.1") && !Names::default().owns("gemini-2.5-pro"));
    }
}
