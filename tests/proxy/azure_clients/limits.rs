//! A key that is limited to models, in the hands of a client of Azure's. `bobs-key` is limited to `prod` and `east`.

use super::{AT, HELLO, behind};
use crate::fake::{Ask, ask, json};

fn of_bob(method: &str, path: &str, body: &str) -> Ask {
    ask(method, path).header("api-key", "bobs-key").json(body)
}

/// The path names the model, and what the body names is overwritten wherever it goes.
#[test]
fn a_model_in_the_body_is_no_second_one() {
    for (path, body, sent) in [
        (
            "/openai/deployments/prod/chat/completions",
            r#"{"model":"dear","messages":[]}"#,
            r#"{"model":"gpt-4o","messages":[]}"#,
        ),
        (
            "/openai/deployments/east/chat/completions",
            r#"{"model":"dear","messages":[]}"#,
            r#"{"model":"east-4o","messages":[]}"#,
        ),
        (
            "/openai/deployments/east/embeddings",
            r#"{"input":["x"],"model":"dear"}"#,
            r#"{"input":["x"],"model":"east-4o"}"#,
        ),
        (
            "/openai/deployments/east/embeddings",
            r#"{"input":["x"],"model":"east"}"#,
            r#"{"input":["x"],"model":"east"}"#,
        ),
        (
            "/openai/deployments/east/images/generations",
            r#"{"prompt":"x","model":"dear"}"#,
            r#"{"prompt":"x"}"#,
        ),
        (
            "/openai/deployments/prod/chat/completions?deployment=dear",
            HELLO,
            r#"{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}"#,
        ),
    ] {
        let gateway = behind().meets(json(200, "{}"));
        let got = gateway.send(of_bob("POST", path, body));
        assert_eq!(got.status(), 200, "{path} {body}: {}", got.text());
        let request = gateway.sent();
        assert_eq!(request.body, sent, "{path}");
        assert!(!request.url.contains("dear"));
    }
}

#[test]
fn nothing_else_is_opened() {
    for (method, path, body, status, code) in [
        (
            "POST",
            "/openai/deployments/dear/chat/completions",
            r#"{"model":"prod"}"#,
            403,
            "model_not_allowed",
        ),
        (
            "POST",
            "/openai/deployments/gemini/embeddings",
            r#"{"model":"prod"}"#,
            403,
            "model_not_allowed",
        ),
        (
            "POST",
            "/openai/deployments/east%2F/chat/completions",
            "{}",
            403,
            "model_not_allowed",
        ),
        (
            "POST",
            "/openai/chat/completions",
            r#"{"model":"dear"}"#,
            403,
            "model_not_allowed",
        ),
        (
            "POST",
            "/openai/deployments/prod/chat/completions",
            r#"{"model":"prod","Model":"dear"}"#,
            400,
            "invalid_model",
        ),
        (
            "POST",
            "/openai/deployments/prod/chat/completions?model=dear",
            HELLO,
            400,
            "invalid_model",
        ),
        (
            "GET",
            "/openai/files?api-version=2024-10-21",
            "",
            403,
            "model_not_allowed",
        ),
        (
            "POST",
            "/openai/deployments/prod/batches",
            "{}",
            403,
            "model_not_allowed",
        ),
        (
            "GET",
            "/openai/deployments/prod/files",
            "",
            403,
            "model_not_allowed",
        ),
        (
            "GET",
            "/openai/realtime?deployment=prod",
            "",
            403,
            "model_not_allowed",
        ),
        (
            "GET",
            "/openai/deployments/prod/realtime",
            "",
            403,
            "model_not_allowed",
        ),
        ("GET", "/openai/v1/files", "", 403, "model_not_allowed"),
    ] {
        let gateway = behind();
        let got = gateway.send(of_bob(method, path, body));
        assert_eq!(
            got.refusal(),
            (status, code.to_owned()),
            "{method} {path} {body}"
        );
        assert!(gateway.asked_nobody());
    }
}

/// A header of Azure's names a deployment that draws.
#[test]
fn a_deployment_in_a_header_is_a_second_model() {
    let gateway = behind();
    let asked = of_bob(
        "POST",
        "/openai/responses",
        r#"{"model":"east","input":"x"}"#,
    );
    let got = gateway.send(asked.header("x-ms-oai-image-generation-deployment", "dear"));
    assert_eq!(got.refusal(), (400, "invalid_model".to_owned()));
    let gateway = behind().meets(json(200, r#"{"object":"response","output":[]}"#));
    let got = gateway.send(of_bob(
        "POST",
        "/openai/responses",
        r#"{"model":"east","input":"x"}"#,
    ));
    assert_eq!(got.status(), 200);
    assert!(gateway.sent().url.starts_with(AT));
}
