//! Refusals.

use isthmus::anthropic::errors::refusal;
use isthmus::headers::Headers;
use serde_json::{Value, json};

fn said(kind: &str, message: &str) -> String {
    json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"})
        .to_string()
}

#[test]
fn refusals_in_openai_s_shape() {
    let azure = |code: &str, message: &str| {
        json!({"error": {"code": code, "message": message}}).to_string()
    };
    let apim = |message: &str| json!({"statusCode": 401, "message": message}).to_string();
    for (status, body, expected, kind, code, message) in [
        (
            400,
            said("invalid_request_error", "bad"),
            400,
            "invalid_request_error",
            "invalid_request_error",
            "bad",
        ),
        (
            400,
            said(
                "invalid_request_error",
                "prompt is too long: 3 tokens > 2 maximum",
            ),
            400,
            "invalid_request_error",
            "context_length_exceeded",
            "prompt is too long: 3 tokens > 2 maximum",
        ),
        (
            401,
            said("authentication_error", "no key"),
            401,
            "invalid_request_error",
            "invalid_api_key",
            "no key",
        ),
        (
            402,
            said("billing_error", "pay"),
            402,
            "invalid_request_error",
            "insufficient_quota",
            "pay",
        ),
        (
            403,
            said("permission_error", "no"),
            403,
            "invalid_request_error",
            "permission_error",
            "no",
        ),
        (
            404,
            said("not_found_error", "model: x"),
            404,
            "invalid_request_error",
            "model_not_found",
            "model: x",
        ),
        (
            404,
            azure("DeploymentNotFound", "d"),
            404,
            "invalid_request_error",
            "model_not_found",
            "d",
        ),
        (
            404,
            azure("404", "Resource not found"),
            404,
            "invalid_request_error",
            "not_found",
            "Resource not found",
        ),
        (
            413,
            said("request_too_large", "big"),
            413,
            "invalid_request_error",
            "request_too_large",
            "big",
        ),
        (
            429,
            said("rate_limit_error", "slow"),
            429,
            "rate_limit_error",
            "rate_limit_exceeded",
            "slow",
        ),
        (
            500,
            said("api_error", "oops"),
            500,
            "server_error",
            "api_error",
            "oops",
        ),
        (
            504,
            said("timeout_error", "late"),
            504,
            "server_error",
            "timeout",
            "late",
        ),
        (
            529,
            said("overloaded_error", "Overloaded"),
            529,
            "server_error",
            "overloaded",
            "Overloaded",
        ),
        (
            503,
            "no healthy upstream".to_owned(),
            503,
            "server_error",
            "service_unavailable",
            "no healthy upstream",
        ),
        (
            401,
            apim("Access denied"),
            401,
            "invalid_request_error",
            "invalid_api_key",
            "Access denied",
        ),
        (
            400,
            azure("BadRequest", "m"),
            400,
            "invalid_request_error",
            "BadRequest",
            "m",
        ),
        (
            529,
            String::new(),
            529,
            "server_error",
            "overloaded",
            "The upstream answered 529 and nothing else.",
        ),
    ] {
        let refusal = refusal(status, &Headers::default(), body.as_bytes(), false);
        assert_eq!(refusal.status, expected, "{body}");
        let found: Value = serde_json::from_slice(&refusal.body).unwrap();
        let error = json!({"message": message, "type": kind, "param": null, "code": code});
        assert_eq!(found, json!({"error": error}), "{body}");
        assert_eq!(refusal.detail, None);
    }
}

#[test]
fn shapes_that_are_not_expected_still_speak() {
    for (body, message) in [
        (r#"{"error":"words"}"#, "words"),
        (r#"{"detail":"words"}"#, "words"),
        (r#"{"error":null,"message":"words"}"#, "words"),
        ("words", "words"),
        ("{\"a\":", "{\"a\":"),
        (r#"{"error":{"a":1}}"#, r#"{"error":{"a":1}}"#),
        ("[1]", "[1]"),
    ] {
        let refusal = refusal(418, &Headers::default(), body.as_bytes(), false);
        let found: Value = serde_json::from_slice(&refusal.body).unwrap();
        assert_eq!(found["error"]["message"], message, "{body}");
        assert_eq!(found["error"]["code"], Value::Null, "{body}");
    }
    let long = refusal(500, &Headers::default(), "x".repeat(9000).as_bytes(), false);
    assert!(long.body.len() < 3000);
}

#[test]
fn our_own_credential_is_not_the_client_s_fault() {
    for status in [401, 403] {
        let body = said("authentication_error", "invalid x-api-key");
        let refusal = refusal(status, &Headers::default(), body.as_bytes(), true);
        let found: Value = serde_json::from_slice(&refusal.body).unwrap();
        assert_eq!(refusal.status, 502);
        assert_eq!(
            (&found["error"]["code"], &found["error"]["type"]),
            (&json!("upstream_auth_error"), &json!("server_error"))
        );
        assert!(!found.to_string().contains("x-api-key"));
        assert_eq!(refusal.detail.as_deref(), Some("invalid x-api-key"));
    }
}

#[test]
fn how_long_to_wait_is_said_in_a_header() {
    for (header, message, expected) in [
        (Some("7"), "Try again in 12 seconds.", None),
        (
            None,
            "Rate limit is exceeded. Try again in 12 seconds.",
            Some("12"),
        ),
        (None, "Please retry after 45 seconds. Contact", Some("45")),
        (None, "Please retry after 1500 milliseconds.", Some("2")),
        (None, "Try again in a while", None),
        (None, "Try again in 5 moons", None),
        (None, "slow", None),
    ] {
        let mut headers = Headers::default();
        if let Some(value) = header {
            headers.push("retry-after", value);
        }
        let body = json!({"statusCode": 429, "message": message}).to_string();
        let found = refusal(429, &headers, body.as_bytes(), true).headers;
        let expected: Vec<_> = expected
            .map(|secs| ("retry-after", secs.to_owned()))
            .into_iter()
            .collect();
        assert_eq!(found, expected, "{message}");
    }
}

#[test]
fn the_request_has_a_name_openai_s_clients_look_for() {
    let id = |headers: &Headers, body: &str| refusal(500, headers, body.as_bytes(), true).headers;
    let none = Headers::default();
    let mut named = Headers::default();
    named.push("request-id", "req_2");
    let expected = |id: &str| vec![("x-request-id", id.to_owned())];
    assert_eq!(id(&none, &said("api_error", "m")), expected("req_1"));
    assert_eq!(id(&named, "m"), expected("req_2"));
    assert_eq!(id(&none, "m"), []);
    named.push("x-request-id", "theirs");
    assert_eq!(id(&named, "m"), []);
}
