//! What Azure's clients are told when something is wrong.

use serde_json::{Value, json};

use super::{CHAT, HELLO, behind, call, gateway_of_document, post};
use crate::fake::{Ask, Upstream, ask, json as answers};

const EAST: &str = "/openai/deployments/east/chat/completions?api-version=2024-10-21";
const GEMINI: &str = "/openai/deployments/gemini/chat/completions?api-version=2024-10-21";

/// Path, what the upstream says -> status and error.
#[test]
fn an_upstreams_refusal_in_azures_words() {
    let filtered = json!({"message": "The response was filtered.", "type": null, "param": "prompt", "code": "content_filter",
        "status": 400, "innererror": {"code": "ResponsibleAIPolicyViolation",
        "content_filter_result": {"jailbreak": {"filtered": true, "detected": true}, "hate": {"filtered": false, "severity": "safe"}}}});
    let picture = json!({"code": "content_policy_violation", "message": "Rejected.", "inner_error":
        {"code": "ResponsibleAIPolicyViolation", "content_filter_results": {"violence": {"filtered": true, "severity": "low"}}, "revised_prompt": "x"}});
    for (path, status, said, wanted) in [
        (
            EAST,
            400,
            &filtered,
            json!({"code": "content_filter", "param": "prompt", "innererror": filtered["innererror"]}),
        ),
        (
            "/openai/deployments/east/images/generations",
            400,
            &picture,
            json!({"code": "content_policy_violation", "inner_error": picture["inner_error"]}),
        ),
        (
            EAST,
            404,
            &json!({"code": "DeploymentNotFound", "message": "m"}),
            json!({"code": "DeploymentNotFound"}),
        ),
        (
            EAST,
            404,
            &json!({"code": "404", "message": "Resource not found"}),
            json!({"code": "404"}),
        ),
        (
            EAST,
            429,
            &json!({"code": "429", "message": "Slow"}),
            json!({"code": "429", "message": "Slow"}),
        ),
        (
            EAST,
            400,
            &json!({"code": "OperationNotSupported", "message": "m", "type": "t", "param": "p"}),
            json!({"code": "OperationNotSupported", "type": "t", "param": "p"}),
        ),
        (
            EAST,
            500,
            &json!({"message": "m"}),
            json!({"code": "500", "message": "m"}),
        ),
        (
            CHAT,
            404,
            &json!({"code": "model_not_found", "message": "m", "type": "t", "param": null}),
            json!({"code": "DeploymentNotFound", "message": "m", "type": "t"}),
        ),
        (
            CHAT,
            400,
            &json!({"code": null, "message": "m", "type": "t", "param": "p"}),
            json!({"code": "400", "param": "p"}),
        ),
        (
            CHAT,
            429,
            &json!({"code": "rate_limit_exceeded", "message": "m", "type": "t", "param": null}),
            json!({"code": "rate_limit_exceeded"}),
        ),
        (
            GEMINI,
            404,
            &json!({"code": 404, "status": "NOT_FOUND", "message": "models/x is not found"}),
            json!({"code": "DeploymentNotFound"}),
        ),
    ] {
        let gateway = behind();
        // A deployment that is missing is looked for.
        for _ in 0..3 {
            gateway.script(answers(status, &json!({"error": said}).to_string()));
        }
        let got = gateway.send(post(path, HELLO));
        let error = got.json()["error"].clone();
        assert_eq!(got.status(), status, "{said}");
        for (name, value) in wanted.as_object().unwrap() {
            assert_eq!(&error[name], value, "{path} {said}: {error}");
        }
        assert!(
            error["message"].is_string()
                && error["type"].is_string()
                && error.get("param").is_some()
        );
    }
}

/// The names that were tried are in the message, and the code is Azure's.
#[test]
fn a_deployment_that_is_nowhere() {
    let document = json!({"providers": {"az": {"kind": "azure", "endpoint": "https://res.openai.azure.com", "key": "k",
        "deployments": {"known": "one"}, "passthrough": false}}});
    let got = gateway_of_document(&document).send(post(CHAT, HELLO));
    assert_eq!(got.refusal(), (404, "DeploymentNotFound".to_owned()));
    let openais = post("/v1/chat/completions", r#"{"model":"prod"}"#);
    let got = gateway_of_document(&document).send(openais);
    assert_eq!(got.refusal(), (404, "model_not_found".to_owned()));
}

/// Errors of ours keep their codes, and always have one.
#[test]
fn our_own_errors() {
    let keyless = |path: &str| ask("POST", path).json(HELLO);
    let cases: Vec<(Ask, u16, &str)> = vec![
        (keyless(CHAT), 401, "missing_api_key"),
        (
            keyless(CHAT).header("api-key", "stranger"),
            401,
            "invalid_api_key",
        ),
        (
            keyless("/openai/realtime?deployment=prod"),
            401,
            "missing_api_key",
        ),
        (post(CHAT, "{"), 400, "invalid_json"),
        (
            post("/openai/chat/completions", HELLO),
            400,
            "model_required",
        ),
        (call("GET", CHAT), 405, "method_not_allowed"),
        (
            call("POST", "/openai/deployments/..%2f/chat/completions"),
            400,
            "invalid_path",
        ),
        (
            post("/openai/deployments/gemini/responses", HELLO),
            400,
            "unsupported_operation",
        ),
    ];
    for (asked, status, code) in cases {
        let got = behind().send(asked);
        assert_eq!(got.refusal(), (status, code.to_owned()));
        assert_eq!(got.header("x-request-id"), Some("id-of-the-request"));
        assert_eq!(got.header("apim-request-id"), Some("id-of-the-request"));
    }
    let gateway = behind().meets(Upstream::Unreachable);
    assert_eq!(
        gateway.send(post(CHAT, HELLO)).refusal(),
        (502, "upstream_unreachable".to_owned())
    );
}

/// The owner's credential is the owner's business, whoever asks.
#[test]
fn a_refused_credential_of_ours() {
    let said = r#"{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}}"#;
    let gateway = behind().meets(answers(401, said));
    let got = gateway.send(post(EAST, HELLO));
    assert_eq!(got.refusal(), (502, "upstream_auth_error".to_owned()));
    assert!(!got.text().contains("subscription"));
}

/// What upstream and client call the request -> what the client reads.
#[test]
fn a_call_has_its_names() {
    let openais = vec![
        ("content-type", "application/json"),
        ("x-request-id", "up-1"),
    ];
    let azures = vec![
        ("content-type", "application/json"),
        ("apim-request-id", "ap-1"),
        ("x-request-id", "az-1"),
        ("x-ms-client-request-id", "other"),
    ];
    let bare = vec![("content-type", "application/json")];
    for (path, status, headers, apim, request) in [
        (CHAT, 200, openais.clone(), "id-of-the-request", "up-1"),
        (CHAT, 400, openais, "id-of-the-request", "up-1"),
        (EAST, 200, azures.clone(), "ap-1", "az-1"),
        (EAST, 429, azures, "ap-1", "az-1"),
        (
            CHAT,
            200,
            bare.clone(),
            "id-of-the-request",
            "id-of-the-request",
        ),
        (GEMINI, 500, bare, "id-of-the-request", "id-of-the-request"),
    ] {
        for named in [Some("client-1"), None] {
            let gateway = behind().meets(Upstream::Answers(status, headers.clone(), "{}"));
            let mut asked = post(path, HELLO);
            if let Some(named) = named {
                asked = asked.header("x-ms-client-request-id", named);
            }
            let got = gateway.send(asked);
            assert_eq!(got.header("apim-request-id"), Some(apim), "{path}");
            assert_eq!(got.header("x-request-id"), Some(request), "{path}");
            let echoed = got.header("x-ms-client-request-id");
            assert!(named.is_none() || echoed == named, "{echoed:?}");
            for once in ["apim-request-id", "x-request-id", "x-ms-client-request-id"] {
                let all = got.0.headers.iter().filter(|(name, _)| *name == once);
                assert!(all.count() <= 1, "{once}");
            }
        }
    }
    let plain = behind().meets(answers(200, "{}"));
    let got = plain.send(post("/v1/chat/completions", r#"{"model":"prod"}"#));
    assert_eq!(got.header("apim-request-id"), None);
}

/// Their body has Azure's order of members, for people who read it.
#[test]
fn an_error_begins_with_its_code() {
    let got = behind().send(post(CHAT, "{"));
    assert!(
        got.text().starts_with(r#"{"error":{"code":"#),
        "{}",
        got.text()
    );
    let body: Value = got.json();
    assert_eq!(body["error"]["type"], "invalid_request_error");
}

/// Wherever the deployments are, and whoever is to be asked for them.
#[test]
fn a_wrong_method_is_told_in_azures_words() {
    for path in [
        "/deployments/prod/chat/completions",
        "/PTU/deployments/prod/embeddings",
        "/gateway/openai/deployments/prod/chat/completions",
        "/proxy/https://api.openai.com/openai/deployments/prod/chat/completions",
    ] {
        let got = behind().send(call("GET", path));
        assert_eq!(got.refusal(), (405, "method_not_allowed".to_owned()));
        assert!(got.text().starts_with(r#"{"error":{"code":"#), "{path}");
        assert_eq!(got.header("apim-request-id"), Some("id-of-the-request"));
    }
}
