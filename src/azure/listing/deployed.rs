//! Which deployment serves a model.

use std::borrow::Cow;

use crate::azure::family::without_date;
use crate::json::Value;
use crate::listed::{Listed, member};

/// A deployment, and the model behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    pub name: String,
    pub model: String,
}

impl Deployed {
    /// None for what is no deployment: of those alone Azure tells the model behind.
    pub fn of(listed: &Listed) -> Option<Self> {
        let text = |value: Value<'_>| value.as_str().map(Cow::into_owned);
        Some(Self {
            name: listed.id.clone(),
            model: member(&listed.members, "model", text)?,
        })
    }
}

/// The deployments of a list that can be called.
pub fn deployed(pages: &[Vec<u8>]) -> Vec<Deployed> {
    let listed = super::models(pages).unwrap_or_default().into_iter();
    let named = listed.filter_map(|it| Deployed::of(&it));
    // What is hostile in a name would be two lines when it is remembered.
    let is_clean = |it: &Deployed| {
        !it.name
            .chars()
            .chain(it.model.chars())
            .any(char::is_control)
    };
    named.filter(is_clean).collect()
}

/// The deployment for a model: of that very name, or with that model behind it.
pub fn find<'a>(deployments: &'a [Deployed], asked: &str) -> Option<&'a Deployed> {
    let named = |it: &&Deployed| it.name.eq_ignore_ascii_case(asked);
    let serves = |it: &&Deployed| canonical(&it.model) == canonical(asked);
    let by_name = deployments.iter().find(named);
    by_name.or_else(|| deployments.iter().find(serves))
}

/// A model's name as Azure has it: without a date, `gpt-3.5` as `gpt-35`.
fn canonical(name: &str) -> String {
    let name = without_date(name).unwrap_or(name);
    name.to_ascii_lowercase().replace("gpt-3.5", "gpt-35")
}

/// As it is remembered: a line for each.
pub fn to_text(deployments: &[Deployed]) -> String {
    let line = |it: &Deployed| format!("{}\t{}\n", it.name, it.model);
    deployments.iter().map(line).collect()
}

pub fn from_text(text: &str) -> Vec<Deployed> {
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    let deployed = pairs.map(|(name, model)| Deployed {
        name: name.to_owned(),
        model: model.to_owned(),
    });
    deployed.collect()
}

#[cfg(test)]
mod tests {
    use super::{deployed, find, from_text, to_text};

    #[test]
    fn both_lists_are_read() {
        let data_plane = br#"{"object":"list","data":[
            {"id":"prod","object":"deployment","model":"gpt-4o","status":"succeeded"},
            {"id":"a\tb","object":"deployment","model":"gpt-4o","status":"succeeded"},
            {"id":"broken","object":"deployment","model":"o3","status":"failed"}]}"#;
        let manager =
            br#"{"value":[{"id":"/subscriptions/s/deployments/prod","name":"prod","properties":
            {"model":{"format":"OpenAI","name":"gpt-4o","version":"2024-08-06"},
             "provisioningState":"Succeeded"}}]}"#;
        let data_plane = deployed(&[data_plane.to_vec()]);
        let manager = deployed(&[manager.to_vec()]);
        assert_eq!(data_plane.len(), 1);
        assert_eq!(data_plane, manager);
        assert_eq!(from_text(&to_text(&manager)), manager);
        assert!(deployed(&[b"<html>".to_vec()]).is_empty());
    }

    #[test]
    fn a_model_is_found_by_name_or_by_what_stands_behind() {
        let list = from_text("gpt-4o\tgpt-4o-mini\nprod\tgpt-4o\ncheap\tgpt-35-turbo\n");
        let found = |asked| find(&list, asked).map(|it| it.name.as_str());
        assert_eq!(found("GPT-4o"), Some("gpt-4o"));
        assert_eq!(found("gpt-4o-2024-08-06"), Some("prod"));
        assert_eq!(found("gpt-4o-mini-20240718"), Some("gpt-4o"));
        assert_eq!(found("gpt-3.5-turbo"), Some("cheap"));
        assert_eq!(found("gpt-4"), None);
    }
}
