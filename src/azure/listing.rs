//! The deployments of a resource, as its data plane or the resource manager lists them.

use serde_json::Value;

use crate::azure::family::without_date;

/// A deployment, and the model behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    pub model: String,
}

/// Those that can be called. The data plane has `data` of `{id, model, status}`, the resource manager `value` of
/// `{name, properties: {model: {name}, provisioningState}}`.
pub fn read(body: &[u8]) -> Vec<Listed> {
    let whole: Value = serde_json::from_slice(body).unwrap_or_default();
    let items = whole.get("data").or(whole.get("value"));
    let items = items.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(listed).collect()
}

fn listed(item: &Value) -> Option<Listed> {
    let text = |pointer| item.pointer(pointer).and_then(Value::as_str);
    let state = text("/status").or(text("/properties/provisioningState"))?;
    state.eq_ignore_ascii_case("succeeded").then_some(())?;
    Some(Listed {
        name: text("/id")
            .filter(|id| !id.contains('/'))
            .or(text("/name"))?
            .to_owned(),
        model: text("/model")
            .or(text("/properties/model/name"))?
            .to_owned(),
    })
}

/// The models of a list of Azure's: deployments (the data plane's, the resource manager's, a project's), base models, the
/// one model of a host (`/info`), or a list in OpenAI's shape.
pub fn models(pages: &[Vec<u8>]) -> Option<Vec<crate::listed::Listed>> {
    crate::openai::listing::read(pages)
}

/// Where the page behind this one is (`nextLink`), at the same origin.
pub fn next_page(url: &str, page: &[u8]) -> Option<String> {
    let _ = (url, page);
    None
}

/// The deployment for a model: of that very name, or with that model behind it.
pub fn find<'a>(deployments: &'a [Listed], asked: &str) -> Option<&'a Listed> {
    let named = |it: &&Listed| it.name.eq_ignore_ascii_case(asked);
    let serves = |it: &&Listed| canonical(&it.model) == canonical(asked);
    let by_name = deployments.iter().find(named);
    by_name.or_else(|| deployments.iter().find(serves))
}

/// A model's name as Azure has it: without a date, `gpt-3.5` as `gpt-35`.
fn canonical(name: &str) -> String {
    let name = without_date(name).unwrap_or(name);
    name.to_ascii_lowercase().replace("gpt-3.5", "gpt-35")
}

/// As it is remembered: a line for each.
pub fn to_text(deployments: &[Listed]) -> String {
    let line = |it: &Listed| format!("{}\t{}\n", it.name, it.model);
    deployments.iter().map(line).collect()
}

pub fn from_text(text: &str) -> Vec<Listed> {
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    let listed = pairs.map(|(name, model)| Listed {
        name: name.to_owned(),
        model: model.to_owned(),
    });
    listed.collect()
}

#[cfg(test)]
mod tests {
    use super::{find, from_text, read, to_text};

    #[test]
    fn both_lists_are_read() {
        let data_plane = read(
            br#"{"object":"list","data":[
                {"id":"prod","object":"deployment","model":"gpt-4o","status":"succeeded"},
                {"id":"broken","object":"deployment","model":"o3","status":"failed"}]}"#,
        );
        let manager = read(
            br#"{"value":[{"id":"/subscriptions/s/deployments/prod","name":"prod","properties":
                {"model":{"format":"OpenAI","name":"gpt-4o","version":"2024-08-06"},
                 "provisioningState":"Succeeded"}}]}"#,
        );
        assert_eq!(data_plane.len(), 1);
        assert_eq!(data_plane, manager);
        assert_eq!(from_text(&to_text(&manager)), manager);
        assert!(read(b"<html>").is_empty());
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
