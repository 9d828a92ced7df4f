//! Who may call, from where, and whose credential goes along.

use isthmus::clients::Key;

use crate::fake::{Ask, ask, chat, gateway, get, json, post, usual};

const HELLO: &str = r#"{"model":"m","messages":[]}"#;

fn hello() -> Ask {
    ask("POST", "/v1/chat/completions").json(HELLO)
}

#[test]
fn a_key_is_taken_in_every_style_clients_have() {
    for (name, value) in [
        ("authorization", "Bearer client-key"),
        ("authorization", "bearer   client-key "),
        ("authorization", "client-key"),
        ("api-key", "client-key"),
        ("x-api-key", "client-key"),
        ("x-goog-api-key", "client-key"),
    ] {
        let gateway = usual().meets(json(200, "{}"));
        assert_eq!(
            gateway.send(hello().header(name, value)).status(),
            200,
            "{name}: {value}"
        );
        let sent = gateway.sent();
        assert_eq!(
            sent.headers.get("authorization"),
            Some("Bearer upstream-key")
        );
        assert!(!sent.headers.as_packed().contains("client-key"));
    }
}

#[test]
fn strangers_are_told_what_is_missing() {
    for (header, code) in [
        (None, "missing_api_key"),
        (Some(("authorization", "Basic dXNlcg==")), "missing_api_key"),
        (Some(("authorization", "Bearer ")), "missing_api_key"),
        (Some(("authorization", "Bearer wrong")), "invalid_api_key"),
        (Some(("api-key", "client-key2")), "invalid_api_key"),
        (Some(("x-api-key", "client-ke")), "invalid_api_key"),
    ] {
        let gateway = usual();
        let request = header.map_or_else(hello, |(name, value)| hello().header(name, value));
        let got = gateway.send(request);
        assert_eq!(got.refusal(), (401, code.to_owned()), "{header:?}");
        assert!(gateway.asked_nobody());
    }
}

#[test]
fn the_key_is_checked_before_the_body_is_looked_at() {
    let got = usual().send(ask("POST", "/v1/chat/completions").json("{ not json"));
    assert_eq!(got.status(), 401);
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// As `printf %s hashed-key | sha256sum` has it.
#[test]
fn a_digest_is_what_everybody_calls_sha_256() {
    assert_eq!(
        hex(&Key::digest_of("hashed-key")),
        "a4ae87b73fa5645e6aee415a6f72be4dcbd99d057a7b40cb1b867c181d179260"
    );
}

#[test]
fn keys_may_be_named_limited_and_hashed() {
    let digest_of = |key: &str| hex(&Key::digest_of(key));
    let keys = format!(
        " plain , bob:bobs-key,, carol:carols-key:gpt-4o*|o3 , sha256:{}, dave:sha256:{}:m, frank:franks-key:, grace:graces-key: | ",
        digest_of("hashed-key"),
        digest_of("daves-key"),
    );
    for (key, model, outcome) in [
        ("plain", "m", Ok("key-1")),
        ("bobs-key", "m", Ok("bob")),
        ("carols-key", "GPT-4o-mini", Ok("carol")),
        ("carols-key", "o3", Ok("carol")),
        ("carols-key", "o3-mini", Err(403)),
        ("carols-key", "m", Err(403)),
        ("hashed-key", "m", Ok("key-5")),
        ("daves-key", "m", Ok("dave")),
        ("daves-key", "n", Err(403)),
        ("sha256", "m", Err(401)),
        ("gpt-4o*", "m", Err(401)),
        ("franks-key", "m", Err(401)),
        ("graces-key", "m", Err(401)),
    ] {
        let gateway = gateway([
            ("OPENAI_API_KEY", "upstream-key"),
            ("PROXY_API_KEYS", keys.as_str()),
        ])
        .meets(json(200, "{}"));
        let body = format!(r#"{{"model":"{model}"}}"#);
        let got = gateway.send(ask("POST", "/v1/chat/completions").key(key).json(&body));
        match outcome {
            Ok(name) => {
                assert_eq!(got.status(), 200, "{key} {model}");
                assert_eq!(gateway.line()["client"], name);
            }
            Err(status) => assert_eq!(got.status(), status, "{key} {model}"),
        }
    }
}

#[test]
fn a_key_limited_to_models_opens_only_calls_that_name_one() {
    let limited = || {
        gateway([
            ("OPENAI_API_KEY", "upstream-key"),
            ("PROXY_API_KEYS", "eve:client-key:cheap-*"),
        ])
    };
    for request in [
        get("/v1/files"),
        get("/v1/responses/r-1?model=cheap-1"),
        post("/v1/batches", r#"{"input_file_id":"f"}"#),
        post("/v1/responses", r#"{"prompt":{"id":"p"}}"#),
        post(
            "/v1/chat/completions",
            r#"{"model":"cheap-1","model":"dear-1"}"#,
        ),
        post("/v1/moderations", r#"{"model":"dear-1"}"#),
        post("/v1/batches", r#"{"model":"cheap-1","input_file_id":"f"}"#),
        post("/v1/engines/cheap-1/files", "{}"),
        get("/v1/models/dear-1"),
    ] {
        let gateway = limited();
        assert_eq!(
            gateway.send(request).refusal(),
            (403, "model_not_allowed".to_owned())
        );
        assert!(gateway.asked_nobody());
    }
}

#[test]
fn a_second_model_in_other_capitals_does_not_slip_past_a_limit() {
    let body = r#"{"model":"cheap-1","Model":"dear-1"}"#;
    let keys = [
        ("OPENAI_API_KEY", "upstream-key"),
        ("PROXY_API_KEYS", "eve:client-key:cheap-*,all:other-key"),
    ];
    assert_eq!(
        gateway(keys).send(chat(body)).refusal(),
        (400, "invalid_model".to_owned())
    );
    let unlimited = gateway(keys).meets(json(200, "{}"));
    assert_eq!(unlimited.send(hello().key("other-key")).status(), 200);
}

#[test]
fn a_second_model_in_a_form_does_not_slip_past_a_limit() {
    let form = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ncheap-1\r\n\
                --b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ndear-1\r\n--b--\r\n";
    let gateway = gateway([
        ("OPENAI_API_KEY", "upstream-key"),
        ("PROXY_API_KEYS", "eve:client-key:cheap-*"),
    ]);
    let request = ask("POST", "/v1/audio/transcriptions")
        .key("client-key")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(form.as_bytes(), 9);
    assert_eq!(gateway.send(request).status(), 400);
    assert!(gateway.asked_nobody());
}

#[test]
fn a_credential_without_client_keys_serves_nobody() {
    let gateway = gateway([("OPENAI_API_KEY", "upstream-key")]);
    let got = gateway.send(chat(HELLO));
    assert_eq!(got.refusal(), (403, "gateway_closed".to_owned()));
    assert!(got.message().contains("PROXY_API_KEYS") && got.message().contains("ALLOW_ANONYMOUS"));
    assert!(gateway.asked_nobody());
}

#[test]
fn keys_that_were_not_understood_open_nothing() {
    let gateway = gateway([
        ("OPENAI_API_KEY", "upstream-key"),
        ("PROXY_API_KEYS", "sha256:abc,"),
        ("ALLOW_ANONYMOUS", "true"),
    ]);
    assert_eq!(gateway.send(chat(HELLO)).status(), 401);
    let warnings = gateway.config.warnings.join("\n");
    assert!(warnings.contains("Item 1 of PROXY_API_KEYS") && !warnings.contains("abc"));
}

#[test]
fn anonymous_access_is_asked_for_in_so_many_words() {
    let open = |anonymous: &str| {
        let gateway = gateway([
            ("OPENAI_API_KEY", "upstream-key"),
            ("ALLOW_ANONYMOUS", anonymous),
        ]);
        let gateway = gateway.meets(json(200, "{}"));
        let got = gateway.send(hello());
        (got.status() == 200).then(|| gateway.sent())
    };
    for no in ["false", "maybe", "0", ""] {
        assert!(open(no).is_none(), "{no}");
    }
    let sent = open("TRUE").expect("let in");
    assert_eq!(
        sent.headers.get("authorization"),
        Some("Bearer upstream-key")
    );
}

#[test]
fn without_a_credential_of_ours_the_clients_own_goes_along() {
    for header in ["api-key", "x-api-key", "x-goog-api-key"] {
        let gateway = gateway([("OPENAI_BASE_URL", "https://up.test/v1")]).meets(json(200, "{}"));
        let request = hello()
            .header(header, "their-key")
            .header("openai-project", "p");
        assert_eq!(gateway.send(request).status(), 200);
        let sent = gateway.sent();
        assert_eq!(sent.headers.get("authorization"), Some("Bearer their-key"));
        assert_eq!(sent.headers.get("openai-project"), Some("p"));
        assert_eq!(sent.headers.get(header), None);
    }
    let gateway = gateway([("OPENAI_BASE_URL", "https://up.test/v1")]);
    assert_eq!(
        gateway.send(hello()).refusal(),
        (401, "missing_api_key".to_owned())
    );
}

#[test]
fn a_server_without_a_key_is_served_to_our_own_clients_and_never_sees_their_key() {
    for settings in [
        ("PROXY_API_KEYS", "client-key"),
        ("ALLOW_ANONYMOUS", "true"),
    ] {
        let gateway = gateway([("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1"), settings]);
        let gateway = gateway.meets(json(200, "{}"));
        let request = if settings.0 == "PROXY_API_KEYS" {
            chat(HELLO)
        } else {
            hello()
        };
        assert_eq!(gateway.send(request).status(), 200);
        assert_eq!(gateway.sent().headers.get("authorization"), None);
    }
}

#[test]
fn a_preflight_is_answered_on_every_path_with_what_it_asked() {
    for path in ["/v1/chat/completions", "/nothing/here", "/", "/v1/files/x"] {
        let asked = "authorization,content-type,x-stainless-os,x-stainless-retry-count";
        let request = ask("OPTIONS", path)
            .header("origin", "https://page.test")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", asked);
        let got = usual().send(request);
        assert_eq!(got.status(), 204, "{path}");
        assert_eq!(got.header("access-control-allow-origin"), Some("*"));
        assert_eq!(got.header("access-control-allow-headers"), Some(asked));
        assert!(
            got.header("access-control-allow-methods")
                .unwrap()
                .contains("DELETE")
        );
    }
}

#[test]
fn every_answer_may_be_read_by_a_page() {
    let stream =
        crate::fake::Upstream::Answers(200, vec![("content-type", "text/event-stream")], "");
    for (gateway, request) in [
        (usual().meets(json(200, "{}")), chat(HELLO)),
        (usual().meets(json(429, "{}")), chat(HELLO)),
        (
            usual().meets(stream),
            chat(r#"{"model":"m","stream":true}"#),
        ),
        (usual(), hello()),
        (usual(), get("/nowhere")),
        (usual(), ask("GET", "/health")),
    ] {
        let got = gateway.send(request);
        assert_eq!(got.header("access-control-allow-origin"), Some("*"));
        assert_eq!(got.header("access-control-expose-headers"), Some("*"));
    }
}

#[test]
fn pages_may_be_listed() {
    let from = |origin: &str| {
        let gateway = gateway([("CORS_ALLOW_ORIGINS", "https://A.test/ , https://b.test")]);
        let got = gateway.send(ask("GET", "/").header("origin", origin));
        assert_eq!(got.header("vary"), Some("origin"));
        got.header("access-control-allow-origin").map(str::to_owned)
    };
    assert_eq!(from("https://a.test"), Some("https://a.test".to_owned()));
    assert_eq!(from("https://b.test"), Some("https://b.test".to_owned()));
    assert_eq!(from("https://b.test.evil.test"), None);
}

#[test]
fn of_the_clients_headers_only_the_allowed_reach_an_upstream() {
    let gateway = usual().meets(json(200, "{}"));
    let request = chat(HELLO)
        .header("accept", "application/json")
        .header("openai-beta", "assistants=v2")
        .header("idempotency-key", "i-1")
        .header("openai-organization", "somebody-elses")
        .header("cookie", "c")
        .header("cf-connecting-ip", "192.0.2.1")
        .header("x-forwarded-for", "192.0.2.1")
        .header("x-real-ip", "192.0.2.1")
        .header("x-api-key", "client-key")
        .header("x-stainless-os", "Linux")
        .header("connection", "keep-alive")
        .header("host", "gateway.test");
    gateway.send(request);
    let sent = gateway.sent();
    let mut names: Vec<_> = sent.headers.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accept",
            "authorization",
            "content-type",
            "idempotency-key",
            "openai-beta"
        ]
    );
}

#[test]
fn a_client_with_a_limit_is_told_when_to_come_back() {
    let document =
        r#"{"clients": {"team": {"key": "client-key", "rpm": 2}, "other": {"key": "other-key"}}}"#;
    let mut gateway = gateway([("OPENAI_API_KEY", "upstream-key"), ("GATEWAY", document)]);
    for _ in 0..5 {
        gateway = gateway.meets(json(200, "{}"));
    }
    let status = |key: &str| gateway.send(hello().key(key)).status();
    assert_eq!((status("client-key"), status("client-key")), (200, 200));
    let got = gateway.send(hello().key("client-key"));
    assert_eq!(got.refusal(), (429, "rate_limit_exceeded".to_owned()));
    assert_eq!(got.header("retry-after"), Some("60"));
    assert_eq!(status("other-key"), 200, "a limit is one client's");
    gateway.platform.wait(60_000);
    assert_eq!(status("client-key"), 200, "and of one minute");
}

#[test]
fn a_limit_that_was_not_understood_opens_nothing() {
    let document = r#"{"clients": {"team": {"key": "client-key", "rpm": "many"}}}"#;
    let gateway = gateway([("OPENAI_API_KEY", "upstream-key"), ("GATEWAY", document)]);
    assert_eq!(gateway.send(hello().key("client-key")).status(), 401);
}

const LIMITED: [(&str, &str); 3] = [
    ("OPENAI_API_KEY", "upstream-key"),
    ("PROXY_API_KEYS", "eve:client-key:cheap-*,all:other-key"),
    ("MAX_MULTIPART_BUFFER", "300"),
];

fn form(text: &str, path: &str) -> Ask {
    ask("POST", path)
        .key("client-key")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(text.as_bytes(), 50)
}

const MODEL_PART: &str = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ncheap-1\r\n";

#[test]
fn a_limited_keys_form_is_held_whole_and_bounded_whole() {
    let file = "x".repeat(500);
    let text = format!(
        "{MODEL_PART}--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n{file}\r\n--b--\r\n"
    );
    let got = gateway(LIMITED).send(form(&text, "/v1/audio/transcriptions"));
    assert_eq!(got.refusal(), (413, "request_too_large".to_owned()));
}

#[test]
fn a_model_cannot_hide_where_only_some_readers_look() {
    let text = format!("{{\"model\":\"dear-1\"}}\r\n{MODEL_PART}--b--\r\n");
    for request in [
        form(&text, "/v1/audio/transcriptions"),
        form(&text, "/v1/chat/completions"),
        post(
            "/v1/chat/completions?model=dear-1",
            r#"{"model":"cheap-1"}"#,
        ),
        post(
            "/v1/chat/completions?mod%65l=dear-1",
            r#"{"model":"cheap-1"}"#,
        ),
        post(
            "/v1/chat/completions",
            r#"{"model":["dear-1"],"model":"cheap-1"}"#,
        ),
    ] {
        let gateway = gateway(LIMITED);
        assert_eq!(gateway.send(request).status(), 400);
        assert!(gateway.asked_nobody());
    }
    let gateway = gateway(LIMITED).meets(json(200, "{}"));
    let request = ask("POST", "/v1/chat/completions")
        .key("client-key")
        .header("content-type", "application/json; charset=utf-7")
        .body(br#"{"model":"cheap-1"}"#, 9);
    assert_eq!(gateway.send(request).status(), 200);
    assert_eq!(
        gateway.sent().headers.get("content-type"),
        Some("application/json")
    );
}

#[test]
fn a_limited_key_sees_its_own_models_and_nobody_elses() {
    let keys = [
        ("OPENAI_API_KEY", "upstream-key"),
        ("PROXY_API_KEYS", "eve:client-key:cheap-1|o*"),
    ];
    let listed = r#"{"data":[{"id":"dear-1"},{"id":"cheap-1"},{"id":"o3"},{"id":"cheap-12"}]}"#;
    let gateway = gateway(keys).meets(json(200, listed));
    // What is kept of it is whole: another key may use more.
    for _ in 0..2 {
        let list = gateway.send(get("/v1/models")).json();
        let ids: Vec<_> = list["data"].as_array().unwrap().iter().collect();
        let ids: Vec<_> = ids.iter().map(|item| &item["id"]).collect();
        assert_eq!(ids, ["cheap-1", "o3"]);
    }
    let hidden = gateway.send(get("/v1/models/dear-1"));
    assert_eq!(hidden.refusal(), (403, "model_not_allowed".to_owned()));
}

#[test]
fn the_owners_headers_are_a_credential() {
    let document = r#"{"providers": {"p": {"kind": "openai", "endpoint": "https://up.test", "headers": {"api-key": "$K"}}}}"#;
    let settings = [
        ("GATEWAY", document),
        ("K", "owners-key"),
        ("ALLOW_ANONYMOUS", "true"),
    ];
    let gateway_open = gateway(settings).meets(json(200, "{}"));
    gateway_open.send(
        hello()
            .key("their-key")
            .header("openai-organization", "theirs"),
    );
    let sent = gateway_open.sent();
    assert_eq!(sent.headers.get("api-key"), Some("owners-key"));
    assert_eq!(sent.headers.get("authorization"), None);
    assert_eq!(sent.headers.get("openai-organization"), None);
    assert_eq!(
        gateway([settings[0], settings[1]]).send(hello()).status(),
        403
    );
}

/// The image tool of Responses has a model of its own.
#[test]
fn a_limited_key_names_no_second_model_in_a_tool() {
    let limited = || {
        gateway([
            ("OPENAI_API_KEY", "k"),
            ("PROXY_API_KEYS", "a:client-key:gpt-4o"),
        ])
    };
    let body = |model: &str| {
        let tools =
            format!(r#"[{{"type":"web_search"}},{{"type":"image_generation","model":"{model}"}}]"#);
        format!(r#"{{"model":"gpt-4o","input":"x","tools":{tools}}}"#)
    };
    let refused = limited().send(post("/v1/responses", &body("gpt-image-1")));
    assert_eq!(refused.refusal(), (403, "model_not_allowed".to_owned()));
    let gateway = limited().meets(json(200, "{}"));
    assert_eq!(
        gateway
            .send(post("/v1/responses", &body("gpt-4o")))
            .status(),
        200
    );
}
