//! `GET /v1/models` from Azure's lists.

use serde_json::{Value, json as value};

use super::{AT, azure};
use crate::fake::{Gateway, Sent, Upstream, gateway_of, get, json, leaked};

const TOKEN: &str = r#"{"access_token":"manager-token","expires_in":3599}"#;

fn managed() -> Gateway {
    azure(&[
        ("AZURE_TENANT_ID", "T"),
        ("AZURE_CLIENT_ID", "C"),
        ("AZURE_CLIENT_SECRET", "S"),
        ("AZURE_SUBSCRIPTION_ID", "sub"),
        ("AZURE_RESOURCE_GROUP", "group"),
    ])
}

/// One provider by a document.
fn native(options: &Value) -> Gateway {
    let mut options = options.clone();
    options["key"] = "azure-key".into();
    let document = value!({"providers": {"it": options}});
    gateway_of([
        ("GATEWAY", document.to_string()),
        ("PROXY_API_KEYS", "client-key".to_owned()),
    ])
}

fn page(name: &str, next: Option<&str>) -> Upstream {
    let deployment = value!({"name": name, "properties": {"model": {"name": "gpt-4o"}, "provisioningState": "Succeeded"}});
    json(
        200,
        leaked(&value!({"value": [deployment], "nextLink": next}).to_string()),
    )
}

/// The ids of the list, and what was asked for it.
fn listed(gateway: &Gateway) -> (Vec<String>, Vec<Sent>) {
    let got = gateway.send(get("/v1/models"));
    assert_eq!(got.status(), 200, "{}", got.text());
    let list = got.json();
    let items = list["data"].as_array().unwrap().iter();
    let ids = items.map(|item| item["id"].as_str().unwrap().to_owned());
    (ids.collect(), gateway.platform.sent.take())
}

#[test]
fn the_resource_manager_tells_all_pages_to_whoever_may_read_there() {
    let next = "https://management.azure.com/subscriptions/sub?$skiptoken=2";
    let elsewhere = "https://management.azure.com.evil.test/subscriptions/sub";
    let gateway = managed()
        .meets(json(200, TOKEN))
        .meets(page("one", Some(next)))
        .meets(page("two", Some(elsewhere)));
    let (ids, sent) = listed(&gateway);
    assert_eq!(ids, ["one", "two"]);
    assert_eq!((sent.len(), sent[2].url.as_str()), (3, next));
    for page in &sent[1..] {
        let token = page.headers.get("authorization");
        assert_eq!(token, Some("Bearer manager-token"));
        assert_eq!(page.headers.get("api-key"), None);
    }
}

#[test]
fn the_resource_tells_where_the_manager_refuses() {
    let refused = r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#;
    let own =
        r#"{"data":[{"id":"prod","object":"deployment","model":"gpt-4o","status":"succeeded"}]}"#;
    let gateway = managed()
        .meets(json(200, TOKEN))
        .meets(json(403, refused))
        .meets(json(200, own));
    let (ids, sent) = listed(&gateway);
    assert_eq!(ids, ["prod"]);
    let asked = format!("{AT}/openai/deployments?api-version=2022-12-01");
    assert_eq!(sent[2].url, asked);
    assert_eq!(sent[2].headers.get("api-key"), Some("azure-key"));
}

/// A provider, what it lists, what is asked, and what can be called.
#[test]
fn every_form_has_a_list_of_its_own() {
    let deployment =
        r#"{"data":[{"id":"Phi-4","object":"deployment","model":"Phi-4","status":"succeeded"}]}"#;
    for (options, list, asked, id) in [
        (
            value!({"kind": "foundry", "endpoint": "https://r.services.ai.azure.com"}),
            deployment,
            "https://r.services.ai.azure.com/openai/deployments?api-version=2022-12-01",
            "Phi-4",
        ),
        (
            value!({"kind": "azure", "endpoint": "https://r.services.ai.azure.com/api/projects/p"}),
            deployment,
            "https://r.services.ai.azure.com/openai/deployments?api-version=2022-12-01",
            "Phi-4",
        ),
        (
            value!({"kind": "azure", "endpoint": "https://m.eastus2.models.ai.azure.com"}),
            r#"{"model_name":"Mistral-large","model_type":"chat_completion","model_provider_name":"Mistral"}"#,
            "https://m.eastus2.models.ai.azure.com/info",
            "Mistral-large",
        ),
        (
            value!({"kind": "azure", "endpoint": "https://models.github.ai/inference"}),
            r#"[{"id":"openai/gpt-4.1","name":"GPT-4.1","publisher":"OpenAI"}]"#,
            "https://models.github.ai/catalog/models",
            "openai/gpt-4.1",
        ),
    ] {
        let gateway = native(&options).meets(json(200, list));
        let (ids, sent) = listed(&gateway);
        assert_eq!((ids, sent.len()), (vec![id.to_owned()], 1));
        assert_eq!(sent[0].url, asked);
    }
}

#[test]
fn a_model_of_foundrys_is_told_by_its_deployment() {
    let options = value!({"kind": "foundry", "endpoint": "https://r.services.ai.azure.com"});
    let deployment = r#"{"id":"Phi-4","object":"deployment","model":"Phi-4","status":"succeeded","created_at":5}"#;
    let gateway = native(&options).meets(json(200, deployment));
    let got = gateway.send(get("/v1/models/Phi-4")).json();
    let asked = "https://r.services.ai.azure.com/openai/deployments/Phi-4?api-version=2022-12-01";
    assert_eq!(gateway.sent().url, asked);
    assert_eq!(
        (&got["object"], &got["created"]),
        (&"model".into(), &5.into())
    );
    assert_eq!(got["supported_operations"], value!(["chat"]));
}
