//! Batch files: a request on every line, each with a path and a model of its own.

use std::ops::Range;

use serde::de::IgnoredAny;

use crate::json::{self, Value};
use crate::openai::multipart;
use crate::platform::Edit;

/// What Azure calls the operation of a batch, where that is not OpenAI's name for it.
pub fn path(openai: &str) -> Option<&'static str> {
    match openai {
        "/v1/chat/completions" => Some("/chat/completions"),
        "/v1/completions" => Some("/completions"),
        "/v1/embeddings" => Some("/embeddings"),
        _ => None,
    }
}

/// The edits that make a batch file Azure's: its paths, the models by `rename`, and no byte-order mark.
pub fn rewrite_lines(file: &[u8], rename: impl Fn(&str) -> Option<String>) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut at = 0;
    if file.starts_with(b"\xef\xbb\xbf") {
        edits.push(Edit::remove(0..3));
        at = 3;
    }
    let lines = file.get(at..).unwrap_or_default();
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        rewrite_line(line, at, &rename, &mut edits);
        at += line.len();
    }
    edits
}

/// A file that has `purpose` and content, in a form for `POST /files`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePart {
    pub purpose: Option<String>,
    /// The bytes of the file.
    pub content: Range<usize>,
}

/// The file in a whole form; None if the form has none, or cannot be read in one way only.
pub fn file_part(form: &[u8], content_type: &str) -> Option<FilePart> {
    let parts = multipart::parts(form, content_type).ok()?;
    let only = |name: &str| {
        let mut named = parts.iter().filter(|part| part.name == name);
        named.next().filter(|_| named.next().is_none())
    };
    let purpose = only("purpose").and_then(|part| form.get(part.content.clone()));
    Some(FilePart {
        purpose: purpose.map(|it| String::from_utf8_lossy(it).into_owned()),
        content: only("file")?.content.clone(),
    })
}

fn rewrite_line(
    line: &[u8],
    start: usize,
    rename: &impl Fn(&str) -> Option<String>,
    edits: &mut Vec<Edit>,
) {
    if serde_json::from_slice::<IgnoredAny>(line).is_err() {
        return;
    }
    let mut replace = |value: Value<'_>, text: &str| {
        edits.push(json::replace(value, json::quoted(text)).behind(start));
    };
    let named = |value: Value<'_>| rename(value.as_str()?.as_ref());
    for (key, value) in Value::first(line).into_iter().flat_map(Value::members) {
        if key.is("url") {
            if let Some(path) = value.as_str().and_then(|url| path(&url)) {
                replace(value, path);
            }
        } else if key.is("body") {
            for (_, model) in value.members().filter(|(key, _)| key.is("model")) {
                if let Some(name) = named(model).filter(|name| !model.is(name)) {
                    replace(model, &name);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{file_part, rewrite_lines};
    use crate::json;

    fn rewritten(file: &str) -> String {
        let edits = rewrite_lines(file.as_bytes(), |model| {
            (model == "gpt-4o").then(|| "batch \"4o\"".to_owned())
        });
        String::from_utf8(json::apply(file.as_bytes(), &edits)).unwrap()
    }

    #[test]
    fn lines_are_rewritten_and_nothing_else() {
        let broken = r#"{"url":"/v1/chat/completions","body":{"model":"gpt-4o"}"#;
        let lines = [
            r#"{"custom_id":"1", "method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o","n":1e2}}"#,
            r#"{"body":{"model":"other","messages":[{"model":"gpt-4o"}]},"url":"/v1/embeddings"}"#,
            r#"{"url":"/v1/responses","model":"gpt-4o","body":7}"#,
            broken,
            "",
        ];
        let expected = [
            r#"{"custom_id":"1", "method":"POST","url":"/chat/completions","body":{"model":"batch \"4o\"","n":1e2}}"#,
            r#"{"body":{"model":"other","messages":[{"model":"gpt-4o"}]},"url":"/embeddings"}"#,
            r#"{"url":"/v1/responses","model":"gpt-4o","body":7}"#,
            broken,
            "",
        ];
        for end in ["\n", "\r\n"] {
            assert_eq!(rewritten(&lines.join(end)), expected.join(end));
            let marked = format!("\u{feff}{}", lines.join(end));
            assert_eq!(rewritten(&marked), expected.join(end));
        }
    }

    #[test]
    fn the_file_is_found_in_its_form() {
        let part = |head: &str, text: &str| {
            format!("--b\r\nContent-Disposition: form-data; name={head}\r\n\r\n{text}\r\n")
        };
        let purpose = part("\"purpose\"", "batch");
        let file = part("\"file\"; filename=\"a.jsonl\"", "{\"a\":1}\r\n--c\r\n");
        let empty = part("file; filename=a", "");
        let found = |form: &str| {
            let file = file_part(form.as_bytes(), "multipart/form-data; boundary=b")?;
            Some((file.purpose, form[file.content].to_owned()))
        };
        let batch = Some("batch".to_owned());
        let content = "{\"a\":1}\r\n--c\r\n".to_owned();
        for end in ["--b--\r\n", "--b--", "--b-- \r\nepilogue"] {
            let both = [
                format!("{purpose}{file}{end}"),
                format!("{file}{purpose}{end}"),
            ];
            for form in both {
                assert_eq!(
                    found(&form),
                    Some((batch.clone(), content.clone())),
                    "{form}"
                );
            }
        }
        assert_eq!(found(&format!("{file}--b--")), Some((None, content)));
        assert_eq!(found(&format!("{empty}--b--")), Some((None, String::new())));
        assert_eq!(found(&format!("{empty}{empty}--b--")), None);
        assert_eq!(found(&format!("{purpose}--b--")), None);
        assert_eq!(found(&file), None);
        assert_eq!(found("--b\r\n\r\nx\r\n--b--"), None);
        assert_eq!(found(""), None);
        assert_eq!(file_part(b"", "application/json"), None);
    }
}
