//! What the settings of instances mean.

use super::{serving, two};
use crate::fake::{chat, gateway_of, get, json, leaked};

/// Settings beside two instances, a model -> who may serve it.
#[test]
fn a_model_goes_to_those_that_have_it() {
    const MODELS: &str = "AZURE_INSTANCE_PRIMARY_MODELS";
    const OF_BACKUP: &str = "AZURE_INSTANCE_BACKUP_MODELS";
    const MAPPER: &str = "AZURE_INSTANCE_PRIMARY_MODEL_MAPPER";
    const ENDPOINT: (&str, &str) = ("AZURE_OPENAI_ENDPOINT", "https://one.openai.azure.com");
    const SERVER: (&str, &str) = ("OPENAI_BASE_URL", "https://up.test");
    for (settings, model, expected) in [
        (&[][..], Some("m"), "Primary backup"),
        (&[], None, "Primary"),
        (&[("AZURE_INSTANCE_BACKUP_PRIORITY", "1")], None, "backup"),
        (&[], Some("backup/m"), "backup"),
        (&[(MODELS, "m, gpt-4*")], Some("M"), "Primary backup"),
        (&[(MODELS, "m, gpt-4*")], Some("x"), "backup"),
        (&[(MODELS, "m, gpt-4*")], Some("gpt-4.1"), "Primary backup"),
        (
            &[(MODELS, "gpt-4o")],
            Some("gpt-4o-2024-08-06"),
            "Primary backup",
        ),
        (&[(MODELS, "m"), (OF_BACKUP, "x")], Some("x"), "backup"),
        (&[(MODELS, "m"), (OF_BACKUP, "x")], Some("y"), "nobody"),
        (
            &[(MODELS, "m"), (OF_BACKUP, "x"), ENDPOINT],
            Some("y"),
            "azure",
        ),
        (
            &[(MODELS, "m"), (OF_BACKUP, "x"), SERVER],
            Some("y"),
            "openai",
        ),
        (
            &[(MODELS, "m"), (MAPPER, "x=d")],
            Some("x"),
            "Primary backup",
        ),
        (&[(MAPPER, "x=d")], Some("x"), "Primary backup"),
        (&[(MAPPER, "x=d"), (OF_BACKUP, "y")], Some("x"), "Primary"),
        (&[(MAPPER, "x=d"), (OF_BACKUP, "y")], Some("y"), "backup"),
        (&[(MAPPER, "x=d")], Some("y"), "Primary backup"),
        (&[ENDPOINT], Some("m"), "Primary backup"),
        (&[ENDPOINT], Some("azure/m"), "azure"),
        (
            &[ENDPOINT, ("MODEL_MAP_M", "d")],
            Some("m"),
            "Primary backup",
        ),
        (&[SERVER], Some("m"), "Primary backup"),
        (
            &[("AZURE_OPENAI_PROXY_MODE", "openai")],
            Some("m"),
            "openai",
        ),
        (
            &[("AZURE_OPENAI_PROXY_MODE", "openai"), (MODELS, "m")],
            Some("m"),
            "Primary backup",
        ),
        (
            &[("AZURE_OPENAI_PROXY_MODE", "azure")],
            Some("m"),
            "Primary backup",
        ),
        (
            &[("GATEWAY", r#"{"models": {"m": "backup/x"}}"#)],
            Some("m"),
            "backup",
        ),
        (
            &[("GATEWAY", r#"{"default": "backup"}"#)],
            Some("m"),
            "backup",
        ),
        (
            &[("AZURE_OPENAI_API_BASE", "https://one.openai.azure.com")],
            Some("azure/m"),
            "Primary backup",
        ),
    ] {
        let gateway = two(settings);
        let found = serving(&gateway, model).join(" ");
        assert_eq!(found, expected, "{settings:?} {model:?}");
    }
}

/// Settings of one instance called `East-1` -> where a chat with `gpt-4o` goes, and on which key.
#[test]
fn an_instance_is_asked_as_its_settings_say() {
    const NAMES: (&str, &str) = ("AZURE_INSTANCES", "East-1");
    const VERBATIM: [(&str, &str); 3] = [
        NAMES,
        ("AZURE_INSTANCE_EAST-1_API_KEY", "the-key"),
        (
            "AZURE_INSTANCE_EAST-1_API_BASE",
            "https://e.openai.azure.com",
        ),
    ];
    const LAWFUL: [(&str, &str); 3] = [
        NAMES,
        ("azure_instance_east_1_api_key", "the-key"),
        (
            "azure_instance_east_1_api_base",
            "'https://e.openai.azure.com/'",
        ),
    ];
    const LISTED: (&str, &str) = (
        "AZURE_INSTANCES_JSON",
        r#"[{"name": "East-1", "api_key": "$KEY", "api_base": "e.openai.azure.com", "model_mapper": {"gpt-4o": "mine"}}]"#,
    );
    const NAMED: (&str, &str) = (
        "AZURE_INSTANCES_JSON",
        r#"{"East-1": {"api_key": "the-key", "api_base": "https://e.openai.azure.com", "models": ["gpt-4o"], "api_version": "v1"}}"#,
    );
    const VERSION: (&str, &str) = ("AZURE_OPENAI_API_VERSION", "2024-06-01");
    for (settings, more, url) in [
        (
            &VERBATIM[..],
            None,
            "gpt-4o/chat/completions?api-version=2024-10-21",
        ),
        (
            &LAWFUL,
            None,
            "gpt-4o/chat/completions?api-version=2024-10-21",
        ),
        (
            &LAWFUL,
            Some(VERSION),
            "gpt-4o/chat/completions?api-version=2024-06-01",
        ),
        (
            &LAWFUL,
            Some(("AZURE_INSTANCE_EAST_1_API_VERSION", "2025-01-01-preview")),
            "gpt-4o/chat/completions?api-version=2025-01-01-preview",
        ),
        (
            &LAWFUL,
            Some(("MODEL_MAP_GPT4o", "all")),
            "all/chat/completions?api-version=2024-10-21",
        ),
        (
            &LAWFUL,
            Some(("AZURE_INSTANCE_EAST_1_MODEL_MAPPER", "GPT-4o = own")),
            "own/chat/completions?api-version=2024-10-21",
        ),
        (
            &[LISTED],
            Some(("KEY", "the-key")),
            "mine/chat/completions?api-version=2024-10-21",
        ),
        (&[NAMED], None, ""),
    ] {
        let open = ("ALLOW_ANONYMOUS", "true");
        let settings = settings.iter().copied().chain(more).chain([open]);
        let gateway = gateway_of(settings).meets(json(200, r#"{"choices":[]}"#));
        assert!(
            gateway.config.warnings.is_empty(),
            "{:?}",
            gateway.config.warnings
        );
        gateway.send(chat(r#"{"model":"gpt-4o","messages":[]}"#));
        let sent = gateway.sent();
        let expected = match url {
            "" => "https://e.openai.azure.com/openai/v1/chat/completions".to_owned(),
            url => format!("https://e.openai.azure.com/openai/deployments/{url}"),
        };
        assert_eq!(sent.url, expected);
        assert_eq!(sent.headers.get("api-key"), Some("the-key"));
    }
}

/// What is wrong -> what is said, and who is left.
#[test]
fn what_is_not_whole_is_left_out() {
    for (settings, said, left) in [
        (
            &[("AZURE_INSTANCE_PRIMARY_API_KEY", "")][..],
            "The instance `Primary` is left out: AZURE_INSTANCE_PRIMARY_API_KEY is not set.",
            "backup",
        ),
        (
            &[
                ("AZURE_INSTANCE_PRIMARY_API_KEY", ""),
                ("AZURE_INSTANCE_PRIMARY_API_BASE", ""),
            ],
            "The instance `Primary` is left out: AZURE_INSTANCE_PRIMARY_API_BASE and \
             AZURE_INSTANCE_PRIMARY_API_KEY are not set.",
            "backup",
        ),
        (
            &[("AZURE_INSTANCE_PRIMARY_API_BASE", "ftp://x")],
            "The instance `Primary` is left out: AZURE_INSTANCE_PRIMARY_API_BASE is not an address: ",
            "backup",
        ),
        (
            &[("AZURE_INSTANCES", "primary,backup,BACKUP")],
            "The instance `BACKUP` is left out: there is a provider of that name.",
            "primary backup",
        ),
        (
            &[("AZURE_INSTANCE_BACKUP_WEIGHT", "-1")],
            "AZURE_INSTANCE_BACKUP_WEIGHT is `-1` and not in force",
            "Primary backup",
        ),
        (
            &[("AZURE_INSTANCE_BACKUP_MAX_TPM", "0")],
            "AZURE_INSTANCE_BACKUP_MAX_TPM is `0` and not in force",
            "Primary backup",
        ),
        (
            &[("AZURE_ROUTING_STRATEGY", "clever")],
            "AZURE_ROUTING_STRATEGY is `clever`; it should be failover",
            "Primary backup",
        ),
        (
            &[("AZURE_INSTANCES_JSON", "nonsense")],
            "AZURE_INSTANCES_JSON is not a JSON list or object",
            "Primary backup",
        ),
        (
            &[(
                "AZURE_INSTANCES_JSON",
                r#"[7, {"name": "c", "api_key": "$NONE", "api_base": "c.openai.azure.com"}]"#,
            )],
            "Item 1 of AZURE_INSTANCES_JSON is left out",
            "Primary backup",
        ),
        (
            &[
                ("AZURE_INSTANCES", "gone"),
                ("AZURE_OPENAI_API_BASE", "https://one.openai.azure.com"),
                ("AZURE_OPENAI_API_KEY", "k"),
            ],
            "The instance `gone` is left out",
            "azure",
        ),
        (
            &[("AZURE_INSTANCES", "gone")],
            "No instance of AZURE_INSTANCES",
            "azure",
        ),
    ] {
        let gateway = two(settings);
        let warnings = gateway.config.warnings.join("\n");
        assert!(warnings.contains(said), "{said}\n{warnings}");
        assert_eq!(serving(&gateway, Some("m")).join(" "), left, "{said}");
        assert!(!warnings.contains("key-of"), "{warnings}");
    }
    let got = two(&[("AZURE_INSTANCES", "gone")]).send(chat(r#"{"model":"m"}"#));
    assert_eq!(got.refusal(), (500, "configuration_error".to_owned()));
}

/// The numbers of two instances, as they are set -> as they count.
#[test]
fn the_shares_of_instances() {
    let gateway = two(&[
        ("AZURE_INSTANCE_PRIMARY_WEIGHT", "0"),
        ("AZURE_INSTANCE_PRIMARY_MAX_TPM", "1000"),
        ("AZURE_ROUTING_STRATEGY", "Least_Loaded"),
        ("TIE_BREAK", "random"),
        ("MAX_ATTEMPTS", "2"),
        ("FIRST_OUTPUT_TIMEOUT", "2.5"),
        ("STREAM_KEEPALIVE", "0"),
        ("TOKEN_RATE_LIMIT", "30000"),
        ("REQUEST_RATE_LIMIT", "0"),
        ("LIMITS_MODE", "exact"),
    ]);
    assert!(
        gateway.config.warnings.is_empty(),
        "{:?}",
        gateway.config.warnings
    );
    let pool = gateway.config.route(Some("m")).unwrap();
    let shares = pool.targets().iter().map(|it| &it.share);
    let shares: Vec<_> = shares
        .map(|it| {
            (
                it.priority,
                it.weight,
                it.limits.tokens,
                it.tpm(),
                it.is_providers,
            )
        })
        .collect();
    let expected = [
        (10, 0, Some(1000), Some(1000), true),
        (20, 100, None, Some(240_000), true),
    ];
    assert_eq!(shares, expected);
    let rules = pool.rules();
    assert_eq!(rules.strategy.word(), "least_loaded");
    assert!(rules.mixes_ties && rules.counts_tokens);
    assert_eq!(
        (rules.attempts, rules.first_output_millis),
        (Some(2), Some(2500))
    );
    assert_eq!(rules.keep_alive_millis, None);
    let limits = gateway.config.limits;
    assert_eq!((limits.tokens, limits.requests), (Some(30_000), None));
    assert_eq!(gateway.config.limits_mode, isthmus::limits::Mode::Exact);
}

#[test]
fn what_instances_list_and_map_is_in_the_list() {
    let gateway = two(&[
        ("MODELS_LIST", "configured"),
        ("AZURE_INSTANCE_PRIMARY_MODELS", "m, gpt-4*"),
        ("AZURE_INSTANCE_PRIMARY_MODEL_MAPPER", "fast=d"),
        ("MODEL_MAP_O3", "all"),
        ("AZURE_INSTANCE_BACKUP_MODELS", "M, x"),
    ]);
    let list = gateway.send(get("/v1/models")).json();
    let ids = list["data"].as_array().unwrap().iter();
    let ids: Vec<&str> = ids.map(|it| it["id"].as_str().unwrap()).collect();
    // `o3` is mapped, but listed by nobody.
    assert_eq!(ids, ["fast", "m", "x"]);
}

/// What one lists is found there by its own name, whoever is asked first.
#[test]
fn what_instances_deploy_is_listed_under_its_name() {
    let gateway = two(&[]);
    for (name, deployment) in [("primary", "gpt-4o"), ("backup", "o3")] {
        let url = leaked(&format!("https://{name}.openai.azure.com/"));
        let list = format!(
            r#"{{"object":"list","data":[{{"id":"{deployment}","model":"{deployment}","object":"deployment","status":"succeeded"}}]}}"#
        );
        gateway.serve(url, json(200, &list));
    }
    let list = gateway.send(get("/v1/models")).json();
    let ids = list["data"].as_array().unwrap().iter();
    let ids: Vec<&str> = ids.map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["gpt-4o", "o3"]);
}
