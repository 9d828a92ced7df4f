//! The files people have, and the requests their clients send.

use crate::fake::{Upstream, chat, get, json, post};

use super::{CHAT, DONE, OPENAI, file};

/// A server on one's own machine, which wants no key, and has a base and times of its own for speech.
const LOCAL: &str = r#"{"myLab": {
  "target_base_url": "http://gpu.test:8001",
  "models": {
    "llama3": {"endpoints": [
      {"path": "v1/chat/completions", "target_model_name": "meta-llama/Meta-Llama-3-8B-Instruct"},
      {"path": "v1/completions", "target_model_name": "meta-llama/Meta-Llama-3-8B-Instruct"}
    ]},
    "voice": {"endpoints": [
      {"path": "v1/audio/speech", "target_base_url": "http://gpu.test:8002/", "target_model_name": "xtts",
       "request_timeout": "90.5"},
      {"path": "v1/audio/transcriptions", "target_base_url": "http://gpu.test:8003/v1", "target_model_name": "w3"}
    ]}
  }
}}"#;

const AZURE: &str = r#"{"azure": {
  "api_key_variable": "AZURE_OPENAI_KEY_OF_MINE",
  "prefix": "azure-",
  "target_base_url": "https://name.openai.azure.com/openai/deployments/NAME",
  "models": {"gpt-4o": {"endpoints": [{"path": "v1/chat/completions", "target_model_name": "gpt-4o"}]}}
}}"#;

#[test]
fn openai_behind_a_prefix() {
    let gateway = file(OPENAI, &[]).meets(json(200, DONE));
    let got = gateway.send(chat(CHAT));
    assert_eq!((got.status(), got.text()), (200, DONE.to_owned()));
    assert_eq!(got.header("x-isthmus-target"), Some("openai/gpt-4o"));
    let sent = gateway.sent();
    assert_eq!(sent.url, "https://api.openai.com/v1/chat/completions");
    assert_eq!(sent.body, r#"{"model":"gpt-4o","messages":[]}"#);
    assert_eq!(
        sent.headers.get("authorization"),
        Some("Bearer openai-token")
    );
    assert_eq!(sent.timeout_millis, 60_000);
    assert!(
        gateway.config.warnings.is_empty(),
        "{:?}",
        gateway.config.warnings
    );
    let line = gateway.line();
    for (name, value) in [
        ("provider", "openai"),
        ("model_asked", "openai-gpt-4o"),
        ("model_used", "gpt-4o"),
        ("client", "alice"),
    ] {
        assert_eq!(line[name], value, "{name}");
    }
    let gateway = file(OPENAI, &[]).meets(json(200, "{}"));
    let body = r#"{"model":"openai-text-embedding-3-small","input":"x"}"#;
    assert_eq!(gateway.send(post("/v1/embeddings?a=b", body)).status(), 200);
    let sent = gateway.sent();
    assert_eq!(sent.url, "https://api.openai.com/v1/embeddings?a=b");
    assert_eq!(
        sent.body,
        r#"{"model":"text-embedding-3-small-1","input":"x"}"#
    );
    assert_eq!(sent.timeout_millis, 5_000);
}

/// Path -> who is asked, for which model, for how long, and by which name that server is told of.
#[test]
fn a_server_of_ones_own() {
    for (path, model, url, there, millis, called) in [
        (
            "/v1/chat/completions",
            "llama3",
            "http://gpu.test:8001/v1/chat/completions",
            "meta-llama/Meta-Llama-3-8B-Instruct",
            60_000,
            "myLab",
        ),
        (
            "/completions",
            "LLAMA3",
            "http://gpu.test:8001/v1/completions",
            "meta-llama/Meta-Llama-3-8B-Instruct",
            60_000,
            "myLab",
        ),
        (
            "/v1/audio/speech",
            "voice",
            "http://gpu.test:8002/v1/audio/speech",
            "xtts",
            90_500,
            "myLab-2",
        ),
        (
            "/v1/audio/transcriptions",
            "voice",
            "http://gpu.test:8003/v1/audio/transcriptions",
            "w3",
            60_000,
            "myLab-3",
        ),
    ] {
        let gateway = file(LOCAL, &[]).meets(json(200, "{}"));
        let got = gateway.send(post(path, &format!(r#"{{"model":"{model}"}}"#)));
        assert_eq!(got.status(), 200, "{}", got.text());
        assert_eq!(got.header("x-isthmus-provider"), Some(called));
        let sent = gateway.sent();
        assert_eq!((sent.url.as_str(), sent.timeout_millis), (url, millis));
        assert_eq!(sent.body, format!(r#"{{"model":"{there}"}}"#));
        assert_eq!(sent.headers.get("authorization"), None);
    }
}

/// A server that wants no key sees none, whoever calls; where its owner says so, the client's own.
#[test]
fn no_key_is_shown_to_who_wants_none() {
    let passing = LOCAL.replace("\"models\"", "\"pass_through\": true, \"models\"");
    for (text, keys, key, seen) in [
        (LOCAL, "", Some("own"), None),
        (LOCAL, "", None, None),
        (LOCAL, "k", Some("k"), None),
        (&passing, "", Some("own"), Some("Bearer own")),
        (&passing, "k", Some("k"), None),
    ] {
        let settings = [("FOAP_CONFIG", text), ("PROXY_API_KEYS", keys)];
        let gateway = crate::fake::gateway(settings).meets(json(200, "{}"));
        let ask = crate::fake::ask("POST", "/v1/chat/completions").json(r#"{"model":"llama3"}"#);
        let ask = match key {
            Some(key) => ask.key(key),
            None => ask,
        };
        assert_eq!(gateway.send(ask).status(), 200);
        assert_eq!(gateway.sent().headers.get("authorization"), seen);
    }
    let gateway = crate::fake::gateway([("FOAP_CONFIG", passing.as_str())]);
    let ask = crate::fake::ask("POST", "/v1/chat/completions").json(r#"{"model":"llama3"}"#);
    assert_eq!(gateway.send(ask).refusal().1, "missing_api_key");
}

/// Address, type and version as they are set -> where a chat goes, and in which header the key.
#[test]
fn azures_addresses_are_asked_as_azure_wants_it() {
    const AT: &str = "https://name.openai.azure.com/openai";
    const CLASSIC: &str = "/chat/completions?api-version=";
    for (base, more, flat, url, header) in [
        (
            format!("{AT}/deployments/NAME"),
            "",
            "",
            format!("{AT}/deployments/NAME{CLASSIC}2024-10-21"),
            "api-key",
        ),
        (
            format!("{AT}/deployments/NAME/"),
            r#""api_version":"2025-03-01-preview","#,
            "2024-02-01",
            format!("{AT}/deployments/NAME{CLASSIC}2025-03-01-preview"),
            "api-key",
        ),
        (
            format!("{AT}/deployments/NAME"),
            "",
            "2024-06-01",
            format!("{AT}/deployments/NAME{CLASSIC}2024-06-01"),
            "api-key",
        ),
        (
            format!("{AT}/deployments/NAME/chat/completions?api-version=2024-02-01"),
            "",
            "2024-06-01",
            format!("{AT}/deployments/NAME{CLASSIC}2024-02-01"),
            "api-key",
        ),
        (
            "https://apim.test/openai/deployments/NAME".to_owned(),
            "",
            "",
            format!("https://apim.test/openai/deployments/NAME{CLASSIC}2024-10-21"),
            "api-key",
        ),
        (
            "https://name.openai.azure.com".to_owned(),
            "",
            "",
            format!("{AT}/deployments/gpt-4o{CLASSIC}2024-10-21"),
            "api-key",
        ),
        (
            format!("{AT}/v1"),
            "",
            "",
            format!("{AT}/v1/chat/completions"),
            "api-key",
        ),
        (
            "https://own.test".to_owned(),
            r#""type":"Azure","#,
            "",
            format!("https://own.test/openai/deployments/gpt-4o{CLASSIC}2024-10-21"),
            "api-key",
        ),
        (
            "https://own.test/openai/deployments/NAME".to_owned(),
            r#""type":"openai","#,
            "",
            "https://own.test/openai/deployments/NAME/v1/chat/completions".to_owned(),
            "authorization",
        ),
        (
            "https://own.test".to_owned(),
            r#""auth_header":"X-Api-Key","#,
            "",
            "https://own.test/v1/chat/completions".to_owned(),
            "x-api-key",
        ),
    ] {
        let text = AZURE.replace(
            "https://name.openai.azure.com/openai/deployments/NAME",
            &base,
        );
        let text = text.replace("\"prefix\"", &format!("{more}\"prefix\""));
        let settings = [
            ("AZURE_OPENAI_KEY_OF_MINE", "azure-key"),
            ("AZURE_OPENAI_APIVERSION", flat),
        ];
        let gateway = file(&text, &settings).meets(json(200, DONE));
        let got = gateway.send(chat(r#"{"model":"azure-gpt-4o","messages":[]}"#));
        assert_eq!(got.status(), 200, "{base}: {}", got.text());
        let sent = gateway.sent();
        assert_eq!(sent.url, url);
        for name in ["api-key", "authorization", "x-api-key"] {
            let key = match name {
                "authorization" => "Bearer azure-key",
                _ => "azure-key",
            };
            let seen = (name == header).then_some(key);
            assert_eq!(sent.headers.get(name), seen, "{base}: {name}");
        }
        assert!(
            gateway.config.warnings.is_empty(),
            "{:?}",
            gateway.config.warnings
        );
    }
}

/// The clients of that project, whose own failures are not repeated here.
#[test]
fn what_servers_answer_is_passed_on() {
    let gateway = file(OPENAI, &[]).meets(Upstream::Answers(
        429,
        vec![("content-type", "application/json"), ("retry-after", "7")],
        r#"{"error":{"message":"slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#,
    ));
    let body = r#"{"model":"openai-text-embedding-3-small","input":"x"}"#;
    let got = gateway.send(post("/v1/embeddings", body));
    assert_eq!(got.refusal(), (429, "rate_limit_exceeded".to_owned()));
    assert_eq!(
        (got.header("retry-after"), got.message()),
        (Some("7"), "slow down".to_owned())
    );

    let sound = Upstream::Answers(200, vec![("content-type", "application/x-own")], "sound");
    let gateway = file(LOCAL, &[]).meets(sound);
    let got = gateway.send(post("/v1/audio/speech", r#"{"model":"voice","input":"x"}"#));
    assert_eq!((got.status(), got.text().as_str()), (200, "sound"));
    assert_eq!(got.header("content-type"), Some("application/x-own"));

    let refused = json(
        401,
        r#"{"error":{"message":"no","type":"x","param":null,"code":"invalid_api_key"}}"#,
    );
    let gateway = file(OPENAI, &[]).meets(refused);
    let got = gateway.send(chat(
        r#"{"model":"openai-gpt-4o","stream":true,"messages":[]}"#,
    ));
    assert_eq!(got.status(), 401);
    assert_eq!(got.header("content-type"), Some("application/json"));
}

#[test]
fn a_form_keeps_all_its_parts() {
    const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"timestamp_granularities[]\"\r\n\r\nword\r\n\
        --b\r\nContent-Disposition: form-data; name=\"timestamp_granularities[]\"\r\n\r\nsegment\r\n\
        --b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nvoice\r\n\
        --b\r\nContent-Disposition: form-data; name=\"guidance_scale\"\r\n\r\n7.5\r\n\
        --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n--b--\r\n";
    let gateway = file(LOCAL, &[]).meets(json(200, r#"{"text":"x"}"#));
    let ask = crate::fake::ask("POST", "/v1/audio/transcriptions")
        .key("client-key")
        .header("content-type", "multipart/form-data; boundary=b")
        .body(FORM.as_bytes(), 7);
    assert_eq!(gateway.send(ask).status(), 200);
    let sent = gateway.sent();
    assert_eq!(sent.body, FORM.replace("voice", "w3"));
    assert_eq!(sent.url, "http://gpu.test:8003/v1/audio/transcriptions");
}

#[test]
fn the_state_of_a_model_is_its_servers() {
    let gateway = file(LOCAL, &[])
        .meets(json(200, "{}"))
        .meets(json(503, "{}"));
    let got = gateway.send(get("/health/voice"));
    assert_eq!(got.status(), 503);
    assert_eq!(got.json()["status"], "error");
    let sent = gateway.platform.sent.borrow();
    let asked: Vec<&str> = sent.iter().map(|it| it.url.as_str()).collect();
    assert_eq!(
        asked,
        ["http://gpu.test:8002/health", "http://gpu.test:8003/health"]
    );
}

/// Several paths at one server are one question, for as long as the first of them says.
#[test]
fn a_server_is_asked_once_for_its_state() {
    let text = OPENAI.replace(
        "\"target_model_name\": \"gpt-4o\",",
        r#""target_model_name": "gpt-4o"}, {"path": "v1/responses", "request_timeout": 9, "health_timeout": 2"#,
    );
    let gateway = file(&text, &[])
        .meets(json(404, "{}"))
        .meets(json(200, r#"{"data":[]}"#));
    let got = gateway.send(get("/health/openai-gpt-4o"));
    assert_eq!((got.status(), &got.json()["status"]), (200, &"ok".into()));
    let sent = gateway.platform.sent.borrow();
    let asked: Vec<_> = sent
        .iter()
        .map(|it| (it.url.as_str(), it.timeout_millis))
        .collect();
    let wanted = [
        ("https://api.openai.com/health", 10_000),
        ("https://api.openai.com/v1/models", 10_000),
    ];
    assert_eq!(asked, wanted);
    assert_eq!(
        sent[1].headers.get("authorization"),
        Some("Bearer openai-token")
    );
    drop(sent);
    assert_eq!(
        gateway.send(get("/health/nobodys")).refusal(),
        (404, "model_not_found".to_owned())
    );
}
