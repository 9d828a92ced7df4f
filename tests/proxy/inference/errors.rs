//! Errors, ours and upstreams', as azure-core parses them.

use serde_json::{Value, json as value};

use super::{CHAT, EMBEDDINGS, gateway, post, refusal};
use crate::fake::{Upstream, ask, json, leaked};

/// What we refuse ourselves: path, body -> status, code.
#[test]
fn ours() {
    for (path, body, status, code) in [
        (CHAT, "{", 400, "InternalProxyParsing"),
        (CHAT, "[]", 400, "InternalProxyParsing"),
        (CHAT, r#"{"model":1}"#, 400, "invalid_model"),
        (CHAT, "{}", 400, "no_model_name"),
        (
            EMBEDDINGS,
            r#"{"model":"m","encoding_format":"ubinary"}"#,
            422,
            "parameter_not_supported",
        ),
        (
            EMBEDDINGS,
            r#"{"model":"m","encoding_format":4}"#,
            422,
            "parameter_not_supported",
        ),
    ] {
        let gateway = gateway(&[]);
        let got = gateway.send(post(path, body));
        let (got_status, got_code, _) = refusal(&got);
        assert_eq!((got_status, got_code.as_str()), (status, code), "{body}");
        assert!(gateway.asked_nobody());
    }
    let got = gateway(&[]).send(ask("POST", CHAT).json("{}"));
    assert_eq!(refusal(&got).1, "unauthorized");
    let got = gateway(&[])
        .meets(Upstream::Unreachable)
        .send(post(CHAT, r#"{"model":"m"}"#));
    assert_eq!(
        (refusal(&got).0, refusal(&got).1.as_str()),
        (502, "UpstreamApi")
    );
    let got = gateway(&[]).send(post(
        EMBEDDINGS,
        r#"{"model":"m","encoding_format":"int8"}"#,
    ));
    assert_eq!(got.json()["error"]["param"], "encoding_format");
}

/// What an upstream says -> the body, but for the status in it.
#[test]
fn upstreams() {
    for (status, said, code, rest) in [
        (
            429,
            r#"{"error":{"message":"slow","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#,
            "rate_limit_exceeded",
            value!({"message": "slow"}),
        ),
        (
            429,
            r#"{"error":{"message":"slow"}}"#,
            "too_many_requests",
            value!({"message": "slow"}),
        ),
        (
            404,
            r#"{"error":{"message":"no","type":"x","param":"model","code":"model_not_found"}}"#,
            "unknown_model",
            value!({"message": "no", "param": "model"}),
        ),
        (
            400,
            r#"{"error":{"message":"bad","code":"content_filter","innererror":{"code":"x"}}}"#,
            "content_filter",
            value!({"message": "bad", "innererror": {"code": "x"}}),
        ),
        (
            400,
            r#"{"error":{"message":"bad","code":40}}"#,
            "40",
            value!({"message": "bad"}),
        ),
        (
            401,
            r#"{"error":"nope"}"#,
            "unauthorized",
            value!({"message": "nope"}),
        ),
        (
            500,
            "<html>",
            "internal_server_error",
            value!({"message": "<html>"}),
        ),
        (
            503,
            "",
            "internal_server_error",
            value!({"message": "The upstream answered 503 and nothing else."}),
        ),
    ] {
        let gateway = gateway(&[]).meets(json(status, said));
        let got = gateway.send(post(CHAT, r#"{"model":"m"}"#));
        let mut wanted = rest.clone();
        wanted["code"] = code.into();
        wanted["status"] = status.into();
        assert_eq!(got.json(), value!({"error": wanted}), "{said}");
        assert_eq!(refusal(&got).1, code);
    }
}

#[test]
fn what_a_validator_complains_of_stands_beside_the_error() {
    for said in [
        r#"{"status":422,"code":"parameter_not_supported","detail":{"loc":["body","response_format"],"input":"json_object"},"message":"One of the parameters contain invalid values."}"#,
        r#"{"detail":[{"loc":["body","x"],"msg":"no","type":"extra_forbidden"}]}"#,
    ] {
        let gateway = gateway(&[]).meets(json(422, said));
        let got = gateway.send(post(CHAT, r#"{"model":"m"}"#));
        let said: Value = serde_json::from_str(said).unwrap();
        assert_eq!(got.json()["detail"], said["detail"]);
        let code = said["code"].as_str().unwrap_or("unprocessable_entity");
        assert_eq!((refusal(&got).0, refusal(&got).1.as_str()), (422, code));
    }
}

#[test]
fn headers_of_a_refusal() {
    let body = leaked(r#"{"error":{"message":"m","code":"c\r\nset-cookie: x"}}"#);
    let headers = vec![
        ("content-type", "application/json"),
        ("retry-after", "7"),
        ("x-ms-error-code", "theirs"),
    ];
    let gateway = gateway(&[]).meets(Upstream::Answers(429, headers, body));
    let got = gateway.send(post(CHAT, r#"{"model":"m"}"#));
    assert_eq!(got.header("retry-after"), Some("7"));
    assert_eq!(got.header("x-ms-error-code"), Some("c??set-cookie: x"));
    let codes = got
        .0
        .headers
        .iter()
        .filter(|(name, _)| *name == "x-ms-error-code");
    assert_eq!(codes.count(), 1);
}

#[test]
fn a_wrong_method_is_told_in_their_words() {
    for (path, agent, is_strict) in [
        (CHAT, "", false),
        (EMBEDDINGS, "", false),
        ("/models/embeddings", "", false),
        (
            "/embeddings",
            "azsdk-js-ai-inference-rest/1.0.0-beta.6",
            false,
        ),
        ("/chat/completions", "", true),
    ] {
        let word = if is_strict { "strict" } else { "lenient" };
        let gateway = gateway(&[("INFERENCE_API_VERSION", word)]);
        let asked = ask("PUT", path).key("client-key");
        let got = gateway.send(asked.header("user-agent", agent));
        assert_eq!(refusal(&got).0, 405, "{path}");
        assert_eq!(refusal(&got).1, "method_not_allowed");
    }
    let got = gateway(&[]).send(ask("PUT", "/chat/completions").key("client-key"));
    assert_eq!(got.header("x-ms-error-code"), None);
}
