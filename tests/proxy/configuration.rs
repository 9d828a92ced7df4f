//! What settings mean, and what is said of those that mean nothing.

mod pools;

use crate::fake::{ask, chat, gateway, gateway_of, get, json as answers};

const HELLO: &str = r#"{"model":"m"}"#;

/// What people paste -> what is asked.
#[test]
fn an_address_is_taken_as_pasted() {
    for (setting, pasted, asked) in [
        (
            "OPENAI_BASE_URL",
            "https://up.test/v1",
            "https://up.test/v1",
        ),
        (
            "OPENAI_BASE_URL",
            " \"https://up.test/v1/\" ",
            "https://up.test/v1",
        ),
        ("OPENAI_BASE_URL", "https://up.test", "https://up.test/v1"),
        ("OPENAI_BASE_URL", "UP.test/", "https://up.test/v1"),
        (
            "OPENAI_BASE_URL",
            "https://up.test/openai/v1",
            "https://up.test/openai/v1",
        ),
        (
            "OPENAI_BASE_URL",
            "https://up.test/api/paas/v4/",
            "https://up.test/api/paas/v4",
        ),
        (
            "OPENAI_BASE_URL",
            "https://up.test/v1/chat/completions",
            "https://up.test/v1",
        ),
        (
            "OPENAI_BASE_URL",
            "https://up.test/v1?x=y#z",
            "https://up.test/v1",
        ),
        (
            "OPENAI_BASE_URL",
            "localhost:8000",
            "http://localhost:8000/v1",
        ),
        (
            "OPENAI_BASE_URL",
            "127.0.0.1:8000/v1",
            "http://127.0.0.1:8000/v1",
        ),
        (
            "OPENAI_BASE_URL",
            "http://[::1]:8000",
            "http://[::1]:8000/v1",
        ),
        (
            "openai_api_base",
            "https://up.test/v1",
            "https://up.test/v1",
        ),
        (
            "OPENAI_API_ENDPOINT",
            "https://up.test",
            "https://up.test/v1",
        ),
        (
            "OPENAI_API_ENDPOINT",
            "https://up.test/prefix",
            "https://up.test/prefix/v1",
        ),
        (
            "OPENAI_API_ENDPOINT",
            "https://up.test/v1",
            "https://up.test/v1",
        ),
    ] {
        let gateway =
            gateway([(setting, pasted), ("ALLOW_ANONYMOUS", "true")]).meets(answers(200, "{}"));
        assert_eq!(gateway.send(chat(HELLO)).status(), 200, "{pasted}");
        assert_eq!(
            gateway.sent().url,
            format!("{asked}/chat/completions"),
            "{pasted}"
        );
    }
}

#[test]
fn a_key_alone_means_openai() {
    let gateway = gateway([
        ("OPENAI_API_KEY", "upstream-key"),
        ("ALLOW_ANONYMOUS", "true"),
    ]);
    let gateway = gateway.meets(answers(200, "{}"));
    gateway.send(chat(HELLO));
    assert_eq!(
        gateway.sent().url,
        "https://api.openai.com/v1/chat/completions"
    );
}

#[test]
fn an_address_that_is_none_is_a_clear_error_of_its_calls() {
    for pasted in [
        "ftp://up.test",
        "https://",
        "https://user:pass@up.test/v1",
        "https://up test/",
        "https:///v1",
        "http://127.0.0.1:99999/v1",
        "https://a:b:c",
        "https://up.test:/v1",
        "http://[::1:80",
        "null",
        "http//up.test/v1",
        "a-key-in-the-wrong-place",
    ] {
        let gateway = gateway([("OPENAI_BASE_URL", pasted), ("ALLOW_ANONYMOUS", "true")]);
        let got = gateway.send(chat(HELLO));
        assert_eq!(
            got.refusal(),
            (500, "configuration_error".to_owned()),
            "{pasted}"
        );
        assert!(got.message().contains("OPENAI_BASE_URL"));
        assert_eq!(got.header("x-should-retry"), Some("false"));
    }
}

#[test]
fn with_nothing_configured_the_demo_answers_anybody() {
    let gateway = gateway([]);
    let request = ask("POST", "/v1/chat/completions")
        .json(r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#);
    let got = gateway.send(request);
    assert_eq!(got.status(), 200, "{}", got.text());
    assert_eq!(got.header("x-isthmus-provider"), Some("demo"));
    let line = gateway.line();
    assert!(line["tokens_in"].is_u64() && line["tokens_out"].is_u64());
}

const DOCUMENT: &str = r#"{
    "providers": {
        "one": {"kind": "openai", "endpoint": "https://one.test", "key": "$ONE_KEY", "headers": {"X-Team": "$TEAM"}},
        "two": {"kind": "openai", "endpoint": "https://two.test/v1"},
        "play": {"kind": "demo"}
    },
    "models": {"exact": "two/x", "ex*": ["one/y"], "*-free": "two/*", "e*": "one/z"},
    "clients": {"team": {"key": "$TEAM_KEY", "models": ["exact", "one/*"]}},
    "default": "one"
}"#;

/// Model asked -> provider and model used.
#[test]
fn a_model_finds_its_provider() {
    for (asked, url, model) in [
        ("exact", "two", "x"),
        ("EXACT", "two", "x"),
        ("exactly", "one", "y"),
        ("a-free", "two", "a-free"),
        ("ex-free", "two", "ex-free"),
        ("else", "one", "z"),
        ("one/any/thing", "one", "any/thing"),
        ("TWO/m", "two", "m"),
        ("unknown/m", "one", "unknown/m"),
        ("m", "one", "m"),
    ] {
        let gateway = gateway([
            ("GATEWAY", DOCUMENT),
            ("ONE_KEY", "upstream-key"),
            ("TEAM", "t-1"),
            ("PROXY_API_KEYS", "client-key"),
        ])
        .meets(answers(200, "{}"));
        gateway.send(chat(&format!(r#"{{"model":"{asked}"}}"#)));
        let sent = gateway.sent();
        assert_eq!(
            sent.url,
            format!("https://{url}.test/v1/chat/completions"),
            "{asked}"
        );
        assert_eq!(sent.body, format!(r#"{{"model":"{model}"}}"#), "{asked}");
        let (key, team) = if url == "one" {
            (Some("Bearer upstream-key"), Some("t-1"))
        } else {
            (None, None)
        };
        assert_eq!(sent.headers.get("authorization"), key);
        assert_eq!(sent.headers.get("x-team"), team);
    }
}

#[test]
fn with_one_provider_a_slash_is_part_of_the_name() {
    let gateway = gateway([
        ("OPENAI_BASE_URL", "https://market.test/api/v1"),
        ("ALLOW_ANONYMOUS", "true"),
    ]);
    let gateway = gateway.meets(answers(200, "{}"));
    gateway.send(chat(r#"{"model":"openai/gpt-4o"}"#));
    assert_eq!(gateway.sent().body, r#"{"model":"openai/gpt-4o"}"#);
}

#[test]
fn a_client_of_the_document_has_its_key_and_its_models() {
    let call = |key: &str, model: &str| {
        let gateway = gateway([
            ("GATEWAY", DOCUMENT),
            ("ONE_KEY", "upstream-key"),
            ("TEAM", "t-1"),
            ("TEAM_KEY", "teams-key"),
        ])
        .meets(answers(200, "{}"));
        let body = format!(r#"{{"model":"{model}"}}"#);
        let request = ask("POST", "/v1/embeddings").key(key).json(&body);
        gateway.send(request).status()
    };
    assert_eq!(call("teams-key", "exact"), 200);
    assert_eq!(call("teams-key", "one/m"), 200);
    assert_eq!(call("teams-key", "m"), 403);
    assert_eq!(call("other-key", "exact"), 401);
}

#[test]
fn a_secret_that_is_not_set_breaks_its_provider_and_nothing_else() {
    let gateway = gateway([
        ("GATEWAY", DOCUMENT),
        ("TEAM", "t"),
        ("PROXY_API_KEYS", "client-key"),
    ]);
    let gateway = gateway.meets(answers(200, "{}"));
    let got = gateway.send(chat(r#"{"model":"one/m"}"#));
    assert_eq!(got.refusal(), (500, "configuration_error".to_owned()));
    assert!(got.message().contains("ONE_KEY"));
    assert_eq!(gateway.send(chat(r#"{"model":"two/m"}"#)).status(), 200);
}

#[test]
fn a_document_that_cannot_be_read_is_said_to_every_call() {
    for document in ["{", "[]", "nonsense"] {
        let gateway = gateway([("GATEWAY", document), ("PROXY_API_KEYS", "client-key")]);
        let got = gateway.send(chat(HELLO));
        assert_eq!(
            got.refusal(),
            (500, "configuration_error".to_owned()),
            "{document}"
        );
        assert!(got.message().contains("GATEWAY"));
    }
}

#[test]
fn a_bad_item_is_a_warning_and_the_rest_works() {
    let document = r#"{
        "providers": {"ok": {"kind": "openai", "endpoint": "https://ok.test", "colour": 1}, "odd": {"kind": "odd"}, "no": 7},
        "models": {"m": ["ok/x", "gone/x", 7], "empty": [], "none": {"strategy": "s"}},
        "clients": {"c": {}, "d": {"key": "plain-key", "models": []}},
        "default": "gone",
        "extra": true
    }"#;
    let gateway = gateway([
        ("GATEWAY", document),
        ("PROXY_API_KEYS", "client-key, a:b:c, :, sha256:zz"),
        ("LOG_LEVEL", "loud"),
        ("UPSTREAM_TIMEOUT", "soon"),
        ("MAX_JSON_BODY", "0"),
        ("ALLOW_ANONYMOUS", "perhaps"),
    ])
    .meets(answers(200, "{}"));
    let warnings = gateway.config.warnings.join("\n");
    for fragment in [
        "GATEWAY.extra",
        "providers.ok.colour",
        "providers.odd.kind",
        "providers.no",
        "`gone`",
        "models.m has a target",
        "models.empty",
        "models.none.strategy",
        "clients.c ",
        "clients.d.models",
        "Item 3 of PROXY_API_KEYS",
        "Item 4 of PROXY_API_KEYS",
        "LOG_LEVEL",
        "UPSTREAM_TIMEOUT",
        "MAX_JSON_BODY",
        "ALLOW_ANONYMOUS",
    ] {
        assert!(
            warnings.contains(fragment),
            "{fragment} is not in:\n{warnings}"
        );
    }
    assert!(!warnings.contains("plain-key") && !warnings.contains("client-key"));
    assert_eq!(gateway.send(chat(HELLO)).status(), 200);
    assert_eq!(gateway.sent().url, "https://ok.test/v1/chat/completions");
}

/// What was meant for a provider that was not understood goes to nobody else, and opens no door.
#[test]
fn a_mistyped_provider_keeps_its_calls() {
    let document = r#"{"providers": {"inhouse": {"kind": "opnai", "endpoint": "https://in.test"}},
        "models": {"private": "inhouse/llama", "lost": "gone/x"}, "default": "nowhere"}"#;
    let settings = [
        ("OPENAI_API_KEY", "upstream-key"),
        ("PROXY_API_KEYS", "client-key"),
        ("GATEWAY", document),
    ];
    for (model, named) in [
        ("private", "opnai"),
        ("lost", "models.lost"),
        ("inhouse/x", "opnai"),
        ("any", "nowhere"),
    ] {
        let gateway = gateway(settings);
        let got = gateway.send(chat(&format!(r#"{{"model":"{model}"}}"#)));
        assert_eq!(
            got.refusal(),
            (500, "configuration_error".to_owned()),
            "{model}"
        );
        assert!(got.message().contains(named), "{}", got.message());
        assert!(gateway.asked_nobody());
    }
    let replaced = r#"{"providers": {"openai": {"kind": "opnai"}}}"#;
    let gateway = gateway([("OPENAI_API_KEY", "upstream-key"), ("GATEWAY", replaced)]);
    assert_eq!(
        gateway.send(chat(HELLO)).refusal(),
        (403, "gateway_closed".to_owned())
    );
}

/// Keys as clients of OpenAI's want them -> what the upstream gets.
#[test]
fn a_prefix_falls_where_the_owner_says_so() {
    let azure = ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com");
    let strip = ("STRIP_SK_PREFIX", "true");
    for (settings, key, sent) in [
        (&[azure, strip][..], "sk-azures", Some("azures")),
        (&[azure, strip], "azures", Some("azures")),
        (&[azure, strip], "sk-sk-azures", Some("sk-azures")),
        (
            &[azure, strip, ("ALLOW_ANONYMOUS", "true")],
            "sk-azures",
            Some("azures"),
        ),
        (&[azure], "sk-azures", Some("sk-azures")),
        (
            &[azure, ("STRIP_SK_PREFIX", "false")],
            "sk-azures",
            Some("sk-azures"),
        ),
        (&[azure, strip], "sk-", None),
        // A key of ours is what it is.
        (
            &[
                azure,
                strip,
                ("AZURE_OPENAI_API_KEY", "ours"),
                ("PROXY_API_KEYS", "sk-a"),
            ],
            "sk-a",
            Some("ours"),
        ),
        (&[azure, strip, ("PROXY_API_KEYS", "a")], "sk-a", None),
    ] {
        let gateway = gateway_of(settings.iter().copied()).meets(answers(200, "{}"));
        let request = ask("POST", "/v1/chat/completions").key(key).json(HELLO);
        let status = gateway.send(request).status();
        match sent {
            None => assert_eq!(status, 401, "{key}"),
            Some(sent) => assert_eq!(gateway.sent().headers.get("api-key"), Some(sent), "{key}"),
        }
    }
    // OpenAI's own begin so.
    let openai = ("AZURE_OPENAI_PROXY_MODE", "openai");
    let gateway = gateway_of([openai, strip]).meets(answers(200, "{}"));
    gateway.send(
        ask("POST", "/v1/chat/completions")
            .key("sk-theirs")
            .json(HELLO),
    );
    assert_eq!(
        gateway.sent().headers.get("authorization"),
        Some("Bearer sk-theirs")
    );
}

#[test]
fn an_accounts_pages_are_made_up_where_the_owner_says_so() {
    let server = ("OPENAI_BASE_URL", "https://up.test/v1");
    for (page, member) in [
        ("subscription", "hard_limit_usd"),
        (
            "usage?start_date=2026-11-01&end_date=2026-11-20",
            "total_usage",
        ),
        ("credit_grants", "total_available"),
    ] {
        for begin in ["/v1/dashboard/billing/", "/dashboard/billing/"] {
            let gateway = gateway_of([server, ("MOCK_BILLING", "true")]);
            let got = gateway.send(get(&format!("{begin}{page}")));
            assert_eq!(got.status(), 200);
            assert!(got.json()[member].is_number(), "{}", got.text());
            assert!(gateway.asked_nobody());
        }
    }
    let gateway = gateway_of([server]).meets(answers(200, "{}"));
    assert_eq!(
        gateway.send(get("/v1/dashboard/billing/usage")).status(),
        200
    );
    assert_eq!(
        gateway.sent().url,
        "https://up.test/v1/dashboard/billing/usage"
    );
    let keyed = gateway_of([server, ("MOCK_BILLING", "true"), ("PROXY_API_KEYS", "k")]);
    let stranger = ask("GET", "/v1/dashboard/billing/usage").key("other");
    assert_eq!(keyed.send(stranger).status(), 401);
}
