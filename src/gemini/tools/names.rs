//! Google's names for the client's tools, and back.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::gemini::Host;
use crate::hex;

/// What Google's refusals of longer names say.
const LONGEST: usize = 64;

/// Six digits of a hash, and what they are joined with.
const HASHED: usize = 7;

/// What models put in front of a name now and then: the name of the module they think the tools are in.
const PREFIXES: [&str; 2] = ["default_api:", "default_api."];

/// The tools that are offered, by Google's names for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    host: Host,
    offered: BTreeMap<String, Offered>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Offered {
    original: String,
    is_custom: bool,
}

impl Names {
    /// The tools' names, each with whether it is a `custom` one. Names that need no change keep theirs, whoever comes
    /// first.
    pub(super) fn of(host: Host, tools: &[(Cow<'_, str>, bool)]) -> Self {
        let mut names = Self {
            host,
            offered: BTreeMap::new(),
        };
        let needs_change = |name: &str| matches!(sanitised(name, host), Cow::Owned(_));
        let (changed, kept): (Vec<_>, Vec<_>) =
            tools.iter().partition(|(name, _)| needs_change(name));
        for (original, is_custom) in kept.into_iter().chain(changed) {
            let offered = || Offered {
                original: original.clone().into_owned(),
                is_custom: *is_custom,
            };
            let theirs = names.theirs(original).into_owned();
            names.offered.entry(theirs).or_insert_with(offered);
        }
        names
    }

    /// Google's name for a tool of the client's, offered or only spoken of in the conversation.
    pub fn theirs<'a>(&self, original: &'a str) -> Cow<'a, str> {
        let plain = sanitised(original, self.host);
        let other = |it: &Offered| it.original != original;
        if self.offered.get(&*plain).is_some_and(other) {
            return Cow::Owned(hashed(&plain, original));
        }
        plain
    }

    /// The client's name for a tool that Google calls `theirs`; a prefix (`default_api:`) of the model's making is off.
    pub fn original<'a>(&'a self, theirs: &'a str) -> &'a str {
        let offered = |name: &str| self.offered.get(name);
        let mut bare = PREFIXES.iter().filter_map(|it| theirs.strip_prefix(it));
        let found = offered(theirs).or_else(|| bare.find_map(offered));
        found.map_or(theirs, |it| &it.original)
    }

    /// Whether a tool (by the client's name) is a `custom` one: it is called with a text, not with arguments.
    pub fn is_custom(&self, original: &str) -> bool {
        self.find(original).is_some_and(|it| it.is_custom)
    }

    pub(super) fn is_offered(&self, original: &str) -> bool {
        self.find(original).is_some()
    }

    fn find(&self, original: &str) -> Option<&Offered> {
        let found = self.offered.get(&*self.theirs(original))?;
        Some(found).filter(|it| it.original == original)
    }
}

/// Beginning with a letter or an underscore. Vertex AI knows no colons.
fn sanitised(name: &str, host: Host) -> Cow<'_, str> {
    let is_known = |it: char| {
        it.is_ascii_alphanumeric()
            || matches!(it, '_' | '.' | '-')
            || it == ':' && host == Host::Studio
    };
    let begins = |it: char| it.is_ascii_alphabetic() || it == '_';
    if name.len() <= LONGEST && name.starts_with(begins) && name.chars().all(is_known) {
        return Cow::Borrowed(name);
    }
    let known = name.chars().map(|it| if is_known(it) { it } else { '_' });
    let mut changed: String = known.collect();
    if !changed.starts_with(begins) {
        changed.insert(0, '_');
    }
    if changed.len() > LONGEST {
        changed = hashed(&changed, name);
    }
    Cow::Owned(changed)
}

/// Told apart from names that would look the same.
fn hashed(changed: &str, original: &str) -> String {
    let kept = changed.get(..LONGEST - HASHED).unwrap_or(changed);
    let hash = Sha256::digest(original.as_bytes());
    let digits = hex::encode(hash.get(..3).unwrap_or_default());
    format!("{kept}_{digits}")
}

#[cfg(test)]
mod tests {
    use super::{Host, Names};

    fn names(host: Host, tools: &[&str]) -> Names {
        let tools: Vec<_> = tools.iter().map(|name| ((*name).into(), false)).collect();
        Names::of(host, &tools)
    }

    #[test]
    fn names_are_made_acceptable() {
        for (original, studio, vertex) in [
            ("get_weather", "get_weather", "get_weather"),
            ("_a.b-c:d", "_a.b-c:d", "_a.b-c_d"),
            ("1 weather/now", "_1_weather_now", "_1_weather_now"),
            ("-x", "_-x", "_-x"),
            (":x", "_:x", "_x"),
            ("\u{e9}t\u{e9}", "_t_", "_t_"),
            ("", "_", "_"),
        ] {
            assert_eq!(names(Host::Studio, &[]).theirs(original), studio);
            assert_eq!(names(Host::Vertex, &[]).theirs(original), vertex);
        }
    }

    #[test]
    fn long_names_are_cut_and_told_apart() {
        let (one, other) = ("a".repeat(64), "a".repeat(65));
        let names = names(Host::Studio, &[&one, &other, &"a".repeat(66)]);
        assert_eq!(names.theirs(&one), one);
        let cut = names.theirs(&other).into_owned();
        assert_eq!(cut.len(), 64);
        assert!(cut.starts_with(&format!("{}_", "a".repeat(57))));
        assert_ne!(cut, names.theirs(&"a".repeat(66)));
        assert_eq!(names.original(&cut), other);
        let digit = names.theirs(&"1".repeat(64)).into_owned();
        assert_eq!((digit.len(), digit.get(..2)), (64, Some("_1")));
    }

    #[test]
    fn names_that_would_look_the_same_differ() {
        let names = names(Host::Studio, &["a b", "a/b", "a_b"]);
        assert_eq!(names.theirs("a_b"), "a_b");
        let (first, second) = (names.theirs("a b"), names.theirs("a/b"));
        assert!(first.starts_with("a_b_") && second.starts_with("a_b_") && first != second);
        for original in ["a b", "a/b", "a_b"] {
            assert_eq!(names.original(&names.theirs(original)), original);
        }
        // Only spoken of: still none of those offered.
        assert_ne!(names.theirs("a:b"), names.theirs("a.b"));
        assert_eq!(names.original(&names.theirs("a,b")), names.theirs("a,b"));
    }

    #[test]
    fn a_name_taken_by_a_changed_one_is_not_given_twice() {
        let names = names(Host::Studio, &["a b"]);
        assert_eq!(names.theirs("a b"), "a_b");
        let spoken_of = names.theirs("a_b");
        assert!(spoken_of.starts_with("a_b_"), "{spoken_of}");
    }

    #[test]
    fn prefixes_of_the_models_making_are_off() {
        let names = names(Host::Studio, &["f", "g h"]);
        for (theirs, original) in [
            ("default_api:f", "f"),
            ("default_api.g_h", "g h"),
            ("g_h", "g h"),
            ("default_api:x", "default_api:x"),
            ("x", "x"),
        ] {
            assert_eq!(names.original(theirs), original);
        }
        let own = self::names(Host::Studio, &["default_api:f", "f"]);
        assert_eq!(own.original("default_api:f"), "default_api:f");
    }
}
