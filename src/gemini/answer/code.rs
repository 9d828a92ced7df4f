//! What Google's own tools wrote, as Markdown between quotes: code, and what came of it.

use super::cursor::{inside, unescaped};
use super::fence::ends_escaping;

/// A block of code: its language, and the code. `is_new_line`: whether a line begins where it will stand.
pub fn fenced(language: &[u8], code: &[u8], is_new_line: bool) -> Vec<u8> {
    let code = unescaped(code);
    let language = unescaped(language).to_ascii_lowercase();
    let language = match &*language {
        "language_unspecified" => "",
        language => language,
    };
    let fence = "`".repeat((longest_run(&code) + 1).max(3));
    let start = if is_new_line { "" } else { "\n" };
    let end = if code.is_empty() || code.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    quoted(&format!("{start}{fence}{language}\n{code}{end}{fence}\n"))
}

/// Whether a text that stands between quotes ends a line.
pub fn ends_line(inside: &[u8]) -> bool {
    inside.strip_suffix(b"n").is_some_and(ends_escaping)
}

/// A fence has to be longer than what stands in it.
fn longest_run(code: &str) -> usize {
    let runs = code.split(|letter| letter != '`').map(str::len);
    runs.max().unwrap_or(0)
}

fn quoted(text: &str) -> Vec<u8> {
    let quoted = crate::json::quoted(text).into_bytes();
    inside(&quoted).to_vec()
}

#[cfg(test)]
mod tests {
    use super::{ends_line, fenced};

    #[test]
    fn code_is_fenced() {
        for (language, code, is_new_line, expected) in [
            ("PYTHON", r"print(1)", true, r"```python\nprint(1)\n```\n"),
            ("PYTHON", r"a\n", false, r"\n```python\na\n```\n"),
            ("output", "", true, r"```output\n```\n"),
            ("LANGUAGE_UNSPECIFIED", "```", true, r"````\n```\n````\n"),
            ("", r#"\"\u00e9"#, true, r#"```\n\"é\n```\n"#),
        ] {
            let text = fenced(language.as_bytes(), code.as_bytes(), is_new_line);
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }

    #[test]
    fn ends_of_lines_are_seen_through_escapes() {
        for (text, expected) in [
            (r"a\n", true),
            (r"a\\n", false),
            (r"\\\n", true),
            ("n", false),
        ] {
            assert_eq!(ends_line(text.as_bytes()), expected, "{text}");
        }
    }
}
