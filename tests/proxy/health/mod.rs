//! How things are, by whole requests: the gateway, its providers, its models.

mod model;
mod probes;

use serde_json::{Value, json};

use crate::fake::{
    Ask, Gateway, Upstream, ask, chat, gateway, gateway_of, get, json as answer, usual,
};

const HELLO: &str = r#"{"model":"m","messages":[]}"#;

/// A document with these providers and models, a client with a key of ours, and the secrets they name.
fn native(document: &Value) -> Gateway {
    let document = document.to_string();
    gateway_of([
        ("GATEWAY", document.as_str()),
        ("PROXY_API_KEYS", "alice:client-key,bob:key-of-bob:gpt-*"),
        ("KEY", "the-key"),
        ("OTHER", "the-other-key"),
    ])
}

fn members(value: &Value) -> Vec<&str> {
    let members = value.as_object().unwrap().keys();
    members.map(String::as_str).collect()
}

fn health(gateway: &Gateway) -> Value {
    let got = gateway.send(get("/health"));
    assert_eq!(got.status(), 200);
    got.json()
}

#[test]
fn strangers_read_what_monitors_ask_and_no_names() {
    let gateway = usual();
    gateway.platform.wait(1_700_000_000_999);
    for ask in [
        ask("GET", "/health"),
        ask("GET", "/health/"),
        ask("GET", "/health?verbose=1"),
        ask("GET", "/health").key("wrong"),
        ask("GET", "/health").header("accept", "application/json, text/plain, */*"),
    ] {
        let got = gateway.send(ask);
        assert_eq!(got.status(), 200);
        assert_eq!(got.header("content-type"), Some("application/json"));
        let expected = json!({
            "status": "ok",
            "health": "healthy",
            "message": "all providers are configured",
            "timestamp": 1_700_000_000,
            "instance_summary": {"total": 1, "healthy": 1, "routing_strategy": "failover"},
            "version": env!("CARGO_PKG_VERSION"),
        });
        assert_eq!(got.json(), expected);
    }
    assert!(gateway.asked_nobody());
}

#[test]
fn who_accepts_text_gets_a_word() {
    for accept in [
        "text/plain",
        "Text/Plain;q=0.9, */*",
        " text/plain , text/html",
    ] {
        let got = usual().send(ask("GET", "/health").header("accept", accept));
        assert_eq!(got.status(), 200, "{accept}");
        assert_eq!(got.text(), "OK", "{accept}");
        assert_eq!(
            got.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
    }
    for accept in [
        "*/*",
        "text/html",
        "text/plainer",
        "application/json;x=text/plain",
    ] {
        let got = usual().send(ask("GET", "/health").header("accept", accept));
        assert_eq!(got.json()["status"], "ok", "{accept}");
    }
}

#[test]
fn the_shortest_answer_is_there_in_every_mode() {
    let modes: [&[(&str, &str)]; 7] = [
        &[],
        &[("AZURE_OPENAI_PROXY_MODE", "openai")],
        &[("AZURE_OPENAI_PROXY_MODE", "azure")],
        &[("AZURE_OPENAI_PROXY_MODE", "google")],
        &[("AZURE_OPENAI_PROXY_MODE", "vertex")],
        &[("OPENAI_API_KEY", "closed")],
        &[("GATEWAY", "{")],
    ];
    for mode in modes {
        let gateway = gateway_of(mode.iter().copied());
        let got = gateway.send(ask("GET", "/healthz"));
        assert_eq!(
            (got.status(), got.text()),
            (200, r#"{"status":"healthy"}"#.to_owned())
        );
        for path in ["/", "/health", "/healthz"] {
            assert_eq!(gateway.send(ask("HEAD", path)).status(), 200, "{path}");
            let got = gateway.send(ask("POST", path));
            assert_eq!(
                got.refusal(),
                (405, "method_not_allowed".to_owned()),
                "{path}"
            );
        }
        assert!(gateway.asked_nobody());
    }
}

/// The word for strangers, and how many do well of how many.
#[test]
fn how_it_is_follows_from_the_settings() {
    let broken = r#"{"providers": {"a": {"kind": "openai", "endpoint": "ftp://a.test"}}}"#;
    let half = r#"{"providers": {"a": {"kind": "openai", "endpoint": "ftp://a.test"}, "b": {"kind": "demo"}}}"#;
    let odd = r#"{"providers": {"a": {"kind": "demo"}}, "unheard-of": 1}"#;
    for (document, word, well, total) in [
        (r#"{"providers": {"a": {"kind": "demo"}}}"#, "healthy", 1, 1),
        (odd, "warning", 1, 1),
        (half, "degraded", 1, 2),
        (broken, "unhealthy", 0, 1),
        ("{", "unhealthy", 0, 1),
    ] {
        let gateway = gateway([("GATEWAY", document), ("ALLOW_ANONYMOUS", "true")]);
        let body = health(&gateway);
        assert_eq!(body["health"], word, "{document}");
        assert_eq!(body["status"], "ok", "{document}");
        let summary = &body["instance_summary"];
        assert_eq!(
            (&summary["healthy"], &summary["total"]),
            (&json!(well), &json!(total)),
            "{document}"
        );
        assert!(body.get("providers").is_none() && body.get("warnings").is_none());
    }
}

#[test]
fn who_has_a_key_of_ours_sees_every_provider() {
    let gateway = native(&json!({"providers": {
        "a": {"kind": "openai", "endpoint": "https://a.test", "key": "$KEY"},
        "b": {"kind": "azure", "endpoint": "https://b.openai.azure.com", "key": "$KEY"},
        "c": {"kind": "foundry", "endpoint": "https://c.services.ai.azure.com/models"},
        "d": {"kind": "google", "key": "$KEY"},
        "e": {"kind": "vertex", "project": "p"},
        "f": {"kind": "demo"},
        "g": {"kind": "ollama"},
        "h": {"kind": "openai", "endpoint": "ftp://h.test", "key": "$KEY"},
    }}));
    let got = gateway.send(get("/health"));
    let body = got.json();
    let providers = body["providers"].as_array().unwrap();
    let shown: Vec<Value> = providers
        .iter()
        .map(|it| {
            json!([
                it["name"],
                it["kind"],
                it["usable"],
                it["healthy"],
                it["key"]
            ])
        })
        .collect();
    let expected = json!([
        ["a", "openai", true, true, "set"],
        ["b", "azure", true, true, "set"],
        ["c", "foundry", true, true, "missing"],
        ["d", "google", true, true, "set"],
        ["e", "vertex", true, true, "missing"],
        ["f", "demo", true, true, "not wanted"],
        ["g", null, false, false, "missing"],
        ["h", null, false, false, "set"],
    ]);
    assert_eq!(Value::from(shown), expected);
    assert_eq!(
        members(&providers[0]),
        ["name", "kind", "usable", "healthy", "key"]
    );
    assert_eq!(
        members(&providers[6]),
        ["name", "usable", "healthy", "key", "problem"]
    );
    assert!(providers[6]["problem"].as_str().unwrap().contains("ollama"));
    let warnings = body["warnings"].as_array().unwrap();
    assert!(
        warnings
            .iter()
            .any(|it| it.as_str().unwrap().contains("providers.g.kind"))
    );
    assert!(!got.text().contains("the-key"));
    assert!(gateway.asked_nobody());
}

/// Other providers are none of its business.
#[test]
fn a_limited_key_sees_what_strangers_see() {
    let document = json!({
        "providers": {"a": {"kind": "openai", "endpoint": "https://a.test", "key": "$KEY"}},
        "clients": {"bob": {"key": "$BOB", "models": ["m"]}, "all": {"key": "$ALL"}},
    });
    let gateway = gateway([
        ("GATEWAY", document.to_string().as_str()),
        ("KEY", "the-key"),
        ("BOB", "key-of-bob"),
        ("ALL", "client-key"),
    ]);
    let limited = gateway.send(ask("GET", "/health").key("key-of-bob"));
    let stranger = gateway.send(ask("GET", "/health"));
    assert_eq!(limited.json(), stranger.json());
    assert!(gateway.send(get("/health")).json()["providers"].is_array());
}

/// What the last request came to, and what it means.
#[test]
fn a_provider_is_well_if_its_last_request_was() {
    let outcomes = [
        (answer(200, "{}"), json!({"status": 200}), true),
        (answer(400, "{}"), json!({"status": 400}), true),
        (answer(404, "{}"), json!({"status": 404}), true),
        (answer(429, "{}"), json!({"status": 429}), true),
        (answer(401, "{}"), json!({"status": 401}), false),
        (answer(403, "{}"), json!({"status": 403}), false),
        (answer(500, "{}"), json!({"status": 500}), false),
        (answer(503, "{}"), json!({"status": 503}), false),
        (Upstream::Unreachable, json!({"error": "no answer"}), false),
        (Upstream::TimesOut, json!({"error": "no answer"}), false),
    ];
    for (upstream, mut result, is_well) in outcomes {
        let gateway = usual().meets(upstream);
        gateway.platform.wait(20_000);
        gateway.send(chat(HELLO));
        result["at"] = 20.into();
        let body = health(&gateway);
        let provider = &body["providers"][0];
        assert_eq!(provider["last_result"], result);
        assert_eq!(
            (&provider["usable"], &provider["healthy"]),
            (&json!(true), &json!(is_well))
        );
        let word = if is_well { "healthy" } else { "unhealthy" };
        assert_eq!(body["health"], word, "{result}");
        assert_eq!(body["instance_summary"]["healthy"], u8::from(is_well));
        // After five minutes it tells nothing.
        gateway.platform.wait(300_001);
        assert_eq!(health(&gateway)["health"], "healthy");
    }
}

#[test]
fn a_refused_credential_of_a_client_is_not_the_providers_failure() {
    let gateway = gateway([("OPENAI_BASE_URL", "https://up.test/v1")]);
    gateway.script(answer(401, "{}"));
    gateway.send(chat(HELLO));
    assert_eq!(health(&gateway)["health"], "healthy");
}

#[test]
fn one_failing_provider_of_two_is_seen() {
    let gateway = native(&json!({"providers": {
        "a": {"kind": "openai", "endpoint": "https://a.test"},
        "b": {"kind": "demo"},
    }}));
    gateway.script(Upstream::Unreachable);
    gateway.send(chat(HELLO));
    let body = health(&gateway);
    assert_eq!(body["health"], "degraded");
    assert_eq!(
        body["message"],
        "some providers did not do well when they were asked last"
    );
}

#[test]
fn what_is_kept_of_its_list_is_told() {
    let listed = |gateway: &Gateway| health(gateway)["providers"][0]["models"].clone();
    let gateway = usual().meets(answer(200, r#"{"data":[{"id":"x"},{"id":"y"}]}"#));
    assert_eq!(listed(&gateway), Value::Null);
    gateway.platform.wait(5_000);
    gateway.send(get("/v1/models"));
    assert_eq!(
        listed(&gateway),
        json!({"count": 2, "failing": false, "at": 5})
    );

    let gateway = native(&json!({
        "providers": {"a": {"kind": "openai", "endpoint": "https://a.test"}},
        "models": {"m": "a/m"},
    }));
    gateway.script(Upstream::Unreachable);
    gateway.send(get("/v1/models"));
    assert_eq!(listed(&gateway), json!({"count": 0, "failing": true}));
}
