//! Pictures that an answer tells the addresses of, and that are fetched through the gateway: a server that keeps them
//! knows of no gateway, and the gateway has to know the model to find the server again.

use crate::json::{Value, apply, quoted, replace};
use crate::platform::Edit;
use crate::surface::encode;

/// Below the gateway's own address: then the model, then the file.
const FOLDER: &str = "images/data/";

/// Which addresses become which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moving {
    /// The gateway's own address, without `/v1` and without a slash at its end.
    pub to: String,
    /// What they begin with; the gateway's own is one of them.
    pub from: Vec<String>,
}

impl Moving {
    /// The answer with its pictures' addresses below the gateway's; None where it has none to move. Nothing else in it
    /// is touched.
    pub fn answer(&self, model: &str, answer: &[u8]) -> Option<Vec<u8>> {
        let data = Value::first(answer)?.get("data")?;
        let edits = data
            .elements()
            .filter_map(|picture| self.edit(model, picture));
        let edits: Vec<Edit> = edits.collect();
        (!edits.is_empty()).then(|| apply(answer, &edits))
    }

    fn edit(&self, model: &str, picture: Value<'_>) -> Option<Edit> {
        let url = picture.get("url")?;
        let moved = self.url(model, &url.as_str()?)?;
        Some(replace(url, quoted(&moved)))
    }

    fn url(&self, model: &str, url: &str) -> Option<String> {
        let below = self.from.iter().find_map(|from| below(url, from))?;
        let end = below.find(['?', '#']).unwrap_or(below.len());
        let (path, rest) = below.split_at(end);
        let file = path.rsplit('/').next().filter(|file| !file.is_empty())?;
        let moved = format!("{}/v1/{FOLDER}{}/{file}{rest}", self.to, encode(model));
        (moved != url).then_some(moved)
    }
}

/// What stands behind the slash that follows a beginning. A host is the same in any case.
fn below<'u>(url: &'u str, from: &str) -> Option<&'u str> {
    let begins = url.get(..from.len())?;
    let rest = url.get(from.len()..)?;
    let is_it = begins.eq_ignore_ascii_case(from);
    is_it.then(|| rest.strip_prefix('/')).flatten()
}

/// The model and the file that a path below `/v1` names.
pub fn parts(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix(FOLDER)?.rsplit_once('/')
}

/// Where the server has the file.
pub fn place(file: &str) -> String {
    [FOLDER, file].concat()
}

#[cfg(test)]
mod tests {
    use super::{Moving, parts};

    fn moving() -> Moving {
        Moving {
            to: "https://p".to_owned(),
            from: vec!["https://p".to_owned(), "http://gpu.test:8000".to_owned()],
        }
    }

    /// Address in an answer -> what becomes of it, where anything does.
    #[test]
    fn addresses_are_moved() {
        for (url, moved) in [
            (
                "https://p/v1/images/data/12",
                Some("https://p/v1/images/data/a%2Fb/12"),
            ),
            (
                "HTTPS://P/v1/images/data/12",
                Some("https://p/v1/images/data/a%2Fb/12"),
            ),
            (
                "http://gpu.test:8000/files/x.png",
                Some("https://p/v1/images/data/a%2Fb/x.png"),
            ),
            (
                "https://p/v1/images/data/12?sig=a/b",
                Some("https://p/v1/images/data/a%2Fb/12?sig=a/b"),
            ),
            ("https://p/v1/images/data/a%2Fb/12", None),
            ("https://p.test/v1/images/data/12", None),
            ("https://p", None),
            ("https://p/", None),
            ("https://p/v1/images/data/", None),
            ("https://other.test/12", None),
            ("data:image/png;base64,AAAA", None),
            ("", None),
        ] {
            assert_eq!(moving().url("a/b", url).as_deref(), moved, "{url}");
        }
    }

    #[test]
    fn the_rest_of_an_answer_is_not_touched() {
        let answer = r#" {"created": 1.0, "data":[ {"url":"https:\/\/p\/1","revised_prompt":"\u00e9"},null,
            {"b64_json":"AA=="},{"url":null},{"url":7},"x", {"url" : "https://p/2"} ]}"#;
        let wanted = r#" {"created": 1.0, "data":[ {"url":"https://p/v1/images/data/m/1","revised_prompt":"\u00e9"},null,
            {"b64_json":"AA=="},{"url":null},{"url":7},"x", {"url" : "https://p/v1/images/data/m/2"} ]}"#;
        let moved = moving().answer("m", answer.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(moved).unwrap(), wanted);
        for nothing in [
            "",
            "{}",
            "[]",
            "{\"data\":null}",
            "{\"data\":{}}",
            "{\"data\":[]}",
            "{\"data\":[{\"url\":\"https://q/1\"}]}",
            "{\"data\":[{\"url\":\"https://p/1",
        ] {
            assert_eq!(moving().answer("m", nothing.as_bytes()), None, "{nothing}");
        }
    }

    #[test]
    fn a_model_may_have_slashes() {
        assert_eq!(parts("images/data/a/b/12"), Some(("a/b", "12")));
        assert_eq!(parts("images/data/a%2Fb/12"), Some(("a%2Fb", "12")));
        assert_eq!(parts("images/data/12"), None);
        assert_eq!(parts("images/generations"), None);
    }
}
