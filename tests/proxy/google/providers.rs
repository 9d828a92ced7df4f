//! Where calls to AI Studio and Vertex AI go, whose credential goes along, and what settings mean.

mod settings;

use isthmus::error::Result;
use isthmus::providers::{Auth, Demand, Endpoint, Place};
use isthmus::surface::Route;
use serde_json::{Value, json};

use crate::fake::{
    Ask, Gateway, Sent, ask, chat, gateway_of, get, json as answer, leaked, post, recognised,
};

const STUDIO: &str = "https://generativelanguage.googleapis.com/v1beta";
const HELLO: &str = r#"{"model":"gemini-3.8-flash","messages":[{"role":"user","content":"hi"}]}"#;
const DONE: &str = r#"{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[]}"#;
const TOKEN: &str = r#"{"access_token":"ya29.token","expires_in":3599}"#;

/// One client's key, and these settings.
fn gateway(settings: &[(&str, &str)]) -> Gateway {
    let keys = [("PROXY_API_KEYS", "client-key")];
    gateway_of(settings.iter().chain(&keys).copied())
}

/// A document of the one provider `it` with these options.
fn native(options: &Value) -> Gateway {
    let document = json!({"providers": {"it": options}}).to_string();
    gateway(&[
        ("GATEWAY", &document),
        ("KEY", "the-key"),
        ("FILE", &account()),
    ])
}

/// As Google gives it out; the key is none.
fn account() -> String {
    let key = "-----BEGIN PRIVATE KEY-----\nMAo=\n-----END PRIVATE KEY-----\n";
    json!({
        "type": "service_account",
        "project_id": "of-the-account",
        "private_key_id": "1",
        "private_key": key,
        "client_email": "me@of-the-account.iam.gserviceaccount.com",
    })
    .to_string()
}

/// Where a call for a model goes first.
fn endpoint(gateway: &Gateway, path: &str, model: &str) -> Result<Endpoint> {
    let Route::Call(wanted) = recognised(path)? else {
        panic!("{path} is no call");
    };
    let pool = gateway.config.route(Some(model))?;
    let target = pool.targets().first().unwrap();
    let deployments = target.deployments(Some(model))?;
    target.provider.endpoint(&Demand {
        wanted: &wanted,
        method: "POST",
        query: "",
        asked: Some(model),
        deployment: deployments.first(),
        is_upgrade: false,
    })
}

fn url_of(endpoint: Endpoint) -> String {
    match endpoint.place {
        Place::Url(url) => url,
        Place::Here | Place::Known(_) => panic!("it goes nowhere"),
    }
}

fn chat_url(gateway: &Gateway, model: &str) -> String {
    url_of(endpoint(gateway, "/v1/chat/completions", model).unwrap())
}

/// What an upstream gets of a call that need not succeed.
fn sent(gateway: &Gateway, ask: Ask) -> Sent {
    gateway.script(answer(200, DONE));
    let got = gateway.send(ask);
    assert!(!gateway.asked_nobody(), "{}", got.text());
    gateway.sent()
}

#[test]
fn models_of_ai_studio() {
    let gateway = gateway(&[("GOOGLE_AI_STUDIO_API_KEY", "k")]);
    for (model, place) in [
        ("gemini-3.8-flash", "models/gemini-3.8-flash"),
        ("models/gemini-3.8-flash", "models/gemini-3.8-flash"),
        ("google/gemini-3.8-flash", "models/gemini-3.8-flash"),
        ("gemini-3.8-flash:search", "models/gemini-3.8-flash"),
        ("gpt-4o", "models/gemini-3.8-flash"),
        ("tunedModels/mine", "tunedModels/mine"),
        ("no-such-model", "models/no-such-model"),
        ("a/b", "models/a%2Fb"),
    ] {
        assert_eq!(chat_url(&gateway, model), format!("{STUDIO}/{place}"));
    }
    for path in [
        "/v1/completions",
        "/v1/embeddings",
        "/v1/images/generations",
        "/v1/images/edits",
        "/v1/audio/speech",
        "/v1/audio/transcriptions",
        "/v1/audio/translations",
    ] {
        let found = endpoint(&gateway, path, "gemini-x").unwrap();
        assert!(matches!(found.auth, Auth::Keys("x-goog-api-key", _)));
        assert_eq!(url_of(found), format!("{STUDIO}/models/gemini-x"), "{path}");
    }
    for hostile in ["../x", "a..b", "a?b", "a&b", "a#b", "a b", "models/"] {
        let error = endpoint(&gateway, "/v1/chat/completions", hostile)
            .err()
            .unwrap();
        assert_eq!(
            (error.status(), error.code),
            (400, "invalid_model"),
            "{hostile}"
        );
    }
}

/// Options of Vertex AI beside its key, a model, and where a chat goes.
#[test]
fn models_of_vertex_ai() {
    const KEY: &str = r#""kind": "vertex", "key": "$KEY""#;
    const IN: &str = "https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global";
    for (options, model, url) in [
        (
            r#""project": "p""#,
            "gemini-3.8-flash",
            format!("{IN}/publishers/google/models/gemini-3.8-flash"),
        ),
        (
            r#""project": "projects/p", "location": "Global""#,
            "google/gpt-4o",
            format!("{IN}/publishers/google/models/gemini-3.8-flash"),
        ),
        (r#""project": "p""#, "1234567", format!("{IN}/endpoints/1234567")),
        (
            r#""project": "p""#,
            "endpoints/mine",
            format!("{IN}/endpoints/mine"),
        ),
        (
            r#""project": "p""#,
            "embedding-gecko",
            format!("{IN}/publishers/google/models/text-embedding-005"),
        ),
        (
            r#""project": "p", "location": "us-central1""#,
            "x",
            "https://us-central1-aiplatform.googleapis.com/v1beta1/projects/p/locations/us-central1/publishers/google/models/x".to_owned(),
        ),
        (
            r#""project": "example.com:p", "location": "eu""#,
            "x",
            "https://aiplatform.eu.rep.googleapis.com/v1beta1/projects/example.com:p/locations/eu/publishers/google/models/x".to_owned(),
        ),
        (
            r#""project": "p", "location": "us""#,
            "x",
            "https://aiplatform.us.rep.googleapis.com/v1beta1/projects/p/locations/us/publishers/google/models/x".to_owned(),
        ),
        (
            r#""project": "p", "endpoint": "http://127.0.0.1:8080/""#,
            "x",
            "http://127.0.0.1:8080/v1beta1/projects/p/locations/global/publishers/google/models/x".to_owned(),
        ),
        (
            r#""endpoint": "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5""#,
            "x",
            "https://us-east5-aiplatform.googleapis.com/v1beta1/projects/p/locations/us-east5/publishers/google/models/x".to_owned(),
        ),
        (
            "",
            "x",
            "https://aiplatform.googleapis.com/v1/publishers/google/models/x".to_owned(),
        ),
        (
            r#""location": "us-central1""#,
            "x",
            "https://aiplatform.googleapis.com/v1/publishers/google/models/x".to_owned(),
        ),
        (
            r#""endpoint": "https://gateway.ai.cloudflare.com/v1/acc/gw/google-vertex-ai/""#,
            "x",
            "https://gateway.ai.cloudflare.com/v1/acc/gw/google-vertex-ai/v1/publishers/google/models/x".to_owned(),
        ),
        (
            r#""project": "p""#,
            "meta/llama-4-maas",
            format!("{}/endpoints/openapi/chat/completions", IN.replace("v1beta1", "v1")),
        ),
        (
            r#""project": "p", "dialect": "openai""#,
            "gemini-3.8-flash",
            format!("{}/endpoints/openapi/chat/completions", IN.replace("v1beta1", "v1")),
        ),
        (
            r#""project": "p", "dialect": "openai""#,
            "1234567",
            format!("{}/endpoints/1234567/chat/completions", IN.replace("v1beta1", "v1")),
        ),
    ] {
        let comma = if options.is_empty() { "" } else { "," };
        let options: Value = serde_json::from_str(&format!("{{{KEY}{comma}{options}}}")).unwrap();
        let gateway = native(&options);
        let found = endpoint(&gateway, "/v1/chat/completions", model).unwrap();
        assert!(matches!(found.auth, Auth::Keys("x-goog-api-key", _)));
        assert_eq!(url_of(found), url, "{model}");
    }
}

#[test]
fn lists_of_models() {
    let vertex = [
        ("VERTEX_AI_PROJECT_ID", "my-proj"),
        ("VERTEX_AI_LOCATION", "us-central1"),
        ("VERTEX_AI_API_KEY", "k"),
    ];
    let global = "https://aiplatform.googleapis.com/v1beta1/publishers";
    for (settings, path, url) in [
        (
            &vertex[..],
            "/v1/models",
            format!("{global}/google/models?pageSize=200"),
        ),
        (
            &vertex,
            "/v1/models?limit=3",
            format!("{global}/google/models?pageSize=200"),
        ),
        (
            &vertex,
            "/v1/models/gemini-x",
            format!("{global}/google/models/gemini-x"),
        ),
        (
            &vertex,
            "/v1/models/meta%2Fllama",
            format!("{global}/meta/models/llama"),
        ),
        (
            &[
                ("VERTEX_AI_API_KEY", "k"),
                ("VERTEX_AI_ENDPOINT", "http://127.0.0.1:1/"),
            ],
            "/v1/models",
            "http://127.0.0.1:1/v1beta1/publishers/google/models?pageSize=200".to_owned(),
        ),
        (
            &[("GEMINI_API_KEY", "k")],
            "/v1/models",
            format!("{STUDIO}/models?pageSize=1000"),
        ),
        (
            &[("GEMINI_API_KEY", "k")],
            "/v1/models/gemini-x",
            format!("{STUDIO}/models/gemini-x"),
        ),
        (
            &[("GEMINI_API_KEY", "k")],
            "/v1/models/models/gemini-x/capabilities",
            format!("{STUDIO}/models/gemini-x"),
        ),
        (
            &[("GEMINI_API_KEY", "k")],
            "/v1/models/a%20b%3Fc",
            String::new(),
        ),
    ] {
        let gateway = gateway(settings).meets(answer(200, "{}"));
        let got = gateway.send(get(path));
        if url.is_empty() {
            assert_eq!(got.refusal(), (400, "invalid_model".to_owned()));
            continue;
        }
        let sent = gateway.sent();
        assert_eq!((sent.method.as_str(), sent.url), ("GET", url));
        assert_eq!(sent.headers.get("x-goog-api-key"), Some("k"));
        assert_eq!(sent.headers.get("authorization"), None);
        let payer = (settings.len() == 3).then_some("my-proj");
        assert_eq!(sent.headers.get("x-goog-user-project"), payer);
    }
    let gateway = gateway(&[
        ("GEMINI_API_KEY", "k"),
        ("GOOGLE_MODEL_MAPPER", "mine=gemini-x"),
    ]);
    let page =
        r#"{"models": [{"name": "models/gemini-x", "displayName": "X"}, {"name": "models/y"}]}"#;
    gateway.script(answer(200, page));
    let listed = gateway.send(get("/v1/models")).json();
    let shown = |at: usize| [&listed["data"][at]["id"], &listed["data"][at]["name"]];
    assert_eq!(shown(0), [&json!("mine"), &json!("X")]);
    assert_eq!(shown(1), [&json!("gemini-x"), &json!("X")]);
    assert_eq!(shown(2), [&json!("y"), &Value::Null]);
}

/// Beside a default provider that serves whatever is not plainly Google's.
#[test]
fn listed_names_bring_a_call_to_google() {
    let gateway = gateway(&[
        ("OPENAI_BASE_URL", "https://up.test/v1"),
        ("OPENAI_API_KEY", "k"),
        ("GOOGLE_AI_STUDIO_API_KEY", "the-key"),
    ]);
    let google = json!({"models": [
        {"name": "models/gemini-2.5-flash"}, {"name": "models/gemma-4-31b-it"}, {"name": "models/imagen-4.0"},
        {"name": "models/text-embedding-005"}, {"name": "tunedModels/mine"}, {"name": "models/gemini-2.0-flash"},
    ]});
    for provider in gateway.config.providers() {
        let list = match provider.google() {
            Some(_) => google.to_string(),
            None => r#"{"data": [{"id": "gpt-4o", "object": "model"}]}"#.to_owned(),
        };
        gateway.script(answer(200, leaked(&list)));
    }
    let listed = gateway.send(get("/v1/models")).json();
    let items = listed["data"].as_array().unwrap().iter();
    let ids: Vec<_> = items.map(|item| item["id"].as_str().unwrap()).collect();
    for (id, url) in [
        ("gpt-4o", "https://up.test/v1/chat/completions".to_owned()),
        (
            "gemini-2.5-flash",
            format!("{STUDIO}/models/gemini-2.5-flash"),
        ),
        ("gemma-4-31b-it", format!("{STUDIO}/models/gemma-4-31b-it")),
        ("google/imagen-4.0", format!("{STUDIO}/models/imagen-4.0")),
        (
            "google/text-embedding-005",
            format!("{STUDIO}/models/text-embedding-005"),
        ),
        ("tunedModels/mine", format!("{STUDIO}/tunedModels/mine")),
    ] {
        assert!(ids.contains(&id), "{id} in {ids:?}");
        assert_eq!(chat_url(&gateway, id), url);
    }
    // Shut down: a call for it goes to its successor.
    assert_eq!(ids.len(), 6, "{ids:?}");
}

#[test]
fn models_of_other_makers_pass_as_they_are() {
    let gateway = gateway(&[
        ("GOOGLE_APPLICATION_CREDENTIALS", &account()),
        ("VERTEX_AI_LOCATION", "us-east5"),
    ]);
    gateway.script(answer(200, TOKEN));
    gateway.script(answer(200, DONE));
    let body = r#"{ "model": "meta/llama-4-maas", "messages": [], "temperature": 0.1, "x": 1 }"#;
    let got = gateway.send(chat(body));
    assert_eq!((got.status(), got.text()), (200, DONE.to_owned()));
    let sent = gateway.sent();
    assert_eq!(
        sent.url,
        "https://us-east5-aiplatform.googleapis.com/v1/projects/of-the-account/locations/us-east5/endpoints/openapi/chat/completions"
    );
    assert_eq!(sent.headers.get("authorization"), Some("Bearer ya29.token"));
    assert_eq!(sent.headers.get("x-goog-api-key"), None);
    assert_eq!(sent.body, body);
    // Chosen by its prefix the provider gets the name alone.
    gateway.script(answer(200, DONE));
    let got = gateway.send(chat(&body.replace("meta/", "vertex/meta/")));
    assert_eq!(got.status(), 200);
    assert_eq!(gateway.sent().body, body);
    for (path, model, code) in [
        (
            "/v1/completions",
            "meta/llama-4-maas",
            "unsupported_operation",
        ),
        (
            "/v1/chat/completions",
            "anthropic/claude-opus-4-5",
            "unsupported_model",
        ),
        (
            "/v1/chat/completions",
            "mistralai/codestral-2",
            "unsupported_model",
        ),
    ] {
        let got = gateway.send(post(
            path,
            &format!(r#"{{"model":"{model}","messages":[]}}"#),
        ));
        assert_eq!(got.refusal(), (400, code.to_owned()), "{model}");
    }
}

#[test]
fn googles_endpoint_in_openais_shape() {
    let studio = native(&json!({"kind": "google", "key": "$KEY", "dialect": "openai"}));
    for (path, body, below) in [
        ("/v1/chat/completions", HELLO, "chat/completions"),
        (
            "/v1/embeddings",
            r#"{"model":"gemini-embedding-001","input":"x"}"#,
            "embeddings",
        ),
        (
            "/v1/images/generations",
            r#"{"prompt":"x"}"#,
            "images/generations",
        ),
        ("/v1/batches", "{}", "batches"),
    ] {
        let sent = sent(&studio, post(path, body));
        assert_eq!(sent.url, format!("{STUDIO}/openai/{below}"));
        assert_eq!(sent.headers.get("authorization"), Some("Bearer the-key"));
        assert_eq!(sent.headers.get("x-goog-api-key"), None);
    }
    for (path, below) in [
        ("/v1/models", "models"),
        ("/v1/models/models/gemini-x", "models/gemini-x"),
        ("/v1/batches/batch-1?x=y", "batches/batch-1?x=y"),
    ] {
        assert_eq!(
            sent(&studio, get(path)).url,
            format!("{STUDIO}/openai/{below}")
        );
    }
    let vertex =
        native(&json!({"kind": "vertex", "key": "$KEY", "project": "p", "dialect": "openai"}));
    for gateway in [&studio, &vertex] {
        for path in ["/v1/completions", "/v1/responses", "/v1/audio/speech"] {
            let got = gateway.send(post(path, r#"{"model":"gemini-x","input":"x"}"#));
            assert_eq!(
                got.refusal(),
                (400, "unsupported_operation".to_owned()),
                "{path}"
            );
        }
    }
    let sent = sent(&vertex, chat(HELLO));
    assert_eq!(sent.headers.get("x-goog-api-key"), Some("the-key"));
    let pool = vertex.config.route(Some("gpt-4o")).unwrap();
    let deployments = pool
        .targets()
        .iter()
        .next()
        .unwrap()
        .deployments(Some("gpt-4o"))
        .unwrap();
    assert_eq!(deployments[0].name, "google/gemini-3.8-flash");
}

#[test]
fn what_google_does_not_serve_is_said() {
    for (settings, named) in [
        (
            &[("GEMINI_API_KEY", "k")][..],
            "Google AI Studio (the provider `google`)",
        ),
        (
            &[("VERTEX_AI_API_KEY", "k"), ("VERTEX_AI_PROJECT_ID", "p")],
            "Vertex AI (the provider `vertex`)",
        ),
    ] {
        let gateway = gateway(settings);
        for (path, operation) in [
            ("/v1/responses", "responses"),
            ("/v1/moderations", "moderation"),
            ("/v1/batches", "relay"),
            ("/v1/files", "relay"),
        ] {
            let got = gateway.send(post(path, r#"{"model":"gemini-x","input":"x"}"#));
            assert_eq!(got.refusal(), (400, "unsupported_operation".to_owned()));
            let message = got.message();
            assert!(
                message.contains(named) && message.contains(operation) && message.contains(path),
                "{message}"
            );
        }
        assert_eq!(gateway.send(get("/v1/files/x/content")).status(), 400);
        assert!(gateway.asked_nobody());
    }
}

#[test]
fn an_image_without_a_model_is_drawn_by_what_stands_for_openais() {
    let gateway = gateway(&[("GEMINI_API_KEY", "k")]);
    let Ok(Route::Call(wanted)) = recognised("/v1/images/generations") else {
        panic!("it is a call");
    };
    let target = gateway.config.first_target(None).unwrap();
    let found = target.provider.endpoint(&Demand {
        wanted: &wanted,
        method: "POST",
        query: "",
        asked: None,
        deployment: None,
        is_upgrade: false,
    });
    let url = url_of(found.unwrap());
    assert_eq!(url, format!("{STUDIO}/models/gemini-3.1-flash-image"));
}

/// Without a credential of ours the client's own goes along, in the style it is taken in.
#[test]
fn the_clients_own_credential() {
    for (settings, own, header, value) in [
        (
            &[("AZURE_OPENAI_PROXY_MODE", "google")][..],
            "AIza-own",
            "x-goog-api-key",
            "AIza-own",
        ),
        (
            &[("AZURE_OPENAI_PROXY_MODE", "google")],
            "ya29.own",
            "authorization",
            "Bearer ya29.own",
        ),
        (
            &[("VERTEX_AI_PROJECT_ID", "p")],
            "ya29.own",
            "authorization",
            "Bearer ya29.own",
        ),
        (
            &[("VERTEX_AI_PROJECT_ID", "p")],
            "own",
            "x-goog-api-key",
            "own",
        ),
    ] {
        let gateway = gateway_of(settings.iter().copied()).meets(answer(200, "{}"));
        gateway.send(ask("GET", "/v1/models").key(own));
        let sent = gateway.sent();
        let headers = ["x-goog-api-key", "authorization"].map(|name| sent.headers.get(name));
        assert_eq!(sent.headers.get(header), Some(value));
        assert_eq!(headers.iter().flatten().count(), 1);
    }
    let gateway = native(&json!({"kind": "google", "dialect": "openai"}));
    assert!(gateway.config.warnings.iter().any(|it| it.contains("`it`")));
}

#[test]
fn without_any_credential_it_is_said_what_to_set() {
    let studio = "Google AI Studio API key not set";
    let vertex = "Vertex AI credential not set";
    let mode = "AZURE_OPENAI_PROXY_MODE";
    for (settings, said) in [
        (&[(mode, "google")][..], studio),
        (
            &[(mode, "google"), ("PROXY_API_KEYS", "client-key")],
            studio,
        ),
        (&[(mode, "google"), ("ALLOW_ANONYMOUS", "true")], studio),
        (&[("GOOGLE_AI_STUDIO_ENDPOINT", "https://x.test")], studio),
        (&[("VERTEX_AI_PROJECT_ID", "p")], vertex),
        (&[(mode, "vertex")], "VERTEX_AI_PROJECT_ID"),
        (
            &[(mode, "vertex"), ("VERTEX_AI_LOCATION", "eu")],
            "VERTEX_AI_PROJECT_ID",
        ),
    ] {
        let gateway = gateway_of(settings.iter().copied());
        let has_keys = settings.iter().any(|(name, _)| *name == "PROXY_API_KEYS");
        let ask = ask("GET", "/v1/models");
        let got = gateway.send(if has_keys { ask.key("client-key") } else { ask });
        assert_eq!(
            got.refusal(),
            (500, "configuration_error".to_owned()),
            "{said}"
        );
        assert!(got.message().contains(said), "{}", got.message());
        assert!(gateway.asked_nobody());
    }
}

/// One that is refused for itself rests; the next call goes on with the others.
#[test]
fn keys_take_turns_and_stand_in_headers_alone() {
    let gateway = gateway(&[("GOOGLE_AI_STUDIO_API_KEY", "first, second")]);
    for key in ["first", "second", "first"] {
        let anew = get("/v1/models").header("cache-control", "no-cache");
        let sent = sent(&gateway, anew);
        assert_eq!(sent.headers.get("x-goog-api-key"), Some(key));
        assert!(!sent.url.contains(key));
    }
}
