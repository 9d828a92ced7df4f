//! Azure's settings, and what is said of those that make no sense.

use super::*;

const STUDIO: &str = "AZURE_AI_STUDIO_DEPLOYMENTS";

#[test]
fn spellings_of_the_settings() {
    let chat_at = |version: &str| {
        format!("{AT}/openai/deployments/gpt-4o/chat/completions?api-version={version}")
    };
    for (setting, value) in [
        ("AZURE_OPENAI_APIVERSION", "2024-06-01"),
        ("AZURE_OPENAI_API_VERSION", "2024-06-01"),
        ("AZURE_OPENAI_API_VER", "2024-06-01 00:00:00 +0000 UTC"),
        ("OPENAI_API_VERSION", "\"2024-06-01\""),
    ] {
        let asked = url(flat(&[(setting, value)]), chat(HELLO));
        assert_eq!(asked, chat_at("2024-06-01"), "{setting}");
    }
    let both = flat(&[("AZURE_OPENAI_TOKEN", "the-other-key")]);
    assert_eq!(
        send(both, chat(HELLO)).headers.get("api-key"),
        Some("the-other-key")
    );
    let alias = [
        ("AZURE_OPENAI_API_BASE", "r.openai.azure.com/"),
        ("AZURE_OPENAI_TOKEN", "k"),
    ];
    assert_eq!(url(gateway(&alias), chat(HELLO)), chat_at("2024-10-21"));
    let v1 = flat(&[
        ("AZURE_OPENAI_API_STYLE", "V1"),
        ("AZURE_OPENAI_APIVERSION", "2024-10-21"),
    ]);
    assert_eq!(
        url(v1, chat(HELLO)),
        format!("{AT}/openai/v1/chat/completions")
    );
    let models = flat(&[("AZURE_OPENAI_MODELS_APIVERSION", "2024-06-01")]);
    let models = models.meets(json(200, r#"{"id":"gpt-4o"}"#));
    assert_eq!(models.send(get("/v1/models/gpt-4o")).status(), 200);
    let told = format!("{AT}/openai/models/gpt-4o?api-version=2024-06-01");
    assert_eq!(models.sent().url, told);
    let responses = flat(&[("AZURE_OPENAI_RESPONSES_APIVERSION", "preview")]);
    let asked = format!("{AT}/openai/v1/responses?api-version=preview");
    assert_eq!(url(responses, post("/v1/responses", HELLO)), asked);
    let anthropic = flat(&[
        (
            "AZURE_OPENAI_ENDPOINT",
            "https://r.services.ai.azure.com/anthropic",
        ),
        ("ANTHROPIC_APIVERSION", "2025-01-01"),
    ]);
    let sent = send(anthropic, chat(HELLO));
    assert_eq!(sent.headers.get("anthropic-version"), Some("2025-01-01"));
}

/// A setting that cannot be used, and what the call is told; never a value that could be a secret.
#[test]
fn settings_that_cannot_be_used_are_named() {
    const VERSION: &str = "AZURE_OPENAI_APIVERSION";
    for (settings, said, unsaid) in [
        (&[(VERSION, "2024/10/21")][..], "2024/10/21", "azure-key"),
        (
            &[(VERSION, "0123456789abcdef0123456789abcdef")],
            VERSION,
            "0123",
        ),
        (&[(VERSION, "s3cr3tkey")], VERSION, "s3cr3t"),
        (
            &[("AZURE_OPENAI_ENDPOINT", "ftp://r")],
            "AZURE_OPENAI_ENDPOINT",
            "ftp",
        ),
        (
            &[("AZURE_OPENAI_PROXY_MODE", "other")],
            "`other`",
            "azure-key",
        ),
        (
            &[("AZURE_OPENAI_PROXY_MODE", "google")],
            "google",
            "azure-key",
        ),
        (
            &[("AZURE_OPENAI_API_KEY", ""), ("AZURE_TENANT_ID", "t")],
            "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
            "azure-key",
        ),
    ] {
        let got = refuse(&flat(settings), chat(HELLO));
        assert_eq!(
            got.refusal(),
            (500, "configuration_error".to_owned()),
            "{said}"
        );
        assert!(got.message().contains(said), "{}", got.message());
        assert!(!got.message().contains(unsaid), "{}", got.message());
    }
    let got = refuse(&gateway(&[("AZURE_OPENAI_API_KEY", "k")]), chat(HELLO));
    assert!(got.message().contains("AZURE_OPENAI_ENDPOINT"));
}

/// A bad item of a setting, or of the document, and the warning that names it.
#[test]
fn bad_items_are_warnings_and_the_rest_works() {
    for (setting, value, named) in [
        (
            "AZURE_OPENAI_MODEL_MAPPER",
            "gpt-4o=x,nonsense",
            "`nonsense`",
        ),
        ("MODEL_FALLBACK", "maybe", "MODEL_FALLBACK"),
        ("AZURE_OPENAI_API_STYLE", "v3", "AZURE_OPENAI_API_STYLE"),
        (
            "AZURE_AI_STUDIO_DEPLOYMENTS",
            "a=b",
            "Item 1 of AZURE_AI_STUDIO_DEPLOYMENTS",
        ),
        ("AZURE_OPENAI_KEYS", "[]", "AZURE_OPENAI_KEYS"),
    ] {
        let gateway = flat(&[(setting, value)]);
        let warnings = &gateway.config.warnings;
        assert!(warnings.iter().any(|it| it.contains(named)), "{warnings:?}");
        send(gateway, chat(HELLO));
    }
    for (option, named) in [
        (r#""form": "classical""#, "GATEWAY.providers.it.form"),
        (
            r#""passthrough": "yes""#,
            "GATEWAY.providers.it.passthrough",
        ),
        (
            r#""unsupported_params": 1"#,
            "GATEWAY.providers.it.unsupported_params",
        ),
        (r#""list_mode": "all""#, "GATEWAY.providers.it.list_mode"),
        (
            r#""deployments": {"a": ""}"#,
            "GATEWAY.providers.it.deployments.a",
        ),
        (r#""endpont": "x""#, "GATEWAY.providers.it.endpont"),
    ] {
        let gateway = native(&format!(r#""kind": "azure", "endpoint": "{AT}", {option}"#));
        let warnings = &gateway.config.warnings;
        assert!(warnings.iter().any(|it| it.contains(named)), "{warnings:?}");
        send(gateway, chat(HELLO));
    }
}

/// The list, where a key is kept, and what a call by the alias becomes.
#[test]
fn models_on_hosts_of_their_own() {
    let host = "https://Mistral-large2.swedencentral.models.ai.azure.com/v1/chat/completions";
    let list = " Mistral-Large-2407 = Mistral-large2 : swedencentral ";
    for (list, key, asked, model) in [
        (
            list,
            Some(("AZURE_OPENAI_KEY_MISTRAL_LARGE_2407", "k")),
            host,
            "mistral-LARGE-2407",
        ),
        (
            list,
            Some(("AZURE_OPENAI_KEY_MISTRAL-LARGE-2407", "k")),
            host,
            "mistral-LARGE-2407",
        ),
        (
            list,
            Some(("AZURE_OPENAI_KEYS", r#"{"mistral-large-2407": "k"}"#)),
            host,
            "mistral-LARGE-2407",
        ),
        (
            "x=y:z,mistral-large-2407=https://m.test/a;model=Real",
            Some(("AZURE_OPENAI_KEY", "k")),
            "https://m.test/a/v1/chat/completions",
            "Real",
        ),
        (
            "mistral-large-2407=http://127.0.0.1:99/v1",
            None,
            "http://127.0.0.1:99/v1/chat/completions",
            "mistral-LARGE-2407",
        ),
    ] {
        let mut settings = vec![(STUDIO, list)];
        settings.extend(key);
        let sent = send(flat(&settings), naming("mistral-LARGE-2407"));
        assert_eq!((sent.url.as_str(), model_of(&sent)), (asked, model.into()));
        assert_eq!(sent.headers.get("authorization"), key.map(|_| "Bearer k"));
        assert_eq!(sent.headers.get("api-key"), None);
    }
    let got = refuse(&flat(&[(STUDIO, list)]), naming("mistral-large-2407"));
    assert_eq!(got.refusal(), (500, "configuration_error".to_owned()));
    for name in [
        "AZURE_OPENAI_KEY_MISTRAL_LARGE_2407",
        "AZURE_OPENAI_KEY_MISTRAL-LARGE-2407",
    ] {
        assert!(got.message().contains(name));
    }
    for nonsense in ["a=http://m.test", "a=b", "=b:c", "a=b.c:d/e", "a=b:c;x=1"] {
        let gateway = flat(&[(STUDIO, nonsense), ("AZURE_OPENAI_KEY", "k")]);
        assert!(url(gateway, naming("a")).starts_with(AT), "{nonsense}");
    }
}

/// Neither the built-in provider nor the one model that was understood answers for it.
#[test]
fn a_model_whose_item_is_not_understood_is_nobodys() {
    for list in ["a=http://m.test", "a=b", "=b:c", "b=Name:region,a=b:"] {
        let key = ("AZURE_OPENAI_KEY", "k");
        let clients = ("PROXY_API_KEYS", "client-key");
        let gateway = crate::fake::gateway([(STUDIO, list), key, clients]);
        let got = refuse(&gateway, naming("a"));
        assert_eq!(got.refusal(), (500, "configuration_error".to_owned()));
        assert!(got.message().contains(STUDIO), "{}", got.message());
    }
}

#[test]
fn the_target_uri_of_a_deployment_names_it_whatever_the_alias() {
    let list =
        "a=https://b.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-06-01";
    let gateway = flat(&[(STUDIO, list), ("AZURE_OPENAI_KEY", "k")]);
    let asked =
        "https://b.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-06-01";
    assert_eq!(url(gateway, naming("a")), asked);
}

/// Who gets a name, the more explicit word first.
#[test]
fn whose_a_name_is() {
    let document = r#"{"providers": {
            "east": {"kind": "azure", "endpoint": "https://east.test", "deployments": {"mapped": "d", "pooled": "d"}},
            "other": {"kind": "openai", "endpoint": "https://other.test/v1"}},
        "models": {"pooled": "other/x", "a-pool": [{"to": "other/y", "family": "o"}]}}"#;
    let settings = [
        ("GATEWAY", document),
        (STUDIO, "own=o:r,mapped-too=o:r"),
        ("AZURE_OPENAI_KEY", "k"),
        ("AZURE_OPENAI_MODEL_MAPPER", "mapped-too=d"),
    ];
    for (model, begins) in [
        ("pooled", "https://other.test/v1/"),
        ("a-pool", "https://other.test/v1/"),
        ("own", "https://o.r.models.ai.azure.com/v1/"),
        ("mapped-too", "https://o.r.models.ai.azure.com/v1/"),
        ("other/x", "https://other.test/v1/"),
        ("east/mapped", "https://east.test/openai/deployments/d/"),
        ("mapped", "https://east.test/openai/deployments/d/"),
        (
            "azure/any",
            "https://r.openai.azure.com/openai/deployments/any/",
        ),
        (
            "nobodys",
            "https://r.openai.azure.com/openai/deployments/nobodys/",
        ),
    ] {
        let asked = url(flat(&settings), naming(model));
        assert!(asked.starts_with(begins), "{model}: {asked}");
    }
    // Where what is there is said, nobody is asked.
    let theirs = json(200, r#"{"data": [{"id": "z"}]}"#);
    let listing = flat(&settings).meets(theirs);
    let list = listing.send(get("/v1/models")).json();
    assert_eq!(listing.sent().url, "https://other.test/v1/models");
    let ids = list["data"].as_array().unwrap().iter();
    let ids: Vec<_> = ids.map(|item| item["id"].as_str().unwrap()).collect();
    let configured = ["pooled", "a-pool", "own", "mapped-too", "mapped"];
    assert_eq!(ids, [&configured[..], &["other/z"]].concat());
}

#[test]
fn the_mode_chooses_who_gets_the_rest() {
    let openai = ("AZURE_OPENAI_PROXY_MODE", "OpenAI ");
    let relayed = Gateway {
        config: Config::read(&[openai].into_iter().collect()),
        platform: Fake::default(),
    };
    let sent = send(relayed, get("/v1/assistants?limit=1"));
    assert_eq!(sent.url, "https://api.openai.com/v1/assistants?limit=1");
    assert_eq!(sent.headers.get("authorization"), Some("Bearer client-key"));

    let both = [
        ("OPENAI_API_KEY", "k"),
        ("AZURE_OPENAI_MODEL_MAPPER", "mapped=d"),
    ];
    assert!(url(flat(&both), chat(HELLO)).starts_with(AT));
    let with_mode = [&both[..], &[openai]].concat();
    assert!(url(flat(&with_mode), chat(HELLO)).starts_with("https://api.openai.com/v1/"));
    assert!(url(flat(&with_mode), naming("mapped")).starts_with(AT));

    let aliases = [(STUDIO, "a=b:c,d=e:f"), ("AZURE_OPENAI_KEY", "k")];
    let got = refuse(&gateway(&aliases), naming("nobodys"));
    assert!(got.message().contains(STUDIO));
}

#[test]
fn a_list_may_be_the_upstreams_own() {
    for (list_mode, below) in [
        ("deployments", "deployments?api-version=2022-12-01"),
        ("azure_models", "models?api-version=2024-10-21"),
    ] {
        let options = format!(
            r#""kind": "azure", "endpoint": "{AT}", "list_mode": "{list_mode}", "deployments": {{"a": "b"}}"#
        );
        let list = r#"{"data": [{"id": "b", "status": "succeeded", "created_at": 5}]}"#;
        let gateway = native(&options).meets(json(200, list));
        let listed = gateway.send(get("/v1/models")).json();
        assert_eq!(gateway.sent().url, format!("{AT}/openai/{below}"));
        let data = listed["data"].as_array().unwrap();
        let shown: Vec<_> = data.iter().map(|it| (&it["id"], &it["created"])).collect();
        let five = Value::from(5);
        assert_eq!(shown, [(&"a".into(), &five), (&"b".into(), &five)]);
    }
}

#[test]
fn an_application_of_entra_is_a_credential() {
    let entra = [
        ("AZURE_OPENAI_ENDPOINT", AT),
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "c"),
        ("AZURE_CLIENT_SECRET", "s"),
        ("AZURE_AUTHORITY_HOST", "login.microsoftonline.us"),
    ];
    let native = format!(
        r#"{{"providers": {{"it": {{"kind": "azure", "endpoint": "{AT}",
            "entra": {{"tenant": "t", "client_id": "c", "client_secret": "$S"}}}}}}}}"#
    );
    for settings in [&entra[..], &[("GATEWAY", native.as_str()), ("S", "s")]] {
        let config = Config::read(&settings.iter().copied().collect());
        let [provider] = config.providers() else {
            panic!("one provider");
        };
        assert!(provider.has_credential() && provider.broken.is_none());
        let platform = Fake::default();
        let got = Gateway { platform, config }.send(chat(HELLO));
        assert_eq!(got.status(), 403, "nobody is served without a key of ours");
    }
}

#[test]
fn no_warning_holds_a_secret() {
    for (name, value) in [
        (
            "AZURE_AI_STUDIO_DEPLOYMENTS",
            "a=https://me:hunter2@host.test",
        ),
        ("AZURE_AI_STUDIO_DEPLOYMENTS", "a=Name:eastus;key=hunter2"),
        ("AZURE_AI_STUDIO_DEPLOYMENTS", "hunter2"),
        ("AZURE_OPENAI_APIVERSION", "hunter2"),
        ("AZURE_OPENAI_ENDPOINT", "https://me:hunter2@host.test"),
        ("AZURE_AUTHORITY_HOST", "https://me:hunter2@host.test"),
        ("AZURE_OPENAI_KEYS", "{\"a\":\"hunter2\""),
    ] {
        let gateway = super::super::azure(&[
            (name, value),
            ("AZURE_TENANT_ID", "T"),
            ("AZURE_CLIENT_ID", "C"),
            ("AZURE_CLIENT_SECRET", "S"),
        ]);
        for warning in &gateway.config.warnings {
            assert!(!warning.contains("hunter2"), "{warning}");
        }
    }
}

#[test]
fn what_cannot_work_is_said() {
    let entra = r#""entra":{"tenant":"t","client_id":"c","client_secret":"s"}"#;
    let arm = format!(
        r#"{{"providers":{{"it":{{"kind":"azure","endpoint":"{AT}",{entra},"arm":{{"subscription":"s"}}}}}}}}"#
    );
    for (settings, said) in [
        (&[("AZURE_OPENAI_ENDPOINT", AT)][..], "`azure` has no key"),
        (&[("GATEWAY", arm.as_str())], "arm needs subscription"),
        (
            &[
                ("AZURE_OPENAI_ENDPOINT", AT),
                ("AZURE_OPENAI_API_KEY", "k"),
                ("AZURE_SUBSCRIPTION_ID", "s"),
                ("AZURE_RESOURCE_GROUP", "g"),
            ],
            "AZURE_SUBSCRIPTION_ID and AZURE_RESOURCE_GROUP",
        ),
        (
            &[("AZURE_OPENAI_ENDPOINT", "http://r.openai.azure.com")],
            "https:// only",
        ),
    ] {
        let warnings = gateway(settings).config.warnings;
        assert!(warnings.iter().any(|it| it.contains(said)), "{warnings:?}");
    }
    // A gateway in front of Azure may want none.
    let elsewhere = gateway(&[("AZURE_OPENAI_ENDPOINT", "https://gateway.test/openai")]);
    assert!(elsewhere.config.warnings.is_empty());
}

#[test]
fn what_is_meant_for_azure_goes_nowhere_else() {
    for more in [&[][..], &[("OPENAI_API_KEY", "k")]] {
        let mode = ("AZURE_OPENAI_PROXY_MODE", "azure");
        let got = refuse(&gateway(&[&[mode], more].concat()), chat(HELLO));
        assert_eq!(got.refusal(), (500, "configuration_error".to_owned()));
    }
}

#[test]
fn half_an_application_beside_a_key_breaks_nothing() {
    let gateway = flat(&[("AZURE_TENANT_ID", "t")]);
    let warnings = &gateway.config.warnings;
    assert!(warnings.iter().any(|it| it.contains("AZURE_CLIENT_ID")));
    assert_eq!(
        send(gateway, chat(HELLO)).headers.get("api-key"),
        Some("azure-key")
    );
}
