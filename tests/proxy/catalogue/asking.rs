//! Whom a list is asked of, and with what.

use super::{anew, ids, list, lists, of, told};
use crate::fake::{gateway, gateway_of, json};

#[test]
fn nobody_is_asked_for_what_is_no_use() {
    let document = r#"{"providers": {
        "a": {"kind": "openai", "endpoint": "https://a.test", "key": "$A"},
        "gone": {"kind": "openai", "endpoint": "ftp://gone.test"},
        "demo": {"kind": "demo"}}}"#;
    let gateway = of(document);
    gateway.serve("a.test", lists(&["m1"]));
    let got = gateway.ask(list());
    assert_eq!(told(&got), ("miss", None));
    assert!(ids(&got).contains(&"m1".to_owned()));
    assert_eq!(gateway.platform.sent.borrow().len(), 1);
    let sent = gateway.sent();
    assert_eq!(
        (sent.method.as_str(), sent.url.as_str()),
        ("GET", "https://a.test/v1/models")
    );
    assert_eq!(sent.headers.get("authorization"), Some("Bearer key-a"));
    assert_eq!(sent.timeout_millis, 2000);
}

/// A model on a host of its own is known by its alias: the host is not asked.
#[test]
fn the_hosts_of_aliases_are_not_asked() {
    let gateway = gateway([
        (
            "AZURE_AI_STUDIO_DEPLOYMENTS",
            "mistral=Mistral-large:swedencentral",
        ),
        ("AZURE_OPENAI_KEY_MISTRAL", "k"),
        ("OPENAI_API_KEY", "ours"),
        ("OPENAI_BASE_URL", "https://up.test"),
        ("PROXY_API_KEYS", "client-key"),
    ])
    .timed();
    gateway.serve("up.test", lists(&["m"]));
    let got = gateway.ask(list());
    assert_eq!(ids(&got), ["mistral", "m"]);
    assert_eq!(gateway.platform.sent.borrow().len(), 1);
}

/// A key that is refused is not the last word, and rests.
#[test]
fn another_key_is_tried_where_one_is_refused() {
    let refusal = r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}"#;
    let good = r#"{"models":[{"name":"models/gemini-a","supportedGenerationMethods":["generateContent"]}]}"#;
    let wrong = r#"{"error":{"code":400,"message":"Page size.","status":"INVALID_ARGUMENT"}}"#;
    let of = || {
        gateway([
            ("GOOGLE_AI_STUDIO_API_KEY", "first,second"),
            ("PROXY_API_KEYS", "client-key"),
        ])
    };
    for status in [400, 403] {
        let gateway = of()
            .meets(json(status, refusal))
            .meets(json(200, good))
            .meets(json(200, good));
        let got = gateway.send(list());
        assert_eq!(
            (ids(&got), told(&got).1),
            (vec!["gemini-a".to_owned()], None)
        );
        gateway.send(anew());
        let sent = gateway.platform.sent.borrow();
        let keys: Vec<_> = sent
            .iter()
            .map(|it| it.headers.get("x-goog-api-key").unwrap())
            .collect();
        assert_eq!(keys, ["first", "second", "second"], "{status}");
    }
    let gateway = of().meets(json(400, refusal)).meets(json(403, refusal));
    assert!(gateway.send(list()).status() >= 400);
    let gateway = of().meets(json(400, wrong));
    gateway.send(list());
    assert_eq!(
        gateway.platform.sent.borrow().len(),
        1,
        "not the key's fault"
    );
}

const TOKEN: &str = r#"{"access_token":"token-1","expires_in":3599}"#;

fn entra(models_list: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "GATEWAY",
            r#"{"providers": {"east": {"kind": "azure", "endpoint": "https://east.openai.azure.com",
            "entra": {"tenant": "t", "client_id": "c", "client_secret": "$S"},
            "arm": {"subscription": "s", "resource_group": "g"},
            "headers": {"x-owner": "$O"}}}}"#,
        ),
        ("S", "client-secret"),
        ("O", "owners"),
        ("MODELS_LIST", models_list),
        ("PROXY_API_KEYS", "client-key"),
    ]
}

/// The owner's own headers are for the provider's own host: the resource manager is another's.
#[test]
fn the_resource_manager_does_not_get_the_owners_headers() {
    let gateway = gateway_of(entra("all")).timed();
    let warnings = &gateway.config.warnings;
    assert!(warnings.is_empty(), "{warnings:?}");
    gateway.serve("login.microsoftonline.com", json(200, TOKEN));
    gateway.serve("management.azure.com", json(200, r#"{"value":[]}"#));
    gateway.serve(
        "east.openai.azure.com",
        json(
            200,
            r#"{"object":"list","data":[{"id":"gpt-4o","object":"model"}]}"#,
        ),
    );
    gateway.ask(list());
    let sent = gateway.platform.sent.borrow();
    for (host, has) in [
        ("management.azure.com", None),
        ("east.openai.azure.com", Some("owners")),
    ] {
        let found = sent.iter().find(|it| it.url.contains(host)).expect(host);
        assert_eq!(found.headers.get("x-owner"), has);
        assert_eq!(found.headers.get("authorization"), Some("Bearer token-1"));
    }
}

#[test]
fn a_token_that_is_refused_is_replaced_once() {
    let gateway = gateway_of(entra("callable")).timed();
    gateway.serve("login.microsoftonline.com", json(200, TOKEN));
    gateway.serve(
        "azure.com",
        json(401, r#"{"error":{"code":"401","message":"Token."}}"#),
    );
    let got = gateway.ask(list());
    assert_eq!(got.refusal(), (502, "upstream_auth_error".to_owned()));
    assert_eq!(gateway.asked("management.azure.com"), 2);
}
