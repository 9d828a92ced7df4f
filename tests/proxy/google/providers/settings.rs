//! What settings and options mean, who gets which names, and what is said of nonsense.

use isthmus::dialect::Dialect;
use isthmus::gemini::Host;
use isthmus::gemini::options::{Options, Threshold, ToolSchemas};
use serde_json::{Value, json};

use crate::fake::{Gateway, chat, gateway_of};

use super::{HELLO, STUDIO, account, chat_url, endpoint, gateway, native, sent, url_of};

/// Who is asked for a model.
fn asked(gateway: &Gateway, model: &str) -> String {
    let target = gateway.config.first_target(Some(model)).unwrap();
    target.provider.name.clone()
}

#[test]
fn settings_by_all_their_names() {
    let file = account();
    let at_vertex = "https://aiplatform.googleapis.com/v1beta1/projects";
    for (settings, url) in [
        (&[("GOOGLE_AI_STUDIO_API_KEY", "k")][..], STUDIO.to_owned()),
        (&[("GEMINI_API_KEY", "k")], STUDIO.to_owned()),
        (&[("GOOGLE_API_KEY", "k")], STUDIO.to_owned()),
        (
            &[
                ("GEMINI_API_KEY", "k"),
                (
                    "GOOGLE_AI_STUDIO_ENDPOINT",
                    "https://gateway.ai.cloudflare.com/v1/acc/gw/google-ai-studio/v1beta/openai/",
                ),
            ],
            "https://gateway.ai.cloudflare.com/v1/acc/gw/google-ai-studio/v1beta".to_owned(),
        ),
        (
            &[("VERTEX_AI_PROJECT_ID", "p"), ("VERTEX_AI_API_KEY", "k")],
            format!("{at_vertex}/p/locations/global"),
        ),
        (
            &[
                ("GOOGLE_CLOUD_PROJECT", "q"),
                ("GOOGLE_CLOUD_LOCATION", "us-east1"),
                ("VERTEX_AI_API_KEY", "k"),
            ],
            "https://us-east1-aiplatform.googleapis.com/v1beta1/projects/q/locations/us-east1"
                .to_owned(),
        ),
        (
            &[("GOOGLE_APPLICATION_CREDENTIALS", &file)],
            format!("{at_vertex}/of-the-account/locations/global"),
        ),
        (
            &[
                ("GOOGLE_APPLICATION_CREDENTIALS", &file),
                ("VERTEX_AI_PROJECT_ID", "p"),
            ],
            format!("{at_vertex}/p/locations/global"),
        ),
        (
            &[("VERTEX_AI_API_KEY", "k")],
            "https://aiplatform.googleapis.com/v1".to_owned(),
        ),
    ] {
        let gateway = gateway(settings);
        let found = chat_url(&gateway, "m");
        assert!(found.starts_with(&format!("{url}/")), "{found}");
        assert_eq!(gateway.config.warnings, Vec::<String>::new());
    }
}

#[test]
fn maps_come_before_aliases() {
    let studio = gateway(&[
        ("GEMINI_API_KEY", "k"),
        (
            "GOOGLE_MODEL_MAPPER",
            " gpt-4o = models/gemini-x , mine=tunedModels/y,",
        ),
    ]);
    for (model, place) in [
        ("GPT-4o-2024-08-06", "models/gemini-x"),
        ("mine", "tunedModels/y"),
        ("gpt-4.1", "models/gemini-3.8-flash"),
    ] {
        assert_eq!(chat_url(&studio, model), format!("{STUDIO}/{place}"));
    }
    let vertex = gateway(&[
        ("VERTEX_AI_API_KEY", "k"),
        ("VERTEX_AI_PROJECT_ID", "p"),
        ("VERTEX_MODEL_MAPPER", "mine=1234"),
    ]);
    assert!(chat_url(&vertex, "mine").ends_with("/endpoints/1234"));
    for (aliases, place) in [
        ("usual", "models/gemini-pro-latest"),
        ("legacy", "models/gemini-pro"),
        ("None", "models/gemini-pro"),
    ] {
        let options = json!({"kind": "google", "key": "$KEY", "aliases": aliases,
            "models": {"quick": "gemini-x"}});
        let gateway = native(&options);
        assert_eq!(
            chat_url(&gateway, "gemini-pro"),
            format!("{STUDIO}/{place}")
        );
        assert_eq!(
            chat_url(&gateway, "quick"),
            format!("{STUDIO}/models/gemini-x")
        );
        let public: Vec<_> = gateway.config.public_models().collect();
        assert_eq!(public, ["quick"]);
    }
}

const AZURE: [(&str, &str); 2] = [
    ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com"),
    ("AZURE_OPENAI_API_KEY", "a"),
];
const OPENAI: [(&str, &str); 1] = [("OPENAI_API_KEY", "o")];
const GOOGLE: [(&str, &str); 1] = [("GEMINI_API_KEY", "g")];
const VERTEX: [(&str, &str); 2] = [("VERTEX_AI_API_KEY", "v"), ("VERTEX_AI_PROJECT_ID", "p")];

#[test]
fn who_gets_which_names() {
    let mode = |name| [("AZURE_OPENAI_PROXY_MODE", name)];
    for (settings, model, provider) in [
        (vec![&AZURE[..], &GOOGLE], "gpt-4o", "azure"),
        (vec![&AZURE, &GOOGLE], "gemini-3.8-flash", "google"),
        (vec![&AZURE, &GOOGLE], "models/gemini-3.8-flash", "google"),
        (
            vec![&AZURE, &GOOGLE],
            "google/gemini-3.8-flash:search",
            "google",
        ),
        (vec![&AZURE, &GOOGLE], "google/gpt-4o", "google"),
        (vec![&AZURE, &GOOGLE], "Gemma-4-31b-it", "google"),
        (vec![&AZURE, &GOOGLE], "text-embedding-004", "azure"),
        (vec![&AZURE, &VERTEX], "google/gemini-3.8-flash", "vertex"),
        (vec![&AZURE, &VERTEX, &GOOGLE], "gemini-3.8-flash", "google"),
        (
            vec![&AZURE, &VERTEX, &GOOGLE],
            "vertex/gemini-3.8-flash",
            "vertex",
        ),
        (
            vec![&AZURE, &VERTEX, &GOOGLE, &mode("vertex")],
            "gemini-x",
            "vertex",
        ),
        (
            vec![&AZURE, &VERTEX, &GOOGLE, &mode("vertex")],
            "gpt-4o",
            "vertex",
        ),
        (vec![&AZURE, &GOOGLE, &mode("google")], "gpt-4o", "google"),
        (vec![&AZURE, &GOOGLE, &mode("azure")], "gemini-x", "google"),
        (vec![&OPENAI, &GOOGLE], "gpt-4o", "openai"),
        (vec![&OPENAI, &GOOGLE], "gemini-embedding-001", "google"),
        (vec![&VERTEX, &GOOGLE], "gpt-4o", "google"),
        (vec![&VERTEX], "text-multilingual-embedding-002", "vertex"),
        (vec![&VERTEX], "vertex/meta/llama", "vertex"),
        (vec![&AZURE], "gemini-x", "azure"),
        (
            vec![
                &AZURE,
                &GOOGLE,
                &[("AZURE_OPENAI_MODEL_MAPPER", "gemini-x=own")],
            ],
            "gemini-x",
            "azure",
        ),
        (
            vec![
                &AZURE,
                &GOOGLE,
                &[("GOOGLE_MODEL_MAPPER", "quick=gemini-x")],
            ],
            "quick",
            "google",
        ),
        (
            vec![
                &AZURE,
                &GOOGLE,
                &[("GATEWAY", r#"{"models": {"gemini-*": "azure/own"}}"#)],
            ],
            "gemini-x",
            "azure",
        ),
        // A provider that cannot be used keeps its names.
        (
            vec![&AZURE, &GOOGLE, &[("GOOGLE_AI_STUDIO_ENDPOINT", "ftp://x")]],
            "gemini-x",
            "google",
        ),
    ] {
        let gateway = gateway(&settings.concat());
        assert_eq!(asked(&gateway, model), provider, "{model}");
    }
    // One provider: the prefix that selects it is no part of the name.
    let alone = gateway(&VERTEX);
    assert!(chat_url(&alone, "vertex/gemini-x").ends_with("/publishers/google/models/gemini-x"));
}

/// A key that the document names for a provider of its own makes no flat one.
#[test]
fn a_documents_key_is_the_documents() {
    let document = r#"{"providers": {"mine": {"kind": "google", "key": "$GEMINI_API_KEY"}}}"#;
    let gateway = gateway(&[
        ("GATEWAY", document),
        ("GEMINI_API_KEY", "k"),
        AZURE[0],
        AZURE[1],
    ]);
    assert_eq!(asked(&gateway, "gemini-x"), "mine");
    let names: Vec<_> = gateway
        .config
        .providers()
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["azure", "mine"]);
    let document = r#"{"providers": {"mine": {"kind": "vertex", "project": "p",
        "credentials": "$google_application_credentials"}}}"#;
    let file = account();
    let settings = [
        ("GATEWAY", document),
        ("GOOGLE_APPLICATION_CREDENTIALS", &file),
        ("VERTEX_AI_PROJECT_ID", "q"),
    ];
    let vertex = super::gateway(&settings);
    assert_eq!(asked(&vertex, "gemini-x"), "mine");
    assert_eq!(vertex.config.providers().len(), 1);
}

fn options_of(options: &Value) -> Options {
    let gateway = native(options);
    assert_eq!(gateway.config.warnings, Vec::<String>::new());
    let found = endpoint(&gateway, "/v1/chat/completions", "gemini-x").unwrap();
    match found.dialect {
        Dialect::Gemini(manner) => {
            assert_eq!(manner.host, Host::Studio);
            manner.options
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn options_of_the_document() {
    assert_eq!(
        options_of(&json!({"kind": "google", "key": "$KEY"})),
        Options::default()
    );
    let all = options_of(&json!({
        "kind": "google", "key": "$KEY", "include_thoughts": true, "safety": "OFF", "tool_schemas": "restricted",
        "signatures_in_ids": true, "fetch_media": true, "call_ids": false, "sampling": true, "labels": true,
        "strict": true, "dialect": "gemini",
    }));
    assert_eq!(
        all,
        Options {
            include_thoughts: true,
            safety: [Some(Threshold::Off); 5],
            tool_schemas: ToolSchemas::Restricted,
            signatures_in_ids: true,
            fetch_media: true,
            call_ids: Some(false),
            sampling: Some(true),
            labels: true,
            strict: true,
        }
    );
    let some = options_of(&json!({"kind": "google", "key": "$KEY", "safety": {
        "harassment": "block_none", "Harm_Category_Hate_Speech": "BLOCK_ONLY_HIGH",
    }}));
    let safety = [
        Some(Threshold::None),
        Some(Threshold::OnlyHigh),
        None,
        None,
        None,
    ];
    assert_eq!(some.safety, safety);
}

/// What of a document cannot be used, and the words of the warning that names it; the rest works.
#[test]
fn bad_options_are_warnings_and_the_rest_works() {
    for (option, value, said) in [
        ("nonsense", json!(1), "it.nonsense is not known"),
        ("project", json!("p"), "it.project is not known"),
        ("safety", json!("maybe"), "it.safety is `maybe`"),
        ("safety", json!(true), "it.safety should be text"),
        (
            "safety",
            json!({"harassment": "x"}),
            "it.safety.harassment is `x`",
        ),
        (
            "safety",
            json!({"rudeness": "off"}),
            "it.safety.rudeness is no category",
        ),
        ("tool_schemas", json!("yaml"), "it.tool_schemas is `yaml`"),
        ("dialect", json!("latin"), "it.dialect is `latin`"),
        ("aliases", json!("all"), "it.aliases is `all`"),
        ("strict", json!("yes"), "it.strict should be true or false"),
        ("call_ids", json!(1), "it.call_ids should be true or false"),
        ("models", json!(["x"]), "it.models should be a table"),
        ("models", json!({"x": 1}), "it.models.x names no model"),
    ] {
        let mut options = json!({"kind": "google", "key": "$KEY"});
        options[option] = value;
        let gateway = native(&options);
        let warnings = &gateway.config.warnings;
        assert!(
            warnings.len() == 1 && warnings[0].contains(said),
            "{warnings:?}"
        );
        assert_eq!(
            chat_url(&gateway, "gemini-x"),
            format!("{STUDIO}/models/gemini-x")
        );
    }
    let mapper = gateway(&[("GEMINI_API_KEY", "k"), ("GOOGLE_MODEL_MAPPER", "x,a=b")]);
    assert!(mapper.config.warnings[0].contains("`x` in GOOGLE_MODEL_MAPPER"));
}

/// What makes a provider unusable, and what its calls are told; never a value that may be a secret.
#[test]
fn settings_that_cannot_be_used_are_named() {
    let file = account();
    let astray = file.replace("of-the-account\",", "../s3cret\",");
    let without_project = file.replace("project_id", "another");
    for (settings, said) in [
        (
            &[("GOOGLE_AI_STUDIO_ENDPOINT", "ftp://s3cret")][..],
            "GOOGLE_AI_STUDIO_ENDPOINT is not an address",
        ),
        (&[("GEMINI_API_KEY", ",")], "GEMINI_API_KEY holds no key"),
        (
            &[("VERTEX_AI_ENDPOINT", "https://x.test")],
            "project not set: VERTEX_AI_PROJECT_ID",
        ),
        (
            &[("VERTEX_AI_PROJECT_ID", "s3cret/../x")],
            "VERTEX_AI_PROJECT_ID should be",
        ),
        (
            &[
                ("VERTEX_AI_PROJECT_ID", "p"),
                ("VERTEX_AI_LOCATION", "evil.test/s3cret"),
            ],
            "VERTEX_AI_LOCATION should be",
        ),
        (
            &[("GOOGLE_APPLICATION_CREDENTIALS", &astray)],
            "VERTEX_AI_PROJECT_ID should be",
        ),
        (
            &[(
                "VERTEX_AI_ENDPOINT",
                "https://x.test/v1/projects/p/locations/a.b",
            )],
            "VERTEX_AI_LOCATION should be",
        ),
        (
            &[("GOOGLE_APPLICATION_CREDENTIALS", "/home/s3cret.json")],
            "the path of a file",
        ),
        (
            &[("GOOGLE_APPLICATION_CREDENTIALS", "s3cret")],
            "GOOGLE_APPLICATION_CREDENTIALS cannot be used",
        ),
        (
            &[("GOOGLE_APPLICATION_CREDENTIALS", &without_project)],
            "project not set: VERTEX_AI_PROJECT_ID",
        ),
    ] {
        let gateway = gateway(settings);
        let got = gateway.send(chat(HELLO));
        assert_eq!(
            got.refusal(),
            (500, "configuration_error".to_owned()),
            "{said}"
        );
        assert!(got.message().contains(said), "{}", got.message());
        assert!(!got.message().contains("s3cret"), "{}", got.message());
        assert!(gateway.asked_nobody());
    }
    for (options, said) in [
        (
            json!({"kind": "google", "key": "$NO_KEY"}),
            "NO_KEY, which is not set",
        ),
        (
            json!({"kind": "google", "endpoint": 1}),
            "it.endpoint is not an address",
        ),
        (json!({"kind": "vertex"}), "it.project should name it"),
        (
            json!({"kind": "vertex", "key": "$KEY", "dialect": "openai"}),
            "it.project should name it",
        ),
        (
            json!({"kind": "vertex", "credentials": "$KEY"}),
            "it.credentials cannot be used",
        ),
    ] {
        let got = native(&options).send(chat(HELLO));
        assert_eq!(
            got.refusal(),
            (500, "configuration_error".to_owned()),
            "{said}"
        );
        assert!(got.message().contains(said), "{}", got.message());
    }
    let express = native(&json!({"kind": "vertex", "key": "$KEY"}));
    let error = endpoint(&express, "/v1/chat/completions", "meta/llama")
        .err()
        .unwrap();
    assert_eq!(error.status(), 500);
}

#[test]
fn who_is_let_in() {
    for settings in [&GOOGLE[..], &VERTEX] {
        let got = gateway_of(settings.iter().copied()).send(chat(HELLO));
        assert_eq!(got.refusal(), (403, "gateway_closed".to_owned()));
    }
    let project = [("VERTEX_AI_PROJECT_ID", "p")];
    for lacking in [gateway_of(project), gateway(&project)] {
        let warnings = &lacking.config.warnings;
        assert!(
            warnings.len() == 1 && warnings[0].contains("`vertex`"),
            "{warnings:?}"
        );
    }
    let both = gateway(&[VERTEX[0], ("GOOGLE_APPLICATION_CREDENTIALS", &account())]);
    assert!(both.config.warnings[0].contains("is not used"));
}

#[test]
fn the_owners_own_headers_are_a_credential() {
    let gateway = native(&json!({
        "kind": "google", "endpoint": "https://gw.test/prefix", "dialect": "openai",
        "headers": {"cf-aig-authorization": "$KEY"},
    }));
    let sent = sent(&gateway, chat(HELLO));
    assert_eq!(
        sent.url,
        "https://gw.test/prefix/v1beta/openai/chat/completions"
    );
    assert_eq!(sent.headers.get("cf-aig-authorization"), Some("the-key"));
    assert_eq!(sent.headers.get("authorization"), None);
    let found = endpoint(&gateway, "/v1/embeddings", "x").unwrap();
    assert!(url_of(found).ends_with("/openai/embeddings"));
}
