//! What models can do, by their names: known old ones are exceptions, a name that does not tell is the newest.

mod name;
mod thinking;

pub use thinking::{Budgets, Level, Thinking};

use crate::gemini::Host;

/// A model's abilities and manners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    pub family: Family,
    tier: Tier,
    purpose: Purpose,
    host: Host,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Major and minor number; unknown names are the newest.
    Gemini(u16, u16),
    Gemma(u16),
}

/// The sizes that differ in more than their strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tier {
    Pro,
    Flash,
    Lite,
    Unsaid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Text,
    Images,
    Speech,
    Embeddings,
}

impl Model {
    /// `models/gemini-2.5-flash`, `google/gemini-3.8-flash`, `tunedModels/mine`, the number of an endpoint.
    pub fn of(name: &str, host: Host) -> Self {
        let name = name.to_ascii_lowercase();
        Self {
            family: name::family(&name),
            tier: name::tier(&name),
            purpose: name::purpose(&name),
            host,
        }
    }

    /// Calls are replayed with their signatures ("Function call is missing a `thought_signature`").
    pub fn is_gemini3(self) -> bool {
        self.is_gemini_from(3, 0)
    }

    /// Else: "Developer instruction is not enabled for models/...".
    pub fn takes_instructions(self) -> bool {
        self.is_gemini_from(1, 5) && !self.is_speech()
    }

    /// "Requests ending with a model turn are not supported".
    pub fn ends_with_user(self) -> bool {
        self.is_gemini_from(3, 6)
    }

    /// Whether a function's result may hold pictures (`functionResponse.parts`).
    pub fn takes_result_parts(self) -> bool {
        self.is_gemini3()
    }

    /// Whether it has anything fetched that `fileData` names by `https`.
    pub fn takes_urls(self) -> bool {
        self.is_gemini_from(2, 5)
    }

    /// `parametersJsonSchema` and `responseJsonSchema`.
    pub fn takes_json_schema(self) -> bool {
        self.is_gemini_from(2, 0)
    }

    /// Gemma 3 has neither tools nor JSON mode.
    pub fn takes_tools(self) -> bool {
        !matches!(self.family, Family::Gemma(..4))
    }

    /// `responseMimeType: "application/json"`.
    pub fn takes_json(self) -> bool {
        !matches!(self.family, Family::Gemma(..4))
    }

    /// Functions beside Google's own tools: "Multiple tools are supported only when they are all search tools".
    pub fn mixes_tools(self) -> bool {
        self.is_gemini3()
    }

    /// "Function calling with a response mime type: 'application/json' is unsupported".
    pub fn takes_json_with_tools(self) -> bool {
        self.is_gemini3()
    }

    /// "Multiple candidates is not enabled for this model".
    pub fn takes_candidates(self) -> bool {
        let is_old = matches!(self.family, Family::Gemini(..3, _));
        is_old && self.purpose == Purpose::Text
    }

    /// `temperature`, `topP`, `topK`: deprecated for all of Gemini 3, to be refused from 3.6 on.
    pub fn takes_sampling(self) -> bool {
        !self.is_gemini_from(3, 6)
    }

    /// "Penalty is not enabled for models/gemini-2.5-flash": Vertex AI enables it for longer.
    pub fn takes_penalties(self) -> bool {
        match (self.family, self.host) {
            (Family::Gemini(major, minor), Host::Studio) => (major, minor) <= (2, 0),
            (Family::Gemini(major, minor), Host::Vertex) => (major, minor) <= (2, 5),
            (Family::Gemma(_), _) => false,
        }
    }

    /// "Logprobs is not enabled for this model" is what AI Studio says of each.
    pub fn takes_logprobs(self) -> bool {
        self.host == Host::Vertex
    }

    pub fn is_image(self) -> bool {
        self.purpose == Purpose::Images
    }

    pub fn is_speech(self) -> bool {
        self.purpose == Purpose::Speech
    }

    pub fn thinking(self) -> Thinking {
        thinking::of(self)
    }

    fn is_gemini_from(self, major: u16, minor: u16) -> bool {
        matches!(self.family, Family::Gemini(its, own) if (its, own) >= (major, minor))
    }
}

#[cfg(test)]
mod tests {
    use super::{Family, Model};
    use crate::gemini::Host;

    #[test]
    fn families_are_found_in_names() {
        for (name, expected) in [
            ("gemini-2.5-flash", Family::Gemini(2, 5)),
            ("models/Gemini-2.5-Flash", Family::Gemini(2, 5)),
            ("google/gemini-3.8-flash", Family::Gemini(3, 8)),
            (
                "publishers/google/models/gemini-2.0-flash-001",
                Family::Gemini(2, 0),
            ),
            ("gemini-3-flash-preview", Family::Gemini(3, 0)),
            ("gemini-3.1-pro-preview@default", Family::Gemini(3, 1)),
            ("gemini-4", Family::Gemini(4, 0)),
            ("gemini-10.12-pro", Family::Gemini(10, 12)),
            ("gemini-1.5-pro-latest", Family::Gemini(1, 5)),
            ("gemini-pro", Family::Gemini(1, 0)),
            ("gemini-pro-vision", Family::Gemini(1, 0)),
            ("models/gemini-pro", Family::Gemini(1, 0)),
            ("gemini-pro-latest", Family::Gemini(3, 8)),
            ("gemini-flash-latest", Family::Gemini(3, 8)),
            ("gemini-flash-lite-latest", Family::Gemini(3, 5)),
            ("gemini-99999999999-flash", Family::Gemini(3, 8)),
            ("gemini-exp-1206", Family::Gemini(3, 8)),
            ("gemini-embedding-001", Family::Gemini(3, 8)),
            ("tunedModels/my-gemini-1.5-tune", Family::Gemini(3, 8)),
            ("1234567890", Family::Gemini(3, 8)),
            ("", Family::Gemini(3, 8)),
            ("gemma-3-27b-it", Family::Gemma(3)),
            ("models/gemma-3n-e4b-it", Family::Gemma(3)),
            ("gemma-4-31b-it", Family::Gemma(4)),
            ("gemma-7b-it", Family::Gemma(1)),
            ("gemma-next", Family::Gemma(4)),
        ] {
            assert_eq!(Model::of(name, Host::Studio).family, expected, "{name}");
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table is as long as its rules")]
    fn abilities_by_name() {
        type Ability = fn(Model) -> bool;
        let abilities: [(&str, Ability, &[&str], &[&str]); 12] = [
            (
                "gemini 3",
                Model::is_gemini3,
                &["gemini-3-flash-preview", "gemini-flash-latest", "7"],
                &["gemini-2.5-pro", "gemma-4-31b-it"],
            ),
            (
                "instructions",
                Model::takes_instructions,
                &["gemini-1.5-pro", "gemini-3.8-flash"],
                &[
                    "gemma-4-31b-it",
                    "gemini-2.5-flash-preview-tts",
                    "gemini-pro",
                ],
            ),
            (
                "user at the end",
                Model::ends_with_user,
                &["gemini-3.6-flash", "gemini-3.8-flash", "gemini-pro-latest"],
                &[
                    "gemini-3.5-flash",
                    "gemini-flash-lite-latest",
                    "gemma-4-31b-it",
                ],
            ),
            (
                "urls",
                Model::takes_urls,
                &["gemini-2.5-flash", "mine"],
                &["gemini-2.0-flash", "gemma-3-27b-it"],
            ),
            (
                "result parts",
                Model::takes_result_parts,
                &["gemini-3.1-pro-preview"],
                &["gemini-2.5-pro"],
            ),
            (
                "JSON Schema",
                Model::takes_json_schema,
                &["gemini-2.0-flash"],
                &["gemini-1.5-pro", "gemma-4-31b-it"],
            ),
            (
                "tools",
                Model::takes_tools,
                &["gemma-4-31b-it", "gemini-1.5-pro"],
                &["gemma-3-27b-it"],
            ),
            (
                "JSON",
                Model::takes_json,
                &["gemma-4-31b-it", "gemini-1.5-pro"],
                &["gemma-3n-e4b-it"],
            ),
            (
                "JSON and tools",
                Model::takes_json_with_tools,
                &["gemini-3.8-flash"],
                &["gemini-2.5-pro", "gemma-4-31b-it"],
            ),
            (
                "candidates",
                Model::takes_candidates,
                &["gemini-2.5-flash", "gemini-pro"],
                &[
                    "gemini-3-flash-preview",
                    "gemini-2.5-flash-image",
                    "gemini-2.5-flash-preview-tts",
                ],
            ),
            (
                "sampling",
                Model::takes_sampling,
                &["gemini-3.5-flash", "gemma-4-31b-it"],
                &["gemini-3.6-flash", "gemini-9-flash"],
            ),
            (
                "images",
                Model::is_image,
                &["gemini-3-pro-image"],
                &["gemini-3-pro-preview"],
            ),
        ];
        for (ability, has, able, unable) in abilities {
            for (names, expected) in [(able, true), (unable, false)] {
                for name in names {
                    let model = Model::of(name, Host::Studio);
                    assert_eq!(has(model), expected, "{ability} of {name}");
                }
            }
        }
    }

    #[test]
    fn penalties_and_probabilities_are_the_host_s_to_enable() {
        for (name, studio, vertex) in [
            ("gemini-2.0-flash", true, true),
            ("gemini-2.5-flash", false, true),
            ("gemini-3-flash-preview", false, false),
            ("gemma-3-27b-it", false, false),
        ] {
            assert_eq!(Model::of(name, Host::Studio).takes_penalties(), studio);
            assert_eq!(Model::of(name, Host::Vertex).takes_penalties(), vertex);
            assert!(!Model::of(name, Host::Studio).takes_logprobs());
            assert!(Model::of(name, Host::Vertex).takes_logprobs());
        }
    }
}
