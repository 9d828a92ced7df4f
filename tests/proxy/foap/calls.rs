//! Which call goes where: paths, names, order, and what is said of the rest.

use serde_json::json as value;

use crate::fake::{Upstream, ask, chat, get, json, post};

use super::{CHAT, DONE, OPENAI, file};

/// What a request is answered with, where nobody is asked.
#[test]
fn what_is_not_offered_is_not_there() {
    for (path, body, status, code, message) in [
        (
            "/v1/embeddings",
            CHAT,
            404,
            "unsupported_operation",
            "API path v1/embeddings not supported for model openai-gpt-4o. It is served at: v1/chat/completions.",
        ),
        (
            "/v1/chat/completions-of-mine",
            CHAT,
            404,
            "unsupported_operation",
            "API path v1/chat/completions-of-mine not supported for model openai-gpt-4o. It is served at: \
             v1/chat/completions.",
        ),
        (
            "/v1/chat/completions",
            r#"{"model":"gpt-4o"}"#,
            404,
            "model_not_found",
            "Model gpt-4o not found",
        ),
        (
            "/v1/chat/completions",
            r#"{"model":"openai/gpt-4o"}"#,
            404,
            "model_not_found",
            "Model openai/gpt-4o not found",
        ),
        (
            "/v1/chat/completions",
            r#"{"model":null}"#,
            400,
            "model_required",
            "you must provide a model parameter",
        ),
        (
            "/v1/moderations",
            r#"{"input":"x"}"#,
            400,
            "model_required",
            "you must provide a model parameter",
        ),
        (
            "/v1/batches",
            "{}",
            404,
            "unknown_path",
            "This path is not served: here a call has to name a model of a provider file.",
        ),
    ] {
        let gateway = file(OPENAI, &[]);
        let got = gateway.send(post(path, body));
        assert_eq!(got.refusal(), (status, code.to_owned()), "{path} {body}");
        assert_eq!(got.message(), message);
        assert!(gateway.asked_nobody());
    }
}

/// Beside other providers a name that no file offers goes its usual way, and a file's providers cannot be selected.
#[test]
fn other_names_go_the_usual_way() {
    let other = [
        ("OPENAI_BASE_URL", "https://other.test/v1"),
        ("OPENAI_API_KEY", "other-key"),
    ];
    for (model, url, there, provider) in [
        (
            "openai-gpt-4o",
            "https://api.openai.com/v1",
            "gpt-4o",
            "openai-2",
        ),
        ("gpt-4o", "https://other.test/v1", "gpt-4o", "openai"),
        (
            "openai-2/gpt-4o",
            "https://other.test/v1",
            "openai-2/gpt-4o",
            "openai",
        ),
    ] {
        let gateway = file(OPENAI, &other).meets(json(200, DONE));
        let got = gateway.send(chat(&format!(r#"{{"model":"{model}"}}"#)));
        assert_eq!(got.header("x-isthmus-provider"), Some(provider), "{model}");
        let sent = gateway.sent();
        assert_eq!(sent.url, format!("{url}/chat/completions"));
        assert_eq!(sent.body, format!(r#"{{"model":"{there}"}}"#));
    }
}

#[test]
fn what_the_document_names_comes_first() {
    let document = value!({
        "providers": {"own": {"kind": "openai", "endpoint": "https://own.test"}},
        "models": {"openai-gpt-4o": "own/mine"}
    });
    let gateway = file(OPENAI, &[("GATEWAY", &document.to_string())]).meets(json(200, DONE));
    gateway.send(chat(CHAT));
    assert_eq!(gateway.sent().body, r#"{"model":"mine","messages":[]}"#);
}

/// Several endpoints of one path, and a model that stands in for another.
#[test]
fn the_next_is_asked_where_one_does_not_do() {
    let text = value!({
        "lab": {
            "target_base_url": "http://one.test",
            "models": {
                "m": {
                    "endpoints": [
                        {"path": "v1/chat/completions", "target_model_name": "a"},
                        {"path": "v1/embeddings", "target_model_name": "e", "target_base_url": "http://e.test"},
                        {"path": "chat/completions/", "target_model_name": "b", "target_base_url": "http://two.test"},
                    ],
                    "fallback_model_name": "n"
                },
                "n": {"endpoints": [{"path": "v1/chat/completions", "target_model_name": "c"}],
                      "fallback_model_name": "m"}
            }
        }
    });
    let gateway = file(&text.to_string(), &[])
        .meets(json(503, "{}"))
        .meets(Upstream::Unreachable)
        .meets(json(200, DONE));
    let got = gateway.send(chat(r#"{"model":"m"}"#));
    assert_eq!(got.status(), 200);
    assert_eq!(got.header("x-isthmus-target"), Some("lab/c"));
    let sent = gateway.platform.sent.borrow();
    let asked: Vec<_> = sent
        .iter()
        .map(|it| (it.url.as_str(), it.body.as_str()))
        .collect();
    let wanted = [
        ("http://one.test/v1/chat/completions", r#"{"model":"a"}"#),
        ("http://two.test/v1/chat/completions", r#"{"model":"b"}"#),
        ("http://one.test/v1/chat/completions", r#"{"model":"c"}"#),
    ];
    assert_eq!(asked, wanted);
}

/// Base and path as they are written -> what is asked.
#[test]
fn base_and_path_become_one_address() {
    for (base, path, url) in [
        (
            "https://up.test",
            "v1/chat/completions",
            "https://up.test/v1/chat/completions",
        ),
        (
            "https://up.test/",
            "/v1/chat/completions",
            "https://up.test/v1/chat/completions",
        ),
        (
            "https://up.test/v1",
            "v1/chat/completions",
            "https://up.test/v1/chat/completions",
        ),
        (
            "https://up.test/v1/",
            "chat/completions",
            "https://up.test/v1/chat/completions",
        ),
        (
            "https://up.test",
            "chat/completions",
            "https://up.test/v1/chat/completions",
        ),
        (
            "https://up.test/api",
            "v1/chat/completions",
            "https://up.test/api/v1/chat/completions",
        ),
        (
            "https://up.test/v1beta/openai",
            "chat/completions",
            "https://up.test/v1beta/openai/chat/completions",
        ),
        (
            "up.test:8000",
            "//v1//chat/completions/",
            "https://up.test:8000/v1/chat/completions",
        ),
        (
            "localhost:8000",
            "v1/chat/completions",
            "http://localhost:8000/v1/chat/completions",
        ),
    ] {
        let text = OPENAI
            .replace("https://api.openai.com", base)
            .replace("\"v1/chat/completions\"", &format!("\"{path}\""));
        let gateway = file(&text, &[]).meets(json(200, DONE));
        assert_eq!(gateway.send(chat(CHAT)).status(), 200, "{base} {path}");
        assert_eq!(gateway.sent().url, url, "{base} {path}");
    }
}

/// What stands below a path that is served is served with it.
#[test]
fn what_is_below_a_path_belongs_to_it() {
    let text = OPENAI.replace("v1/chat/completions", "v1/responses");
    let gateway = file(&text, &[]).meets(json(200, "{}"));
    assert_eq!(
        gateway
            .send(get("/v1/responses/r1?model=openai-gpt-4o&x=y"))
            .status(),
        200
    );
    let url = "https://api.openai.com/v1/responses/r1?model=gpt-4o&x=y";
    assert_eq!(gateway.sent().url, url);
}

/// A key that is not there is told by its name, to who calls that model.
#[test]
fn a_missing_key_is_told() {
    let settings = [("OPENAI_API_TOKEN", "")];
    let gateway = file(OPENAI, &settings);
    let got = gateway.send(chat(CHAT));
    assert_eq!(got.refusal(), (500, "configuration_error".to_owned()));
    let problem =
        "FOAP_CONFIG.openai.api_key_variable names the secret OPENAI_API_TOKEN, which is not set.";
    assert_eq!(got.message(), problem);
    assert_eq!(gateway.config.warnings, [problem]);
    assert!(gateway.asked_nobody());
}

/// A server's key is behind the models: without keys of ours nobody is served.
#[test]
fn a_key_of_ours_closes_the_gateway() {
    let gateway = file(OPENAI, &[("PROXY_API_KEYS", "")]);
    assert_eq!(gateway.send(chat(CHAT)).refusal().1, "gateway_closed");
}

#[test]
fn a_limited_key_sees_its_models_only() {
    let keys = [("PROXY_API_KEYS", "a:client-key:openai-text-*")];
    let gateway = file(OPENAI, &keys);
    assert_eq!(gateway.send(chat(CHAT)).refusal().1, "model_not_allowed");
    let list = gateway.send(get("/v1/models")).json();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!(list["data"][0]["id"], "openai-text-embedding-3-small");
}

#[test]
fn headers_are_the_owners() {
    let text = OPENAI.replace(
        "\"prefix\"",
        r#""extra_headers": {"X-Team": "red", "X-Org": "$ORG", "bad name": "x", "x-n": 1}, "prefix""#,
    );
    let gateway = file(&text, &[("ORG", "org-1")]).meets(json(200, DONE));
    gateway.send(chat(CHAT));
    let sent = gateway.sent();
    assert_eq!(sent.headers.get("x-team"), Some("red"));
    assert_eq!(sent.headers.get("x-org"), Some("org-1"));
    let warnings = gateway.config.warnings.join("\n");
    assert!(warnings.contains("FOAP_CONFIG.openai.extra_headers.bad name is no name of a header."));
    assert!(warnings.contains("FOAP_CONFIG.openai.extra_headers.x-n should be text"));
}

#[test]
fn aliases_are_names_too() {
    let text = value!({"lab": {
        "target_base_url": "http://one.test",
        "prefix": "p-",
        "aliases": {"fast": "m", "best": "p-m", "p-m": "m", "x": "nobody"},
        "models": {"m": {"endpoints": [{"path": "v1/chat/completions"}], "aliases": ["quick"]}}
    }});
    for (model, there) in [("p-m", "m"), ("fast", "m"), ("Best", "m"), ("quick", "m")] {
        let gateway = file(&text.to_string(), &[]).meets(json(200, DONE));
        gateway.send(chat(&format!(r#"{{"model":"{model}"}}"#)));
        assert_eq!(gateway.sent().body, format!(r#"{{"model":"{there}"}}"#));
        let taken = "FOAP_CONFIG.lab.models.m has the alias `p-m`, which is taken.";
        assert_eq!(gateway.config.warnings, [taken]);
    }
}

#[test]
fn a_call_is_explained() {
    let gateway = file(OPENAI, &[]);
    let got = gateway
        .send(chat(CHAT).header("x-isthmus-explain", "1"))
        .json();
    assert_eq!(got["route"], "FOAP_CONFIG.openai");
    let target = &got["targets"][0];
    assert_eq!(target["target"], "openai/gpt-4o");
    assert_eq!(
        target["requests"][0]["url"],
        "https://api.openai.com/v1/chat/completions"
    );
    let wrong = post("/v1/embeddings", CHAT).header("x-isthmus-explain", "1");
    assert_eq!(gateway.send(wrong).refusal().1, "unsupported_operation");
    assert!(!got.to_string().contains("openai-token"));
}

#[test]
fn where_the_gateway_itself_answers() {
    let gateway = file(OPENAI, &[]);
    let health = gateway.send(ask("GET", "/health")).json();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["health"], "healthy");
    assert_eq!(gateway.send(ask("GET", "/healthz")).status(), 200);
    let health = gateway.send(get("/health")).json();
    assert_eq!(health["providers"][0]["name"], "openai");
    assert_eq!(health["providers"][0]["kind"], "openai");
}

/// By a model's name alone: the key of a file pays for nothing else at its server.
#[test]
fn an_address_in_front_is_no_way_around_the_file() {
    let text = OPENAI.replace("https://api.openai.com", "https://lab.test");
    for path in ["/v1/chat/completions", "/v1/files", "/v1/models"] {
        let gateway = file(&text, &[("FORWARD_ALLOWED_HOSTS", "lab.test")]).meets(json(200, DONE));
        let got = gateway.send(post(&format!("/proxy/https://lab.test{path}"), CHAT));
        assert_eq!(got.status(), 200, "{}", got.text());
        let sent = gateway.sent();
        assert_eq!(sent.url, format!("https://lab.test{path}"));
        assert_eq!(sent.headers.get("authorization"), None);
    }
}
