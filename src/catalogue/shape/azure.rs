//! Azure's lists of models (`/openai/models`) and of deployments.
//!
//! Azure's typed clients cannot do without `status`, `created_at`, `capabilities`, `lifecycle_status` and `deprecation`
//! of a model, and know only some words for the states. Whatever else is unknown is absent.

use std::collections::HashSet;

use crate::catalogue::capabilities;
use crate::catalogue::list::Entry;
use crate::json::Writer;

use super::Told;

/// <https://learn.microsoft.com/rest/api/azureopenai/models/list>: the first is what every base model says.
const STATUSES: [&str; 6] = [
    "succeeded",
    "notRunning",
    "running",
    "canceled",
    "failed",
    "deleted",
];
const LIFECYCLE: [&str; 4] = [
    "generally-available",
    "preview",
    "deprecating",
    "deprecated",
];

/// `{"object": "list", "data": [...]}` of models.
pub fn list(entries: &[&Entry]) -> Vec<u8> {
    listed_in(|out| {
        for entry in entries {
            write(entry, out);
        }
    })
}

pub fn item(entry: &Entry) -> Vec<u8> {
    let mut out = Writer::default();
    write(entry, &mut out);
    out.into_bytes()
}

/// The same of the deployments among them, each once.
pub fn deployments(entries: &[&Entry]) -> Vec<u8> {
    let mut seen = HashSet::new();
    listed_in(|out| {
        for entry in entries {
            let name = entry.deployment.as_deref().map(str::to_ascii_lowercase);
            if name.is_some_and(|name| seen.insert(name)) {
                write_deployment(entry, out);
            }
        }
    })
}

pub fn deployment(entry: &Entry) -> Vec<u8> {
    let mut out = Writer::default();
    write_deployment(entry, &mut out);
    out.into_bytes()
}

fn listed_in(write_items: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::default();
    out.open();
    out.word("object", "list");
    out.open_list("data");
    write_items(&mut out);
    out.close_list();
    out.close();
    out.into_bytes()
}

fn write(entry: &Entry, out: &mut Writer) {
    let item = entry.item();
    let told = Told::of(&item);
    let created = told.number("created_at").or(told.number("created"));
    out.open();
    out.string("id", &entry.id);
    out.word("object", "model");
    out.word("status", one_of(&STATUSES, &told, "status"));
    out.number("created_at", created.unwrap_or(0));
    if let Some(updated) = told.number("updated_at") {
        out.number("updated_at", updated);
    }
    out.open_member("capabilities");
    capabilities::write(&capabilities::of(entry, &told), out);
    out.close();
    let lifecycle = one_of(&LIFECYCLE, &told, "lifecycle_status");
    out.word("lifecycle_status", lifecycle);
    let deprecation = told.object("deprecation");
    out.raw("deprecation", deprecation.map_or(b"{}", |it| it.raw()));
    // The model it was made of, and the job that made it: of a deployment `model` would mean something else.
    if let (Some(job), Some(model)) = (told.text("fine_tune"), told.text("model")) {
        out.string("model", &model);
        out.string("fine_tune", &job);
    }
    out.close();
}

/// The word that is told if Azure has it, else the first: other servers say `ready` or `active`.
fn one_of(words: &[&'static str], told: &Told<'_>, name: &str) -> &'static str {
    let told = told.text(name);
    let mut same = words.iter().filter(|word| told.as_deref() == Some(**word));
    let word = same.next().or(words.first());
    word.copied().unwrap_or_default()
}

/// One that Azure tells of as it tells it; of one that is only configured what a predecessor said of all.
fn write_deployment(entry: &Entry, out: &mut Writer) {
    let item = entry.item();
    let told = Told::of(&item);
    out.open();
    out.string("id", entry.deployment.as_deref().unwrap_or(&entry.id));
    out.word("object", "deployment");
    let Some(model) = told.text("model") else {
        out.string("model", &entry.id);
        out.word("status", "succeeded");
        out.word("owner", "organization-owner");
        out.raw("scale_settings", br#"{"scale_type":"standard"}"#);
        out.close();
        return;
    };
    out.string("model", &model);
    let status = told.text("status");
    out.string("status", status.as_deref().unwrap_or("succeeded"));
    if let Some(owner) = told.text("owner") {
        out.string("owner", &owner);
    }
    for name in ["created_at", "updated_at"] {
        if let Some(time) = told.number(name) {
            out.number(name, time);
        }
    }
    out.value("scale_settings", told.object("scale_settings"));
    out.close();
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Entry, deployment, deployments, item};

    fn entry(id: &str, members: &str, deployment: Option<&str>) -> Entry {
        Entry {
            id: id.to_owned(),
            members: members.to_owned(),
            deployment: deployment.map(str::to_owned),
        }
    }

    fn read(json: &[u8]) -> Value {
        serde_json::from_slice(json).unwrap()
    }

    const CHAT: [bool; 5] = [false, true, false, true, false];

    /// What is told -> status, `created_at`, capabilities, lifecycle and what stands beside them.
    #[test]
    fn models_have_what_typed_clients_need() {
        for (members, status, created, can, lifecycle, besides) in [
            ("", "succeeded", 0, CHAT, "generally-available", json!({})),
            (
                r#""created":7,"status":"ready","lifecycle_status":"active","deprecation":null,"owned_by":"x""#,
                "succeeded",
                7,
                CHAT,
                "generally-available",
                json!({}),
            ),
            (
                r#""created":7,"created_at":8,"updated_at":9,"status":"running","lifecycle_status":"preview",
                   "capabilities":{"fine_tune":true,"inference":false,"vision":true},"deprecation":{"inference":5}"#,
                "running",
                8,
                [true, false, false, true, false],
                "preview",
                json!({"updated_at": 9, "deprecation": {"inference": 5}}),
            ),
            (
                r#""supported_operations":["embeddings"],"status":{"value":"loaded"},"capabilities":["x"]"#,
                "succeeded",
                0,
                [false, true, false, false, true],
                "generally-available",
                json!({}),
            ),
            (
                r#""model":"gpt-4o","fine_tune":"ftjob-1""#,
                "succeeded",
                0,
                CHAT,
                "generally-available",
                json!({"model": "gpt-4o", "fine_tune": "ftjob-1"}),
            ),
            (
                r#""model":"gpt-4o""#,
                "succeeded",
                0,
                CHAT,
                "generally-available",
                json!({}),
            ),
        ] {
            let [fine_tune, inference, completion, chat, embeddings] = can;
            let mut wanted = json!({
                "id": "m", "object": "model", "status": status, "created_at": created,
                "capabilities": {"fine_tune": fine_tune, "inference": inference, "completion": completion,
                                 "chat_completion": chat, "embeddings": embeddings},
                "lifecycle_status": lifecycle, "deprecation": {},
            });
            let besides = besides.as_object().unwrap().clone();
            wanted.as_object_mut().unwrap().extend(besides);
            assert_eq!(read(&item(&entry("m", members, None))), wanted, "{members}");
        }
    }

    #[test]
    fn a_deployment_is_as_it_is_told_or_as_it_was_always_described() {
        for (members, wanted) in [
            (
                r#""created":7,"status":"ready""#,
                json!({"id": "d", "object": "deployment", "model": "m", "status": "succeeded",
                       "owner": "organization-owner", "scale_settings": {"scale_type": "standard"}}),
            ),
            (
                r#""model":"gpt-4o","status":"running","created_at":1,"updated_at":2,"owner":"me",
                   "scale_settings":{"capacity":3},"created":4"#,
                json!({"id": "d", "object": "deployment", "model": "gpt-4o", "status": "running", "created_at": 1,
                       "updated_at": 2, "owner": "me", "scale_settings": {"capacity": 3}}),
            ),
            (
                r#""model":"gpt-4o""#,
                json!({"id": "d", "object": "deployment", "model": "gpt-4o", "status": "succeeded"}),
            ),
        ] {
            let got = deployment(&entry("m", members, Some("d")));
            assert_eq!(read(&got), wanted, "{members}");
        }
    }

    #[test]
    fn each_deployment_is_listed_once_and_nothing_else_is() {
        let entries = [
            entry("first", "", Some("Prod")),
            entry("second", "", Some("prod")),
            entry("gemini-flash", "", None),
            entry("third", "", Some("think")),
        ];
        let list = read(&deployments(&entries.iter().collect::<Vec<_>>()));
        let names = list["data"].as_array().unwrap().iter();
        let names: Vec<_> = names.map(|it| (&it["id"], &it["model"])).collect();
        assert_eq!(
            names,
            [
                (&json!("Prod"), &json!("first")),
                (&json!("think"), &json!("third"))
            ]
        );
    }
}
