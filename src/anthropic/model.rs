//! What the generations of Claude take, by the version in a name.

/// The version of a model; None if its name does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Model(Option<(u8, u8)>);

/// How a model is asked to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    /// It was made before.
    Never,
    /// Within a number of tokens.
    Budget,
    /// As it sees fit, with more or less effort. `shows`: what it thinks is only told if asked for, and there is one
    /// more effort.
    Adaptive { shows: bool },
}

impl Model {
    /// By the first name that tells: the deployment's, or what the client asked for.
    pub(super) fn of(names: [&str; 2]) -> Self {
        Self(names.into_iter().find_map(version))
    }

    /// From 4.7 on a budget is refused (`"thinking.type.enabled" is not supported for this model`); up to 4.5 there is
    /// nothing but a budget. A model that is not known is new.
    pub(super) fn thinking(self) -> Thinking {
        match self.0 {
            Some(version) if version < (3, 7) => Thinking::Never,
            Some(version) if version < (4, 6) => Thinking::Budget,
            Some((4, 6)) => Thinking::Adaptive { shows: false },
            _ => Thinking::Adaptive { shows: true },
        }
    }

    /// From 4.7 on `temperature`, `top_p` and `top_k` are refused. Of a model that is not known the upstream may say so
    /// itself: to drop what another heeds would not be noticed.
    pub(super) fn takes_sampling(self) -> bool {
        self.0.is_none_or(|version| version < (4, 7))
    }

    /// From 4.1 on: "`temperature` and `top_p` cannot both be specified for this model".
    pub(super) fn takes_temperature_with_top_p(self) -> bool {
        self.0.is_some_and(|version| version < (4, 1))
    }
}

/// `claude-3-5-sonnet-20241022`, `claude-sonnet-4.5`, `claude-opus-4-20250514`. A longer number is a date.
fn version(name: &str) -> Option<(u8, u8)> {
    let name = name.to_ascii_lowercase();
    let (_, rest) = name.split_once("claude")?;
    let number = |part: &str| part.parse().ok().filter(|_| part.len() <= 2);
    let mut parts = rest.split(|c: char| !c.is_ascii_alphanumeric());
    if let Some(major) = parts.by_ref().find_map(number) {
        return Some((major, parts.next().and_then(number).unwrap_or(0)));
    }
    // The one generation whose names have no number at first; it takes what the fifth does.
    rest.contains("mythos").then_some((5, 0))
}

#[cfg(test)]
mod tests {
    use super::{Model, Thinking, version};

    #[test]
    fn versions_are_found_in_names() {
        for (name, expected) in [
            ("claude-3-haiku-20240307", Some((3, 0))),
            ("claude-3-5-sonnet-20241022", Some((3, 5))),
            ("claude-3-7-sonnet-latest", Some((3, 7))),
            ("claude-opus-4-20250514", Some((4, 0))),
            ("claude-4-sonnet", Some((4, 0))),
            ("Claude-Opus-4.1", Some((4, 1))),
            ("anthropic/claude-sonnet-4-5-20250929", Some((4, 5))),
            ("prod-claude-haiku-4-5-eastus2", Some((4, 5))),
            ("claude_opus_4_6@default", Some((4, 6))),
            ("claude-sonnet-5", Some((5, 0))),
            ("claude-mythos-preview", Some((5, 0))),
            ("claude4", Some((4, 0))),
            ("my-claude", None),
            ("claude-prod-20250929", None),
            ("gpt-4o", None),
            ("", None),
        ] {
            assert_eq!(version(name), expected, "{name}");
        }
    }

    #[test]
    fn the_client_s_name_tells_where_the_deployment_s_does_not() {
        let thinking = |names| Model::of(names).thinking();
        assert_eq!(thinking(["mine", "claude-sonnet-4-5"]), Thinking::Budget);
        assert_eq!(
            thinking(["claude-3-haiku", "claude-sonnet-4-5"]),
            Thinking::Never
        );
        let newest = Thinking::Adaptive { shows: true };
        assert_eq!(thinking(["mine", "yours"]), newest);
        assert_eq!(thinking(["claude-opus-4-7", ""]), newest);
        assert_eq!(
            thinking(["claude-opus-4-6", ""]),
            Thinking::Adaptive { shows: false }
        );
    }

    #[test]
    fn sampling_by_version() {
        for (name, sampling, both) in [
            ("claude-3-opus", true, true),
            ("claude-opus-4-1", true, false),
            ("claude-opus-4-6", true, false),
            ("claude-opus-4-7", false, false),
            ("claude-haiku-5-5", false, false),
            ("mine", true, false),
        ] {
            let model = Model::of([name, ""]);
            assert_eq!(model.takes_sampling(), sampling, "{name}");
            assert_eq!(model.takes_temperature_with_top_p(), both, "{name}");
        }
    }
}
