//! `GET /info`.

use serde_json::json as value;

use super::{gateway, info, refusal};
use crate::fake::{Upstream, gateway_of, json};

const LIST: &str = r#"{"object":"list","data":[
    {"id":"TinyLlama/TinyLlama-1.1B","object":"model","created":1,"owned_by":"x"},
    {"id":"text-embedding-3-small"},{"id":"dall-e-3"},{"id":"tts-1"},{"id":"whisper-1"},{"id":"gpt-3.5-turbo-instruct"},
    {"id":"odd","supported_operations":["embeddings"]}]}"#;

#[test]
fn of_the_model_that_is_meant() {
    for (settings, query, name, kind, provider) in [
        (
            vec![],
            "",
            "TinyLlama-1.1B",
            Some("chat_completion"),
            "TinyLlama",
        ),
        (
            vec![],
            "&model=text-embedding-3-small",
            "text-embedding-3-small",
            Some("embeddings"),
            "text-embedding-3-small",
        ),
        (
            vec![("DEFAULT_MODEL", "odd")],
            "",
            "odd",
            Some("embeddings"),
            "odd",
        ),
        (
            vec![],
            "&model=TinyLlama%2FTinyLlama-1.1B",
            "TinyLlama-1.1B",
            Some("chat_completion"),
            "TinyLlama",
        ),
        (
            vec![],
            "&model=dall-e-3",
            "dall-e-3",
            Some("image_generation"),
            "dall-e-3",
        ),
        (
            vec![],
            "&model=tts-1",
            "tts-1",
            Some("audio_generation"),
            "tts-1",
        ),
        (
            vec![],
            "&model=gpt-3.5-turbo-instruct",
            "gpt-3.5-turbo-instruct",
            Some("text_generation"),
            "gpt-3.5-turbo-instruct",
        ),
        (vec![], "&model=whisper-1", "whisper-1", None, "whisper-1"),
    ] {
        let gateway = gateway(&settings).meets(json(200, LIST));
        let got = gateway.send(info(query));
        let mut wanted = value!({"model_name": name, "model_provider_name": provider});
        if let Some(kind) = kind {
            wanted["model_type"] = kind.into();
        }
        assert_eq!(got.json(), wanted, "{query}");
    }
    let gateway = gateway(&[]).meets(json(200, LIST));
    let got = gateway.send(info("").header("azureml-model-deployment", "odd"));
    assert_eq!(got.json()["model_name"], "odd");
}

/// No model, no list, none of that name: never more than an error.
#[test]
fn of_no_model() {
    for (upstream, query, status, code) in [
        (json(200, r#"{"data":[]}"#), "", 404, "unknown_model"),
        (json(200, r#"{"data":[{}]}"#), "", 404, "unknown_model"),
        (
            json(429, r#"{"error":{"message":"slow"}}"#),
            "",
            429,
            "too_many_requests",
        ),
        (Upstream::Unreachable, "", 502, "UpstreamApi"),
    ] {
        let gateway = gateway(&[]).meets(upstream);
        let got = gateway.send(info(query));
        let (got_status, got_code, _) = refusal(&got);
        assert_eq!((got_status, got_code.as_str()), (status, code));
    }
    let gateway = gateway(&[]).meets(json(200, LIST)).meets(json(404, "{}"));
    assert_eq!(refusal(&gateway.send(info("&model=nobodys"))).0, 404);
}

#[test]
fn a_limited_key_sees_its_own() {
    let settings = [
        ("OPENAI_BASE_URL", "https://up.test/v1"),
        ("PROXY_API_KEYS", "a:client-key:odd"),
    ];
    let gateway = gateway_of(settings).meets(json(200, LIST));
    assert_eq!(gateway.send(info("")).json()["model_name"], "odd");
    assert_eq!(refusal(&gateway.send(info("&model=tts-1"))).0, 403);
}
