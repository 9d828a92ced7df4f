//! `GET /health/{model}`: who may ask, what is answered, how long it stands.

use isthmus::platform::Platform;
use serde_json::{Value, json};

use super::{Ask, Gateway, Upstream, answer, ask, gateway, get, native, usual};
use crate::fake::FETCH_MILLIS;

/// Two servers for `m`, of which neither needs anything but its own word.
fn pair() -> Gateway {
    native(&json!({
        "providers": {
            "a": {"kind": "openai", "endpoint": "https://a.test/v1", "key": "$KEY"},
            "b": {"kind": "openai", "endpoint": "https://b.test/v1", "key": "$OTHER"},
        },
        "models": {"m": ["a/x", "b/y"], "gpt-4o": "a/x", "org/Big": "b/*"},
    }))
}

fn well() -> Upstream {
    answer(200, "{}")
}

fn urls(gateway: &Gateway) -> Vec<String> {
    let sent = gateway.platform.sent.take();
    sent.into_iter().map(|it| it.url).collect()
}

#[test]
fn all_well_is_200() {
    let gateway = pair().meets(well()).meets(answer(204, ""));
    let got = gateway.send(get("/health/m"));
    assert_eq!(got.status(), 200);
    assert_eq!(got.header("x-isthmus-cache"), Some("miss"));
    let expected = json!({"status": "ok", "model": "m", "targets": [
        {"target": "a/x", "status": "ok", "upstream_status": 200, "duration_ms": FETCH_MILLIS},
        {"target": "b/y", "status": "ok", "upstream_status": 204, "duration_ms": FETCH_MILLIS},
    ]});
    assert_eq!(got.json(), expected);
    assert!(
        gateway.platform.abandoned.get() > 0,
        "unread bodies are given up"
    );
    assert_eq!(gateway.platform.reads.get(), 0, "no body is read");
    let line = gateway.line();
    assert_eq!(
        (&line["attempts"], &line["operation"]),
        (&json!(2), &json!("health"))
    );
    assert_eq!(
        (&line["client"], &line["model_asked"]),
        (&json!("alice"), &json!("m"))
    );
    for secret in ["the-key", "client-key"] {
        assert!(!line.to_string().contains(secret) && !got.text().contains(secret));
    }
}

#[test]
fn one_that_is_down_is_503_and_named() {
    for (upstream, status, error) in [
        (answer(500, "{}"), json!(500), "upstream_error"),
        (answer(503, "{}"), json!(503), "upstream_error"),
        (Upstream::Unreachable, Value::Null, "upstream_unreachable"),
        (Upstream::TimesOut, Value::Null, "upstream_timeout"),
        (Upstream::NeverAnswers, Value::Null, "upstream_timeout"),
    ] {
        let gateway = pair().meets(well()).meets(upstream);
        let got = gateway.send(get("/health/m"));
        assert_eq!(got.status(), 503, "{error}");
        let body = got.json();
        assert_eq!(
            (&body["status"], &body["model"]),
            (&json!("error"), &json!("m"))
        );
        assert_eq!(body["targets"][0]["status"], "ok");
        let down = &body["targets"][1];
        assert_eq!(
            (&down["target"], &down["status"]),
            (&json!("b/y"), &json!("error"))
        );
        assert_eq!(
            (&down["error"], &down["upstream_status"]),
            (&json!(error), &status)
        );
        assert!(down["message"].is_string() && down["duration_ms"].is_u64());
        // It is seen in the gateway's own state, too.
        let gateways = gateway.send(get("/health")).json();
        assert_eq!(gateways["health"], "degraded", "{error}");
    }
}

#[test]
fn what_was_found_stands_for_ten_seconds() {
    let gateway = pair().meets(well()).meets(well());
    let first = gateway.send(get("/health/m"));
    gateway.platform.lines.take();
    gateway.platform.wait(9_999);
    let second = gateway.send(get("/health/m"));
    assert_eq!(second.header("x-isthmus-cache"), Some("hit"));
    assert_eq!((second.status(), second.text()), (200, first.text()));
    assert_eq!(gateway.line()["attempts"], 0);
    assert_eq!(urls(&gateway).len(), 2);
    gateway.platform.wait(1);
    gateway.script(well());
    gateway.script(Upstream::Unreachable);
    let third = gateway.send(get("/health/m"));
    assert_eq!(
        (third.status(), third.header("x-isthmus-cache")),
        (503, Some("miss"))
    );
    // That it is down stands as well.
    gateway.platform.lines.take();
    let fourth = gateway.send(get("/health/m"));
    assert_eq!(gateway.line()["error"], "model_unhealthy");
    assert_eq!(
        (fourth.status(), fourth.header("x-isthmus-cache")),
        (503, Some("hit"))
    );
    assert_eq!(fourth.text(), third.text());
}

#[test]
fn a_model_is_not_another() {
    let gateway = pair().meets(well()).meets(well()).meets(well());
    assert_eq!(gateway.send(get("/health/m")).status(), 200);
    let other = gateway.send(get("/health/gpt-4o"));
    assert_eq!(other.header("x-isthmus-cache"), Some("miss"));
    assert_eq!(other.json()["targets"].as_array().unwrap().len(), 1);
}

#[test]
fn each_provider_has_its_own_time() {
    let gateway = native(&json!({
        "providers": {
            "a": {"kind": "openai", "endpoint": "https://a.test/v1", "health_timeout": 5},
            "b": {"kind": "openai", "endpoint": "https://b.test/v1"},
        },
        "models": {"m": "a/m", "n": "b/n"},
    }));
    for (model, millis) in [("m", 5_000), ("n", 60_000)] {
        gateway.script(Upstream::NeverAnswers);
        let got = gateway.send(get(&format!("/health/{model}")));
        assert_eq!(got.status(), 503);
        let target = &got.json()["targets"][0];
        assert_eq!(
            (&target["error"], &target["upstream_status"]),
            (&json!("upstream_timeout"), &Value::Null)
        );
        assert_eq!(target["duration_ms"], FETCH_MILLIS + millis);
        assert_eq!(u64::from(gateway.sent().timeout_millis), millis);
    }
    // All that is asked for has it together: the first answers, the second does not.
    gateway.platform.wait(10_000);
    gateway.script(answer(404, "{}"));
    gateway.script(Upstream::NeverAnswers);
    let target = gateway.send(get("/health/m")).json()["targets"][0].clone();
    assert_eq!(
        (&target["error"], &target["upstream_status"]),
        (&json!("upstream_timeout"), &Value::Null)
    );
}

#[test]
fn who_is_let_in_and_may_use_the_model_may_ask() {
    let refused: [(Ask, u16, &str); 4] = [
        (ask("GET", "/health/m"), 401, "missing_api_key"),
        (ask("GET", "/health/m").key("wrong"), 401, "invalid_api_key"),
        (
            ask("GET", "/health/m").key("key-of-bob"),
            403,
            "model_not_allowed",
        ),
        (
            ask("POST", "/health/m").key("client-key"),
            405,
            "method_not_allowed",
        ),
    ];
    for (request, status, code) in refused {
        let gateway = pair();
        let got = gateway.send(request);
        assert_eq!(got.refusal(), (status, code.to_owned()));
        assert!(gateway.asked_nobody());
    }
    let gateway = pair().meets(well()).meets(well()).meets(well());
    let limited = ask("HEAD", "/health/gpt-4o").key("key-of-bob");
    assert_eq!(gateway.send(limited).status(), 200);
    // What another was told is not what a limited key may read.
    assert_eq!(gateway.send(get("/health/m")).status(), 200);
    let limited = gateway.send(ask("GET", "/health/m").key("key-of-bob"));
    assert_eq!(limited.status(), 403);

    let closed = gateway_closed().send(get("/health/m"));
    assert_eq!(closed.refusal(), (403, "gateway_closed".to_owned()));
}

fn gateway_closed() -> Gateway {
    gateway([("OPENAI_API_KEY", "upstream-key")])
}

#[test]
fn names_may_have_slashes_and_any_case() {
    for (path, target) in [
        ("/health/org/Big", "b/org/Big"),
        ("/health/org%2FBig", "b/org/Big"),
        ("/health/ORG%2fbig/", "b/ORG/big"),
        ("//health//org/big", "b/org/big"),
        ("/health/GPT-4O", "a/x"),
        ("/health/M", "a/x"),
    ] {
        let gateway = pair().meets(well()).meets(well());
        let body = gateway.send(get(path)).json();
        assert_eq!(body["targets"][0]["target"], target, "{path}");
        let asked = path.trim_matches('/').strip_prefix("health").unwrap();
        let asked = asked
            .trim_start_matches('/')
            .replace("%2F", "/")
            .replace("%2f", "/");
        assert_eq!(body["model"], asked, "{path}");
    }
}

#[test]
fn what_nobody_names_nor_lists_is_404() {
    let gateway = usual().meets(answer(
        200,
        r#"{"data":[{"id":"Known"},{"id":"llama3:latest"}]}"#,
    ));
    let got = gateway.send(get("/health/unknown"));
    assert_eq!(got.refusal(), (404, "model_not_found".to_owned()));
    assert_eq!(got.message(), "The model 'unknown' does not exist");
    assert_eq!(urls(&gateway), ["https://up.test/v1/models"]);
    // The list is kept; what is in it is asked after, by any name it has.
    for (model, target) in [("known", "openai/known"), ("llama3", "openai/llama3")] {
        gateway.script(well());
        let got = gateway.send(get(&format!("/health/{model}")));
        assert_eq!(
            (got.status(), &got.json()["targets"][0]["target"]),
            (200, &json!(target))
        );
        assert_eq!(urls(&gateway), ["https://up.test/health"]);
    }
    for nameless in ["/health/%20", &format!("/health/{}", "m".repeat(257))] {
        assert_eq!(gateway.send(get(nameless)).refusal().0, 404);
    }
}

#[test]
fn a_list_that_is_not_there_or_old_proves_nothing() {
    // It is not wanted.
    let unwanting = gateway([
        ("OPENAI_BASE_URL", "https://up.test/v1"),
        ("OPENAI_API_KEY", "upstream-key"),
        ("PROXY_API_KEYS", "client-key"),
        ("MODELS_LIST", "configured"),
    ])
    .meets(well());
    assert_eq!(unwanting.send(get("/health/m")).status(), 200);
    assert_eq!(urls(&unwanting), ["https://up.test/health"]);
    // It cannot be had.
    let gateway = usual().meets(answer(500, "{}")).meets(well());
    assert_eq!(gateway.send(get("/health/m")).status(), 200);
    // It is of an hour ago, and being renewed.
    let gateway = usual().meets(answer(200, r#"{"data":[]}"#));
    assert_eq!(gateway.send(get("/health/m")).status(), 404);
    gateway.platform.wait(3_600_000);
    gateway.script(well());
    assert_eq!(gateway.send(get("/health/m")).status(), 200);
}

#[test]
fn base_models_of_azure_say_nothing_of_deployments() {
    let azure = || {
        native(&json!({"providers": {
            "east": {"kind": "azure", "endpoint": "https://r.openai.azure.com", "key": "$KEY"},
        }}))
    };
    let deployments =
        r#"{"data":[{"id":"prod","object":"deployment","model":"gpt-4o","status":"succeeded"}]}"#;
    let gateway = azure().meets(answer(200, deployments));
    assert_eq!(gateway.send(get("/health/nope")).status(), 404);
    for served in ["prod", "gpt-4o", "gpt-4o-2024-08-06"] {
        gateway.script(well());
        assert_eq!(
            gateway.send(get(&format!("/health/{served}"))).status(),
            200,
            "{served}"
        );
    }
    let base = r#"{"data":[{"id":"gpt-4o","object":"model","status":"succeeded"}]}"#;
    let gateway = azure()
        .meets(answer(404, "{}"))
        .meets(answer(200, base))
        .meets(well());
    assert_eq!(gateway.send(get("/health/mine")).status(), 200);
}

#[test]
fn a_provider_that_makes_no_sense_is_down_and_says_why() {
    let gateway = native(&json!({
        "providers": {
            "a": {"kind": "openai", "endpoint": "ftp://a.test"},
            "b": {"kind": "demo"},
        },
        "models": {"m": ["a/m", "b/m"]},
    }));
    let got = gateway.send(get("/health/m"));
    assert_eq!(got.status(), 503);
    let body = got.json();
    assert_eq!(body["targets"][0]["error"], "configuration_error");
    assert!(
        body["targets"][0]["message"]
            .as_str()
            .unwrap()
            .contains("providers.a.endpoint")
    );
    assert!(body["targets"][0].get("upstream_status").is_none());
    let expected = json!({"target": "b/m", "status": "ok", "duration_ms": 0});
    assert_eq!(body["targets"][1], expected);
    assert_eq!(gateway.line()["attempts"], 0);
    assert!(gateway.asked_nobody());

    let unread = gateway_of_nonsense().send(get("/health/m"));
    assert_eq!(unread.refusal(), (500, "configuration_error".to_owned()));
}

fn gateway_of_nonsense() -> Gateway {
    gateway([("GATEWAY", "{"), ("PROXY_API_KEYS", "client-key")])
}

#[test]
fn a_clients_own_credential_goes_along_and_what_it_found_is_its_own() {
    let gateway = gateway([
        ("OPENAI_BASE_URL", "https://up.test/v1"),
        ("MODELS_LIST", "configured"),
    ]);
    let asked_by = |key: &str, upstream: Upstream| {
        gateway.script(upstream);
        let got = gateway.send(ask("GET", "/health/m").key(key));
        let cache = got.header("x-isthmus-cache").unwrap().to_owned();
        gateway.forget_scripts();
        (got.status(), cache)
    };
    assert_eq!(asked_by("first", well()), (200, "miss".to_owned()));
    assert_eq!(
        gateway.sent().headers.get("authorization"),
        Some("Bearer first")
    );
    assert_eq!(
        asked_by("second", answer(500, "")),
        (503, "miss".to_owned())
    );
    assert_eq!(
        gateway.sent().headers.get("authorization"),
        Some("Bearer second")
    );
    assert_eq!(asked_by("first", answer(500, "")), (200, "hit".to_owned()));
    assert!(gateway.asked_nobody());
    let keyless = gateway.send(ask("GET", "/health/m"));
    assert_eq!(keyless.refusal(), (401, "missing_api_key".to_owned()));
    assert!(gateway.asked_nobody());
}

/// Whom no key of ours lets in is told how a model is, and no more: deployments are the owner's.
#[test]
fn strangers_learn_no_names() {
    let open = |settings: &[(&'static str, &'static str)]| {
        let usual = [
            ("OPENAI_BASE_URL", "https://up.test/v1"),
            ("MODELS_LIST", "configured"),
        ];
        crate::fake::gateway_of(usual.iter().chain(settings).copied())
    };
    let anonymous = [
        ("OPENAI_API_KEY", "upstream-key"),
        ("ALLOW_ANONYMOUS", "true"),
    ];
    for settings in [&anonymous[..], &[]] {
        for (upstream, status, word) in [(well(), 200, "ok"), (answer(500, ""), 503, "error")] {
            let gateway = open(settings).meets(upstream);
            let got = gateway.send(ask("GET", "/health/m").key("anybody's"));
            assert_eq!(got.status(), status);
            assert_eq!(got.json(), json!({"status": word, "model": "m"}));
        }
    }
}

#[test]
fn while_another_call_asks_this_one_waits() {
    let gateway = pair();
    let fingerprint = &gateway.config.fingerprint;
    let key = format!("health:{fingerprint}::m");
    let memory = gateway.platform.memory();
    let began = gateway.platform.now_millis();
    let turn = memory.turn(&key, began, 500).unwrap();
    gateway.script(well());
    gateway.script(well());
    assert_eq!(gateway.send(get("/health/m")).status(), 200);
    assert_eq!(
        gateway.platform.now_millis() - began,
        500 + 2 * FETCH_MILLIS
    );
    drop(turn);
}
