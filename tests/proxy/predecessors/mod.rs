//! What people who come from another proxy have: its settings, and the calls of its README.

mod instances;
mod settings;
mod vectors;

use crate::fake::{Ask, Gateway, ask, gateway_of, json};

const MISSING: &str = r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#;

/// `curl {URL}{path} -H "Content-Type: application/json" -H "Authorization: Bearer {KEY}" -d '{...}'`.
fn curl(method: &str, path: &str) -> Ask {
    let request = ask(method, path)
        .key("xxxxxxxx")
        .header("user-agent", "curl/8.5.0");
    if method == "GET" || method == "DELETE" {
        return request;
    }
    request.json(r#"{"model": "gpt-3.5-turbo","messages": [{"role": "user","content": "Hello!"}]}"#)
}

/// Asked so, a resource with this deployment alone, or with this page.
fn reached(gateway: &Gateway, request: Ask, url: &str) -> Option<String> {
    gateway.serve(url, json(200, r#"{"data":[],"choices":[],"object":"x"}"#));
    gateway.serve("", json(404, MISSING));
    let status = gateway.send(request).status();
    (status == 200).then(|| gateway.sent().url)
}

/// The first one's `docker run`, its address and version included.
fn azure_oai_proxy() -> Gateway {
    gateway_of([
        ("AZURE_OPENAI_PROXY_ADDRESS", "0.0.0.0:11437"),
        ("AZURE_OPENAI_PROXY_MODE", "azure"),
        (
            "AZURE_OPENAI_ENDPOINT",
            "https://your-endpoint.openai.azure.com/",
        ),
        ("AZURE_OPENAI_APIVERSION", "2024-05-01-preview"),
        (
            "AZURE_OPENAI_MODEL_MAPPER",
            "gpt-3.5-turbo=gpt-35-turbo,gpt-3.5-turbo-0301=gpt-35-turbo-0301",
        ),
    ])
}

/// Each route of azure-oai-proxy -> where Azure has it.
#[test]
fn every_route_of_azure_oai_proxy_reaches_azure() {
    for (method, path, below) in [
        (
            "POST",
            "/v1/chat/completions",
            "deployments/gpt-35-turbo/chat/completions",
        ),
        (
            "POST",
            "/v1/completions",
            "deployments/gpt-35-turbo/completions",
        ),
        (
            "POST",
            "/v1/embeddings",
            "deployments/gpt-35-turbo/embeddings",
        ),
        (
            "POST",
            "/v1/images/generations",
            "deployments/gpt-35-turbo/images/generations",
        ),
        (
            "POST",
            "/v1/audio/speech",
            "deployments/gpt-35-turbo/audio/speech",
        ),
        ("GET", "/v1/fine_tunes", "fine_tuning/jobs"),
        ("GET", "/v1/fine_tunes/ft-1", "fine_tuning/jobs/ft-1"),
        (
            "POST",
            "/v1/fine_tunes/ft-1/cancel",
            "fine_tuning/jobs/ft-1/cancel",
        ),
        (
            "GET",
            "/v1/fine_tunes/ft-1/events",
            "fine_tuning/jobs/ft-1/events",
        ),
        ("GET", "/v1/files", "files"),
        ("GET", "/v1/files/f-1", "files/f-1"),
        ("DELETE", "/v1/files/f-1", "files/f-1"),
        ("GET", "/v1/files/f-1/content", "files/f-1/content"),
    ] {
        let url = format!(
            "https://your-endpoint.openai.azure.com/openai/{below}?api-version=2024-05-01-preview"
        );
        let gateway = azure_oai_proxy();
        let asked = reached(&gateway, curl(method, path), &url);
        assert_eq!(asked, Some(url), "{method} {path}");
    }
    // What it answers without a model of its own, or never did.
    for path in ["/v1/audio/voices", "/deployments", "/v1/models", "/healthz"] {
        let gateway = azure_oai_proxy().meets(json(200, r#"{"data":[{"id":"gpt-35-turbo"}]}"#));
        assert_eq!(gateway.send(curl("GET", path)).status(), 200, "{path}");
    }
}

#[test]
fn azure_gets_the_clients_key_as_it_wants_it() {
    for (header, sent) in [
        ("authorization", "Bearer a-key"),
        ("authorization", "a-key"),
        ("api-key", "a-key"),
    ] {
        let gateway = azure_oai_proxy().meets(json(200, "{}"));
        let request = ask("POST", "/v1/chat/completions").header(header, sent);
        gateway.send(request.json(r#"{"model":"gpt-3.5-turbo-0301","messages":[]}"#));
        let sent = gateway.sent();
        assert!(sent.url.contains("/deployments/gpt-35-turbo-0301/"));
        assert_eq!(sent.headers.get("api-key"), Some("a-key"));
        assert_eq!(sent.headers.get("authorization"), None);
    }
}

/// `export https_proxy=https://your-domain`, and `curl https://api.openai.com/v1/chat/completions`: what its README has
/// for a forward proxy, as far as it can be had.
#[test]
fn its_forward_proxy_is_an_address_in_front() {
    let path = "/proxy/https://api.openai.com/v1/chat/completions";
    let azures = "https://your-endpoint.openai.azure.com/openai/deployments/gpt-35-turbo/chat/completions?api-version=2024-05-01-preview";
    let asked = reached(&azure_oai_proxy(), curl("POST", path), azures);
    assert_eq!(asked.as_deref(), Some(azures));
    let relay = gateway_of([
        ("AZURE_OPENAI_PROXY_MODE", "openai"),
        ("AZURE_OPENAI_PROXY_ADDRESS", "0.0.0.0:11437"),
    ]);
    let openais = "https://api.openai.com/v1/chat/completions";
    assert_eq!(
        reached(&relay, curl("POST", path), openais).as_deref(),
        Some(openais)
    );
    let tunnel = relay.send(ask("CONNECT", "api.openai.com:443"));
    assert_eq!(tunnel.status(), 405);
}

/// Model -> deployment, by the tables that the first two came with.
#[test]
fn the_names_they_knew_are_found_without_a_map() {
    for (model, deployment) in [
        ("gpt-3.5-turbo", "gpt-35-turbo"),
        ("gpt-3.5-turbo-0125", "gpt-35-turbo-0125"),
        ("gpt-3.5-turbo-0613", "gpt-35-turbo-0613"),
        ("gpt-3.5-turbo-1106", "gpt-35-turbo-1106"),
        ("gpt-3.5-turbo-16k-0613", "gpt-35-turbo-16k-0613"),
        ("gpt-3.5-turbo-instruct-0914", "gpt-35-turbo-instruct-0914"),
        ("gpt-4", "gpt-4"),
        ("gpt-4", "gpt-4-0613"),
        ("gpt-4-32k", "gpt-4-32k"),
        ("gpt-4-32k-0613", "gpt-4-32k-0613"),
        ("gpt-4o-mini", "gpt-4o-mini"),
        ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
        ("gpt-4o", "gpt-4o"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-05-13"),
        ("gpt-4-turbo", "gpt-4-turbo"),
        ("gpt-4-vision-preview", "gpt-4-vision"),
        ("gpt-4-vision-preview", "gpt-4-vision-preview"),
        ("gpt-4-turbo-2024-04-09", "gpt-4-turbo-2024-04-09"),
        ("gpt-4-1106-preview", "gpt-4-1106-preview"),
        ("text-embedding-ada-002", "text-embedding-ada-002"),
        ("dall-e-2", "dall-e-2"),
        ("dall-e-3", "dall-e-3"),
        ("babbage-002", "babbage-002"),
        ("davinci-002", "davinci-002"),
        ("whisper-1", "whisper"),
        ("tts-1", "tts"),
        ("tts-1-hd", "tts-hd"),
        ("text-embedding-3-small", "text-embedding-3-small-1"),
        ("text-embedding-3-large", "text-embedding-3-large-1"),
        ("gpt-4.1", "gpt-4.1"),
    ] {
        let gateway = gateway_of([("AZURE_OPENAI_ENDPOINT", "r.openai.azure.com")]);
        let url = format!(
            "https://r.openai.azure.com/openai/deployments/{deployment}/completions?api-version=2024-10-21"
        );
        let body = format!(r#"{{"model":"{model}","prompt":"x"}}"#);
        let request = ask("POST", "/v1/completions").key("k").json(&body);
        assert_eq!(
            reached(&gateway, request, &url),
            Some(url),
            "{model} {deployment}"
        );
    }
}

/// The second one's `.env`, with its slip: the key it shows is another alias's.
#[test]
fn the_settings_of_multi_ai_proxy_serve_all_their_providers() {
    let settings = [
        ("AZURE_OPENAI_PROXY_ADDRESS", "0.0.0.0:11437"),
        ("AZURE_OPENAI_PROXY_MODE", "azure"),
        (
            "AZURE_OPENAI_ENDPOINT",
            "https://your-endpoint.openai.azure.com/",
        ),
        ("AZURE_OPENAI_API_KEY", "azure-key"),
        ("AZURE_OPENAI_APIVERSION", "2024-06-01"),
        (
            "AZURE_AI_STUDIO_DEPLOYMENTS",
            "mistral-large-2407=Mistral-large2:swedencentral,llama-3.1-405B=Meta-Llama-3-1-405B-Instruct:northcentralus",
        ),
        ("AZURE_OPENAI_KEY_MISTRAL-LARGE-2407", "mistral-key"),
        ("AZURE_OPENAI_KEY_LLAMA-3.1-8B", "llama-key"),
        ("GOOGLE_AI_STUDIO_API_KEY", "google-key"),
        ("VERTEX_AI_PROJECT_ID", "project"),
        ("PROXY_API_KEYS", "me:xxxxxxxx"),
    ];
    for (model, url, header, credential) in [
        (
            "gpt-4o",
            "https://your-endpoint.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-06-01",
            "api-key",
            "azure-key",
        ),
        (
            "Mistral-Large-2407",
            "https://Mistral-large2.swedencentral.models.ai.azure.com/v1/chat/completions",
            "authorization",
            "Bearer mistral-key",
        ),
        (
            "gemini-2.5-pro",
            "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:generateContent",
            "x-goog-api-key",
            "google-key",
        ),
    ] {
        let gateway = gateway_of(settings);
        let body =
            format!(r#"{{"model":"{model}","messages":[{{"role":"user","content":"Hello!"}}]}}"#);
        let request = ask("POST", "/v1/chat/completions")
            .key("xxxxxxxx")
            .json(&body);
        gateway.serve(
            "",
            json(
                200,
                r#"{"candidates":[{"content":{"parts":[{"text":"hi"}]}}]}"#,
            ),
        );
        let got = gateway.send(request);
        assert_eq!(got.status(), 200, "{}", got.text());
        let sent = gateway.sent();
        assert_eq!(sent.url, url);
        assert_eq!(sent.headers.get(header), Some(credential));
        assert!(!sent.headers.as_packed().contains("xxxxxxxx"));
    }
    let body = r#"{"model":"llama-3.1-405b","messages":[]}"#;
    let request = ask("POST", "/v1/chat/completions")
        .key("xxxxxxxx")
        .json(body);
    let got = gateway_of(settings).send(request);
    assert_eq!(got.refusal(), (500, "configuration_error".to_owned()));
    assert!(got.message().contains("AZURE_OPENAI_KEY_LLAMA_3_1_405B"));
}

/// The third one's `.env` with a single instance: no key of its clients is looked at.
#[test]
fn the_single_instance_of_llm_router_is_served() {
    let settings = [
        ("AZURE_OPENAI_API_KEY", "azure-key"),
        (
            "AZURE_OPENAI_API_BASE",
            "https://instance.openai.azure.com/",
        ),
        ("AZURE_OPENAI_API_VERSION", "2023-07-01-preview"),
        ("MODEL_MAP_GPT35TURBO", "gpt-35-turbo-deployment"),
        ("MODEL_MAP_GPT4o", "Gpt4o-Deployment"),
        ("MODEL_MAP_GPT_4_TURBO", "turbo"),
        ("MODEL_MAP_TEXT_EMBEDDING_ADA_002", "ada"),
        ("LOG_LEVEL", "INFO"),
        ("PORT", "3010"),
        ("USE_REDIS_RATE_LIMITER", "false"),
        ("REDIS_URL", "redis://localhost:6379"),
        ("ALLOW_ANONYMOUS", "true"),
    ];
    for (model, deployment) in [
        ("gpt-3.5-turbo", "gpt-35-turbo-deployment"),
        ("gpt-4o", "Gpt4o-Deployment"),
        ("GPT-4-turbo", "turbo"),
        ("text-embedding-ada-002", "ada"),
        ("gpt-4.1", "gpt-4.1"),
    ] {
        let gateway = gateway_of(settings).meets(json(200, r#"{"object":"list","data":[]}"#));
        let body = format!(r#"{{"model":"{model}","input":"x"}}"#);
        let request = ask("POST", "/v1/embeddings").key("any-value").json(&body);
        assert_eq!(gateway.send(request).status(), 200);
        let sent = gateway.sent();
        assert_eq!(
            sent.url,
            format!(
                "https://instance.openai.azure.com/openai/deployments/{deployment}/embeddings?api-version=2023-07-01-preview"
            )
        );
        assert_eq!(sent.headers.get("api-key"), Some("azure-key"));
        assert!(gateway.config.warnings.is_empty());
    }
    // As it stands in that file nobody says who may call, and nobody is served on that key.
    let unsaid = settings
        .iter()
        .filter(|(name, _)| *name != "ALLOW_ANONYMOUS");
    let got = gateway_of(unsaid.copied()).send(ask("GET", "/v1/files").key("any-value"));
    assert_eq!(got.refusal(), (403, "gateway_closed".to_owned()));
}

/// docs/migrating.md, what differs: settings, a model that is asked for -> where it goes, and as what.
#[test]
fn what_is_said_to_differ_does() {
    const ENDPOINT: (&str, &str) = ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com/");
    const BASE: (&str, &str) = ("AZURE_OPENAI_API_BASE", "https://r.openai.azure.com");
    const RELAY: (&str, &str) = ("AZURE_OPENAI_PROXY_MODE", "openai");
    const MAPPER: (&str, &str) = ("AZURE_OPENAI_MODEL_MAPPER", "gpt-4o=prod-4o,gpt-4=prod-4");
    for (settings, model, url, credential) in [
        (
            &[ENDPOINT, ("MODEL_FALLBACK", "strip")][..],
            "gpt-4.1",
            "https://r.openai.azure.com/openai/deployments/gpt-41/chat/completions?api-version=2024-10-21",
            "theirs",
        ),
        (
            &[ENDPOINT, RELAY, MAPPER],
            "gpt-4o",
            "https://r.openai.azure.com/openai/deployments/prod-4o/chat/completions?api-version=2024-10-21",
            "theirs",
        ),
        (
            &[ENDPOINT, RELAY, MAPPER],
            "gpt-4.1",
            "https://api.openai.com/v1/chat/completions",
            "Bearer theirs",
        ),
        (
            &[
                RELAY,
                ("OPENAI_API_KEY", "ours"),
                ("PROXY_API_KEYS", "me:theirs"),
            ],
            "gpt-4.1",
            "https://api.openai.com/v1/chat/completions",
            "Bearer ours",
        ),
        (
            &[
                ENDPOINT,
                ("AZURE_OPENAI_API_KEY", "second"),
                ("AZURE_OPENAI_TOKEN", "first"),
                ("PROXY_API_KEYS", "me:theirs"),
            ],
            "gpt-4o",
            "https://r.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21",
            "first",
        ),
        (
            &[BASE, ("MODEL_MAP_GPT_4_1", "mine")],
            "gpt-4.1",
            "https://r.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2024-10-21",
            "theirs",
        ),
        (
            &[
                ("UPSTREAM_HOST", "tgi.example.com"),
                ("UPSTREAM_PORT", "8080"),
            ],
            "m",
            "http://tgi.example.com:8080/v1/chat/completions",
            "Bearer theirs",
        ),
        (
            &[
                ("UPSTREAM_HOST", "https://tgi.example.com/prefix"),
                ("UPSTREAM_API_KEY", "the-servers"),
                ("PROXY_API_KEYS", "me:theirs"),
            ],
            "m",
            "https://tgi.example.com/prefix/v1/chat/completions",
            "Bearer the-servers",
        ),
    ] {
        let gateway = gateway_of(settings.iter().copied()).meets(json(200, r#"{"choices":[]}"#));
        let body = format!(r#"{{"model":"{model}","messages":[]}}"#);
        let request = ask("POST", "/v1/chat/completions")
            .key("theirs")
            .json(&body);
        let got = gateway.send(request);
        assert_eq!(got.status(), 200, "{settings:?}: {}", got.text());
        let sent = gateway.sent();
        assert_eq!(sent.url, url, "{settings:?}");
        let headers = ["api-key", "authorization"];
        let mut sent = headers.iter().filter_map(|name| sent.headers.get(name));
        assert_eq!((sent.next(), sent.next()), (Some(credential), None));
    }
    let refuses = [BASE, ("MODEL_MAP_GPT4O", "d"), ("MODEL_FALLBACK", "error")];
    for (settings, refusal) in [
        (&refuses[..], (404, "model_not_found")),
        (
            &[ENDPOINT, ("AZURE_OPENAI_PROXY_MODE", "both")],
            (500, "configuration_error"),
        ),
        (
            &[ENDPOINT, ("AZURE_OPENAI_API_KEY", "ours")],
            (403, "gateway_closed"),
        ),
    ] {
        let gateway = gateway_of(settings.iter().copied());
        let body = r#"{"model":"gpt-4.1","messages":[]}"#;
        let got = gateway.send(ask("POST", "/v1/chat/completions").key("k").json(body));
        assert_eq!(got.refusal(), (refusal.0, refusal.1.to_owned()));
        assert!(gateway.asked_nobody());
    }
}
