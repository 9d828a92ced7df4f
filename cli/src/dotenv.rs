//! `.dev.vars` as wrangler reads it: by the rules of npm's `dotenv` 16, which are those of one regular expression. It
//! is followed here step by step, with what it takes and what it passes over.

use std::ops::Range;

#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub value: String,
    /// Where the name stands, from 1.
    pub line: usize,
    /// Where the text of the value stands.
    pub raw: Range<usize>,
}

/// Line breaks as wrangler sees them; the places of entries are places in this.
pub fn unified(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The entries of a text whose line breaks are unified, in their order. Of two of one name the last counts.
pub fn parse(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut line = Some(0);
    while let Some(start) = line {
        let found = entry(text, start);
        let end = found.as_ref().map_or(start, |entry| entry.raw.end);
        entries.extend(found);
        line = text
            .get(end..)
            .and_then(|rest| rest.find('\n'))
            .map(|at| end + at + 1);
    }
    entries
}

/// What stands at the beginning of a line, or of a later one after empty ones.
fn entry(text: &str, line: usize) -> Option<Entry> {
    let start = skip_blanks(text, line);
    let exported = text.get(start..)?.strip_prefix("export").map(|_| start + 6);
    let exported = exported.filter(|at| skip_blanks(text, *at) > *at);
    exported
        .and_then(|at| named(text, skip_blanks(text, at)))
        .or_else(|| named(text, start))
}

fn named(text: &str, start: usize) -> Option<Entry> {
    let rest = text.get(start..)?;
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let length = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
    let name = rest.get(..length).filter(|name| !name.is_empty())?;
    let from = behind_sign(text, start + length)?;
    let raw = quoted(text, from).unwrap_or_else(|| from..unquoted_end(text, from));
    Some(Entry {
        name: name.to_owned(),
        value: value(text.get(raw.clone())?),
        line: line_of(text, start),
        raw,
    })
}

/// Behind `=`, or behind `:` and a blank.
fn behind_sign(text: &str, at: usize) -> Option<usize> {
    let sign = skip_blanks(text, at);
    if text.get(sign..)?.starts_with('=') {
        return Some(sign + 1);
    }
    let blank = text.get(at..)?.strip_prefix(':')?.chars().next()?;
    is_blank(blank).then(|| at + 1 + blank.len_utf8())
}

/// A value between quotes, over several lines perhaps, with nothing but a comment behind it.
fn quoted(text: &str, from: usize) -> Option<Range<usize>> {
    let open = skip_blanks(text, from);
    let quote = text.get(open..)?.chars().next()?;
    if !matches!(quote, '"' | '\'' | '`') {
        return None;
    }
    // A quote behind a backslash closes only where no other does.
    let mut escaped = Vec::new();
    let mut plain = None;
    let inside = open + 1;
    for (at, _) in text.get(inside..)?.match_indices(quote) {
        let at = inside + at;
        if at > inside && text.get(inside..at)?.ends_with('\\') {
            escaped.push(at + 1);
        } else {
            plain = Some(at + 1);
            break;
        }
    }
    let mut ends = plain.into_iter().chain(escaped.into_iter().rev());
    let end = ends.find(|end| ends_line(text, *end))?;
    Some(open..end)
}

fn ends_line(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let rest = rest.trim_start_matches(|c| is_blank(c) && c != '\n');
    rest.is_empty() || rest.starts_with(['\n', '#'])
}

fn unquoted_end(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.find(['#', '\n']).unwrap_or(rest.len())
}

fn value(raw: &str) -> String {
    let value = raw.trim_matches(is_blank);
    let mut quotes = ['"', '\'', '`'].into_iter();
    let inside = quotes.find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    let inside = inside.unwrap_or(value);
    if value.starts_with('"') {
        inside.replace("\\n", "\n").replace("\\r", "\r")
    } else {
        inside.to_owned()
    }
}

fn skip_blanks(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    text.len() - rest.trim_start_matches(is_blank).len()
}

/// A byte-order mark is one of JavaScript's blanks.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

pub fn line_of(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    1 + before.matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::{parse, unified};

    #[test]
    fn as_wrangler_reads_it() {
        for (text, entries) in [
            ("A=1", &[("A", "1", 1)][..]),
            ("A=1\nB=2\n", &[("A", "1", 1), ("B", "2", 2)]),
            (
                "A=1\r\nB=2\r\rC=3",
                &[("A", "1", 1), ("B", "2", 2), ("C", "3", 4)],
            ),
            ("\u{feff}A=1", &[("A", "1", 1)]),
            ("\n\n  A = 1  \n", &[("A", "1", 3)]),
            ("# A=1\n#B=2\nC=3 # D=4", &[("C", "3", 3)]),
            ("export A=1\nexport  B=2", &[("A", "1", 1), ("B", "2", 2)]),
            (
                "export=1\nexported=2",
                &[("export", "1", 1), ("exported", "2", 2)],
            ),
            ("A=", &[("A", "", 1)]),
            ("A=\nB=2", &[("A", "", 1), ("B", "2", 2)]),
            ("A=#none\nB=a#b", &[("A", "", 1), ("B", "a", 2)]),
            ("A='a # b' # c", &[("A", "a # b", 1)]),
            ("A=\"a # b\"", &[("A", "a # b", 1)]),
            ("A=`it's \"so\"`", &[("A", "it's \"so\"", 1)]),
            ("A='a\nb'\nB=2", &[("A", "a\nb", 1), ("B", "2", 3)]),
            (
                "A=\"a\n# b\nc\"\nB=2",
                &[("A", "a\n# b\nc", 1), ("B", "2", 4)],
            ),
            (r#"A="a\nb""#, &[("A", "a\nb", 1)]),
            (r"A='a\nb'", &[("A", r"a\nb", 1)]),
            (r"A=a\nb", &[("A", r"a\nb", 1)]),
            (r#"A="a\"b""#, &[("A", r#"a\"b"#, 1)]),
            (r"A='a\'", &[("A", r"a\", 1)]),
            (r"A='C:\' # d 'e'", &[("A", r"C:\", 1)]),
            ("A='it's'", &[("A", "it's", 1)]),
            ("A='x' y", &[("A", "'x' y", 1)]),
            ("A=\"open\nB=2", &[("A", "\"open", 1), ("B", "2", 2)]),
            ("A=\n'x'", &[("A", "x", 1)]),
            ("A: 1\nB:2", &[("A", "1", 1)]),
            (
                "A.b-c=1\nd e=2\n=3\n-=4",
                &[("A.b-c", "1", 1), ("-", "4", 4)],
            ),
            ("A=' x '", &[("A", " x ", 1)]),
            ("A=a=b=c", &[("A", "a=b=c", 1)]),
            ("A={\"a\": 1}", &[("A", "{\"a\": 1}", 1)]),
            ("A='", &[("A", "'", 1)]),
            ("é=1\nA=é", &[("A", "é", 2)]),
            ("", &[]),
        ] {
            let text = unified(text);
            let found = parse(&text);
            let found: Vec<_> = found
                .iter()
                .map(|it| (it.name.as_str(), it.value.as_str(), it.line))
                .collect();
            assert_eq!(found, entries, "{text:?}");
        }
    }

    #[test]
    fn the_text_of_a_value_is_found_again() {
        let text = "A='x\ny'\nB=\"p\\nq\"";
        let found = parse(text);
        let raw: Vec<_> = found
            .iter()
            .map(|it| text.get(it.raw.clone()).unwrap())
            .collect();
        assert_eq!(raw, ["'x\ny'", "\"p\\nq\""]);
    }
}
