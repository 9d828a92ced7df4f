//! The models of provider files in the list.

use serde_json::json as value;

use crate::fake::{get, json};

use super::{OPENAI, file};

#[test]
fn names_are_listed_with_their_owner() {
    for (settings, owner) in [
        (&[][..], "openai"),
        (&[("FOAP_OWNED_BY", "myLab")], "myLab"),
    ] {
        let gateway = file(OPENAI, settings);
        let list = gateway.send(get("/v1/models")).json();
        let item = |id: &str| value!({"id": id, "object": "model", "created": 1_714_780_800, "owned_by": owner});
        let data = [item("openai-gpt-4o"), item("openai-text-embedding-3-small")];
        assert_eq!(list, value!({"object": "list", "data": data}));
        assert_eq!(
            gateway.send(get("/v1/models/openai-gpt-4o")).json(),
            data[0]
        );
        let unknown = gateway.send(get("/v1/models/gpt-4o"));
        assert_eq!(unknown.refusal(), (404, "model_not_found".to_owned()));
        assert!(gateway.asked_nobody());
    }
}

#[test]
fn a_name_may_have_slashes() {
    let text = OPENAI.replace("\"openai-\"", "\"a/b/\"");
    for path in ["/v1/models/a/b/gpt-4o", "/v1/models/a%2Fb%2Fgpt-4o"] {
        let got = file(&text, &[]).send(get(path)).json();
        assert_eq!(got["id"], "a/b/gpt-4o", "{path}");
    }
}

/// Beside others only they are asked what else they have.
#[test]
fn other_providers_list_their_own() {
    let other = [("OPENAI_BASE_URL", "https://other.test/v1")];
    let list = r#"{"data":[{"id":"x","object":"model"},{"id":"openai-gpt-4o","object":"model"}]}"#;
    let gateway = file(OPENAI, &other).meets(json(200, list));
    let list = gateway.send(get("/v1/models")).json();
    let ids: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["id"])
        .collect();
    let wanted = ["openai-gpt-4o", "openai-text-embedding-3-small", "x"];
    assert_eq!(ids, wanted);
    assert_eq!(gateway.sent().url, "https://other.test/v1/models");
    assert!(gateway.asked_nobody());
}

#[test]
fn what_cannot_be_called_is_not_listed() {
    let gateway = file(OPENAI, &[("OPENAI_API_TOKEN", " ")]);
    let list = gateway.send(get("/v1/models"));
    assert_eq!(list.refusal(), (500, "configuration_error".to_owned()));
    assert!(list.message().contains("OPENAI_API_TOKEN"));
    let other = OPENAI.replace("\"openai\":", "\"other\":");
    let other = other
        .replace("\"openai-\"", "\"\"")
        .replace("OPENAI_API_TOKEN", "OTHER");
    let more = [
        ("OTHER", "key"),
        ("OPENAI_API_TOKEN", ""),
        ("FOAP_CONFIG_1", other.as_str()),
    ];
    let list = file(OPENAI, &more).send(get("/v1/models")).json();
    let owners: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["owned_by"])
        .collect();
    assert_eq!(owners, ["other", "other"]);
}
