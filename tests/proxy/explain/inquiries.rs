//! Questions of ours explained: lists, single models, signs of life.

use serde_json::{Value, json};

use super::{CLIENT, ask_with_key, explain, explained, many, secret};
use crate::fake::{ask, gateway_of};

#[test]
fn a_list_is_explained_by_whom_it_is_asked_of() {
    let gateway = many();
    for path in [
        "/v1/models",
        "/openai/deployments",
        "/v1/models/gpt-4o",
        "/v1beta/models",
    ] {
        let explanation = explained(&gateway, ask_with_key("GET", path));
        assert_eq!(explanation["operation"], "models");
        let sources = explanation["sources"].as_array().unwrap();
        let source = |name: &str| sources.iter().find(|it| it["provider"] == name).unwrap();
        let request = &source("up")["requests"][0];
        assert_eq!(
            (&request["method"], &request["url"]),
            (&json!("GET"), &json!("https://up.test/v1/models"))
        );
        assert_eq!(
            request["headers"]["authorization"],
            "Bearer <key of the provider `up`>"
        );
        assert_eq!(source("local")["note"], "answered here");
        assert!(
            source("google")["requests"][0]["url"]
                .as_str()
                .unwrap()
                .contains("/v1beta/models?")
        );
        assert!(sources.iter().all(|it| it["provider"] != "lost"));
    }
}

/// One model is not asked for where the list is.
#[test]
fn one_model_is_explained_by_whom_it_is_asked_of() {
    for (path, provider, urls) in [
        ("/v1/models/x", "up", vec!["https://up.test/v1/models/x"]),
        (
            "/v1/models/x/capabilities",
            "up",
            vec!["https://up.test/v1/models/x"],
        ),
        (
            "/v1beta/models/models%2Fgemini-3.8-flash",
            "google",
            vec!["https://generativelanguage.googleapis.com/v1beta/models/gemini-3.8-flash"],
        ),
        (
            "/openai/models/azure-west%2Fo3",
            "azure-west",
            vec![
                "https://west.openai.azure.com/openai/models/o3?api-version=2024-10-21",
                "https://west.openai.azure.com/openai/deployments/o3?api-version=2022-12-01",
            ],
        ),
        (
            "/deployments/mine",
            "azure-east",
            vec![
                "https://east.openai.azure.com/openai/deployments/mine-prod?api-version=2022-12-01",
            ],
        ),
        ("/v1/models/local%2Fx", "local", vec![]),
    ] {
        let gateway = many();
        let alone = explained(&gateway, ask_with_key("GET", path))["alone"].take();
        assert_eq!(alone["provider"], provider, "{path}");
        let requests = alone["requests"].as_array().unwrap().iter();
        let shown: Vec<&str> = requests.map(|it| it["url"].as_str().unwrap()).collect();
        assert_eq!(shown, urls, "{path}");
        // Which is what is sent.
        let asking = gateway.send_to_all(404, ask_with_key("GET", path));
        assert_eq!(asking.get(..urls.len()).unwrap_or_default(), urls, "{path}");
    }
}

/// A key that is limited to models is told of those, and of no other provider.
#[test]
fn a_limited_key_learns_nothing_of_others() {
    let gateway = many();
    let of_bob = |path: &str| explain(&gateway, ask("GET", path).key(&secret("bob")));
    for (path, code) in [
        ("/v1/models", "explain_not_allowed"),
        ("/deployments", "explain_not_allowed"),
        ("/openai/models", "explain_not_allowed"),
        ("/v1/models/other", "model_not_allowed"),
        ("/v1/models/other/capabilities", "model_not_allowed"),
        ("/deployments/mine", "model_not_allowed"),
        ("/health/other", "model_not_allowed"),
    ] {
        assert_eq!(of_bob(path).refusal(), (403, code.to_owned()), "{path}");
    }
    let one = of_bob("/v1/models/gpt-4o");
    assert!(one.json()["sources"].is_null() && one.json()["alone"]["provider"] == "azure-east");
    for other in ["google", "up.test", "lost"] {
        assert!(!one.text().contains(other), "{other}");
    }
}

#[test]
fn a_sign_of_life_is_explained() {
    let gateway = many();
    let health = explained(&gateway, ask_with_key("GET", "/health/gpt-4o"));
    assert_eq!(
        (&health["operation"], &health["model"]),
        (&json!("health"), &json!("gpt-4o"))
    );
    let probes = health["probes"].as_array().unwrap().iter();
    let shown: Vec<Value> = probes
        .map(|it| {
            json!([
                it["targets"],
                it["requests"][0]["url"],
                it["requests"][0]["method"]
            ])
        })
        .collect();
    let azures = |name: &str| {
        format!("https://{name}.openai.azure.com/openai/models?api-version=2024-10-21")
    };
    let expected = json!([
        [["azure-east/gpt-4o-prod"], azures("east"), "GET"],
        [["azure-west/gpt-4o"], azures("west"), "GET"],
        [["up/gpt-4o"], "https://up.test/health", "GET"],
    ]);
    assert_eq!(Value::from(shown), expected);
    assert_eq!(
        health["probes"][2]["requests"][1]["url"],
        "https://up.test/v1/models"
    );
    let key = &health["probes"][0]["requests"][0]["headers"]["api-key"];
    assert_eq!(key, "<key of the provider `azure-east`>");
    let demo = explained(&gateway, ask_with_key("GET", "/health/local%2Fx"));
    assert_eq!(demo["probes"][0]["note"], "answered here");
    let broken = explained(&gateway, ask_with_key("GET", "/health/first-is-lost"));
    assert!(
        broken["probes"][0]["problem"]
            .as_str()
            .unwrap()
            .contains("NOT_SET")
    );

    let document = json!({"providers": {"it": {"kind": "openai", "endpoint": "https://up.test/v1", "key": "$KEY",
        "headers": {"x-sub": "$KEY"}, "health_path": format!("/alive?token={}", secret("query"))}}});
    let named = gateway_of([
        ("GATEWAY", document.to_string()),
        ("KEY", secret("key")),
        ("PROXY_API_KEYS", CLIENT.to_owned()),
    ]);
    let health = explained(&named, ask_with_key("GET", "/health/m"));
    let request = &health["probes"][0]["requests"][0];
    assert_eq!(
        request["url"],
        "https://up.test/alive?<of the setting health_path>"
    );
    assert_eq!(request["headers"]["x-sub"], "<header of the provider `it`>");
}
