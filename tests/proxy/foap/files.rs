//! Where files are, and what is said of those that make no sense.

use isthmus::config::{Config, Settings};
use proptest::prelude::*;
use serde_json::{Value, json as value};

use crate::fake::{chat, gateway_of, get, json};

use super::{DONE, OPENAI};

fn offering(name: &str, there: &str) -> String {
    value!({"lab": {"target_base_url": "http://one.test", "models": {
        name: {"endpoints": [{"path": "v1/chat/completions", "target_model_name": there}]}
    }}})
    .to_string()
}

fn settings_of(pairs: &[(&str, &str)]) -> Settings {
    pairs.iter().copied().collect()
}

fn public(settings: &Settings) -> Vec<String> {
    let config = Config::read(settings);
    config.public_models().map(str::to_owned).collect()
}

/// Variables -> the models they offer.
#[test]
fn variables_hold_texts_or_pieces_of_one() {
    let (a, b, c) = (offering("a", "x"), offering("b", "x"), offering("c", "x"));
    let list = format!("[{a}, {b},] // both");
    let (b1, b2) = b.split_at(b.len() / 2);
    let cut = OPENAI.len() / 3;
    let pieces = [&OPENAI[..cut], &OPENAI[cut..2 * cut], &OPENAI[2 * cut..]];
    let quoted = format!("'{a}'");
    for (variables, models) in [
        (&[("FOAP_CONFIG", a.as_str())][..], "a"),
        (&[("foap_config", quoted.as_str())], "a"),
        (&[("FOAP_CONFIG", list.as_str())], "a b"),
        (
            &[
                ("FOAP_CONFIG_2", &a),
                ("FOAP_CONFIG_10", &c),
                ("FOAP_CONFIG", &b),
            ],
            "b a c",
        ),
        (&[("FOAP_CONFIG_1", b1), ("FOAP_CONFIG_2", b2)], "b"),
        (
            &[
                ("FOAP_CONFIG", b1),
                ("FOAP_CONFIG_1", " "),
                ("FOAP_CONFIG_2", b2),
            ],
            "b",
        ),
        (
            &[
                ("FOAP_CONFIG_1", pieces[0]),
                ("FOAP_CONFIG_2", pieces[1]),
                ("FOAP_CONFIG_3", pieces[2]),
            ],
            "openai-gpt-4o openai-text-embedding-3-small",
        ),
        (
            &[
                ("FOAP_CONFIG", &a),
                ("FOAP_CONFIG_1", b1),
                ("FOAP_CONFIG_2", b2),
                ("FOAP_CONFIG_3", &c),
            ],
            "a b c",
        ),
        (
            &[
                ("FOAP_CONFIG", &a),
                ("FOAP_CONFIG_1", b1),
                ("FOAP_CONFIG_2", &c),
            ],
            "a c",
        ),
    ] {
        let settings = settings_of(variables);
        assert_eq!(public(&settings).join(" "), models, "{variables:?}");
    }
}

/// What is wrong is told by its place, and the rest works.
#[test]
fn what_is_not_understood_is_told() {
    for (text, warning) in [
        (
            "{",
            "FOAP_CONFIG is not read: it is not JSON (line 1, column 1).",
        ),
        (
            "{\n# x\n\"a\" 1}",
            "FOAP_CONFIG is not read: it is not JSON (line 3, column 5).",
        ),
        (
            "7",
            "FOAP_CONFIG is not read: it is no object of providers.",
        ),
        (
            "[{}, 7]",
            "FOAP_CONFIG is not read: it is no object of providers.",
        ),
        (r#"{"p": 1}"#, "FOAP_CONFIG.p should be an object."),
        (r#"{" ": {}}"#, "FOAP_CONFIG has a provider without a name."),
        (r#"{"p": {}}"#, "FOAP_CONFIG.p.models is not there."),
        (
            r#"{"p": {"models": []}}"#,
            "FOAP_CONFIG.p.models should be an object.",
        ),
        (
            r#"{"p": {"prefix": 1, "models": {}}}"#,
            "FOAP_CONFIG.p.prefix should be text.",
        ),
        (
            r#"{"p": {"kay": 1, "models": {}}}"#,
            "FOAP_CONFIG.p.kay is not known to this version and does nothing.",
        ),
        (
            r#"{"p": {"request_timeout": -1, "models": {}}}"#,
            "FOAP_CONFIG.p.request_timeout should be a number of seconds above 0.",
        ),
        (
            r#"{"p": {"health_timeout": "soon", "models": {}}}"#,
            "FOAP_CONFIG.p.health_timeout should be a number of seconds above 0.",
        ),
        (
            r#"{"p": {"type": "bedrock", "models": {}}}"#,
            "FOAP_CONFIG.p.type is `bedrock`; it should be openai, azure or foundry. Models of others belong to \
             GATEWAY.providers.",
        ),
        (
            r#"{"p": {"models": {"": {}}}}"#,
            "FOAP_CONFIG.p.models has a model without a name.",
        ),
        (
            r#"{"p": {"models": {"m": 1}}}"#,
            "FOAP_CONFIG.p.models.m should be an object.",
        ),
        (
            r#"{"p": {"models": {"m": {}}}}"#,
            "FOAP_CONFIG.p.models.m has no endpoint that can be used.",
        ),
        (
            r#"{"p": {"models": {"m": {"endpoints": [1]}}}}"#,
            "FOAP_CONFIG.p.models.m.endpoints[0] should be an object.",
        ),
        (
            r#"{"p": {"models": {"m": {"endpoints": [{"path": "/v1/"}]}}}}"#,
            "FOAP_CONFIG.p.models.m.endpoints[0].path is not set, as v1/chat/completions.",
        ),
        (
            r#"{"p": {"models": {"m": {"endpoints": [{"path": "x"}]}}}}"#,
            "FOAP_CONFIG.p.models.m.endpoints[0] has no target_base_url.",
        ),
        (
            r#"{"p": {"models": {"m": {"endpoints": [{"path": "x", "target_base_url": "ftp://x"}]}}}}"#,
            "FOAP_CONFIG.p.models.m.endpoints[0].target_base_url is not an address: it begins with neither https:// nor \
             http://.",
        ),
        (
            r#"{"p": {"models": {"m": {"endpoints": [{"path": "x", "target_model_name": [], "target_base_url": "x.y"}]}}}}"#,
            "FOAP_CONFIG.p.models.m.endpoints[0].target_model_name should be text.",
        ),
        (
            r#"{"p": {"models": {"m": {"fallback_model_name": "x"}}}}"#,
            "FOAP_CONFIG.p.models.m names `x` to fall back on, which no provider file offers.",
        ),
        (
            r#"{"p": {"aliases": {"a": 1}, "models": {}}}"#,
            "FOAP_CONFIG.p.aliases.a should name a model.",
        ),
    ] {
        let settings = [
            ("FOAP_CONFIG", text.to_owned()),
            ("FOAP_CONFIG_1", offering("good", "x")),
            ("PROXY_API_KEYS", "client-key".to_owned()),
        ];
        let gateway = gateway_of(settings).meets(json(200, DONE));
        let warnings = &gateway.config.warnings;
        assert!(
            warnings.iter().any(|it| it == warning),
            "{text}: {warnings:?}"
        );
        assert_eq!(
            gateway.send(chat(r#"{"model":"good"}"#)).status(),
            200,
            "{text}"
        );
    }
}

/// A model that makes no sense is nobody else's.
#[test]
fn calls_of_what_was_not_understood_are_told() {
    for (endpoints, code) in [
        ("[]", 500),
        (r#"[{"path": "v1/chat/completions"}]"#, 500),
        (
            r#"[{"path": "v1/chat/completions", "target_base_url": "ftp://x"}]"#,
            500,
        ),
        (
            r#"[7, {"path": "v1/chat/completions", "target_base_url": "http://x.test"}]"#,
            200,
        ),
    ] {
        let text = format!(r#"{{"p": {{"models": {{"m": {{"endpoints": {endpoints}}}}}}}}}"#);
        let settings = [
            ("FOAP_CONFIG", text.as_str()),
            ("OPENAI_BASE_URL", "https://other.test"),
            ("ALLOW_ANONYMOUS", "true"),
        ];
        let gateway = gateway_of(settings).meets(json(200, DONE));
        let got = gateway.send(chat(r#"{"model":"m"}"#));
        assert_eq!(got.status(), code, "{endpoints}");
        let asked = gateway.platform.sent.borrow();
        assert!(asked.iter().all(|it| it.url.starts_with("http://x.test/")));
    }
}

/// A file that cannot be read may have offered any model.
#[test]
fn without_its_file_a_model_is_not_said_to_be_none() {
    let settings = [
        ("FOAP_CONFIG", offering("good", "x")),
        ("FOAP_CONFIG_1", "{\n}}".to_owned()),
        ("PROXY_API_KEYS", "client-key".to_owned()),
    ];
    let gateway = gateway_of(settings).meets(json(200, DONE));
    let got = gateway.send(chat(r#"{"model":"m"}"#));
    assert_eq!(got.refusal(), (500, "configuration_error".to_owned()));
    assert!(got.message().starts_with("FOAP_CONFIG_1 is not read"));
    assert_eq!(gateway.send(chat(r#"{"model":"good"}"#)).status(), 200);
    let findings = gateway.config.overview().findings;
    assert!(
        findings
            .iter()
            .any(|it| it.is_error && it.text.starts_with("FOAP_CONFIG_1"))
    );
}

fn files(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn files_in_the_store_are_looked_for_where_they_are_said_to_be() {
    for (settings, prefix) in [
        (&[][..], None),
        (&[("FOAP_CONFIG", "{}")], None),
        (&[("FOAP_CONFIG", "kv")], Some("foap/")),
        (&[("FOAP_CONFIG", " KV ")], Some("foap/")),
        (&[("FOAP_CONFIG_DIR", "/configs")], Some("configs/")),
        (&[("FOAP_CONFIG_DIR", "./configs/")], Some("configs/")),
        (&[("FOAP_CONFIG_DIR", "."), ("FOAP_CONFIG", "kv")], Some("")),
        (
            &[("FOAP_CONFIG_DIR", "configs"), ("FOAP_CONFIG", "{}")],
            None,
        ),
        (
            &[("FOAP_CONFIG_DIR", "configs"), ("FOAP_CONFIG_1", "{}")],
            None,
        ),
        (
            &[
                ("FOAP_CONFIG_DIR", "a/b"),
                ("FOAP_CONFIG", "kv"),
                ("FOAP_CONFIG_1", "{}"),
            ],
            Some("a/b/"),
        ),
    ] {
        let settings = settings_of(settings);
        assert_eq!(settings.stored_files().as_deref(), prefix);
    }
}

#[test]
fn of_two_files_the_later_counts() {
    let (first, second) = (offering("m", "old"), offering("m", "new"));
    let stored = files(&[
        ("foap/a.json", &first),
        ("foap/b.json", &second),
        ("foap/c.json", "{"),
    ]);
    let settings = Settings::from_iter([("FOAP_CONFIG", "kv")]).with_files(Some(stored));
    let mut gateway = gateway_of([("", "")]).meets(json(200, DONE));
    gateway.config = Config::read(&settings);
    let wrong = "foap/c.json is not read: it is not JSON (line 1, column 1).";
    assert_eq!(gateway.config.warnings, [wrong]);
    gateway.send(chat(r#"{"model":"m"}"#));
    assert_eq!(gateway.sent().body, r#"{"model":"new"}"#);
    let other =
        Settings::from_iter([("FOAP_CONFIG", "kv")]).with_files(Some(files(&[("x", "{}")])));
    assert_ne!(Config::read(&other).fingerprint, gateway.config.fingerprint);
}

/// Files that are not there are no files without models: what is meant for them goes nowhere else.
#[test]
fn what_the_store_does_not_have_is_told() {
    for (settings, stored, is_broken) in [
        (&[("FOAP_CONFIG", "kv")][..], None, true),
        (&[("FOAP_CONFIG", "kv")], Some(files(&[])), true),
        (&[("FOAP_CONFIG_DIR", "configs")], None, true),
        (&[("FOAP_CONFIG_DIR", "configs")], Some(files(&[])), true),
        (
            &[
                ("FOAP_CONFIG_DIR", "configs"),
                ("OPENAI_BASE_URL", "https://other.test"),
            ],
            Some(files(&[])),
            false,
        ),
        (
            &[
                ("FOAP_CONFIG", "kv"),
                ("OPENAI_BASE_URL", "https://other.test"),
            ],
            Some(files(&[])),
            true,
        ),
    ] {
        let settings = settings_of(settings).with_files(stored);
        let config = Config::read(&settings);
        assert_eq!(config.problem().is_some(), is_broken);
        let [warning] = config.warnings.as_slice() else {
            panic!("{:?}", config.warnings);
        };
        assert!(warning.starts_with("FOAP_CONFIG cannot be read: it is to come from KV"));
    }
}

#[test]
fn many_files_and_models_have_an_end() {
    let texts: Vec<(String, String)> = (0..70)
        .map(|number| {
            (
                format!("{number}.json"),
                offering(&format!("m{number}"), "x"),
            )
        })
        .collect();
    let settings = Settings::from_iter([("FOAP_CONFIG", "kv")]).with_files(Some(texts));
    assert_eq!(public(&settings).len(), 64);
    let models: serde_json::Map<String, Value> = (0..3000)
        .map(|number| {
            (
                format!("m{number}"),
                value!({"endpoints": [{"path": "v1/x"}]}),
            )
        })
        .collect();
    let text = value!({"p": {"target_base_url": "http://x.test", "models": models}}).to_string();
    let gateway = gateway_of([("FOAP_CONFIG", text)]);
    assert_eq!(gateway.config.public_models().count(), 2000);
    let list = gateway.send(get("/v1/models").key("any")).json();
    assert_eq!(list["data"].as_array().unwrap().len(), 2000);
    assert!(gateway.config.warnings[0].contains("2000 models"));
}

/// Each model at a server of its own.
#[test]
fn many_servers_have_an_end() {
    let models: serde_json::Map<String, Value> = (0..600)
        .map(|number| {
            let base = format!("http://{number}.test");
            let endpoint = value!({"path": "v1/chat/completions", "target_base_url": base});
            (format!("m{number}"), value!({"endpoints": [endpoint]}))
        })
        .collect();
    let text = value!({"p": {"models": models}}).to_string();
    let settings = [
        ("FOAP_CONFIG", text.as_str()),
        ("PROXY_API_KEYS", "client-key"),
    ];
    let gateway = gateway_of(settings).meets(json(200, DONE));
    assert_eq!(gateway.config.providers().len(), 500);
    assert_eq!(gateway.send(chat(r#"{"model":"m499"}"#)).status(), 200);
    let got = gateway.send(chat(r#"{"model":"m500"}"#));
    assert_eq!(got.refusal(), (500, "configuration_error".to_owned()));
}

/// Megabytes of mistakes take no minutes.
#[test]
fn many_mistakes_have_an_end() {
    let options: serde_json::Map<String, Value> = (0..100_000)
        .map(|number| (format!("x{number}"), Value::Null))
        .collect();
    let gateway = gateway_of([("FOAP_CONFIG", value!({"p": options}).to_string())]);
    assert_eq!(gateway.config.warnings.len(), 1_000);
    let deep = "{\"a\":".repeat(100_000);
    let gateway = gateway_of([("FOAP_CONFIG", deep)]);
    assert_eq!(gateway.config.warnings.len(), 1);
}

#[test]
fn the_level_of_the_log_has_another_name() {
    for (settings, level) in [
        (&[("FOAP_LOGLEVEL", "WARNING")][..], "warn"),
        (
            &[("FOAP_LOGLEVEL", "debug"), ("LOG_LEVEL", "error")],
            "error",
        ),
        (&[("FOAP_LOGLEVEL", "loud")], "info"),
    ] {
        let config = Config::read(&settings_of(settings));
        assert_eq!(config.overview().log_level, level);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "",
        " ",
        "m",
        "v1/chat/completions",
        "http://x.test",
        "https://n.openai.azure.com/openai/deployments/D",
        "azure",
        "kv",
        "$K",
        "K",
        "é\n",
        "-1",
        "60",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "p",
        "q",
        "",
        "models",
        "m",
        "endpoints",
        "path",
        "target_base_url",
        "target_model_name",
        "request_timeout",
        "health_timeout",
        "prefix",
        "api_key_variable",
        "type",
        "api_version",
        "auth_header",
        "extra_headers",
        "aliases",
        "fallback_model_name",
        "pass_through",
        "rewrite_image_urls",
    ]);
    leaf.prop_recursive(6, 64, 6, move |inner| {
        let table = prop::collection::vec((names.clone(), inner.clone()), 0..8);
        let table = table.prop_map(|pairs| {
            let pairs = pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value));
            Value::Object(pairs.collect())
        });
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            table
        ]
    })
}

/// In the places of a file's parts, too, so that most of it is looked at.
fn any_file() -> impl Strategy<Value = Value> {
    (any_json(), any_json(), any_json()).prop_map(|(provider, model, endpoint)| {
        let mut provider = match provider {
            Value::Object(options) => options,
            other => return other,
        };
        let mut model = match model {
            Value::Object(options) => options,
            other => return value!({"p": provider, "q": other}),
        };
        model.insert("endpoints".to_owned(), value!([endpoint]));
        provider.insert("models".to_owned(), value!({"m": model}));
        value!({"p": provider})
    })
}

proptest! {
    #[test]
    fn any_json_is_read(file in prop_oneof![any_file(), any_json()]) {
        let settings = [("FOAP_CONFIG", file.to_string()), ("BASE_URL", "https://p".to_owned())];
        let gateway = gateway_of(settings);
        gateway.config.overview();
        gateway.send(get("/v1/models").key("any"));
        let names: Vec<String> = gateway.config.public_models().map(str::to_owned).collect();
        for name in names {
            gateway.script(json(200, DONE));
            let got = gateway.send(chat(&value!({"model": name}).to_string()));
            prop_assert!(matches!(got.status(), 200 | 400 | 401 | 403 | 404 | 500), "{}", got.status());
        }
        let is_read = file.is_object() || file.is_array();
        let is_told = !gateway.config.warnings.is_empty();
        prop_assert!(is_read || is_told, "nothing is said of it");
    }

    #[test]
    fn any_text_is_read(text in "[\\[\\]{}:,\"'#/* a1\\\\\n]{0,60}") {
        gateway_of([("FOAP_CONFIG", text.as_str()), ("FOAP_CONFIG_1", &text)]);
    }
}
