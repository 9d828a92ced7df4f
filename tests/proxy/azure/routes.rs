//! Where calls to Azure go, and under which names.

mod settings;

use isthmus::config::{Config, Settings};
use serde_json::Value;

use crate::fake::{Ask, Fake, Gateway, Got, Sent, ask, chat, get, json, post};

const HELLO: &str = r#"{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}"#;
const AT: &str = "https://r.openai.azure.com";
const USUAL: &str = "?api-version=2024-10-21";

fn gateway(settings: &[(&str, &str)]) -> Gateway {
    let keys = [("PROXY_API_KEYS", "client-key")];
    let settings = settings.iter().copied().chain(keys);
    Gateway {
        platform: Fake::default(),
        config: Config::read(&settings.collect::<Settings>()),
    }
}

/// One resource by flat settings, and these besides: of two of a name the last counts.
fn flat(settings: &[(&str, &str)]) -> Gateway {
    let usual = [
        ("AZURE_OPENAI_ENDPOINT", AT),
        ("AZURE_OPENAI_API_KEY", "azure-key"),
    ];
    gateway(&[&usual, settings].concat())
}

/// A document of one provider with a key and these options.
fn native(options: &str) -> Gateway {
    let document = format!(r#"{{"providers": {{"it": {{"key": "$IT_KEY", {options}}}}}}}"#);
    gateway(&[("GATEWAY", &document), ("IT_KEY", "azure-key")])
}

fn naming(model: &str) -> Ask {
    chat(&HELLO.replace("gpt-4o", model))
}

fn send(gateway: Gateway, ask: Ask) -> Sent {
    // An answer to every dialect.
    let gateway = gateway.meets(json(200, r#"{"content": []}"#));
    let got = gateway.send(ask);
    assert_eq!(got.status(), 200, "{}", got.text());
    gateway.sent()
}

fn url(gateway: Gateway, ask: Ask) -> String {
    send(gateway, ask).url
}

fn refuse(gateway: &Gateway, ask: Ask) -> Got {
    let got = gateway.send(ask);
    assert!(gateway.asked_nobody());
    got
}

fn model_of(sent: &Sent) -> Value {
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    body["model"].clone()
}

#[test]
fn a_call_to_a_resource() {
    let sent = send(flat(&[]), naming("gpt-4.1"));
    let asked = format!("{AT}/openai/deployments/gpt-4.1/chat/completions{USUAL}");
    assert_eq!((sent.method.as_str(), sent.url), ("POST", asked));
    assert_eq!(sent.headers.get("api-key"), Some("azure-key"));
    assert_eq!(sent.headers.get("authorization"), None);
}

/// The options of a provider, a call, and what it becomes.
#[test]
fn forms_as_they_are_configured() {
    for (options, path, url, model) in [
        (
            r#""kind": "azure", "endpoint": "https://res.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2025-01-01-preview""#,
            "/v1/embeddings",
            "https://res.openai.azure.com/openai/deployments/gpt-4o/embeddings?api-version=2025-01-01-preview",
            "anything",
        ),
        (
            r#""kind": "azure", "form": "v1", "endpoint": "https://res.openai.azure.com", "deployments": {"Anything": "Prod-4o"}"#,
            "/v1/chat/completions",
            "https://res.openai.azure.com/openai/v1/chat/completions",
            "Prod-4o",
        ),
        (
            r#""kind": "azure", "form": "v1", "endpoint": "https://res.openai.azure.com", "api_version": "preview", "passthrough": true"#,
            "/v1/images/generations",
            "https://res.openai.azure.com/openai/v1/images/generations?api-version=preview",
            "anything",
        ),
        (
            r#""kind": "foundry", "endpoint": "https://res.services.ai.azure.com", "deployments": {"anything": {"deployment": "Phi-4", "family": "phi"}}"#,
            "/v1/chat/completions",
            "https://res.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview",
            "Phi-4",
        ),
        (
            r#""kind": "azure", "endpoint": "https://res.openai.azure.com", "deployments": {"anything": {"deployment": "d", "api_version": "2025-01-01-preview"}}"#,
            "/v1/chat/completions",
            "https://res.openai.azure.com/openai/deployments/d/chat/completions?api-version=2025-01-01-preview",
            "anything",
        ),
        (
            r#""kind": "azure", "endpoint": "https://res.openai.azure.com", "deployments": {"anything": "prod"}"#,
            "/v1/responses",
            "https://res.openai.azure.com/openai/v1/responses",
            "prod",
        ),
        (
            r#""kind": "azure", "endpoint": "https://res.openai.azure.com", "api_version": "2025-03-01-preview", "deployments": {"anything": "prod"}"#,
            "/v1/responses",
            "https://res.openai.azure.com/openai/responses?api-version=2025-03-01-preview",
            "prod",
        ),
        (
            r#""kind": "azure", "endpoint": "https://res.openai.azure.com", "api_version": "2024-12-01-preview", "responses_via_v1": false, "passthrough": true"#,
            "/v1/responses",
            "https://res.openai.azure.com/openai/responses?api-version=2024-12-01-preview",
            "anything",
        ),
    ] {
        let sent = send(native(options), post(path, r#"{"model":"anything"}"#));
        assert_eq!(sent.url, url);
        assert_eq!(model_of(&sent), model, "{url}");
        assert_eq!(sent.headers.get("api-key"), Some("azure-key"), "{url}");
    }
}

/// A form, and the headers its servers want, the credential among them.
#[test]
fn every_form_is_paid_in_its_own_way() {
    for (options, header, value) in [
        (r#""form": "classic""#, "api-key", "azure-key"),
        (r#""form": "v1""#, "api-key", "azure-key"),
        (r#""form": "foundry-models""#, "api-key", "azure-key"),
        (
            r#""form": "serverless""#,
            "authorization",
            "Bearer azure-key",
        ),
        (r#""form": "managed""#, "authorization", "Bearer azure-key"),
        (r#""form": "github""#, "authorization", "Bearer azure-key"),
        (r#""form": "anthropic""#, "x-api-key", "azure-key"),
        (r#""form": "anthropic""#, "anthropic-version", "2023-06-01"),
        (r#""form": "foundry-models""#, "extra-parameters", "drop"),
        (r#""form": "serverless""#, "extra-parameters", "drop"),
        (
            r#""form": "managed", "extra_parameters": "pass-through""#,
            "extra-parameters",
            "pass-through",
        ),
    ] {
        let options = format!(r#""kind": "azure", "endpoint": "http://127.0.0.1:1234", {options}"#);
        let sent = send(native(&options), chat(HELLO));
        assert_eq!(sent.headers.get(header), Some(value), "{options}");
        let credentials = ["api-key", "authorization", "x-api-key"];
        let given = credentials
            .iter()
            .filter(|it| sent.headers.get(it).is_some());
        assert_eq!(given.count(), 1, "{options}");
    }
    for form in ["classic", "v1", "managed", "github"] {
        let options =
            format!(r#""kind": "azure", "endpoint": "http://127.0.0.1:1234", "form": "{form}""#);
        let sent = send(native(&options), chat(HELLO));
        assert_eq!(sent.headers.get("extra-parameters"), None, "{form}");
    }
    let v1 = native(r#""kind": "azure", "endpoint": "http://127.0.0.1:1234", "form": "v1""#);
    let sent = send(v1, get("/v1/evals"));
    assert_eq!(sent.headers.get("aoai-evals"), Some("preview"));
}

#[test]
fn relayed_calls_of_a_resource() {
    for (ask, below) in [
        (get("/v1/files/file-1/content"), "files/file-1/content"),
        (
            post("/v1/fine_tunes/ft-1/cancel", "{}"),
            "fine_tuning/jobs/ft-1/cancel",
        ),
        (get("/v1/batches?api-version=2023-01-01"), "batches"),
        (
            ask("DELETE", "/v1/files/file-1").key("client-key"),
            "files/file-1",
        ),
    ] {
        assert_eq!(url(flat(&[]), ask), format!("{AT}/openai/{below}{USUAL}"));
    }
    let asked = url(
        flat(&[]),
        post("/v1/chat/completions?api-version=2023-01-01&x=1", HELLO),
    );
    let chat = format!("{AT}/openai/deployments/gpt-4o/chat/completions{USUAL}");
    assert_eq!(asked, format!("{chat}&x=1"));
    let voices = refuse(&flat(&[]), get("/v1/audio/voices"));
    assert_eq!(
        (voices.status(), &voices.json()["voices"][0]["id"]),
        (200, &"alloy".into())
    );
    let absent = refuse(&flat(&[]), post("/v1/moderations", r#"{"input":"x"}"#));
    assert_eq!(absent.refusal(), (404, "unsupported_operation".to_owned()));
}

/// What comes of each list, and what is asked for it.
#[test]
fn a_resource_lists_its_deployments_or_else_its_models() {
    let deployments = format!("{AT}/openai/deployments?api-version=2022-12-01");
    let models = format!("{AT}/openai/models{USUAL}");
    let one = r#"{"data": [{"id": "prod", "object": "deployment", "model": "gpt-4o", "status": "succeeded"}]}"#;
    let base = r#"{"data": [{"id": "gpt-4o", "status": "succeeded", "created_at": 5}]}"#;
    let gone = json(
        404,
        r#"{"error": {"code": "404", "message": "Resource not found"}}"#,
    );
    for (answers, asked, ids) in [
        (vec![json(200, one)], vec![&deployments], ["prod"]),
        (
            vec![gone, json(200, base)],
            vec![&deployments, &models],
            ["gpt-4o"],
        ),
    ] {
        let gateway = answers.into_iter().fold(flat(&[]), Gateway::meets);
        let got = gateway.send(get("/v1/models"));
        let listed = got.json()["data"].as_array().unwrap().clone();
        let listed: Vec<_> = listed.iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!(listed, ids);
        let sent = gateway.platform.sent.take();
        assert_eq!(sent.iter().map(|it| &it.url).collect::<Vec<_>>(), asked);
        assert!(
            sent.iter()
                .all(|it| it.headers.get("api-key") == Some("azure-key"))
        );
    }
}

#[test]
fn a_form_keeps_its_boundary() {
    let form = "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b\r\n\
                content-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nsound\r\n--b--\r\n";
    let upload = ask("POST", "/v1/audio/transcriptions").key("client-key");
    let upload = upload.header("content-type", "multipart/form-data; boundary=b");
    let mapped = flat(&[("AZURE_OPENAI_MODEL_MAPPER", "whisper-1=whisper")]);
    let sent = send(mapped, upload.body(form.as_bytes(), 16));
    let asked = format!("{AT}/openai/deployments/whisper/audio/transcriptions{USUAL}");
    assert_eq!(sent.url, asked);
    // The deployment stands in the path; the form is left alone.
    assert_eq!(sent.body, form);
    let content_type = sent.headers.get("content-type");
    assert_eq!(content_type, Some("multipart/form-data; boundary=b"));
}

/// Settings, a model's name, and the deployment that is asked first.
#[test]
fn names_of_deployments() {
    const MAPPER: &str = "AZURE_OPENAI_MODEL_MAPPER";
    for (setting, value, model, deployment) in [
        (
            MAPPER,
            " gpt-4o = My-4o , x=y,, nonsense",
            "GPT-4o",
            "My-4o",
        ),
        (MAPPER, "gpt-4o=My-4o", "gpt-4o-2024-08-06", "My-4o"),
        (MAPPER, "a=b=c", "A", "b%3Dc"),
        ("MODEL_MAP_GPT4o", "prod", "gpt-4o", "prod"),
        ("MODEL_MAP_GPT_4_1", "prod", "gpt-4.1", "prod"),
        ("MODEL_FALLBACK", "strip", "gpt-3.5-turbo", "gpt-35-turbo"),
        ("MODEL_FALLBACK", "passthrough", "whisper-1", "whisper-1"),
        (MAPPER, "x=y", "a/b", "a%2Fb"),
    ] {
        let asked = url(flat(&[(setting, value)]), naming(model));
        let chat = format!("{AT}/openai/deployments/{deployment}/chat/completions{USUAL}");
        assert_eq!(asked, chat, "{setting}={value}");
    }
}

#[test]
fn names_that_are_refused() {
    let strict = [
        ("MODEL_FALLBACK", "error"),
        ("AZURE_OPENAI_MODEL_MAPPER", "a=b"),
    ];
    for (settings, model, status, code) in [
        (&[][..], "..", 404, "model_not_found"),
        (&[], "../../files", 400, "invalid_model"),
        (&strict, "nope", 404, "model_not_found"),
    ] {
        let got = refuse(&flat(settings), naming(model));
        assert_eq!(got.refusal(), (status, code.to_owned()), "{model}");
        let error = &got.json()["error"];
        assert_eq!(error["param"], "model");
        assert_eq!(error["type"], "invalid_request_error");
    }
    let native = native(
        r#""kind": "azure", "endpoint": "https://r.test", "passthrough": false, "deployments": {"gpt-4o": "prod"}"#,
    );
    let got = refuse(&native, naming("nope"));
    assert!(got.message().contains("nope") && got.message().contains("deployments"));
}
