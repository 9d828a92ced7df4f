//! What comes back from an upstream, and what is done about it.

use isthmus::answer::Body;

use crate::fake::{Upstream, chat, gateway, gateway_of, get, json, post, usual};

const HELLO: &str = r#"{"model":"m","messages":[]}"#;
const STREAM: &str = r#"{"model":"m","stream":true}"#;

fn answers(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Upstream {
    Upstream::Answers(status, headers.to_vec(), body)
}

#[test]
fn an_answer_is_passed_on_untouched() {
    let gateway = usual().meets(json(201, r#"{ "as" : "it is" }"#));
    let got = gateway.send(chat(HELLO));
    assert_eq!(got.status(), 201);
    assert!(matches!(got.0.body, Body::Native(_)));
    assert_eq!(got.text(), r#"{ "as" : "it is" }"#);
}

#[test]
fn of_the_upstreams_headers_the_useful_ones_reach_the_client() {
    let kept = [
        ("content-type", "application/json"),
        ("content-encoding", "gzip"),
        ("retry-after", "7"),
        ("retry-after-ms", "6500"),
        ("x-request-id", "up-1"),
        ("apim-request-id", "apim-1"),
        ("x-ms-error-code", "content_filter"),
        ("x-ratelimit-remaining-tokens", "9"),
        ("openai-processing-ms", "12"),
        ("content-disposition", "attachment; filename=\"f\""),
    ];
    let dropped = [
        ("set-cookie", "session=1"),
        ("content-length", "2"),
        ("transfer-encoding", "chunked"),
        ("connection", "keep-alive"),
        ("server", "s"),
        ("cf-ray", "r"),
        ("location", "https://resource.test/openai/files/f"),
        (
            "operation-location",
            "https://resource.test/openai/operations/o",
        ),
        ("x-ms-region", "East US"),
        ("x-ms-deployment-name", "prod"),
        ("x-ms-served-model", "gpt-4o-2024-08-06"),
        ("azureml-model-session", "d1"),
        ("policy-id", "DeploymentRatelimit-Token"),
        ("strict-transport-security", "max-age=1"),
        ("access-control-allow-origin", "https://elsewhere.test"),
    ];
    let gateway = usual().meets(answers(200, &[kept.as_slice(), &dropped].concat(), "{}"));
    let got = gateway.send(get("/v1/files/f"));
    for (name, value) in kept {
        assert_eq!(got.header(name), Some(value));
    }
    for (name, _) in &dropped[..dropped.len() - 1] {
        assert_eq!(got.header(name), None, "{name}");
    }
    assert_eq!(got.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn azures_headers_come_under_openais_names_too() {
    let azures = [
        ("apim-request-id", "apim-1"),
        ("x-rate-limit-reset-tokens", "3"),
    ];
    for status in [200, 429] {
        let gateway = usual().meets(answers(status, &azures, "{}"));
        let got = gateway.send(get("/v1/files/f"));
        assert_eq!(got.header("x-request-id"), Some("apim-1"), "{status}");
        assert_eq!(got.header("x-ratelimit-reset-tokens"), Some("3"));
        assert_eq!(got.header("x-rate-limit-reset-tokens"), None);
    }
    let both = [azures.as_slice(), &[("x-request-id", "up-1")]].concat();
    let gateway = usual().meets(answers(200, &both, "{}"));
    let got = gateway.send(get("/v1/files/f"));
    let ids = got
        .0
        .headers
        .iter()
        .filter(|(name, _)| *name == "x-request-id");
    assert_eq!(ids.collect::<Vec<_>>(), [("x-request-id", "up-1")]);
}

#[test]
fn an_event_stream_goes_through_natively_with_words_for_its_break() {
    let stream = answers(
        200,
        &[
            ("content-type", "text/event-stream; charset=utf-8"),
            ("content-encoding", "br"),
        ],
        "data: x\n\n",
    );
    let gateway = usual().meets(stream);
    let got = gateway.send(chat(STREAM));
    let Body::Events { if_broken, .. } = &got.0.body else {
        panic!("not a stream");
    };
    assert!(if_broken.starts_with("\n\ndata: {\"error\":"));
    assert!(if_broken.ends_with("data: [DONE]\n\n"));
    assert_eq!(
        got.header("content-type"),
        Some("text/event-stream; charset=utf-8")
    );
    assert_eq!(got.header("cache-control"), Some("no-cache, no-transform"));
    assert_eq!(got.header("content-encoding"), None);
    assert_eq!(
        gateway.sent().headers.get("accept-encoding"),
        Some("identity")
    );
}

#[test]
fn the_words_for_a_break_are_whole_events_of_the_operation() {
    for (path, name) in [("/v1/chat/completions", ""), ("/v1/responses", "error")] {
        let gateway = usual().meets(answers(200, &[("content-type", "text/event-stream")], ""));
        let got = gateway.send(post(path, STREAM));
        let Body::Events { if_broken, .. } = &got.0.body else {
            panic!("not a stream");
        };
        let mut decoder = isthmus::sse::Decoder::default();
        let events = decoder.push(if_broken.as_bytes()).unwrap();
        assert_eq!(events.len(), 2);
        assert_eq!(events[0].name, name);
        let error: serde_json::Value = serde_json::from_str(&events[0].data).unwrap();
        let code = if name.is_empty() {
            &error["error"]["code"]
        } else {
            &error["code"]
        };
        assert_eq!(code, "upstream_stream_broken");
        assert!(events[1].is_done());
    }
}

#[test]
fn a_refusal_of_a_stream_is_that_status_as_json() {
    let refused = answers(
        429,
        &[
            ("content-type", "application/json"),
            ("retry-after", "3"),
            ("x-ratelimit-limit-requests", "1"),
        ],
        r#"{"error":{"message":"slow down","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#,
    );
    let gateway = usual().meets(refused);
    let got = gateway.send(chat(STREAM));
    assert_eq!(got.refusal(), (429, "rate_limit_exceeded".to_owned()));
    assert_eq!(got.header("content-type"), Some("application/json"));
    assert_eq!(got.header("retry-after"), Some("3"));
    assert_eq!(got.header("x-ratelimit-limit-requests"), Some("1"));
}

/// What upstreams say -> what OpenAI's clients can read.
#[test]
fn every_refusal_has_openais_shape() {
    for (status, said, message, kind, code) in [
        (
            400,
            r#"{"error":{"message":"m","type":"t","param":"p","code":"c","innererror":{"x":1}}}"#,
            "m",
            "t",
            "c",
        ),
        (
            401,
            r#"{"error":{"message":"m"}}"#,
            "m",
            "authentication_error",
            "",
        ),
        (403, r#"{"error":"no"}"#, "no", "permission_error", ""),
        (
            404,
            r#"{"detail":"Not Found"}"#,
            "Not Found",
            "not_found_error",
            "",
        ),
        (
            422,
            r#"{"detail":[{"loc":["body"]}]}"#,
            r#"[{"loc":["body"]}]"#,
            "invalid_request_error",
            "",
        ),
        (
            400,
            r#"{"object":"error","message":"m","type":"BadRequest","code":"c"}"#,
            "m",
            "invalid_request_error",
            "c",
        ),
        (
            502,
            "<html>Bad Gateway</html>",
            "<html>Bad Gateway</html>",
            "server_error",
            "",
        ),
        (
            500,
            "",
            "The upstream answered 500 and nothing else.",
            "server_error",
            "",
        ),
        (429, "[]", "[]", "rate_limit_error", ""),
    ] {
        let gateway = usual().meets(json(status, said));
        let got = gateway.send(chat(HELLO));
        assert_eq!(got.refusal(), (status, code.to_owned()), "{said}");
        assert_eq!(got.message(), message);
        assert_eq!(got.json()["error"]["type"], kind);
    }
}

#[test]
fn a_refusal_in_openais_shape_stays_as_it_is_to_the_byte() {
    let said = r#"{ "error" : {"message":"m", "type":"t","param":null,"code":null, "x": 1e0} }"#;
    let gateway = usual().meets(json(400, said));
    assert_eq!(gateway.send(chat(HELLO)).text(), said);
}

#[test]
fn a_redirect_is_not_followed() {
    let gateway = usual().meets(answers(302, &[("location", "https://elsewhere.test/")], ""));
    let got = gateway.send(chat(HELLO));
    assert_eq!(got.refusal(), (502, "upstream_redirect".to_owned()));
    assert_eq!(got.header("location"), None);
}

#[test]
fn an_upstream_out_of_reach_is_told_apart_from_a_slow_one() {
    let unreachable = usual().meets(Upstream::Unreachable);
    assert_eq!(
        unreachable.send(chat(HELLO)).refusal(),
        (502, "upstream_unreachable".to_owned())
    );
    assert_eq!(unreachable.line()["detail"], "refused");
    let slow = usual().meets(Upstream::TimesOut);
    let got = slow.send(chat(HELLO));
    assert_eq!(got.refusal(), (504, "upstream_timeout".to_owned()));
    assert!(got.message().contains("300 seconds"));
}

#[test]
fn timeouts_are_the_providers() {
    let gateway = gateway([
        ("UPSTREAM_TIMEOUT", "20"),
        ("OPENAI_BASE_URL", "https://flat.test"),
        ("ALLOW_ANONYMOUS", "true"),
        (
            "GATEWAY",
            r#"{"providers": {"quick": {"kind": "openai", "endpoint": "https://q.test", "upstream_timeout": 5}}}"#,
        ),
    ])
    .meets(json(200, "{}"))
    .meets(json(200, "{}"));
    gateway.send(chat(HELLO));
    assert_eq!(gateway.sent().timeout_millis, 20_000);
    gateway.send(chat(r#"{"model":"quick/m"}"#));
    assert_eq!(gateway.sent().timeout_millis, 5_000);
}

const TWO: [(&str, &str); 2] = [
    ("ALLOW_ANONYMOUS", "true"),
    (
        "GATEWAY",
        r#"{"providers": {"a": {"kind": "openai", "endpoint": "https://a.test"},
                          "b": {"kind": "openai", "endpoint": "https://b.test"}},
            "models": {"m": {"targets": ["a/one", {"to": "b/two"}]}}}"#,
    ),
];

#[test]
fn the_next_target_is_tried_when_it_may_do_better() {
    for first in [
        json(500, "{}"),
        json(503, "{}"),
        json(429, "{}"),
        json(408, "{}"),
        Upstream::Unreachable,
        Upstream::TimesOut,
        answers(302, &[], ""),
    ] {
        let gateway = gateway(TWO).meets(first).meets(json(200, r#"{"ok":true}"#));
        let got = gateway.send(chat(r#"{"model":"m"}"#));
        if got.status() == 502 {
            // A redirect is an answer: of that upstream, not of this call.
            assert_eq!(got.refusal().1, "upstream_redirect");
            continue;
        }
        assert_eq!(got.text(), r#"{"ok":true}"#);
        assert_eq!(got.header("x-isthmus-attempts"), Some("2"));
        assert_eq!(got.header("x-isthmus-target"), Some("b/two"));
        let second = gateway.sent();
        assert_eq!(
            (second.url.as_str(), second.body.as_str()),
            ("https://b.test/v1/chat/completions", r#"{"model":"two"}"#)
        );
        assert_eq!(gateway.sent().body, r#"{"model":"one"}"#);
    }
}

#[test]
fn a_clients_own_mistake_is_never_tried_twice() {
    for status in [400, 401, 404, 413, 422] {
        let gateway = gateway(TWO).meets(json(status, "{}"));
        let got = gateway.send(chat(r#"{"model":"m"}"#));
        assert_eq!(got.status(), status);
        assert_eq!(got.header("x-isthmus-attempts"), Some("1"));
    }
}

#[test]
fn when_all_targets_fail_the_last_one_is_heard() {
    let gateway = gateway(TWO)
        .meets(Upstream::Unreachable)
        .meets(json(503, r#"{"error":{"message":"busy"}}"#));
    let got = gateway.send(chat(r#"{"model":"m"}"#));
    assert_eq!(got.status(), 503);
    assert_eq!(got.message(), "busy");
}

#[test]
fn a_form_is_tried_again_as_far_as_it_can_be_held() {
    for (size, statuses, expected) in [(100, &[500, 200][..], 200), (1000, &[500][..], 500)] {
        let file = "x".repeat(size);
        let form = format!(
            "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--b\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n{file}\r\n--b--\r\n"
        );
        let settings = TWO.into_iter().chain([("MAX_MULTIPART_BUFFER", "600")]);
        let gateway = gateway_of(settings);
        for status in statuses {
            gateway.script(json(*status, "{}"));
        }
        let request = crate::fake::ask("POST", "/v1/audio/transcriptions")
            .header("content-type", "multipart/form-data; boundary=b")
            .body(form.as_bytes(), 50);
        assert_eq!(gateway.send(request).status(), expected, "{size}");
        let sent = gateway.platform.sent.borrow();
        assert!(sent.iter().all(|it| it.body.contains(&file)), "{size}");
    }
}

#[test]
fn an_answer_without_a_body_is_no_stream() {
    for (method, status) in [("POST", 204), ("GET", 304), ("HEAD", 200)] {
        let gateway = usual().meets(answers(
            status,
            &[("content-type", "text/event-stream")],
            "",
        ));
        let got = gateway.send(crate::fake::ask(method, "/v1/files/f").key("client-key"));
        assert_eq!(got.status(), status);
        assert!(matches!(got.0.body, Body::Native(_)));
        assert_eq!(gateway.line()["status"], status);
    }
}

#[test]
fn a_status_that_means_nothing_is_the_upstreams_mistake() {
    for status in [0, 100, 600, 999] {
        let gateway = usual().meets(answers(status, &[], ""));
        assert_eq!(
            gateway.send(chat(HELLO)).refusal(),
            (502, "upstream_nonsense".to_owned())
        );
    }
}
