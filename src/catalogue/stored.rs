//! What upstreams listed, as it stands in KV: a line of JSON, then a line for each model.

use serde::{Deserialize, Serialize};

use crate::catalogue::list::Section;
use crate::json::is_json;
use crate::listed::Listed;

#[derive(Serialize, Deserialize)]
struct Head {
    asked_at: u64,
    sections: Vec<HeadOfSection>,
}

#[derive(Serialize, Deserialize)]
struct HeadOfSection {
    provider: String,
    at_millis: u64,
    models: usize,
    is_failing: bool,
}

pub fn to_text(asked_at: u64, sections: &[Section]) -> String {
    let head = Head {
        asked_at,
        sections: sections
            .iter()
            .map(|section| HeadOfSection {
                provider: section.provider.clone(),
                at_millis: section.at_millis,
                models: section.models.len(),
                is_failing: section.is_failing,
            })
            .collect(),
    };
    let mut text = serde_json::to_string(&head).unwrap_or_default();
    for model in sections.iter().flat_map(|section| &section.models) {
        for piece in ["\n", &model.id, "\t", &model.members] {
            text.push_str(piece);
        }
    }
    text
}

/// When they were asked, and what they said. None for what is no such text, or not of these providers: a store may hold
/// anything. What was said later than now was said now.
pub fn from_text(text: &str, providers: &[&str], now_millis: u64) -> Option<(u64, Vec<Section>)> {
    let mut lines = text.split('\n');
    let head: Head = serde_json::from_str(lines.next()?).ok()?;
    let stored = head.sections.iter().map(|section| &*section.provider);
    stored.eq(providers.iter().copied()).then_some(())?;
    let mut sections = Vec::with_capacity(head.sections.len());
    for head in head.sections {
        let models = lines.by_ref().take(head.models).map(model);
        let models = models.collect::<Option<Vec<_>>>()?;
        (models.len() == head.models).then_some(())?;
        sections.push(Section {
            provider: head.provider,
            at_millis: head.at_millis.min(now_millis),
            models,
            is_failing: head.is_failing,
        });
    }
    let is_all = lines.next().is_none();
    is_all.then_some((head.asked_at.min(now_millis), sections))
}

fn model(line: &str) -> Option<Listed> {
    let (id, members) = line.split_once('\t')?;
    let model = Listed {
        id: id.to_owned(),
        members: members.to_owned(),
    };
    let is_whole = !members.is_empty() && is_json(model.under("").as_bytes());
    is_whole.then_some(model)
}

#[cfg(test)]
mod tests {
    use super::{from_text, to_text};
    use crate::catalogue::list::Section;
    use crate::listed::Listed;

    fn sections() -> Vec<Section> {
        let listed = |id: &str, members: &str| Listed {
            id: id.to_owned(),
            members: members.to_owned(),
        };
        let section = |provider: &str, at_millis, models, is_failing| Section {
            provider: provider.to_owned(),
            at_millis,
            models,
            is_failing,
        };
        vec![
            section("none", 0, Vec::new(), true),
            section(
                "a \"b\" \u{e9}",
                7,
                vec![listed("x/y", r#""n":"\n\t""#), listed("\u{e9}", r#""n":1"#)],
                false,
            ),
        ]
    }

    const PROVIDERS: [&str; 2] = ["none", "a \"b\" \u{e9}"];

    #[test]
    fn what_was_stored_is_read_again() {
        let text = to_text(9, &sections());
        assert_eq!(from_text(&text, &PROVIDERS, 10), Some((9, sections())));
        assert_eq!(from_text(&text, &PROVIDERS, 8).unwrap().0, 8);
        assert_eq!(from_text(&text, &PROVIDERS[..1], 10), None);
    }

    #[test]
    fn a_text_that_was_cut_or_is_something_else_is_none() {
        let text = to_text(9, &sections());
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            assert_eq!(from_text(&text[..end], &PROVIDERS, 10), None, "{end}");
        }
        for rubbish in [
            "",
            "{}",
            "null",
            "<html>",
            r#"{"asked_at":1,"sections":[]}"#,
            &format!("{text}\n"),
            &text.replace("\"n\":1", "\"n\":1},{"),
            &text.replace("\"models\":2", "\"models\":18446744073709551615"),
            &text.replace("\"models\":2", "\"models\":-1"),
        ] {
            assert_eq!(from_text(rubbish, &PROVIDERS, 10), None, "{rubbish}");
        }
    }
}
