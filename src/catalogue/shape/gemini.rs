//! Google's list (`/v1beta/models`), with its pages.

use sha2::{Digest, Sha256};

use crate::catalogue::capabilities;
use crate::catalogue::list::Entry;
use crate::error::{self, Result, invalid};
use crate::json::{Value, Writer, quoted};
use crate::surface::decode;

use super::Told;

/// <https://ai.google.dev/api/models#method:-models.list>: more than that is served as that.
const USUAL_PAGE: usize = 50;
const LARGEST_PAGE: usize = 1000;

/// Google's limits have 32 bits, and so they have in its typed clients.
const LARGEST_LIMIT: u64 = 2_147_483_647;

/// The page of a list that the query asks for.
pub fn list(entries: &[&Entry], query: &str) -> Result<Vec<u8>> {
    let (start, size) = (start(entries, query)?, size(query)?);
    let rest = entries.get(start..).unwrap_or_default();
    let (page, behind) = rest.split_at(size.min(rest.len()));
    let mut out = Writer::default();
    out.open();
    out.open_list("models");
    for entry in page {
        write(entry, &mut out);
    }
    out.close_list();
    if !behind.is_empty() {
        let next = token(entries, start + page.len());
        out.word("nextPageToken", &next.unwrap_or_default());
    }
    out.close();
    Ok(out.into_bytes())
}

pub fn item(entry: &Entry) -> Vec<u8> {
    let mut out = Writer::default();
    write(entry, &mut out);
    out.into_bytes()
}

/// An upstream's refusal in OpenAI's shape, as one of Google's.
pub fn refusal(status: u16, body: &[u8]) -> Vec<u8> {
    let error = Value::first(body).and_then(|whole| whole.get("error"));
    let message = error.and_then(|error| error.get("message")?.as_str());
    error::google_body(status, &message.unwrap_or_default()).into_bytes()
}

fn size(query: &str) -> Result<usize> {
    let Some(size) = parameter(query, "pageSize") else {
        return Ok(USUAL_PAGE);
    };
    let size = size.parse().ok().filter(|size: &u64| *size > 0);
    let size = size.ok_or_else(|| invalid("pageSize", "a whole number above 0"))?;
    Ok(usize::try_from(size).map_or(LARGEST_PAGE, |size| size.min(LARGEST_PAGE)))
}

fn start(entries: &[&Entry], query: &str) -> Result<usize> {
    // As everywhere at Google, an empty one is none.
    let given = parameter(query, "pageToken").filter(|token| !token.is_empty());
    let Some(given) = given else {
        return Ok(0);
    };
    let at = given
        .get(DIGEST..)
        .and_then(|at| usize::from_str_radix(at, 16).ok());
    at.filter(|at| token(entries, *at).as_ref() == Some(&given))
        .ok_or_else(|| invalid("pageToken", "the `nextPageToken` of this very list"))
}

/// Hexadecimal digits of a digest.
const DIGEST: usize = 16;

/// Where a page begins, and a digest of the names in front of it: a list that has changed there, or another caller's,
/// is another list.
fn token(entries: &[&Entry], at: usize) -> Option<String> {
    let mut digest = Sha256::new();
    for entry in entries.get(..at)? {
        digest.update(&entry.id);
        digest.update("\n");
    }
    let digest = digest.finalize();
    let bytes = digest.iter().take(DIGEST / 2);
    let digest = bytes.fold(0, |digest: u64, byte| digest << 8 | u64::from(*byte));
    Some(format!("{digest:0DIGEST$x}{at:x}"))
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(key, value)| (decode(key) == name).then(|| decode(value)))
}

fn write(entry: &Entry, out: &mut Writer) {
    let item = entry.item();
    let told = Told::of(&item);
    let name = told.text("name").or(told.text("display_name"));
    out.open();
    out.string("name", &["models/", &entry.id].concat());
    for (member, told_as) in [("baseModelId", "base_model_id"), ("version", "version")] {
        if let Some(text) = told.text(told_as) {
            out.string(member, &text);
        }
    }
    out.string("displayName", name.as_deref().unwrap_or(&entry.id));
    if let Some(text) = told.text("description") {
        out.string("description", &text);
    }
    let input = told.number("context_length");
    for (member, limit) in [
        ("inputTokenLimit", input.or(told.number("max_model_len"))),
        ("outputTokenLimit", told.number("max_output_tokens")),
    ] {
        if let Some(limit) = limit.filter(|limit| *limit <= LARGEST_LIMIT) {
            out.number(member, limit);
        }
    }
    write_methods(entry, &told, out);
    if let Some(thinks) = thinks(&told) {
        out.flag("thinking", thinks);
    }
    out.close();
}

/// Always there: Google's own example goes through them (`for action in m.supported_actions`), and its SDK makes None of
/// a member that is absent.
fn write_methods(entry: &Entry, told: &Told<'_>, out: &mut Writer) {
    let own = told.words("supported_generation_methods");
    let methods = own.unwrap_or_else(|| {
        let can = capabilities::of(entry, told);
        let known = [
            ("chat_completion", "generateContent"),
            ("embeddings", "embedContent"),
        ];
        let known = known
            .iter()
            .filter(|(word, _)| can.contains(&(*word, true)));
        known.map(|(_, method)| (*method).into()).collect()
    });
    let mut items = Writer::default();
    for method in methods {
        items.item(quoted(&method).as_bytes());
    }
    out.list("supportedGenerationMethods", &items);
}

/// A list of parameters may lack what the model does all the same.
fn thinks(told: &Told<'_>) -> Option<bool> {
    let parameters = told.words("supported_parameters").unwrap_or_default();
    let mut parameters = parameters.iter().map(AsRef::as_ref);
    let can_be_told_to = parameters.any(|it| matches!(it, "reasoning_effort" | "reasoning"));
    told.flag("thinking").or(can_be_told_to.then_some(true))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Entry, item, list};

    fn entry(id: &str, members: &str) -> Entry {
        Entry {
            id: id.to_owned(),
            members: members.to_owned(),
            deployment: None,
        }
    }

    #[test]
    fn models_in_googles_words() {
        for (id, members, wanted) in [
            (
                "team/fast",
                "",
                json!({"displayName": "team/fast", "supportedGenerationMethods": ["generateContent"]}),
            ),
            (
                "gemini-3.8-flash",
                r#""name":"Gemini 3.8 Flash","version":"001","description":"Fast.","base_model_id":"b",
                   "context_length":1048576,"max_output_tokens":65536,"thinking":true,
                   "supported_generation_methods":["generateContent","countTokens"]"#,
                json!({"displayName": "Gemini 3.8 Flash", "version": "001", "description": "Fast.", "baseModelId": "b",
                       "inputTokenLimit": 1_048_576, "outputTokenLimit": 65536, "thinking": true,
                       "supportedGenerationMethods": ["generateContent", "countTokens"]}),
            ),
            (
                "m",
                r#""supported_operations":["embeddings"],"max_model_len":512"#,
                json!({"displayName": "m", "inputTokenLimit": 512, "supportedGenerationMethods": ["embedContent"]}),
            ),
            (
                "m",
                r#""supported_operations":["speech"],"supported_parameters":["reasoning_effort"],"thinking":"no""#,
                json!({"displayName": "m", "supportedGenerationMethods": [], "thinking": true}),
            ),
            (
                "text-embedding-3-small",
                r#""name":7,"context_length":"long""#,
                json!({"displayName": "text-embedding-3-small", "supportedGenerationMethods": ["embedContent"]}),
            ),
            (
                "m",
                r#""thinking":false,"supported_generation_methods":[],"context_length":2147483648"#,
                json!({"displayName": "m", "supportedGenerationMethods": [], "thinking": false}),
            ),
        ] {
            let got: Value = serde_json::from_slice(&item(&entry(id, members))).unwrap();
            let mut wanted = wanted;
            wanted["name"] = format!("models/{id}").into();
            assert_eq!(got, wanted, "{id} {members}");
        }
    }

    fn page(entries: &[Entry], query: &str) -> (Vec<String>, Option<String>) {
        let entries: Vec<_> = entries.iter().collect();
        let page: Value = serde_json::from_slice(&list(&entries, query).unwrap()).unwrap();
        let models = page["models"].as_array().unwrap().iter();
        let names = models.map(|model| model["displayName"].as_str().unwrap().to_owned());
        let next = page.get("nextPageToken");
        (
            names.collect(),
            next.map(|token| token.as_str().unwrap().to_owned()),
        )
    }

    fn entries(count: usize) -> Vec<Entry> {
        (0..count).map(|at| entry(&format!("m{at}"), "")).collect()
    }

    #[test]
    fn pages_follow_one_another_to_the_end() {
        for (count, query, pages) in [
            (0, "", vec![0]),
            (50, "", vec![50]),
            (120, "", vec![50, 50, 20]),
            (3, "pageSize=1", vec![1, 1, 1]),
            (4, "x=y&page%53ize=%32&pageToken=", vec![2, 2]),
            (1001, "pageSize=1000", vec![1000, 1]),
            (1001, "pageSize=99999999999", vec![1000, 1]),
        ] {
            let all = entries(count);
            let (mut names, mut sizes, mut token) = (Vec::new(), Vec::new(), None);
            loop {
                let query = match &token {
                    Some(token) => format!("pageToken={token}&{query}"),
                    None => query.to_owned(),
                };
                let (page, next) = page(&all, &query);
                sizes.push(page.len());
                names.extend(page);
                token = next;
                if token.is_none() {
                    break;
                }
            }
            assert_eq!(sizes, pages, "{count} {query}");
            assert!(names.iter().eq(all.iter().map(|entry| &entry.id)));
        }
    }

    #[test]
    fn a_token_is_of_its_own_list() {
        let all = entries(4);
        let token = page(&all, "pageSize=2").1.unwrap();
        let query = format!("pageToken={token}");
        assert_eq!(page(&all, &query).0, ["m2", "m3"]);
        // What comes behind may change.
        assert_eq!(page(&entries(5), &query).0, ["m2", "m3", "m4"]);
        assert_eq!(page(&entries(2), &query).0, [""; 0]);

        let mut others = entries(4);
        others.swap(0, 1);
        let changed: String = token.chars().rev().collect();
        for (entries, token) in [
            (&others, token.as_str()),
            (&entries(1), &token),
            (&all, &changed),
            (&all, &format!("{token}0")),
            (&all, &token.replacen(|_| true, "+", 17)),
            (&all, "2"),
            (
                &all,
                "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
            ),
            (&all, "0000000000000000ffffffffffffffff"),
        ] {
            let entries: Vec<_> = entries.iter().collect();
            let refused = list(&entries, &format!("pageToken={token}")).unwrap_err();
            assert_eq!(
                (refused.status(), refused.param),
                (400, Some("pageToken")),
                "{token}"
            );
        }
    }

    #[test]
    fn a_page_has_a_size() {
        for size in ["0", "-1", "many", "", "1.5", "%30"] {
            let refused = list(&[], &format!("pageSize={size}")).unwrap_err();
            assert_eq!((refused.status(), refused.param), (400, Some("pageSize")));
        }
    }
}
