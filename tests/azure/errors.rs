//! Azure's refusals, as they were seen in the wild, and what OpenAI's clients get of each.

use isthmus::azure::errors;
use isthmus::dialect::Refusal;
use isthmus::headers::Headers;
use serde_json::{Value, json};

fn headers(list: &[(&str, &str)]) -> Headers {
    let mut headers = Headers::default();
    for (name, value) in list {
        headers.push(name, value);
    }
    headers
}

/// To a call with the gateway's own credential.
fn refused(status: u16, body: &str) -> Refusal {
    errors::refusal(status, &Headers::default(), body.as_bytes(), true)
}

fn error(refusal: &Refusal) -> Value {
    let mut whole: Value = serde_json::from_slice(&refusal.body).unwrap();
    assert_eq!(whole.as_object().unwrap().len(), 1, "{whole}");
    whole["error"].take()
}

#[track_caller]
fn check(status: u16, body: &str, expected_status: u16, expected: &Value) {
    let got = refused(status, body);
    assert_eq!(got.status, expected_status, "{body}");
    assert_eq!(&error(&got), expected, "{body}");
}

#[test]
fn what_is_right_keeps_every_byte() {
    for (status, body) in [
        (
            400,
            r#"{ "error": {"message":"Unsupported parameter: 'max_tokens'", "type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter" } }"#,
        ),
        (
            400,
            r#"{"error":{"code":null,"param":null,"type":"invalid_request_error","message":"m"}}"#,
        ),
        (
            500,
            r#"{"error":{"message":"The server had an error. Sorry about that!","type":"server_error","param":null,"code":null}}"#,
        ),
        (
            400,
            r#"{"error":{"message":"m\n","type":"invalid_request_error","param":null,"code":"x"}}"#,
        ),
        (
            429,
            r#"{"error":{"message":"m","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
        ),
        (
            400,
            r#"{"error":{"message":"m","type":"invalid_request_error","param":"prompt","code":"content_filter","content_filters":[{"blocked":true,"content_filter_offsets":{"start_offset":0}}]}}"#,
        ),
    ] {
        let got = refused(status, body);
        assert_eq!(String::from_utf8(got.body).unwrap(), body);
        assert_eq!(got.status, status);
        assert_eq!(got.detail, None);
    }
}

#[test]
fn members_come_in_openais_order() {
    let got = refused(
        404,
        r#"{"error":{"code":"404","message":"Resource not found"}}"#,
    );
    assert_eq!(
        String::from_utf8(got.body).unwrap(),
        r#"{"error":{"message":"Resource not found","type":"invalid_request_error","param":null,"code":"not_found"}}"#
    );
}

#[test]
fn each_shape_is_brought_into_openais() {
    let flat = |message, kind, param: Value, code: Value| json!({"message": message, "type": kind, "param": param, "code": code});
    let invalid = "invalid_request_error";
    let none = || Value::Null;
    for (status, body, expected) in [
        // The service's, with nulls.
        (
            400,
            r#"{"error":{"message":"bad","type":null,"param":"messages","code":"invalid_value"}}"#,
            flat("bad", invalid, "messages".into(), "invalid_value".into()),
        ),
        // The gateway's in front of it.
        (
            404,
            r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#,
            flat(
                "The API deployment for this resource does not exist.",
                invalid,
                none(),
                "model_not_found".into(),
            ),
        ),
        (
            400,
            r#"{"error":{"code":"BadRequest","message":"API version not supported"}}"#,
            flat(
                "API version not supported",
                invalid,
                none(),
                "BadRequest".into(),
            ),
        ),
        (
            400,
            r#"{"error":{"code":"400","message":"m"}}"#,
            flat("m", invalid, none(), "bad_request".into()),
        ),
        // API Management's.
        (
            429,
            r#"{"statusCode":429,"message":"Rate limit is exceeded. Try again in 12 seconds."}"#,
            flat(
                "Rate limit is exceeded. Try again in 12 seconds.",
                "rate_limit_error",
                none(),
                "rate_limit_exceeded".into(),
            ),
        ),
        (
            500,
            r#"{"statusCode":500,"message":"Internal server error","activityId":"a"}"#,
            flat("Internal server error", "server_error", none(), none()),
        ),
        // Validators'.
        (
            422,
            r#"{"detail":[{"type":"missing","loc":["body","messages",0,"content"],"msg":"Field required"},{"loc":["query","n"],"msg":"too many"}]}"#,
            flat(
                "messages.0.content: Field required; query.n: too many",
                invalid,
                "messages.0.content".into(),
                none(),
            ),
        ),
        (
            405,
            r#"{"detail":"Method Not Allowed"}"#,
            flat("Method Not Allowed", invalid, none(), none()),
        ),
        // vLLM's: the number says no more than the status.
        (
            400,
            r#"{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400}"#,
            flat(
                "This model's maximum context length is 4096 tokens.",
                "BadRequestError",
                none(),
                "context_length_exceeded".into(),
            ),
        ),
        // A serverless host's.
        (
            404,
            r#"{"status":"Serverless endpoint not found"}"#,
            flat(
                "Serverless endpoint not found",
                invalid,
                none(),
                "not_found".into(),
            ),
        ),
        (
            404,
            "Serverless endpoint not found",
            flat(
                "Serverless endpoint not found",
                invalid,
                none(),
                "not_found".into(),
            ),
        ),
        // Entra's.
        (
            400,
            r#"{"error":"invalid_scope","error_description":"The scope is not valid.","error_codes":[70011]}"#,
            flat("The scope is not valid.", invalid, none(), none()),
        ),
        (
            404,
            r#"{"error":"Not Found","message":"no such thing"}"#,
            flat("no such thing", invalid, none(), "not_found".into()),
        ),
        // An online endpoint's, which says where it stands.
        (
            424,
            r#"{"error":{"code":"UserError","message":"m","environment":"eastus2","location":"eastus2"}}"#,
            flat("m", "server_error", none(), "UserError".into()),
        ),
        (
            408,
            r#"{"error":{"code":"Timeout","message":"The operation was timeout."}}"#,
            flat(
                "The operation was timeout.",
                "server_error",
                none(),
                "timeout".into(),
            ),
        ),
        (
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            flat(
                "Overloaded",
                "overloaded_error",
                none(),
                "overloaded".into(),
            ),
        ),
        // Pages, and nothing.
        (
            502,
            "<html><head><title>502 Bad Gateway</title></head></html>",
            flat(
                "502 Bad Gateway",
                "server_error",
                none(),
                "service_unavailable".into(),
            ),
        ),
        (
            503,
            "no healthy upstream",
            flat(
                "no healthy upstream",
                "server_error",
                none(),
                "service_unavailable".into(),
            ),
        ),
        (
            504,
            "",
            flat(
                "HTTP 504 from upstream",
                "server_error",
                none(),
                "timeout".into(),
            ),
        ),
        (
            500,
            r#"{"error":{}}"#,
            flat("HTTP 500 from upstream", "server_error", none(), none()),
        ),
        (400, "null", flat("null", invalid, none(), none())),
    ] {
        check(status, body, status, &expected);
    }
}

#[test]
fn azures_own_members_stay() {
    check(
        422,
        r#"{"error":{"code":"Invalid input","message":"{\"detail\": [{\"type\": \"extra_forbidden\", \"loc\": [\"body\", \"stream_options\", \"include_usage\"], \"msg\": \"Extra inputs are not permitted\", \"input\": true}]}","status":422}}"#,
        422,
        &json!({
            "message": "stream_options.include_usage: Extra inputs are not permitted",
            "type": "invalid_request_error",
            "param": "stream_options.include_usage",
            "code": "Invalid input",
            "status": 422,
        }),
    );
    check(
        422,
        r#"{"status":422,"code":"parameter_not_supported","detail":{"loc":["body","response_format"],"input":"json_object"},"message":"One of the parameters contain invalid values."}"#,
        422,
        &json!({
            "message": "One of the parameters contain invalid values.",
            "type": "invalid_request_error",
            "param": "response_format",
            "code": "parameter_not_supported",
            "status": 422,
            "detail": {"loc": ["body", "response_format"], "input": "json_object"},
        }),
    );
    check(
        409,
        r#"{"error":{"code":"conflict","message":"busy","target":"job","details":[{"code":"x","message":"y"}]}}"#,
        409,
        &json!({
            "message": "busy",
            "type": "invalid_request_error",
            "param": null,
            "code": "conflict",
            "target": "job",
            "details": [{"code": "x", "message": "y"}],
        }),
    );
}

#[test]
fn the_content_filter_is_known_by_its_codes() {
    let with_inner = |name: &str, code: &str| {
        format!(
            r#"{{"error":{{"message":"m","code":{code},"{name}":{{"code":"ResponsibleAIPolicyViolation"}}}}}}"#
        )
    };
    for (status, body, code) in [
        (400, r#"{"status":400,"code":"content_filter","message":"m","param":"messages","type":null}"#.to_owned(), "content_filter"),
        (400, with_inner("innererror", "null"), "content_filter"),
        (400, with_inner("inner_error", "\"400\""), "content_filter"),
        (403, with_inner("innererror", "403"), "content_filter"),
        (400, with_inner("inner_error", "\"content_policy_violation\""), "content_policy_violation"),
        (400, r#"{"created":1,"error":{"code":"contentFilter","message":"m"}}"#.to_owned(), "content_policy_violation"),
        (400, r#"{"error":{"code":"moderation_blocked","message":"m"}}"#.to_owned(), "moderation_blocked"),
        (500, r#"{"error":{"code":"x","message":"m","innererror":{"innererror":{"code":"ResponsibleAIPolicyViolation"}}}}"#.to_owned(), "content_filter"),
    ] {
        let got = refused(status, &body);
        let error = error(&got);
        assert_eq!(got.status, 400, "{body}");
        assert_eq!(error["code"], code, "{body}");
        assert_eq!(error["type"], "invalid_request_error", "{body}");
    }
    let text = r#"{"error":{"code":null,"message":"The response was filtered by our content management policy"}}"#;
    assert_eq!(error(&refused(400, text))["code"], Value::Null);
    let named = headers(&[("x-ms-error-code", "content_filter")]);
    let got = errors::refusal(400, &named, b"The response was filtered", true);
    assert_eq!(error(&got)["code"], "content_filter");
}

#[test]
fn too_many_calls_are_told_apart() {
    for (status, code, message, kind, expected) in [
        (
            429,
            "429",
            "have exceeded token rate limit of your tier",
            "tokens",
            "rate_limit_exceeded",
        ),
        (
            429,
            "RateLimitReached",
            "have exceeded the call rate limit for your tier",
            "requests",
            "rate_limit_exceeded",
        ),
        (
            429,
            "NoCapacity",
            "high demand",
            "rate_limit_error",
            "rate_limit_exceeded",
        ),
        (
            429,
            "insufficient_quota",
            "You exceeded your current quota",
            "insufficient_quota",
            "insufficient_quota",
        ),
        (
            403,
            "403",
            "Out of call volume quota for the API. Quota will be replenished in 00:01:05.",
            "rate_limit_error",
            "rate_limit_exceeded",
        ),
        (
            403,
            "403",
            "Token quota is exceeded. Try again in 12 seconds.",
            "rate_limit_error",
            "rate_limit_exceeded",
        ),
    ] {
        let body = json!({"error": {"code": code, "message": message}}).to_string();
        check(
            status,
            &body,
            429,
            &json!({"message": message, "type": kind, "param": null, "code": expected}),
        );
    }
}

#[test]
fn a_forbidden_stream_is_a_wrong_request() {
    check(
        403,
        r#"{"statusCode":403,"message":"Streaming requests are not yet allowed."}"#,
        400,
        &json!({
            "message": "Streaming requests are not yet allowed.",
            "type": "invalid_request_error",
            "param": null,
            "code": null,
        }),
    );
}

#[test]
fn our_own_credential_is_nobodys_business() {
    let key = "0123456789abcdef0123456789ABCDEF";
    for (status, body) in [
        (401, r#"{"statusCode":401,"message":"Access denied due to missing subscription key."}"#.to_owned()),
        (401, r#"{"error":{"code":"PermissionDenied","message":"Access denied: the principal lacks the required data action"}}"#.to_owned()),
        (403, r#"{"error":{"code":"AuthenticationTypeDisabled","message":"Access denied: key based authentication is disabled"}}"#.to_owned()),
        (403, "Access denied due to Virtual Network/Firewall rules.".to_owned()),
        (401, format!(r#"{{"error":{{"code":"401","message":"Access denied. Key {key} is unknown at https://prod-res.openai.azure.com/openai/x?api-version=y or prod-res.services.ai.azure.com."}}}}"#)),
    ] {
        let got = refused(status, &body);
        assert_eq!(got.status, 502);
        assert_eq!(got.headers, [("x-should-retry", "false".to_owned())]);
        let error = error(&got);
        assert_eq!(error["code"], "upstream_auth_error");
        assert_eq!(error["type"], "server_error");
        assert_eq!(error["param"], Value::Null);
        assert!(!error["message"].as_str().unwrap().contains("Access denied"));
        let detail = got.detail.unwrap();
        assert!(detail.contains("Access denied") && detail.starts_with(&status.to_string()), "{detail}");
        assert!(!detail.contains(key) && !detail.contains("prod-res"), "{detail}");
        assert!(detail.len() <= 500);
    }
    let long = format!(r#"{{"message":"{}"}}"#, "word ".repeat(1000));
    assert_eq!(refused(401, &long).detail.unwrap().chars().count(), 500);
    let quota = r#"{"error":{"code":"quotaExceeded","message":"m"}}"#;
    assert_eq!(refused(403, quota).status, 403);
}

#[test]
fn the_clients_own_credential_is_the_clients() {
    for (status, body, code) in [
        (
            401,
            r#"{"error":{"code":"401","message":"Access denied"}}"#,
            json!("invalid_api_key"),
        ),
        (
            401,
            r#"{"error":{"code":"PermissionDenied","message":"Access denied"}}"#,
            json!("invalid_api_key"),
        ),
        (
            403,
            r#"{"error":{"code":"AuthenticationTypeDisabled","message":"Access denied"}}"#,
            json!("AuthenticationTypeDisabled"),
        ),
        (
            403,
            r#"{"error":{"code":"403","message":"Access denied"}}"#,
            Value::Null,
        ),
    ] {
        let got = errors::refusal(status, &Headers::default(), body.as_bytes(), false);
        assert_eq!((got.status, got.detail.as_ref()), (status, None));
        let expected = json!({"message": "Access denied", "type": "invalid_request_error", "param": null, "code": code});
        assert_eq!(error(&got), expected);
    }
}

#[test]
fn nothing_tells_where_the_upstream_lives() {
    for (said, heard) in [
        (
            "Call to https://res.openai.azure.com/openai/x?a=b failed.",
            "Call to [address] failed.",
        ),
        (
            "No host (res.services.ai.azure.com).",
            "No host ([address]).",
        ),
        (
            "At HTTPS://EASTUS2.api.cognitive.microsoft.com/: no",
            "At [address] no",
        ),
        (
            "From https://llm.corp.test/openai/deployments/prod/chat/completions: 1",
            "From [address] 1",
        ),
        (
            "Scope /subscriptions/s/resourceGroups/g is full",
            "Scope [address] is full",
        ),
        (
            "Key 0123456789abcdef0123456789abcdef is old",
            "Key [key] is old",
        ),
        ("key=sk-abcdefghijklmnop", "key=[key]"),
        (
            "the request ID 0123456789abcdef0123456789abcdef in",
            "the request ID 0123456789abcdef0123456789abcdef in",
        ),
        (
            "No file-0123456789abcdef0123456789abcdef",
            "No file-0123456789abcdef0123456789abcdef",
        ),
        (
            "audience is incorrect (https://ai.azure.com).",
            "audience is incorrect (https://ai.azure.com).",
        ),
        (
            "See https://go.microsoft.com/fwlink/?linkid=2198766 or https://aka.ms/oai/quotaincrease.",
            "See https://go.microsoft.com/fwlink/?linkid=2198766 or https://aka.ms/oai/quotaincrease.",
        ),
        (
            "https://learn.microsoft.com/azure/ai-services/openai/reference?x",
            "https://learn.microsoft.com/azure/ai-services/openai/reference?x",
        ),
        (
            "Cannot fetch https://example.com/cat.png – “really”?",
            "Cannot fetch https://example.com/cat.png – “really”?",
        ),
    ] {
        let body = json!({"error": {"message": said, "innererror": {"all": [said]}}}).to_string();
        let error = error(&refused(400, &body));
        assert_eq!(error["message"], heard);
        let inner = error["innererror"]["all"][0].as_str().unwrap();
        assert_eq!(
            inner.contains("[address]"),
            heard.contains("[address]"),
            "{inner}"
        );
    }
}

#[test]
fn when_to_come_again_is_said_twice_and_the_same() {
    let nothing: &[(&str, &str)] = &[];
    for (given, message, seconds, millis) in [
        (
            &[("retry-after", "45"), ("retry-after-ms", "45000")][..],
            "",
            None,
            None,
        ),
        (&[("retry-after", "7")], "", None, Some("7000")),
        (&[("retry-after", "1.5")], "", None, Some("1500")),
        (&[("retry-after-ms", "800")], "", Some("1"), None),
        (&[("retry-after-ms", "2000.0")], "", Some("2"), None),
        (
            &[("x-ms-retry-after-ms", "1200")],
            "",
            Some("2"),
            Some("1200"),
        ),
        (
            &[("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT")],
            "Try again in 3 seconds",
            None,
            None,
        ),
        (&[("retry-after", "-1")], "", None, None),
        (
            nothing,
            "Please retry after 45 seconds. Or not.",
            Some("45"),
            Some("45000"),
        ),
        (
            nothing,
            "Retry after 300 milliseconds",
            Some("1"),
            Some("300"),
        ),
        (
            nothing,
            "Try again in 12 seconds.",
            Some("12"),
            Some("12000"),
        ),
        (
            nothing,
            "Retry after a while, or try again in 1.25s",
            Some("2"),
            Some("1250"),
        ),
        (
            nothing,
            "try again in 2 minutes",
            Some("120"),
            Some("120000"),
        ),
        (
            nothing,
            "Please retry after 86400 seconds",
            Some("86400"),
            Some("86400000"),
        ),
        (
            nothing,
            "Quota will be replenished in 1.02:03:04.",
            Some("93784"),
            Some("93784000"),
        ),
        (
            nothing,
            "retry after 99999999999999999999 seconds",
            None,
            None,
        ),
        (nothing, "retry after some seconds", None, None),
        (nothing, "retry after 45", None, None),
    ] {
        let body = json!({"statusCode": 429, "message": message}).to_string();
        let got = errors::refusal(429, &headers(given), body.as_bytes(), true);
        let said = |name| {
            let found = got.headers.iter().find(|(it, _)| *it == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(said("retry-after"), seconds, "{given:?} {message}");
        assert_eq!(said("retry-after-ms"), millis, "{given:?} {message}");
    }
    let wrong = refused(400, r#"{"error":{"message":"Try again in 12 seconds"}}"#);
    assert_eq!(wrong.headers, []);
}

#[test]
fn a_missing_deployment_is_not_a_wrong_path() {
    for (status, body, is_missing) in [
        (
            404,
            r#"{"error":{"code":"DeploymentNotFound","message":"m"}}"#,
            true,
        ),
        (
            404,
            r#"{"error":{"code":"404","message":"The API deployment for this resource does not exist. If you"}}"#,
            true,
        ),
        (
            404,
            r#"{"error":{"code":"model_not_found","message":"m"}}"#,
            true,
        ),
        (
            404,
            r#"{"error":{"message":"The requested model 'x' does not exist."}}"#,
            true,
        ),
        (
            404,
            r#"{"error":{"message":"The model `x` does not exist or you do not have access to it."}}"#,
            true,
        ),
        (
            404,
            r#"{"error":{"code":"unknown_model","message":"m"}}"#,
            true,
        ),
        (
            400,
            r#"{"error":{"code":"BadRequest","message":"Unknown model: claude"}}"#,
            true,
        ),
        (
            404,
            r#"{"error":{"code":"404","message":"Resource not found"}}"#,
            false,
        ),
        (404, r#"{"status":"Serverless endpoint not found"}"#, false),
        (
            404,
            r#"{"error":{"message":"The file does not exist"}}"#,
            false,
        ),
        (404, "", false),
        (
            403,
            r#"{"error":{"code":"DeploymentNotFound","message":"m"}}"#,
            false,
        ),
        (
            400,
            r#"{"error":{"code":"BadRequest","message":"no"}}"#,
            false,
        ),
    ] {
        assert_eq!(
            errors::is_missing_deployment(status, body.as_bytes()),
            is_missing,
            "{body}"
        );
    }
}

#[test]
fn the_last_404_says_what_was_tried() {
    let body = br#"{"error":{"code":"DeploymentNotFound","message":"The API deployment does not exist."}}"#;
    let hostile = "\"}],\n<b>".to_owned();
    let got = errors::not_found(
        &["gpt-4o".to_owned(), hostile.clone(), "x".repeat(1000)],
        body,
    );
    assert_eq!(got.status, 404);
    let said = error(&got);
    assert_eq!(said["code"], "model_not_found");
    assert_eq!(said["param"], "model");
    let message = said["message"].as_str().unwrap();
    assert!(
        message.starts_with("The API deployment does not exist. "),
        "{message}"
    );
    for part in [
        "`gpt-4o`",
        &hostile,
        "AZURE_OPENAI_MODEL_MAPPER",
        "GATEWAY.providers.NAME.deployments",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let many: Vec<String> = (0..1000)
        .map(|at| format!("{at}-{}", "n".repeat(200)))
        .collect();
    let got = errors::not_found(&many, b"");
    assert!(got.body.len() < 2000);
    assert!(
        error(&got)["message"]
            .as_str()
            .unwrap()
            .contains("992 more")
    );
}

#[test]
fn an_error_under_success_has_the_status_it_deserves() {
    for (body, status) in [
        (
            r#"{"created":1,"error":{"code":"contentFilter","message":"m"}}"#,
            400,
        ),
        (r#"{"error":{"code":"x","message":"m"}}"#, 500),
        (r#"{"error":{"code":"429","message":"m"}}"#, 429),
        (
            r#"{"error":{"code":"RateLimitReached","message":"m"}}"#,
            429,
        ),
        (r#"{"error":{"status":422,"message":"m"}}"#, 422),
        (r#"{"error":{"status":200,"message":"m"}}"#, 500),
        (
            r#"{"error":{"type":"invalid_request_error","message":"m"}}"#,
            400,
        ),
        (r#"{"error":"broken"}"#, 500),
    ] {
        assert_eq!(errors::status_in_success(body.as_bytes()), status, "{body}");
    }
}

#[test]
fn nothing_breaks_it() {
    let deep = "{\"error\":".repeat(200) + "1" + &"}".repeat(200);
    for body in [
        "[]",
        "{",
        "1",
        "\"words\"",
        "{\"error\":[1]}",
        "{\"detail\":{}}",
        "{\"detail\":[]}",
        "{\"detail\":[{\"loc\":[]}]}",
        "<",
        "<title>",
        "\u{feff}{}",
        &deep,
        "{\"error\":{\"message\":{\"a\":1}}}",
    ] {
        for status in [400, 401, 403, 404, 408, 429, 500, 529] {
            let got = refused(status, body);
            let error = error(&got);
            assert!(
                error["message"].as_str().is_some_and(|it| !it.is_empty()),
                "{body}"
            );
        }
    }
    errors::refusal(500, &Headers::default(), b"\xff\xfe", true);
}
