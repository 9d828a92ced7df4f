//! Where the model is found, and how a body is changed without being rebuilt.

use crate::fake::{Ask, ask, chat, gateway, json, post, usual};

fn mapped() -> crate::fake::Gateway {
    gateway([
        ("PROXY_API_KEYS", "client-key"),
        (
            "GATEWAY",
            r#"{"providers": {"up": {"kind": "openai", "endpoint": "https://up.test/v1"}},
                "models": {"public": "up/private \"x\"", "open-*": "up/*"}}"#,
        ),
    ])
    .meets(json(200, "{}"))
}

/// What the client sent -> what the upstream got.
#[test]
fn the_model_is_replaced_in_the_clients_own_bytes() {
    for (sent, got) in [
        (
            r#"{"model":"public","n":1.0}"#,
            r#"{"model":"private \"x\"","n":1.0}"#,
        ),
        (
            "{ \"n\" : 1,\n \"model\" : \"pub\\u006cic\" }",
            "{ \"n\" : 1,\n \"model\" : \"private \\\"x\\\"\" }",
        ),
        (
            r#"{"model":"a","model":"public"}"#,
            r#"{"model":"private \"x\"","model":"private \"x\""}"#,
        ),
        (
            r#"{"mod\u0065l":"public"}"#,
            r#"{"mod\u0065l":"private \"x\""}"#,
        ),
        (
            r#"{"a":{"model":"other"},"model":"PUBLIC"}"#,
            r#"{"a":{"model":"other"},"model":"private \"x\""}"#,
        ),
        (
            "\u{feff}{\"model\":\"public\"}",
            r#"{"model":"private \"x\""}"#,
        ),
        (
            r#"{"model":"open-1","big":12345678901234567890}"#,
            r#"{"model":"open-1","big":12345678901234567890}"#,
        ),
        ("\u{feff}{\"model\":\"open-1\"}", r#"{"model":"open-1"}"#),
    ] {
        let gateway = mapped();
        assert_eq!(gateway.send(chat(sent)).status(), 200, "{sent}");
        assert_eq!(gateway.sent().body, got, "{sent}");
    }
}

#[test]
fn a_model_in_the_path_is_put_into_the_body() {
    for (sent, got) in [
        (r#"{"input":"x"}"#, r#"{"model":"a/b","input":"x"}"#),
        ("{}", r#"{"model":"a/b"}"#),
        (" { } ", r#" {"model":"a/b" } "#),
        (r#"{"model":"c"}"#, r#"{"model":"a/b"}"#),
        (r#"{"model":null,"x":1}"#, r#"{"model":"a/b","x":1}"#),
    ] {
        let gateway = usual().meets(json(200, "{}"));
        gateway.send(post("/v1/engines/a%2Fb/embeddings", sent));
        assert_eq!(gateway.sent().body, got, "{sent}");
    }
}

#[test]
fn a_missing_model_is_the_default_or_an_error() {
    for body in ["{}", r#"{"model":""}"#, r#"{"model":null}"#] {
        assert_eq!(
            usual().send(chat(body)).refusal(),
            (400, "model_required".to_owned()),
            "{body}"
        );
        let gateway = gateway([("OPENAI_BASE_URL", "up.test"), ("DEFAULT_MODEL", "d")]);
        let gateway = gateway.meets(json(200, "{}"));
        assert_eq!(gateway.send(chat(body)).status(), 200);
        assert_eq!(gateway.sent().body, r#"{"model":"d"}"#);
    }
}

#[test]
fn a_call_that_can_do_without_a_model_does() {
    for path in [
        "/v1/responses",
        "/v1/moderations",
        "/v1/images/generations",
        "/v1/batches",
    ] {
        let gateway = usual().meets(json(200, "{}"));
        assert_eq!(
            gateway.send(post(path, r#"{"a":1}"#)).status(),
            200,
            "{path}"
        );
        assert_eq!(gateway.sent().body, r#"{"a":1}"#);
    }
}

#[test]
fn invalid_json_is_refused_with_its_place() {
    for (body, place) in [
        ("", "byte 0 (line 1, column 1)"),
        (
            "{\"model\":\"m\",\n  \"a\": tru }",
            "byte 24 (line 2, column 11)",
        ),
        ("{\"a\":\"x\ny\"}", "byte 7"),
        ("{\"a\":01}", "byte 6"),
        ("{\"a\":1}}", "byte 7"),
        ("{\"a\":[1,]}", "byte 8"),
        ("{\"a\":1", "byte 6"),
        ("{'a':1}", "byte 1"),
    ] {
        let gateway = usual();
        let got = gateway.send(chat(body));
        assert_eq!(got.refusal(), (400, "invalid_json".to_owned()), "{body}");
        assert!(got.message().contains(place), "{body}: {}", got.message());
        assert!(gateway.asked_nobody());
    }
    for body in ["[]", "1", "\"x\"", "null"] {
        assert_eq!(
            usual().send(chat(body)).refusal(),
            (400, "invalid_json".to_owned()),
            "{body}"
        );
    }
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    assert!(
        usual()
            .send(chat(&deep))
            .message()
            .contains("deeper than 512")
    );
}

#[test]
fn a_model_that_is_no_name_is_refused() {
    let long = format!(r#"{{"model":"{}"}}"#, "x".repeat(2000));
    let many = format!("{{{}\"a\":1}}", "\"model\":\"m\",".repeat(9));
    for body in [
        r#"{"model":1}"#,
        r#"{"model":{"a":"b"}}"#,
        r#"{"model":["m"]}"#,
        r#"{"model":true}"#,
        &long,
        &many,
    ] {
        assert_eq!(
            usual().send(chat(body)).refusal(),
            (400, "invalid_model".to_owned())
        );
    }
}

#[test]
fn what_a_relayed_path_takes_is_not_ours_to_judge() {
    let gateway = usual().meets(json(200, "{}"));
    assert_eq!(
        gateway
            .send(post("/v1/vector_stores", "{ not json"))
            .status(),
        200
    );
    assert_eq!(gateway.sent().body, "{ not json");
}

#[test]
fn a_body_that_is_too_large_is_refused_by_its_length_and_by_its_size() {
    let small = || {
        gateway([
            ("OPENAI_BASE_URL", "https://up.test"),
            ("MAX_JSON_BODY", "100"),
            ("ALLOW_ANONYMOUS", "true"),
        ])
    };
    let declared = ask("POST", "/v1/chat/completions")
        .header("content-length", "101")
        .body(b"{}", 9);
    let silent = ask("POST", "/v1/chat/completions").body(&[b' '; 101], 9);
    for request in [declared, silent] {
        let got = small().send(request);
        assert_eq!(got.refusal(), (413, "request_too_large".to_owned()));
        assert!(got.message().contains("MAX_JSON_BODY") && got.message().contains("100 bytes"));
    }
}

fn form(parts: &[(&str, &str)]) -> String {
    let part = |(name, value): &(&str, &str)| {
        let file = if *name == "file" {
            "; filename=\"a.mp3\"\r\nContent-Type: audio/mpeg"
        } else {
            ""
        };
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n")
    };
    parts.iter().map(part).collect::<String>() + "--b--\r\n"
}

fn upload(form: &str) -> Ask {
    ask("POST", "/v1/audio/transcriptions")
        .key("client-key")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(form.as_bytes(), 7)
}

#[test]
fn of_a_form_only_the_model_changes_wherever_it_stands() {
    for (sent, got) in [
        (
            [("model", "public"), ("file", "RIFF"), ("x", "1")],
            [("model", "private \"x\""), ("file", "RIFF"), ("x", "1")],
        ),
        (
            [("file", "RIFF"), ("x", "1"), ("model", "public")],
            [("file", "RIFF"), ("x", "1"), ("model", "private \"x\"")],
        ),
        (
            [("file", "RIFF"), ("x", "1"), ("model", "open-1")],
            [("file", "RIFF"), ("x", "1"), ("model", "open-1")],
        ),
    ] {
        let gateway = mapped();
        let answer = gateway.send(upload(&form(&sent)));
        assert_eq!(answer.status(), 200, "{}", answer.text());
        assert_eq!(gateway.sent().body, form(&got));
    }
}

#[test]
fn a_form_without_a_model_gets_the_default_one() {
    let gateway = gateway([("OPENAI_BASE_URL", "up.test"), ("DEFAULT_MODEL", "d")]);
    let gateway = gateway.meets(json(200, "{}"));
    assert_eq!(
        gateway.send(upload(&form(&[("file", "RIFF")]))).status(),
        200
    );
    assert_eq!(
        gateway.sent().body,
        form(&[("model", "d"), ("file", "RIFF")])
    );
}

#[test]
fn a_large_form_is_streamed_when_its_model_comes_early_and_bounded_when_not() {
    let settings = [
        ("OPENAI_BASE_URL", "https://up.test"),
        ("MAX_MULTIPART_BUFFER", "1000"),
        ("ALLOW_ANONYMOUS", "true"),
    ];
    let large = "x".repeat(5000);
    let early = form(&[("model", "m"), ("file", &large)]);
    let gateway_early = gateway(settings).meets(json(200, "{}"));
    assert_eq!(gateway_early.send(upload(&early)).status(), 200);
    assert_eq!(gateway_early.sent().body, early);
    let late = gateway(settings);
    let got = late.send(upload(&form(&[("file", &large), ("model", "m")])));
    assert_eq!(got.refusal(), (413, "request_too_large".to_owned()));
    assert!(got.message().contains("MAX_MULTIPART_BUFFER"));
}

#[test]
fn json_is_called_json_whatever_the_client_called_it() {
    let gateway = usual().meets(json(200, "{}"));
    let request = ask("POST", "/v1/chat/completions")
        .key("client-key")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(br#"{"model":"m"}"#, 3);
    assert_eq!(gateway.send(request).status(), 200);
    assert_eq!(
        gateway.sent().headers.get("content-type"),
        Some("application/json")
    );
}

#[test]
fn a_compressed_body_is_relayed_and_not_routed() {
    let gateway = usual().meets(json(200, "{}"));
    gateway.send(post("/v1/files", "compressed").header("content-encoding", "gzip"));
    assert_eq!(gateway.sent().headers.get("content-encoding"), Some("gzip"));
    let got = usual().send(chat("compressed").header("content-encoding", "gzip"));
    assert_eq!(got.refusal(), (415, "unsupported_encoding".to_owned()));
}
