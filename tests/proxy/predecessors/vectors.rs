//! Settings and a request of other proxies -> what the upstream is asked.

use serde_json::Value;

use crate::fake::{Ask, Upstream, ask, chat, gateway_of, get, json, post};

use super::MISSING;

const ENDPOINT: (&str, &str) = ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com");
const STUDIO: (&str, &str) = (
    "AZURE_AI_STUDIO_DEPLOYMENTS",
    "mistral-large-2407=Mistral-large2:swedencentral",
);
const STUDIO_KEY: (&str, &str) = ("AZURE_OPENAI_KEY_MISTRAL_LARGE_2407", "k");
const VERSION: (&str, &str) = ("AZURE_OPENAI_APIVERSION", "2024-06-01");
const FORM: &str = "--cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n\u{0}RIFF--cu\r\n--cut\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--cut--\r\n";

struct Vector {
    name: &'static str,
    settings: &'static [(&'static str, &'static str)],
    request: Ask,
    url: &'static str,
    /// The one credential, as header and value.
    credential: (&'static str, &'static str),
}

fn naming(model: &str) -> Ask {
    chat(&format!(
        r#"{{"model":"{model}","messages":[{{"role":"user","content":"hi"}}]}}"#
    ))
}

fn form() -> Ask {
    ask("POST", "/v1/audio/transcriptions")
        .key("client-key")
        .header("content-type", "multipart/form-data; boundary=cut")
        .body(FORM.as_bytes(), 7)
}

fn vectors() -> Vec<Vector> {
    let azures = ("api-key", "client-key");
    vec![
        Vector {
            name: "an endpoint with a slash, and the family Azure calls otherwise",
            settings: &[("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com/")],
            request: naming("gpt-3.5-turbo"),
            url: "https://r.openai.azure.com/openai/deployments/gpt-35-turbo/chat/completions?api-version=2024-10-21",
            credential: azures,
        },
        Vector {
            name: "a mapper with blanks, and a model in other letters",
            settings: &[
                ENDPOINT,
                VERSION,
                ("AZURE_OPENAI_MODEL_MAPPER", "gpt-4o = my-4o , x=y"),
            ],
            request: naming("GPT-4o"),
            url: "https://r.openai.azure.com/openai/deployments/my-4o/chat/completions?api-version=2024-06-01",
            credential: azures,
        },
        Vector {
            name: "a dot in a name stays",
            settings: &[ENDPOINT, VERSION],
            request: naming("gpt-4.1"),
            url: "https://r.openai.azure.com/openai/deployments/gpt-4.1/chat/completions?api-version=2024-06-01",
            credential: azures,
        },
        Vector {
            name: "a form",
            settings: &[ENDPOINT, VERSION],
            request: form(),
            url: "https://r.openai.azure.com/openai/deployments/whisper/audio/transcriptions?api-version=2024-06-01",
            credential: azures,
        },
        Vector {
            name: "a file",
            settings: &[ENDPOINT, VERSION],
            request: get("/v1/files/file-1/content"),
            url: "https://r.openai.azure.com/openai/files/file-1/content?api-version=2024-06-01",
            credential: azures,
        },
        Vector {
            name: "a fine-tune of old",
            settings: &[ENDPOINT, VERSION],
            request: ask("POST", "/v1/fine_tunes/ft-1/cancel").key("client-key"),
            url: "https://r.openai.azure.com/openai/fine_tuning/jobs/ft-1/cancel?api-version=2024-06-01",
            credential: azures,
        },
        Vector {
            name: "a model on a host of its own",
            settings: &[STUDIO, STUDIO_KEY, ("ALLOW_ANONYMOUS", "true")],
            request: naming("Mistral-Large-2407"),
            url: "https://Mistral-large2.swedencentral.models.ai.azure.com/v1/chat/completions",
            credential: ("authorization", "Bearer k"),
        },
        Vector {
            name: "the client's version is not added to ours",
            settings: &[ENDPOINT, VERSION],
            request: post(
                "/v1/embeddings?api-version=2023-01-01",
                r#"{"model":"m","input":"x"}"#,
            ),
            url: "https://r.openai.azure.com/openai/deployments/m/embeddings?api-version=2024-06-01",
            credential: azures,
        },
        Vector {
            name: "the mode that relays",
            settings: &[ENDPOINT, ("AZURE_OPENAI_PROXY_MODE", "openai")],
            request: get("/v1/assistants?limit=1"),
            url: "https://api.openai.com/v1/assistants?limit=1",
            credential: ("authorization", "Bearer client-key"),
        },
        Vector {
            name: "Vertex AI in OpenAI's shape",
            settings: &[(
                "GATEWAY",
                r#"{"providers": {"vertex": {"kind": "vertex", "project": "p", "location": "us-central1",
                    "dialect": "openai", "aliases": "none"}}}"#,
            )],
            request: ask("POST", "/v1/chat/completions").key("ya29.token").json(
                r#"{"model":"gemini-2.0-flash","messages":[{"role":"user","content":"hi"}]}"#,
            ),
            url: "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/endpoints/openapi/chat/completions",
            credential: ("authorization", "Bearer ya29.token"),
        },
    ]
}

#[test]
fn what_other_proxies_were_asked_goes_where_it_should() {
    for vector in vectors() {
        let name = vector.name;
        let gateway = gateway_of(vector.settings.iter().copied());
        gateway.serve(
            vector.url,
            json(200, r#"{"object":"x","choices":[],"data":[]}"#),
        );
        gateway.serve("", json(404, MISSING));
        let got = gateway.send(vector.request);
        assert_eq!(got.status(), 200, "{name}: {}", got.text());
        let sent = gateway.sent();
        assert_eq!(sent.url, vector.url, "{name}");
        let (header, credential) = vector.credential;
        assert_eq!(sent.headers.get(header), Some(credential), "{name}");
        let names = ["authorization", "api-key", "x-goog-api-key"];
        let credentials = names.iter().filter(|it| sent.headers.get(it).is_some());
        assert_eq!(credentials.count(), 1, "{name}");
        if sent.url.contains("transcriptions") {
            assert_eq!(sent.body, FORM, "{name}");
            let kind = sent.headers.get("content-type");
            assert_eq!(kind, Some("multipart/form-data; boundary=cut"));
        }
        if sent.url.contains("openapi") {
            let body: Value = serde_json::from_str(&sent.body).unwrap();
            assert_eq!(body["model"], "google/gemini-2.0-flash");
        }
    }
}

#[test]
fn what_cannot_be_meant_asks_nobody() {
    let gateway = gateway_of([ENDPOINT]);
    let got = gateway.send(naming("../../files"));
    assert_eq!(got.status(), 400);
    assert!(gateway.asked_nobody());

    let gateway = gateway_of([STUDIO, ("ALLOW_ANONYMOUS", "true")]);
    let got = gateway.send(naming("Mistral-Large-2407").header("x", "y"));
    assert_eq!(got.refusal(), (500, "configuration_error".to_owned()));
    for name in [
        "AZURE_OPENAI_KEY_MISTRAL_LARGE_2407",
        "AZURE_OPENAI_KEY_MISTRAL-LARGE-2407",
    ] {
        assert!(got.message().contains(name), "{}", got.message());
    }
    assert!(gateway.asked_nobody());
}

#[test]
fn a_stream_of_geminis_ends_as_openais_do() {
    let chunk = |text: &str, end: &str| {
        format!(
            "data: {{\"candidates\":[{{\"content\":{{\"role\":\"model\",\"parts\":[{{\"text\":\"{text}\"}}]}}{end}}}],\"responseId\":\"r\"}}\n\n"
        )
    };
    let events = [chunk("a", ""), chunk("b", ",\"finishReason\":\"STOP\"")].concat();
    let stream = vec![("content-type", "text/event-stream")];
    let settings = [
        ("GOOGLE_AI_STUDIO_API_KEY", "g"),
        ("ALLOW_ANONYMOUS", "true"),
    ];
    let gateway = gateway_of(settings);
    gateway.script(Upstream::Answers(200, stream, crate::fake::leaked(&events)));
    let streamed =
        r#"{"model":"gemini-pro","stream":true,"messages":[{"role":"user","content":"hi"}]}"#;
    let text = gateway.send(chat(streamed)).text();
    let url = gateway.sent().url;
    assert!(
        url.starts_with("https://generativelanguage.googleapis.com/v1beta/models/"),
        "{url}"
    );
    assert_eq!(text.matches("data: [DONE]\n\n").count(), 1, "{text}");
    assert!(text.ends_with("data: [DONE]\n\n"));
    assert_eq!(
        text.matches(r#""finish_reason":"stop""#).count(),
        1,
        "{text}"
    );
    let finishes = text.matches(r#""finish_reason":"#).count();
    assert_eq!(
        text.matches(r#""finish_reason":null"#).count() + 1,
        finishes
    );
}

#[test]
fn a_page_may_ask_and_read() {
    let gateway = gateway_of([ENDPOINT]).meets(json(200, "{}"));
    let asked = "authorization,x-stainless-os";
    let preflight = ask("OPTIONS", "/v1/chat/completions")
        .header("origin", "https://page.test")
        .header("access-control-request-headers", asked);
    let got = gateway.send(preflight);
    let echoed = got.header("access-control-allow-headers").unwrap();
    assert!(
        asked.split(',').all(|name| echoed.contains(name)),
        "{echoed}"
    );
    let got = gateway.send(naming("m").header("origin", "https://page.test"));
    assert!(got.header("access-control-allow-origin").is_some());
}

#[test]
fn a_stream_that_is_refused_is_no_stream() {
    for settings in [
        &[ENDPOINT][..],
        &[("AZURE_OPENAI_PROXY_MODE", "openai")],
        &[("AZURE_OPENAI_PROXY_MODE", "google")],
    ] {
        let google = ("GOOGLE_AI_STUDIO_ENDPOINT", "https://g.test");
        let gateway = gateway_of(settings.iter().copied().chain([google]));
        gateway.script(json(401, r#"{"error":{"message":"no","code":"401"}}"#));
        let got = gateway.send(chat(
            r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}"#,
        ));
        assert_eq!(got.status(), 401, "{}", got.text());
        assert_eq!(got.header("content-type"), Some("application/json"));
        assert!(got.json()["error"]["message"].is_string());
    }
}

#[test]
fn health_is_told_in_every_mode() {
    for mode in ["", "azure", "openai", "google", "vertex", "nonsense"] {
        let got = gateway_of([("AZURE_OPENAI_PROXY_MODE", mode)]).send(ask("GET", "/healthz"));
        assert_eq!(
            (got.status(), got.text().as_str()),
            (200, r#"{"status":"healthy"}"#)
        );
    }
}
