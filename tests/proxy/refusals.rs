//! Each error of ours, as the client of each surface reads it.

use serde_json::Value;

use crate::fake::{Ask, Gateway, Got, Upstream, ask, gateway_of, json};

const OPENAIS: &str = "/v1/chat/completions";
const AZURES: &str = "/openai/deployments/m/chat/completions?api-version=2024-10-21";
const INFERENCES: &str = "/models/chat/completions?api-version=2024-05-01-preview";
const HELLO: &str = r#"{"model":"m","messages":[{"role":"user","content":"a-prompt-of-mine"}]}"#;

const PROVIDER: &str =
    r#""providers": {"up": {"kind": "openai", "endpoint": "https://up.test/v1", "key": "$OURS"}}"#;

/// Limited in every way a client can be.
fn behind(document: &str) -> Gateway {
    gateway_of([
        ("GATEWAY", document),
        ("OURS", "a-key-of-ours"),
        ("THEIRS", "a-key-of-theirs"),
        ("MAX_JSON_BODY", "200"),
    ])
}

fn usual() -> Gateway {
    let clients = r#""clients": {"a": {"key": "$THEIRS", "models": ["m"], "rpm": 1}}"#;
    behind(&format!("{{{PROVIDER}, {clients}}}"))
}

fn post(path: &str, body: &str) -> Ask {
    ask("POST", path).key("a-key-of-theirs").json(body)
}

/// Members that all of them have, and those that one has alone.
fn check(got: &Got, path: &str, status: u16, code: &str) {
    assert_eq!(got.status(), status, "{path}: {}", got.text());
    let whole = got.json();
    let error = whole["error"].as_object().expect("an error");
    assert_eq!(error["code"], code, "{path}");
    assert!(error["message"].as_str().is_some_and(|it| !it.is_empty()));
    let is_inference = path == INFERENCES;
    let told = got.header("x-ms-error-code");
    assert_eq!(told, is_inference.then_some(code), "{path}");
    assert_eq!(
        error.get("status").and_then(Value::as_u64),
        is_inference.then_some(status.into())
    );
    assert_eq!(error.get("type").is_some(), !is_inference);
    let begins = if path == OPENAIS { "message" } else { "code" };
    assert_eq!(error.keys().next().map(String::as_str), Some(begins));
    let named = got.header("apim-request-id").is_some();
    assert_eq!(named, path != OPENAIS);
    let all = got.text() + got.0.headers.as_packed();
    for secret in ["a-key-of-ours", "a-key-of-theirs", "a-prompt-of-mine"] {
        assert!(!all.contains(secret), "{path} {status}");
    }
}

/// The three surfaces, and what each calls the error.
fn all(status: u16, codes: [&str; 3], send: impl Fn(&str) -> Got) {
    for (path, code) in [OPENAIS, AZURES, INFERENCES].into_iter().zip(codes) {
        check(&send(path), path, status, code);
    }
}

#[test]
fn of_a_request() {
    let parsing = ["invalid_json", "invalid_json", "InternalProxyParsing"];
    all(400, parsing, |path| usual().send(post(path, "[")));
    let unauthorized = ["invalid_api_key", "invalid_api_key", "unauthorized"];
    all(401, unauthorized, |path| {
        usual().send(ask("POST", path).key("a-stranger").json(HELLO))
    });
    all(
        401,
        ["missing_api_key", "missing_api_key", "unauthorized"],
        |path| usual().send(ask("POST", path).json(HELLO)),
    );
    all(403, ["model_not_allowed"; 3], |path| {
        let other = path.replace("/m/", "/other/");
        usual().send(post(&other, r#"{"model":"other"}"#))
    });
    all(405, ["method_not_allowed"; 3], |path| {
        usual().send(ask("PUT", path).key("a-key-of-theirs").json(HELLO))
    });
    all(413, ["request_too_large"; 3], |path| {
        usual().send(post(path, &format!("{{\"x\":\"{}\"}}", "y".repeat(300))))
    });
    all(415, ["unsupported_encoding"; 3], |path| {
        usual().send(post(path, HELLO).header("content-encoding", "gzip"))
    });
    let limited = [
        "rate_limit_exceeded",
        "rate_limit_exceeded",
        "too_many_requests",
    ];
    all(429, limited, |path| {
        let gateway = usual().meets(json(200, "{}"));
        assert_eq!(gateway.send(post(path, HELLO)).status(), 200);
        let got = gateway.send(post(path, HELLO));
        assert!(got.header("retry-after").is_some());
        got
    });
}

#[test]
fn of_the_gateway_and_its_upstreams() {
    all(500, ["configuration_error"; 3], |path| {
        let document = format!(
            r#"{{{PROVIDER}, "clients": {{"a": {{"key": "$THEIRS"}}}}, "default": "nobody"}}"#
        );
        behind(&document).send(post(path, HELLO))
    });
    all(403, ["gateway_closed"; 3], |path| {
        behind(&format!("{{{PROVIDER}}}")).send(post(path, HELLO))
    });
    for (upstream, status, codes) in [
        (
            (|| Upstream::Unreachable) as fn() -> Upstream,
            502,
            [
                "upstream_unreachable",
                "upstream_unreachable",
                "UpstreamApi",
            ],
        ),
        (
            || Upstream::Answers(302, vec![("location", "https://a-key-of-ours.test")], ""),
            502,
            ["upstream_redirect", "upstream_redirect", "UpstreamApi"],
        ),
        (|| Upstream::TimesOut, 504, ["upstream_timeout"; 3]),
    ] {
        all(status, codes, |path| {
            usual().meets(upstream()).send(post(path, HELLO))
        });
    }
    let said = r#"{"error":{"message":"no","type":"x","param":null,"code":"model_not_found"}}"#;
    let codes = ["model_not_found", "DeploymentNotFound", "unknown_model"];
    for (path, code) in [OPENAIS, AZURES, INFERENCES].into_iter().zip(codes) {
        let got = usual().meets(json(404, said)).send(post(path, HELLO));
        assert_eq!(got.json()["error"]["code"], code);
        let told = got.header("x-ms-error-code");
        assert_eq!(told, (path == INFERENCES).then_some(code));
    }
}
