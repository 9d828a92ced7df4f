//! Schemas of tools. Azure reads their patterns with Python's `re`: `'...' is not a 'regex'`.

use memchr::memmem;

use crate::json::{Patch, Value};
use crate::platform::Edit;

/// No schema is deeper; each level is read again for the one above.
const DEEPEST: u32 = 64;

/// Members whose values are no schemas, whatever they look like.
const DATA: [&str; 4] = ["const", "default", "enum", "examples"];

/// Escapes of letters that Python knows. Of all others it says `bad escape`.
const ESCAPES: &str = "AbBdDsSwWZafnrtvxuUN";

/// Takes out the patterns that Python cannot compile: a schema without one allows more, and is taken.
pub(super) fn repair(schema: Value<'_>, edits: &mut Vec<Edit>) {
    if memmem::find(schema.raw(), b"\"pattern\"").is_none() {
        return;
    }
    let mut waiting = vec![(schema, 0)];
    while let Some((value, depth)) = waiting.pop() {
        if depth == DEEPEST {
            continue;
        }
        waiting.extend(value.elements().map(|it| (it, depth + 1)));
        for (key, member) in value.members() {
            if !DATA.iter().any(|name| key.is(name)) {
                waiting.push((member, depth + 1));
            }
        }
        let pattern = value.get("pattern").and_then(Value::as_str);
        if pattern.is_some_and(|it| !is_pythons(&it)) {
            let mut patch = Patch::of(value);
            patch.remove("pattern");
            edits.extend(patch.edits());
        }
    }
}

fn is_pythons(pattern: &str) -> bool {
    let mut rest = pattern;
    while let Some(at) = rest.find(['\\', '(']) {
        let (mark, behind) = rest.split_at(at).1.split_at(1);
        rest = behind;
        if mark == "(" {
            // `(?<name>`, where Python wants `(?P<name>`; `(?<=` and `(?<!` look behind.
            let named = behind.strip_prefix("?<");
            if named.is_some_and(|it| !it.starts_with(['=', '!'])) {
                return false;
            }
            continue;
        }
        let mut escaped = behind.chars();
        let letter = escaped.next().unwrap_or_default();
        let is_other = letter.is_ascii_alphabetic() && !ESCAPES.contains(letter);
        if is_other || behind.starts_with("u{") {
            return false;
        }
        rest = escaped.as_str();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{is_pythons, repair};
    use crate::json::{Value, apply, sort};

    #[test]
    fn patterns_of_python() {
        for pattern in [
            "",
            "^a+$",
            r"\d{3}-\w",
            r"\\p",
            r"(?P<a>x)",
            r"(?<=a)b(?<!c)",
            r"\u00e9",
            r"\.\-\/",
            "\\",
        ] {
            assert!(is_pythons(pattern), "{pattern}");
        }
        for pattern in [
            r"\p{L}",
            r"^\P{Lu}",
            r"(?<year>\d)",
            r"\k<year>",
            r"\u{1F600}",
            r"\cA",
        ] {
            assert!(!is_pythons(pattern), "{pattern}");
        }
    }

    fn repaired(schema: &str) -> String {
        let mut edits = Vec::new();
        repair(Value::first(schema.as_bytes()).unwrap(), &mut edits);
        sort(&mut edits);
        String::from_utf8(apply(schema.as_bytes(), &edits)).unwrap()
    }

    #[test]
    fn only_foreign_patterns_of_schemas_go() {
        for (before, after) in [
            (
                r#"{"properties":{"pattern":{"type":"string","pattern":"^\\p{L}+$"},"b":{"pattern":"^a"}}}"#,
                r#"{"properties":{"pattern":{"type":"string"},"b":{"pattern":"^a"}}}"#,
            ),
            (
                r#"{"anyOf":[{"pattern":"\\p{L}","x":{"pattern":"\\p{L}"}}]}"#,
                r#"{"anyOf":[{"x":{}}]}"#,
            ),
            (
                r#"{"default":{"pattern":"\\p{L}"}}"#,
                r#"{"default":{"pattern":"\\p{L}"}}"#,
            ),
        ] {
            assert_eq!(repaired(before), after);
        }
        let deep = format!(
            "{}{{\"pattern\":\"\\\\p\"}}{}",
            "[".repeat(5000),
            "]".repeat(5000)
        );
        assert_eq!(repaired(&deep), deep);
    }
}
