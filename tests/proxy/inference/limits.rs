//! A key that is limited to models, wherever else a request may name one. `client-key` is limited to `a` and `fa`.

use crate::fake::{Ask, Gateway, ask, gateway_of, json};

const SDK: &str = "azsdk-python-ai-inference/1.0.0b9 Python/3.12";
const VERSION: &str = "api-version=2024-05-01-preview";

fn behind() -> Gateway {
    let document = r#"{"providers": {
        "up": {"kind": "openai", "endpoint": "https://up.test/v1", "key": "k"},
        "fo": {"kind": "azure", "form": "models", "endpoint": "https://r.services.ai.azure.com", "key": "k"}
    }, "default": "up", "models": {"a": "up/a", "b": "up/b", "fa": "fo/fa", "fb": "fo/fb"}}"#;
    gateway_of([
        ("GATEWAY", document),
        ("PROXY_API_KEYS", "x:client-key:a|fa"),
    ])
}

fn asks(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Ask {
    let request = ask(method, &format!("{path}{VERSION}")).key("client-key");
    let add = |request: Ask, (name, value): &(&str, &str)| request.header(name, value);
    let request = headers.iter().fold(request, add);
    if method == "GET" {
        return request;
    }
    request.json(body)
}

#[test]
fn what_names_another_model_opens_nothing() {
    const CHAT: &str = "/models/chat/completions?";
    const MESH: (&str, &str) = ("x-ms-model-mesh-model-name", "b");
    for (method, path, headers, body, status) in [
        ("POST", CHAT, &[MESH][..], "{}", 403),
        (
            "POST",
            CHAT,
            &[("azureml-model-deployment", "b")],
            r#"{"model":""}"#,
            403,
        ),
        (
            "POST",
            CHAT,
            &[("extra-parameters", "drop")],
            r#"{"model":"fa","MODEL":"fb"}"#,
            400,
        ),
        (
            "POST",
            "/models/images/embeddings?",
            &[],
            r#"{"model":"fb"}"#,
            403,
        ),
        (
            "POST",
            "/openai/deployments/a/chat/completions?",
            &[("user-agent", SDK)],
            r#"{"model":"b"}"#,
            400,
        ),
        (
            "POST",
            "/openai/deployments/b/chat/completions?",
            &[("user-agent", SDK)],
            "{}",
            403,
        ),
        (
            "GET",
            "/openai/deployments/b/info?",
            &[("user-agent", SDK)],
            "",
            403,
        ),
        ("GET", "/models/info?model=b&", &[], "", 403),
        ("GET", "/info?", &[MESH], "", 403),
    ] {
        let gateway = behind();
        let got = gateway.send(asks(method, path, headers, body));
        assert_eq!(got.status(), status, "{path} {body}: {}", got.text());
        assert!(gateway.asked_nobody(), "{path} {body}");
    }
}

/// Beside a model in the body nothing else that names one goes anywhere.
#[test]
fn no_second_name_reaches_an_upstream() {
    for model in ["a", "fa"] {
        let headers = [
            ("x-ms-model-mesh-model-name", "other-model"),
            ("azureml-model-deployment", "other-model"),
        ];
        let gateway = behind().meets(json(200, "{}"));
        let path = "/models/chat/completions?model=other-model&";
        let body = format!(r#"{{"model":"{model}","messages":[]}}"#);
        assert_eq!(
            gateway.send(asks("POST", path, &headers, &body)).status(),
            200
        );
        let sent = gateway.sent();
        let all = [sent.url.as_str(), sent.headers.as_packed(), &sent.body].concat();
        assert!(!all.contains("other-model"), "{all}");
        assert_eq!(sent.body, body);
    }
}
