//! Paths and methods.

use crate::fake::{ask, gateway, get, json, post, usual};

/// What a client may type -> what the upstream is asked.
#[test]
fn paths_as_people_type_them() {
    for (typed, asked) in [
        ("/v1/chat/completions", "chat/completions"),
        ("/chat/completions", "chat/completions"),
        ("/v1/v1/chat/completions", "chat/completions"),
        ("//v1//chat/completions", "chat/completions"),
        ("/v1/chat/completions/", "chat/completions"),
        ("/v1/engines/m/chat/completions", "chat/completions"),
        ("/engines/m/embeddings", "embeddings"),
        ("/v1/embeddings", "embeddings"),
        ("/completions", "completions"),
        ("/responses", "responses"),
        ("/v1/images/generations", "images/generations"),
        ("/v1/audio/speech", "audio/speech"),
        ("/v1/moderations", "moderations"),
        ("/v1/threads/t-1/runs", "threads/t-1/runs"),
        ("/fine_tuning/jobs", "fine_tuning/jobs"),
        ("/v1/something/quite/new", "something/quite/new"),
        ("/v1/responses/r-1/cancel", "responses/r-1/cancel"),
    ] {
        let gateway = usual().meets(json(200, "{}"));
        let got = gateway.send(post(typed, r#"{"model":"m"}"#));
        assert_eq!(got.status(), 200, "{typed}: {}", got.text());
        assert_eq!(
            gateway.sent().url,
            format!("https://up.test/v1/{asked}"),
            "{typed}"
        );
    }
}

#[test]
fn every_method_is_relayed_with_its_query() {
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] {
        let gateway = usual().meets(json(200, "{}"));
        let got = gateway.send(ask(method, "/v1/files/f-1?after=a%20b&limit=2").key("client-key"));
        assert_eq!(got.status(), 200);
        let sent = gateway.sent();
        assert_eq!(sent.method, method);
        assert_eq!(sent.url, "https://up.test/v1/files/f-1?after=a%20b&limit=2");
    }
}

/// Query typed -> server asked, and the query it gets.
#[test]
fn a_relayed_call_may_name_its_model_in_the_query() {
    let document = r#"{"providers": {"a": {"kind": "openai", "endpoint": "https://a.test"},
                                     "b": {"kind": "openai", "endpoint": "https://b.test"}},
                       "models": {"public": "b/private & co", "open-*": "b/*"}}"#;
    for (typed, asked) in [
        (
            "after=x&model=public&model=public",
            "https://b.test/v1/responses/r?after=x&model=private%20%26%20co&model=private%20%26%20co",
        ),
        (
            "model=open-1%2B",
            "https://b.test/v1/responses/r?model=open-1%2B",
        ),
        ("model=b%2Fm", "https://b.test/v1/responses/r?model=m"),
        (
            "models=open-1",
            "https://a.test/v1/responses/r?models=open-1",
        ),
        ("model=", "https://a.test/v1/responses/r?model="),
    ] {
        let gateway =
            gateway([("GATEWAY", document), ("ALLOW_ANONYMOUS", "true")]).meets(json(200, "{}"));
        gateway.send(get(&format!("/v1/responses/r?{typed}")));
        assert_eq!(gateway.sent().url, asked);
    }
}

#[test]
fn a_websocket_is_relayed_without_the_key_among_its_protocols() {
    let gateway = usual().meets(json(101, ""));
    let request = ask("GET", "/v1/realtime?model=m")
        .header("upgrade", "WebSocket")
        .header("connection", "Upgrade")
        .header("sec-websocket-key", "k")
        .header(
            "sec-websocket-protocol",
            "realtime, openai-insecure-api-key.client-key, openai-organization.theirs, openai-beta.realtime-v1",
        );
    assert_eq!(gateway.send(request).status(), 101);
    let sent = gateway.sent();
    let headers: Vec<_> = sent.headers.iter().collect();
    assert_eq!(
        headers,
        [
            ("upgrade", "websocket"),
            (
                "sec-websocket-protocol",
                "realtime, openai-beta.realtime-v1"
            ),
            ("authorization", "Bearer upstream-key"),
        ]
    );
}

#[test]
fn stored_answers_are_listed_and_fetched() {
    for path in [
        "/v1/chat/completions",
        "/v1/responses/r-1",
        "/v1/chat/completions/c-1/messages",
    ] {
        let gateway = usual().meets(json(200, "{}"));
        assert_eq!(gateway.send(get(path)).status(), 200);
        assert_eq!(gateway.line()["operation"], "relay");
    }
}

#[test]
fn an_unknown_path_is_named_with_what_exists() {
    let got = usual().send(get("/v2/chat"));
    assert_eq!(got.refusal(), (404, "unknown_path".to_owned()));
    assert!(got.message().contains("/v2/chat") && got.message().contains("/v1/chat/completions"));
}

/// Neither a list nor anything else that is served.
#[test]
fn what_others_have_beside_their_lists_is_not_found() {
    for (method, path) in [
        ("POST", "/openai/deployments/d/chat/completionsx"),
        ("GET", "/openai/deployments/d/modelsx"),
        ("GET", "/openai/modelsx"),
        ("GET", "/openai"),
        ("POST", "/deployments"),
        ("POST", "/deployments/d"),
        ("GET", "/deployments/d/e"),
        ("POST", "/v1beta/models/m:generateContent"),
        ("GET", "/v1beta/deployments"),
        ("GET", "/v1beta/modelsx"),
        ("GET", "/v1beta"),
    ] {
        let gateway = usual();
        let got = gateway.send(ask(method, path).key("client-key"));
        assert_eq!(got.status(), 404, "{method} {path}");
        assert!(gateway.asked_nobody());
    }
}

#[test]
fn a_wrong_method_is_told_the_right_one() {
    for (method, path, allow) in [
        ("GET", "/v1/embeddings", "POST"),
        ("DELETE", "/v1/audio/speech", "POST"),
        ("POST", "/health", "GET, HEAD"),
        ("POST", "/", "GET, HEAD"),
        ("POST", "/v1/models", "GET, HEAD"),
        ("POST", "/models/", "GET, HEAD"),
        ("POST", "/openai/models", "GET, HEAD"),
        ("DELETE", "/openai/v1/models", "GET, HEAD"),
        ("PUT", "/openai/deployments/d", "GET, HEAD"),
        ("PUT", "/v1/chat/completions", "POST"),
        ("TRACE", "/v1/files", "GET, HEAD, POST, PUT, PATCH, DELETE"),
        (
            "CONNECT",
            "/v1/files",
            "GET, HEAD, POST, PUT, PATCH, DELETE",
        ),
    ] {
        let got = usual().send(ask(method, path).key("client-key"));
        assert_eq!(
            got.refusal(),
            (405, "method_not_allowed".to_owned()),
            "{method} {path}"
        );
        assert_eq!(got.header("allow"), Some(allow), "{method} {path}");
    }
}

#[test]
fn a_path_cannot_climb_out_of_the_upstreams_prefix() {
    for path in [
        "/v1/../admin",
        "/v1/files/%2e%2e/%2E./x",
        "/v1/./x",
        "/v1/files/.%2e",
        "/v1/files/x\\..\\y",
        "/v1/files/..%2fx",
        "/v1/a%5c..",
        "/v1/..;/x",
    ] {
        let gateway = usual();
        let got = gateway.send(get(path));
        assert_eq!(got.refusal(), (400, "invalid_path".to_owned()), "{path}");
        assert!(gateway.asked_nobody());
    }
}

#[test]
fn the_front_door_needs_no_key_and_tells_nothing() {
    for (method, path) in [("GET", "/"), ("HEAD", "/"), ("GET", "/v1")] {
        let got = usual().send(ask(method, path));
        assert_eq!(got.status(), 200);
        let body = got.json();
        let mut keys: Vec<_> = body.as_object().unwrap().keys().collect();
        keys.sort();
        assert_eq!(keys, ["docs", "name", "version"]);
    }
}

#[test]
fn a_favicon_is_nobodys_error() {
    let gateway = usual();
    assert_eq!(gateway.send(ask("GET", "/favicon.ico")).status(), 204);
    assert_eq!(gateway.line()["level"], "info");
}

#[test]
fn configured_models_are_listed_as_a_client_may_send_them() {
    let settings = [
        (
            "GATEWAY",
            r#"{"providers": {"a": {"kind": "openai", "endpoint": "https://a.test"}},
            "models": {"GPT-4o": "a/x", "b/c": "a/y", "open-*": "a/*"}}"#,
        ),
        ("PROXY_API_KEYS", "one:client-key:gpt-*,all:other-key"),
    ];
    let ids = |key: &str| {
        let gateway = gateway(settings).meets(json(200, r#"{"data":[{"id":"x"},{"id":"gpt-z"}]}"#));
        let list = gateway.send(ask("GET", "/v1/models").key(key)).json();
        let ids = list["data"].as_array().unwrap().iter();
        ids.map(|item| item["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("other-key"), ["GPT-4o", "b/c", "x", "gpt-z"]);
    assert_eq!(ids("client-key"), ["GPT-4o", "gpt-z"]);
    let item = gateway(settings).send(ask("GET", "/v1/models/b%2Fc").key("other-key"));
    assert_eq!(item.json()["id"], "b/c");
}

#[test]
fn deployments_are_listed_without_azure_too() {
    let gateway = usual();
    let list = gateway.send(get("/deployments")).json();
    assert_eq!(list, serde_json::json!({"object": "list", "data": []}));
    let one = gateway.send(get("/v1/deployments/x/"));
    assert_eq!(one.refusal(), (404, "model_not_found".to_owned()));
    assert!(gateway.asked_nobody());
}
