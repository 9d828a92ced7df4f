//! Google's refusals in OpenAI's shape.

use isthmus::gemini::errors::{is_missing_model, of_event, refusal, unusable_millis};
use isthmus::headers::Headers;
use serde_json::{Value, json};

const INVALID: &str = "invalid_request_error";
const SERVER: &str = "server_error";

fn error(code: u16, status: &str, message: &str) -> Value {
    json!({"error": {"code": code, "message": message, "status": status}})
}

fn detailed(code: u16, status: &str, message: &str, details: Value) -> Value {
    let error = json!({"code": code, "message": message, "status": status, "details": details});
    json!({ "error": error })
}

fn reason(reason: &str) -> Value {
    let info = "type.googleapis.com/google.rpc.ErrorInfo";
    json!([{"@type": info, "reason": reason, "domain": "googleapis.com"}])
}

fn quota(violation: Value, delay: &str) -> Value {
    json!([
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
    ])
}

fn headers(list: &[(&str, &str)]) -> Headers {
    let mut headers = Headers::default();
    for (name, value) in list {
        headers.push(name, value);
    }
    headers
}

#[test]
fn verdicts_row_by_row() {
    let daily = json!({"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"});
    let tokens = json!({"quotaId": "GenerateContentInputTokensPerModelPerMinute-FreeTier"});
    let requests = json!({"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"});
    let metric = json!({"quotaMetric": "googleapis.com/generate_content_input_token_count"});
    let nothing = json!({"quotaId": "X", "quotaValue": "0"});
    let token_count = "Quota exceeded for metric: \
                       generativelanguage.googleapis.com/generate_content_free_tier_input_token_count, limit: 250000";
    let limit = "Quota exceeded for metric: m, limit: 0, model: gemini-3.1-pro";
    let exhausted = "RESOURCE_EXHAUSTED";
    let field = json!([{"@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": "generation_config", "description": "d"}]}]);
    let too_large = "Request payload size exceeds the limit: 20971520 bytes.";
    let overflow =
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).";
    let vertex_overflow = "Unable to submit request because the input token count is 1200000 but model only supports \
                           up to 1048576. Reduce the input token count and try again.";
    let location = "User location is not supported for the API use.";
    for (status, body, expected, kind, code, param) in [
        (
            400,
            error(400, "INVALID_ARGUMENT", "bad"),
            400,
            INVALID,
            None,
            None,
        ),
        (
            400,
            detailed(400, "INVALID_ARGUMENT", "bad", field),
            400,
            INVALID,
            None,
            Some("generation_config"),
        ),
        (
            400,
            detailed(400, "INVALID_ARGUMENT", "x", reason("API_KEY_INVALID")),
            401,
            INVALID,
            Some("invalid_api_key"),
            None,
        ),
        (
            400,
            error(
                400,
                "INVALID_ARGUMENT",
                "API key not valid. Please pass a valid API key.",
            ),
            401,
            INVALID,
            Some("invalid_api_key"),
            None,
        ),
        (
            400,
            error(
                400,
                "INVALID_ARGUMENT",
                "API key expired. Please renew the API key.",
            ),
            401,
            INVALID,
            Some("invalid_api_key"),
            None,
        ),
        (
            400,
            error(400, "INVALID_ARGUMENT", "Unknown name \"API key expired\""),
            400,
            INVALID,
            None,
            None,
        ),
        (
            400,
            error(400, "INVALID_ARGUMENT", overflow),
            400,
            INVALID,
            Some("context_length_exceeded"),
            Some("messages"),
        ),
        (
            400,
            error(400, "INVALID_ARGUMENT", vertex_overflow),
            400,
            INVALID,
            Some("context_length_exceeded"),
            Some("messages"),
        ),
        (
            400,
            error(400, "FAILED_PRECONDITION", location),
            403,
            "request_forbidden",
            Some("unsupported_country_region_territory"),
            None,
        ),
        (
            400,
            error(400, "FAILED_PRECONDITION", "Please enable billing."),
            400,
            INVALID,
            Some("failed_precondition"),
            None,
        ),
        (
            400,
            error(400, "INVALID_ARGUMENT", too_large),
            413,
            INVALID,
            Some("request_too_large"),
            None,
        ),
        (
            401,
            error(401, "UNAUTHENTICATED", "no"),
            401,
            INVALID,
            Some("invalid_api_key"),
            None,
        ),
        (
            403,
            detailed(
                403,
                "PERMISSION_DENIED",
                "no",
                reason("API_KEY_SERVICE_BLOCKED"),
            ),
            403,
            INVALID,
            Some("permission_denied"),
            None,
        ),
        (
            403,
            detailed(403, "PERMISSION_DENIED", "no", reason("SERVICE_DISABLED")),
            403,
            INVALID,
            Some("permission_denied"),
            None,
        ),
        (
            404,
            error(
                404,
                "NOT_FOUND",
                "models/foo is not found for API version v1beta",
            ),
            404,
            INVALID,
            Some("model_not_found"),
            Some("model"),
        ),
        (
            404,
            error(
                404,
                "NOT_FOUND",
                "Not found: cached content metadata for 1.",
            ),
            404,
            INVALID,
            Some("not_found"),
            None,
        ),
        (
            409,
            error(409, "ABORTED", "no"),
            409,
            INVALID,
            Some("aborted"),
            None,
        ),
        (
            409,
            error(409, "ALREADY_EXISTS", "no"),
            409,
            INVALID,
            Some("already_exists"),
            None,
        ),
        (
            412,
            error(412, "FAILED_PRECONDITION", "no"),
            412,
            INVALID,
            Some("failed_precondition"),
            None,
        ),
        (
            413,
            error(413, "INVALID_ARGUMENT", "big"),
            413,
            INVALID,
            Some("request_too_large"),
            None,
        ),
        (
            418,
            error(418, "OUT_OF_RANGE", "tea"),
            418,
            INVALID,
            Some("out_of_range"),
            None,
        ),
        (
            429,
            detailed(429, exhausted, "q", quota(daily, "38s")),
            429,
            "insufficient_quota",
            Some("insufficient_quota"),
            None,
        ),
        (
            429,
            error(429, exhausted, limit),
            429,
            "insufficient_quota",
            Some("insufficient_quota"),
            None,
        ),
        (
            429,
            detailed(429, exhausted, "q", quota(nothing, "1s")),
            429,
            "insufficient_quota",
            Some("insufficient_quota"),
            None,
        ),
        (
            429,
            error(429, exhausted, token_count),
            429,
            "tokens",
            Some("rate_limit_exceeded"),
            None,
        ),
        (
            429,
            error(429, exhausted, "limit: 05, limit: 0.5, limit: 20"),
            429,
            "requests",
            Some("rate_limit_exceeded"),
            None,
        ),
        (
            429,
            detailed(429, exhausted, "q", quota(tokens, "1s")),
            429,
            "tokens",
            Some("rate_limit_exceeded"),
            None,
        ),
        (
            429,
            detailed(429, exhausted, "q", quota(metric, "1s")),
            429,
            "tokens",
            Some("rate_limit_exceeded"),
            None,
        ),
        (
            429,
            detailed(429, exhausted, "q", quota(requests, "1s")),
            429,
            "requests",
            Some("rate_limit_exceeded"),
            None,
        ),
        (
            499,
            error(499, "CANCELLED", "no"),
            499,
            SERVER,
            Some("cancelled"),
            None,
        ),
        (
            500,
            error(500, "INTERNAL", "no"),
            500,
            SERVER,
            Some("internal"),
            None,
        ),
        (
            500,
            error(500, "UNKNOWN", "no"),
            500,
            SERVER,
            Some("internal"),
            None,
        ),
        (
            501,
            error(501, "UNIMPLEMENTED", "no"),
            501,
            SERVER,
            Some("unimplemented"),
            None,
        ),
        (
            503,
            error(503, "UNAVAILABLE", "The model is overloaded."),
            503,
            SERVER,
            Some("unavailable"),
            None,
        ),
        (
            504,
            error(504, "DEADLINE_EXCEEDED", "late"),
            504,
            SERVER,
            Some("deadline_exceeded"),
            None,
        ),
        (
            502,
            error(502, "", "no"),
            502,
            SERVER,
            Some("bad_gateway"),
            None,
        ),
        (
            529,
            error(529, "", "no"),
            529,
            SERVER,
            Some("internal"),
            None,
        ),
        (
            302,
            error(302, "", "no"),
            502,
            SERVER,
            Some("bad_gateway"),
            None,
        ),
    ] {
        let message = body["error"]["message"].clone();
        let openai =
            json!({"error": {"message": message, "type": kind, "param": param, "code": code}});
        let listed = json!([body]);
        for body in [body, listed] {
            let got = refusal(status, &Headers::default(), body.to_string().as_bytes());
            assert_eq!(got.status, expected, "{body}");
            let got: Value = serde_json::from_slice(&got.body).unwrap();
            assert_eq!(got, openai, "{body}");
        }
    }
}

#[test]
fn other_shapes() {
    let page = "<html><head><title>Error 404 (Not Found)!!1</title></head><body>x</body></html>";
    let older =
        json!({"error": {"code": 400, "errors": [{"message": "m", "reason": "keyInvalid"}]}});
    let token = json!({"error": "invalid_grant", "error_description": "Invalid JWT Signature."});
    let deep = "[".repeat(100_000);
    for (status, body, expected, code, message) in [
        (404, page, 502, "bad_gateway", "Error 404 (Not Found)!!1"),
        (503, page, 503, "bad_gateway", "Error 404 (Not Found)!!1"),
        (
            413,
            "<html>big",
            413,
            "request_too_large",
            "Google answered 413 and nothing else.",
        ),
        (
            500,
            "",
            500,
            "bad_gateway",
            "Google answered 500 and nothing else.",
        ),
        (
            400,
            "",
            502,
            "bad_gateway",
            "Google answered 400 and nothing else.",
        ),
        (502, " upstream down\n", 502, "bad_gateway", "upstream down"),
        (
            500,
            "{\"error\":{}}",
            500,
            "internal",
            "Google answered 500 and nothing else.",
        ),
        (500, "{\"error\":", 500, "bad_gateway", "{\"error\":"),
        (400, &older.to_string(), 401, "invalid_api_key", "m"),
        (
            400,
            &token.to_string(),
            401,
            "invalid_api_key",
            "Invalid JWT Signature.",
        ),
        (
            401,
            "{\"error\":\"invalid_client\"}",
            401,
            "invalid_api_key",
            "invalid_client",
        ),
        (
            503,
            "\u{feff}{\"message\":\"bare\"}",
            503,
            "unavailable",
            "bare",
        ),
        (500, &deep, 500, "bad_gateway", &"[".repeat(500)),
    ] {
        let got = refusal(status, &Headers::default(), body.as_bytes());
        let said: Value = serde_json::from_slice(&got.body).unwrap();
        assert_eq!(got.status, expected, "{message}");
        assert_eq!(said["error"]["code"], code, "{message}");
        assert_eq!(said["error"]["message"], message);
    }
}

#[test]
fn keys_are_not_told() {
    let key = "AIza".to_owned() + "SyB3_xyz";
    let body = error(
        403,
        "PERMISSION_DENIED",
        &format!("Consumer 'api_key:{key}' is suspended."),
    );
    let got = refusal(403, &Headers::default(), body.to_string().as_bytes());
    let said = String::from_utf8(got.body).unwrap();
    assert!(!said.contains(&key) && said.contains("'api_key:[key]' is suspended."));
}

#[test]
fn when_to_come_again() {
    let exhausted = "RESOURCE_EXHAUSTED";
    let minute = json!({"quotaId": "GenerateRequestsPerMinute"});
    let daily = json!({"quotaId": "GenerateRequestsPerDay"});
    for (body, upstream, expected) in [
        (
            error(429, exhausted, "Quota exceeded. Please retry in 850ms."),
            &[][..],
            &[("retry-after", "1"), ("retry-after-ms", "850")][..],
        ),
        (
            detailed(
                429,
                exhausted,
                "Please retry in 1s.",
                quota(minute.clone(), "34.4s"),
            ),
            &[],
            &[("retry-after", "35"), ("retry-after-ms", "34400")],
        ),
        (
            detailed(429, exhausted, "q", quota(minute, "34.4s")),
            &[("retry-after", "7")],
            &[("retry-after-ms", "7000")],
        ),
        (
            detailed(429, exhausted, "q", quota(daily, "38s")),
            &[],
            &[("x-should-retry", "false")],
        ),
        (error(503, "UNAVAILABLE", "overloaded"), &[], &[]),
    ] {
        let got = refusal(429, &headers(upstream), body.to_string().as_bytes());
        let got: Vec<_> = got
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        assert_eq!(got, expected, "{body}");
    }
}

#[test]
fn events() {
    for (event, status, code) in [
        (error(503, "UNAVAILABLE", "m"), 503, json!("unavailable")),
        (
            json!([error(429, "RESOURCE_EXHAUSTED", "m")]),
            429,
            json!("rate_limit_exceeded"),
        ),
        (
            error(503, "UNAVAILABLE", "m")["error"].clone(),
            503,
            json!("unavailable"),
        ),
        (
            json!({"error": {"status": "NOT_FOUND", "message": "m"}}),
            404,
            json!("model_not_found"),
        ),
        (
            json!({"error": {"code": "400", "message": "m"}}),
            400,
            Value::Null,
        ),
        (
            json!({"error": {"code": 14, "status": "UNAVAILABLE", "message": "m"}}),
            503,
            json!("unavailable"),
        ),
        (json!({"error": {"message": "m"}}), 500, json!("internal")),
    ] {
        let (got, body) = of_event(event.to_string().as_bytes());
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(got, status, "{event}");
        assert_eq!(body["error"]["code"], code, "{event}");
        assert_eq!(body["error"]["message"], "m", "{event}");
    }
    assert_eq!(of_event(b"nonsense").0, 502);
}

#[test]
fn a_model_is_missing() {
    let not_found = |message: &str| error(404, "NOT_FOUND", message).to_string();
    for (status, body, expected) in [
        (
            404,
            not_found("models/foo is not found for API version v1beta"),
            true,
        ),
        (
            404,
            not_found(
                "Publisher Model `projects/p/locations/l/publishers/google/models/x` was not found",
            ),
            true,
        ),
        (404, not_found("Requested entity was not found."), true),
        (
            404,
            not_found("Not found: cached content metadata for 123."),
            false,
        ),
        (404, "<html>404</html>".to_owned(), false),
        (404, String::new(), false),
        (400, not_found("models/foo is not found"), false),
    ] {
        assert_eq!(
            is_missing_model(status, body.as_bytes()),
            expected,
            "{status} {body}"
        );
    }
}

#[test]
fn how_long_a_key_is_of_no_use() {
    const TEN_MINUTES: Option<u64> = Some(600_000);
    const HOUR: Option<u64> = Some(3_600_000);
    let exhausted = "RESOURCE_EXHAUSTED";
    let denied = |message: &str| error(403, "PERMISSION_DENIED", message);
    let minute = || json!({"quotaId": "RequestsPerMinute"});
    let daily = json!({"quotaId": "RequestsPerDay"});
    for (status, body, expected) in [
        (
            400,
            error(400, "INVALID_ARGUMENT", "API key not valid."),
            TEN_MINUTES,
        ),
        (400, error(400, "INVALID_ARGUMENT", "bad"), None),
        (401, error(401, "UNAUTHENTICATED", "no"), TEN_MINUTES),
        (
            403,
            denied("Your API key was reported as leaked."),
            TEN_MINUTES,
        ),
        (
            403,
            denied("Requests to this API are blocked."),
            TEN_MINUTES,
        ),
        (
            403,
            denied("You do not have permission to access the File abc or it may not exist."),
            None,
        ),
        (
            403,
            denied("CachedContent not found (or permission denied)"),
            None,
        ),
        (
            403,
            denied(
                "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/p/locations/l/endpoints/1' (or it may not exist).",
            ),
            None,
        ),
        (
            403,
            denied(
                "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/p/locations/l/publishers/google/models/x' (or it may not exist).",
            ),
            TEN_MINUTES,
        ),
        (
            400,
            error(
                400,
                "FAILED_PRECONDITION",
                "User location is not supported for the API use.",
            ),
            None,
        ),
        (
            403,
            denied("User location is not supported for the API use."),
            None,
        ),
        (
            400,
            json!({"error": "invalid_grant", "error_description": "x"}),
            TEN_MINUTES,
        ),
        (
            429,
            detailed(429, exhausted, "q", quota(minute(), "34.4s")),
            Some(34_400),
        ),
        (
            429,
            detailed(429, exhausted, "q", quota(minute(), "65205s")),
            HOUR,
        ),
        (
            429,
            detailed(429, exhausted, "q", quota(daily, "38s")),
            HOUR,
        ),
        (429, error(429, exhausted, "limit: 0"), HOUR),
        (
            429,
            error(429, exhausted, "Please retry in 2s."),
            Some(2000),
        ),
        (429, error(429, exhausted, "q"), Some(30_000)),
        (404, error(404, "NOT_FOUND", "no"), None),
        (500, error(500, "INTERNAL", "no"), None),
        (503, error(503, "UNAVAILABLE", "no"), None),
    ] {
        let got = unusable_millis(status, &Headers::default(), body.to_string().as_bytes());
        assert_eq!(got, expected, "{body}");
    }
    let said = headers(&[("retry-after", "3")]);
    let body = error(429, exhausted, "Please retry in 2s.").to_string();
    assert_eq!(unusable_millis(429, &said, body.as_bytes()), Some(3000));
}
