//! What each kind of server is asked for, with which credential, and what its answers mean.

use serde_json::{Value, json};

use super::{Gateway, Upstream, answer, get, native};

/// `m` at one provider of these options.
fn one(options: &Value) -> Gateway {
    native(&json!({
        "providers": {"it": options},
        "models": {"m": "it/m", "gpt-4o": "it/x", "tuned": "it/endpoints/123", "meta": "it/meta/llama-4-maas"},
    }))
}

fn page(status: u16) -> Upstream {
    let html = vec![("content-type", "text/html; charset=utf-8")];
    Upstream::Answers(status, html, "<html>")
}

/// Sends, and gives status and error with what was asked for.
fn probe(gateway: &Gateway, model: &str, upstreams: Vec<Upstream>) -> (u16, String, Vec<String>) {
    for upstream in upstreams {
        gateway.script(upstream);
    }
    let got = gateway.send(get(&format!("/health/{model}")));
    let body = got.json();
    let error = body["targets"][0]["error"].as_str().unwrap_or_default();
    let sent = gateway.platform.sent.borrow();
    assert!(
        sent.iter()
            .all(|it| it.method == "GET" && it.body.is_empty())
    );
    assert!(
        sent.iter()
            .all(|it| it.headers.get("x-isthmus-cache").is_none())
    );
    let urls = sent.iter().map(|it| it.url.clone()).collect();
    (got.status(), error.to_owned(), urls)
}

fn openai() -> Value {
    json!({"kind": "openai", "endpoint": "https://up.test/v1", "key": "$KEY"})
}

#[test]
fn a_server_of_openais_api_shows_its_health_or_its_models() {
    const HEALTH: &str = "https://up.test/health";
    const MODELS: &str = "https://up.test/v1/models";
    let first = || vec![HEALTH.to_owned()];
    let both = || vec![HEALTH.to_owned(), MODELS.to_owned()];
    let ok = || answer(200, "{}");
    for (upstreams, status, error, urls) in [
        (vec![ok()], 200, "", first()),
        (vec![answer(204, "")], 200, "", first()),
        (vec![answer(503, "")], 503, "upstream_error", first()),
        (vec![page(502)], 503, "upstream_error", first()),
        (
            vec![Upstream::Unreachable],
            503,
            "upstream_unreachable",
            first(),
        ),
        (vec![answer(404, "{}"), ok()], 200, "", both()),
        (vec![answer(405, "{}"), ok()], 200, "", both()),
        (vec![answer(401, "{}"), ok()], 200, "", both()),
        (vec![answer(403, "{}"), ok()], 200, "", both()),
        (vec![answer(302, ""), ok()], 200, "", both()),
        (vec![answer(501, ""), ok()], 200, "", both()),
        (vec![page(200), ok()], 200, "", both()),
        (
            vec![page(404), answer(401, "{}")],
            503,
            "upstream_auth_error",
            both(),
        ),
        (
            vec![page(404), answer(403, "{}")],
            503,
            "upstream_auth_error",
            both(),
        ),
        (
            vec![page(404), answer(404, "{}")],
            503,
            "upstream_not_found",
            both(),
        ),
        (
            vec![page(404), answer(429, "{}")],
            503,
            "upstream_rate_limited",
            both(),
        ),
        (
            vec![page(404), answer(307, "")],
            503,
            "upstream_redirect",
            both(),
        ),
        (vec![page(200), page(200)], 503, "upstream_nonsense", both()),
        (
            vec![page(404), answer(500, "{}")],
            503,
            "upstream_error",
            both(),
        ),
        (
            vec![page(404), Upstream::TimesOut],
            503,
            "upstream_timeout",
            both(),
        ),
    ] {
        let gateway = one(&openai());
        let seen = probe(&gateway, "m", upstreams);
        assert_eq!(seen, (status, error.to_owned(), urls));
        let sent = gateway.platform.sent.take();
        for sent in &sent {
            assert_eq!(sent.headers.get("authorization"), Some("Bearer the-key"));
        }
        assert_eq!(gateway.line()["attempts"], sent.len());
    }
}

#[test]
fn health_stands_where_the_version_begins() {
    for (endpoint, health) in [
        ("https://up.test", "https://up.test/health"),
        ("https://up.test/v1/", "https://up.test/health"),
        ("https://up.test/api/v1", "https://up.test/api/health"),
        (
            "https://up.test/compatible",
            "https://up.test/compatible/health",
        ),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/health"),
    ] {
        let gateway = one(&json!({"kind": "openai", "endpoint": endpoint}));
        let seen = probe(&gateway, "m", vec![answer(200, "{}")]);
        assert_eq!(seen, (200, String::new(), vec![health.to_owned()]));
        assert_eq!(gateway.sent().headers.get("authorization"), None);
    }
}

#[test]
fn the_owner_may_name_the_place() {
    let with = |path: &str| {
        let mut options = openai();
        options["health_path"] = path.into();
        options["headers"] = json!({"x-team": "$OTHER"});
        one(&options)
    };
    for (upstream, status, error) in [
        (answer(200, "{}"), 200, ""),
        (page(200), 200, ""),
        (answer(404, "{}"), 503, "upstream_not_found"),
        (answer(401, "{}"), 503, "upstream_auth_error"),
        (answer(301, ""), 503, "upstream_redirect"),
        (answer(500, ""), 503, "upstream_error"),
    ] {
        let gateway = with("/status/ready?full=1");
        let seen = probe(&gateway, "m", vec![upstream]);
        let url = "https://up.test/status/ready?full=1".to_owned();
        assert_eq!(seen, (status, error.to_owned(), vec![url]));
        let sent = gateway.sent();
        assert_eq!(sent.headers.get("authorization"), Some("Bearer the-key"));
        assert_eq!(sent.headers.get("x-team"), Some("the-other-key"));
    }
    // No path leads to another host.
    for path in [
        "//evil.test/x",
        "/@evil.test",
        "/\\evil.test",
        "/..//evil.test",
    ] {
        let gateway = with(path);
        let (.., urls) = probe(&gateway, "m", vec![answer(200, "{}")]);
        assert_eq!(urls, [format!("https://up.test{path}")]);
    }
}

#[test]
fn a_place_that_is_none_is_warned_of_and_ignored() {
    for path in [
        "health",
        "https://evil.test/",
        "@evil.test",
        "/a b",
        "/a#b",
        "/a\nb",
        "",
    ] {
        let mut options = openai();
        options["health_path"] = path.into();
        options["health_timeout"] = 0.into();
        let gateway = one(&options);
        let warnings = gateway.config.warnings.join("\n");
        assert!(
            warnings.contains("GATEWAY.providers.it.health_path"),
            "{path}"
        );
        assert!(
            warnings.contains("GATEWAY.providers.it.health_timeout"),
            "{path}"
        );
        let (status, _, urls) = probe(&gateway, "m", vec![answer(200, "{}")]);
        assert_eq!(
            (status, urls),
            (200, vec!["https://up.test/health".to_owned()])
        );
        assert_eq!(gateway.sent().timeout_millis, 60_000);
    }
    let mut options = openai();
    options["health_path"] = "/ready".into();
    options["health_timeout"] = 3.into();
    assert_eq!(one(&options).config.warnings, [""; 0]);
}

/// Options, what is answered, the status and the error it comes to, the address, the header with the credential.
#[test]
fn each_kind_of_azures_is_asked_for_what_it_has() {
    let azure = |endpoint: &str| json!({"kind": "azure", "endpoint": endpoint, "key": "$KEY"});
    let foundry = |endpoint: &str| json!({"kind": "foundry", "endpoint": endpoint, "key": "$KEY"});
    let resource = "https://r.openai.azure.com/openai";
    let dated = format!("{resource}/models?api-version=2024-10-21");
    let undated = format!("{resource}/v1/models");
    let info = "https://r.services.ai.azure.com/models/info?api-version=2024-05-01-preview";
    let anthropic = "https://r.services.ai.azure.com/anthropic/v1/models";
    let api_key = ("api-key", "the-key");
    let x_api_key = ("x-api-key", "the-key");
    let bearer = ("authorization", "Bearer the-key");
    let at_models = || foundry("https://r.services.ai.azure.com/models");
    let at_anthropic = || foundry("https://r.services.ai.azure.com/anthropic/v1/messages");
    let classic = || {
        azure(
            "https://r.openai.azure.com/openai/deployments/x/chat/completions?api-version=2024-10-21",
        )
    };
    let single = || foundry("https://mine.eastus2.models.ai.azure.com");
    let ones_info = "https://mine.eastus2.models.ai.azure.com/info";
    for (options, answered, status, error, url, (header, credential)) in [
        (classic(), 200, 200, "", dated.as_str(), api_key),
        (classic(), 401, 503, "upstream_auth_error", &dated, api_key),
        (classic(), 404, 503, "upstream_not_found", &dated, api_key),
        (
            azure("https://r.openai.azure.com/openai/v1"),
            200,
            200,
            "",
            &undated,
            api_key,
        ),
        (at_models(), 200, 200, "", info, api_key),
        (at_models(), 404, 200, "", info, api_key),
        (at_models(), 401, 503, "upstream_auth_error", info, api_key),
        (at_models(), 403, 503, "upstream_auth_error", info, api_key),
        (at_models(), 302, 503, "upstream_redirect", info, api_key),
        (at_models(), 500, 503, "upstream_error", info, api_key),
        (at_anthropic(), 404, 200, "", anthropic, x_api_key),
        (
            at_anthropic(),
            401,
            503,
            "upstream_auth_error",
            anthropic,
            x_api_key,
        ),
        (single(), 200, 200, "", ones_info, bearer),
        (single(), 500, 503, "upstream_error", ones_info, bearer),
    ] {
        let gateway = one(&options);
        let seen = probe(&gateway, "m", vec![answer(answered, "{}")]);
        assert_eq!(
            seen,
            (status, error.to_owned(), vec![url.to_owned()]),
            "{options}"
        );
        let sent = gateway.sent();
        assert_eq!(sent.headers.get(header), Some(credential), "{options}");
        let credentials = ["api-key", "x-api-key", "authorization"];
        assert_eq!(
            credentials
                .iter()
                .filter(|it| sent.headers.get(it).is_some())
                .count(),
            1
        );
    }
    // A host of one model that does not describe it may list it.
    let gateway = one(&single());
    let seen = probe(&gateway, "m", vec![answer(404, "{}"), answer(200, "{}")]);
    let models = "https://mine.eastus2.models.ai.azure.com/v1/models";
    assert_eq!(
        seen,
        (
            200,
            String::new(),
            vec![ones_info.to_owned(), models.to_owned()]
        )
    );
}

#[test]
fn a_place_is_asked_once_for_all_its_targets() {
    let gateway = native(&json!({
        "providers": {
            "a": {"kind": "azure", "endpoint": "https://a.openai.azure.com", "key": "$KEY"},
            "b": {"kind": "azure", "endpoint": "https://b.openai.azure.com", "key": "$KEY"},
        },
        "models": {"m": ["a/x", "b/x", "a/y", "a/x"]},
    }));
    gateway.script(answer(200, "{}"));
    gateway.script(answer(503, "{}"));
    let body = gateway.send(get("/health/m")).json();
    let targets = body["targets"].as_array().unwrap().iter();
    let targets: Vec<Value> = targets
        .map(|it| json!([it["target"], it["status"]]))
        .collect();
    let expected = json!([["a/x", "ok"], ["b/x", "error"], ["a/y", "ok"]]);
    assert_eq!(Value::from(targets), expected);
    assert_eq!(gateway.platform.sent.borrow().len(), 2);
    assert_eq!(gateway.line()["attempts"], 2);
}

#[test]
fn google_is_asked_for_the_model_itself() {
    let studio = json!({"kind": "google", "key": "$KEY"});
    let compat = json!({"kind": "google", "key": "$KEY", "dialect": "openai"});
    let vertex = json!({"kind": "vertex", "key": "$KEY", "project": "p", "location": "us-east5"});
    let on_vertex = json!({"kind": "vertex", "key": "$KEY", "project": "p", "location": "us-east5", "dialect": "openai"});
    let express = json!({"kind": "vertex", "key": "$KEY"});
    let key = ("x-goog-api-key", "the-key");
    let bearer = ("authorization", "Bearer the-key");
    let at_studio = "https://generativelanguage.googleapis.com/v1beta";
    let publishers = "https://aiplatform.googleapis.com/v1beta1/publishers";
    let projects = "projects/p/locations/us-east5";
    let regional = "https://us-east5-aiplatform.googleapis.com";
    for (options, model, url, (header, credential)) in [
        (&studio, "m", format!("{at_studio}/models/m"), key),
        (&compat, "m", format!("{at_studio}/openai/models/m"), bearer),
        (&vertex, "m", format!("{publishers}/google/models/m"), key),
        (&express, "m", format!("{publishers}/google/models/m"), key),
        (
            &vertex,
            "meta",
            format!("{publishers}/meta/models/llama-4-maas"),
            key,
        ),
        (
            &vertex,
            "tuned",
            format!("{regional}/v1beta1/{projects}/endpoints/123"),
            key,
        ),
        (
            &on_vertex,
            "tuned",
            format!("{regional}/v1/{projects}/endpoints/123"),
            key,
        ),
    ] {
        let gateway = one(options);
        let seen = probe(&gateway, model, vec![answer(200, "{}")]);
        assert_eq!(seen, (200, String::new(), vec![url.clone()]), "{options}");
        assert_eq!(
            gateway.sent().headers.get(header),
            Some(credential),
            "{options}"
        );
        // What the owner configured is down where Google does not know it.
        let gateway = one(options);
        let seen = probe(&gateway, model, vec![answer(404, "{}")]);
        assert_eq!(
            seen,
            (503, "model_not_found".to_owned(), vec![url]),
            "{options}"
        );
    }
}

#[test]
fn what_google_does_not_know_and_nobody_configured_does_not_exist() {
    let gateway = one(&json!({"kind": "google", "key": "$KEY"}));
    gateway.script(answer(404, "{}"));
    let got = gateway.send(get("/health/gemini-0"));
    assert_eq!(got.refusal(), (404, "model_not_found".to_owned()));
    assert!(gateway.sent().url.ends_with("/models/gemini-0"));
    // Nor does what no model can be called.
    let got = gateway.send(get("/health/gemini-..%3Fx"));
    assert_eq!(got.refusal(), (400, "invalid_model".to_owned()));
    assert!(gateway.asked_nobody());
    // It is not kept: the next who asks may be luckier.
    gateway.script(answer(200, "{}"));
    assert_eq!(gateway.send(get("/health/gemini-0")).status(), 200);
}

#[test]
fn a_token_is_issued_for_it_and_its_issuer_may_fail() {
    let options = json!({
        "kind": "azure",
        "endpoint": "https://r.openai.azure.com",
        "entra": {"tenant": "t", "client_id": "c", "client_secret": "$KEY"},
    });
    let token = || answer(200, r#"{"access_token":"minted","expires_in":3599}"#);
    let gateway = one(&options);
    gateway.script(token());
    gateway.script(answer(200, "{}"));
    let got = gateway.send(get("/health/m"));
    assert_eq!(got.status(), 200);
    let sent = gateway.sent();
    assert_eq!(sent.headers.get("authorization"), Some("Bearer minted"));
    assert!(!got.text().contains("minted") && !gateway.line().to_string().contains("minted"));

    let gateway = one(&options);
    gateway.script(answer(401, r#"{"error":"invalid_client"}"#));
    let got = gateway.send(get("/health/m"));
    assert_eq!(got.status(), 503);
    assert_eq!(got.json()["targets"][0]["status"], "error");
    assert!(!got.text().contains("the-key"));
}

#[test]
fn the_built_in_provider_is_always_well() {
    let gateway = one(&json!({"kind": "demo", "health_path": "/x"}));
    assert_eq!(
        probe(&gateway, "m", Vec::new()),
        (200, String::new(), Vec::new())
    );
}
