//! The api-version that Azure's clients bring.

use serde_json::json;

use super::{AT, HELLO, UP, behind, call, gateway_of_document, post};
use crate::fake::{Gateway, json};

/// Brought -> asked with, at a resource that is set to 2024-06-01.
#[test]
fn a_date_of_the_clients_takes_the_place_of_ours() {
    for (brought, asked) in [
        ("api-version=2024-10-21", "2024-10-21"),
        ("api-version=2025-01-01-preview", "2025-01-01-preview"),
        ("API-VERSION=2025-01-01-Preview", "2025-01-01-preview"),
        (
            "api%2dversion=2023-05-15%2000:00:00+%2B0000+UTC",
            "2023-05-15",
        ),
        (
            "api-version=2024-10-21&api-version=2023-05-15",
            "2024-10-21",
        ),
        ("api-version=2024-10-21&x=1", "2024-10-21&x=1"),
        ("", "2024-06-01"),
        ("api-version=", "2024-06-01"),
        ("api-version=v1", "2024-06-01"),
        ("api-version=preview", "2024-06-01"),
        ("api-version=latest", "2024-06-01"),
        ("api-version=2024-13-40", "2024-06-01"),
        ("api-version=2024-10-21%26x", "2024-06-01"),
        ("api-version=nonsense&api-version=2024-10-21", "2024-06-01"),
    ] {
        let gateway = behind().meets(json(200, "{}"));
        let path = format!("/openai/deployments/east/chat/completions?{brought}");
        assert_eq!(gateway.send(post(&path, HELLO)).status(), 200);
        let wanted =
            format!("{AT}/openai/deployments/east-4o/chat/completions?api-version={asked}");
        assert_eq!(gateway.sent().url, wanted, "{brought}");
    }
}

/// A version an operation needs is newer than any that was brought.
#[test]
fn what_an_operation_needs_is_asked_for_whatever_was_brought() {
    for (method, brought, asked) in [
        (
            "POST",
            "/openai/deployments/east/audio/speech?api-version=2024-10-21",
            "/openai/deployments/east-4o/audio/speech?api-version=2025-04-01-preview",
        ),
        (
            "POST",
            "/openai/deployments/east/audio/speech?api-version=2024-02-15-preview",
            "/openai/deployments/east-4o/audio/speech?api-version=2024-02-15-preview",
        ),
        (
            "POST",
            "/openai/responses?api-version=2025-03-01-preview",
            "/openai/responses?api-version=2025-03-01-preview",
        ),
        (
            "POST",
            "/openai/responses?api-version=2024-10-21",
            "/openai/v1/responses",
        ),
        (
            "POST",
            "/openai/v1/chat/completions?api-version=2024-10-21",
            "/openai/deployments/east-4o/chat/completions?api-version=2024-10-21",
        ),
        (
            "POST",
            "/v1/chat/completions?api-version=2024-10-21",
            "/openai/deployments/east-4o/chat/completions?api-version=2024-06-01",
        ),
    ] {
        let gateway = behind().meets(json(200, "{}"));
        gateway.send(call(method, brought).json(r#"{"model":"east"}"#));
        assert_eq!(gateway.sent().url, format!("{AT}{asked}"), "{brought}");
    }
}

fn azure(options: &str) -> Gateway {
    let mut provider = json!({"kind": "azure", "endpoint": AT, "key": "k"});
    let options: serde_json::Value = serde_json::from_str(options).unwrap();
    let options = options.as_object().unwrap().clone();
    provider.as_object_mut().unwrap().extend(options);
    gateway_of_document(&json!({"providers": {"az": provider}}))
}

#[test]
fn forms_that_take_no_date_or_count_their_own_get_none_of_the_clients() {
    for (options, asked) in [
        (r#"{"api_version": "v1"}"#, "/openai/v1/chat/completions"),
        (
            r#"{"api_version": "preview"}"#,
            "/openai/v1/chat/completions?api-version=preview",
        ),
        (
            r#"{"form": "models"}"#,
            "/models/chat/completions?api-version=2024-05-01-preview",
        ),
        (
            r#"{"api_version": "2024-06-01", "deployments": {"d": {"deployment": "e", "api_version": "v1"}}}"#,
            "/openai/v1/chat/completions",
        ),
        (
            r#"{"api_version": "2024-06-01", "deployments": {"d": {"deployment": "e", "api_version": "2024-02-01"}}}"#,
            "/openai/deployments/e/chat/completions?api-version=2024-10-21",
        ),
    ] {
        let gateway = azure(options).meets(json(200, "{}"));
        let got = gateway.send(post(
            "/openai/deployments/d/chat/completions?api-version=2024-10-21",
            HELLO,
        ));
        assert_eq!(got.status(), 200, "{options}: {}", got.text());
        assert_eq!(gateway.sent().url, format!("{AT}{asked}"), "{options}");
    }
}

/// What a refusal taught under one version is not believed of another.
#[test]
fn lessons_are_a_versions_own() {
    let refusal = r#"{"error":{"message":"Unsupported parameter: 'temperature' is not supported with this model.","type":"invalid_request_error","param":"temperature","code":"unsupported_parameter"}}"#;
    let body = r#"{"messages":[],"temperature":0.5}"#;
    let gateway = behind().meets(json(400, refusal)).meets(json(200, "{}"));
    let send = |version: &str| {
        let path = format!("/openai/deployments/east/chat/completions?api-version={version}");
        gateway.send(post(&path, body));
        gateway.sent().body.contains("temperature")
    };
    assert!(!send("2023-05-15"), "it was sent again without");
    gateway.script(json(200, "{}"));
    assert!(!send("2023-05-15"));
    gateway.script(json(200, "{}"));
    assert!(send("2024-10-21"));
}

#[test]
fn an_explanation_tells_the_version_and_the_deployment() {
    for (deployment, url) in [
        (
            "east",
            format!("{AT}/openai/deployments/east-4o/chat/completions?api-version=2024-10-21"),
        ),
        ("prod", format!("{UP}/chat/completions")),
    ] {
        let gateway = behind();
        let path =
            format!("/openai/deployments/{deployment}/chat/completions?api-version=2024-10-21");
        let asked = post(&path, HELLO).header("x-isthmus-explain", "1");
        let told = gateway.send(asked).json();
        assert!(gateway.asked_nobody());
        assert_eq!(told["model"], deployment);
        assert_eq!(told["operation"], "chat");
        assert_eq!(told["targets"][0]["requests"][0]["url"], url, "{told}");
        assert_eq!(gateway.line()["surface"], "azure");
    }
}

/// Who brings one -> what is asked of a server that is not Azure's.
#[test]
fn nobody_but_azure_is_told_a_version() {
    for (method, brought, asked) in [
        (
            "POST",
            "/v1/chat/completions?api-version=2024-10-21",
            "/chat/completions",
        ),
        (
            "POST",
            "/v1/chat/completions?x=1&API-version=a&api-version=b&y",
            "/chat/completions?x=1&y",
        ),
        (
            "POST",
            "/openai/v1/chat/completions?api-version=preview",
            "/chat/completions",
        ),
        (
            "POST",
            "/chat/completions?api-version=2024-10-21",
            "/chat/completions",
        ),
        (
            "POST",
            "/models/embeddings?api-version=2024-05-01-preview",
            "/embeddings",
        ),
        (
            "GET",
            "/v1/files?api-version=2024-10-21&after=a",
            "/files?after=a",
        ),
        (
            "GET",
            "/openai/files?after=a&api-version=2024-10-21",
            "/files?after=a",
        ),
    ] {
        let gateway = behind().meets(json(200, "{}"));
        let asks = call(method, brought).json(r#"{"model":"prod","input":"x","messages":[]}"#);
        assert_eq!(gateway.send(asks).status(), 200, "{brought}");
        assert_eq!(gateway.sent().url, format!("{UP}{asked}"), "{brought}");
    }
}
