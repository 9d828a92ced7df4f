//! One model, one deployment, before any list is kept.

use serde_json::json as value;

use super::{TWO, list, lists, of};
use crate::fake::{Gateway, gateway, get, json};

const NOTHING: &str = r#"{"error":{"code":"404","message":"Resource not found"}}"#;

/// Whatever a server has for one alone: what its list has is there.
#[test]
fn what_is_listed_is_told_where_no_server_tells_it_alone() {
    for status in [404, 405, 501] {
        for id in ["m1", "b/n1"] {
            let gateway = of(TWO);
            gateway.serve("/models/", json(status, NOTHING));
            gateway.serve("a.test", lists(&["m1"]));
            gateway.serve("b.test", lists(&["n1"]));
            for _ in 0..2 {
                let one = gateway.ask(get(&format!("/v1/models/{id}")));
                assert_eq!((one.status(), &one.json()["id"]), (200, &value!(id)));
            }
            assert_eq!(gateway.asked("/models/"), 1, "the list is kept by then");
            assert_eq!(gateway.ask(list()).header("x-isthmus-cache"), Some("hit"));
        }
    }
}

#[test]
fn what_nobody_has_is_asked_for_but_in_one_list() {
    let gateway = of(TWO);
    gateway.serve("/models/", json(404, NOTHING));
    gateway.serve("test/", lists(&["other"]));
    for _ in 0..3 {
        let none = gateway.ask(get("/v1/models/nothing"));
        assert_eq!(none.refusal(), (404, "model_not_found".to_owned()));
    }
    assert_eq!((gateway.asked("a.test"), gateway.asked("b.test")), (4, 1));
}

/// A refusal is no absence.
#[test]
fn a_server_that_fails_is_not_one_that_has_none() {
    for status in [401, 429, 500] {
        let gateway = of(TWO);
        gateway.serve("/models/", json(status, NOTHING));
        gateway.serve("test/", lists(&["m1"]));
        let one = gateway.ask(get("/v1/models/m1"));
        assert_eq!(one.status(), status, "{}", one.text());
        assert_eq!(gateway.asked("test/"), 1);
    }
}

/// Two resources; the second's deployments are listed by the resource manager only.
fn resources() -> Gateway {
    let document = r#"{"providers": {
        "east": {"kind": "azure", "endpoint": "https://east.openai.azure.com", "key": "$A"},
        "west": {"kind": "azure", "endpoint": "https://west.openai.azure.com",
                 "entra": {"tenant": "T", "client_id": "C", "client_secret": "$B"},
                 "arm": {"subscription": "sub", "resource_group": "group"}}},
        "clients": {"all": {"key": "$ALL"}, "some": {"key": "$SOME", "models": ["west/*"]}}}"#;
    let gateway = gateway([
        ("GATEWAY", document),
        ("A", "key-a"),
        ("B", "key-b"),
        ("ALL", "client-key"),
        ("SOME", "other-key"),
    ])
    .timed();
    let warnings = &gateway.config.warnings;
    assert!(warnings.is_empty(), "{warnings:?}");
    let token = r#"{"access_token":"token","expires_in":3599}"#;
    gateway.serve("login.microsoftonline.com", json(200, token));
    let managed = value!({"value": [{"name": "prod", "sku": {"name": "Standard", "capacity": 3}, "properties": {
        "model": {"name": "gpt-4o", "version": "2024-08-06"}, "provisioningState": "Succeeded",
        "capabilities": {"chatCompletion": "true", "maxContextToken": "128000"}}}]});
    gateway.serve("management.azure.com", json(200, &managed.to_string()));
    gateway.serve("openai.azure.com", json(404, NOTHING));
    gateway
}

#[test]
fn a_deployment_is_found_by_the_resource_manager_wherever_it_is() {
    for (key, path) in [
        ("client-key", "/deployments/prod"),
        ("client-key", "/openai/deployments/PROD"),
        ("other-key", "/deployments/prod"),
    ] {
        let gateway = resources();
        let one = gateway.ask(crate::fake::ask("GET", path).key(key));
        let wanted = value!({"id": "prod", "object": "deployment", "model": "gpt-4o", "status": "succeeded",
            "owner": "organization-owner", "scale_settings": {"scale_type": "standard", "capacity": 3}});
        assert_eq!((one.status(), one.json()), (200, wanted), "{path}");
    }
    let gateway = resources();
    let model = gateway.ask(get("/v1/models/west/prod"));
    assert_eq!(model.json()["context_length"], 128_000);
    let none = gateway.ask(get("/deployments/none"));
    assert_eq!(none.refusal(), (404, "model_not_found".to_owned()));
    // Of another's deployments a limited key learns nothing, not even whether they are there.
    for path in [
        "/deployments/none",
        "/deployments/east-1",
        "/v1/models/east/x",
    ] {
        let denied = gateway.ask(crate::fake::ask("GET", path).key("other-key"));
        assert_eq!(denied.refusal(), (403, "model_not_allowed".to_owned()));
    }
}

/// What one client's own credential opened is not what another's calls go by.
#[test]
fn the_deployments_a_credential_lists_are_its_own() {
    let gateway = gateway([
        ("AZURE_OPENAI_ENDPOINT", "https://res.openai.azure.com"),
        ("MODELS_LIST", "configured"),
    ])
    .timed();
    let missing = r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#;
    gateway.serve("/chat/completions", json(404, missing));
    gateway.serve("/deployments?", json(401, NOTHING));
    let call = |key: &str| {
        let body = r#"{"model":"gpt-4o","messages":[]}"#;
        let asked = crate::fake::ask("POST", "/v1/chat/completions");
        gateway.ask(asked.key(key).json(body)).status()
    };
    assert_eq!(call("first"), 404);
    assert_eq!(gateway.asked("/deployments?"), 1);
    call("first");
    assert_eq!(gateway.asked("/deployments?"), 1, "it is remembered");
    call("second");
    assert_eq!(gateway.asked("/deployments?"), 2);
}
