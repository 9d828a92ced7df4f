//! `UPSTREAM_HOST`, `UPSTREAM_PORT`, `UPSTREAM_TYPE` and the rest, as in the project whose settings they were.

use super::{CHAT, COMPLETION, EMBEDDINGS, info, parsed, post, refusal};
use crate::fake::{Gateway, gateway_of, json};

fn upstream(settings: &[(&str, &str)]) -> Gateway {
    gateway_of(
        [("PROXY_API_KEYS", "client-key")]
            .iter()
            .chain(settings)
            .copied(),
    )
}

#[test]
fn where_the_server_is() {
    for (host, port, wanted) in [
        (
            "tgi.internal",
            "",
            "http://tgi.internal:8080/v1/chat/completions",
        ),
        ("tgi", "3000", "http://tgi:3000/v1/chat/completions"),
        (
            "https://api.openai.com",
            "80",
            "https://api.openai.com/v1/chat/completions",
        ),
        (
            "https://host.test/prefix",
            "",
            "https://host.test/prefix/v1/chat/completions",
        ),
        (
            "https://host.test/prefix/v1/",
            "8443",
            "https://host.test:8443/prefix/v1/chat/completions",
        ),
        ("tgi", "none", "http://tgi:8080/v1/chat/completions"),
    ] {
        let gateway = upstream(&[("UPSTREAM_HOST", host), ("UPSTREAM_PORT", port)])
            .meets(json(200, COMPLETION));
        let got = gateway.send(post(CHAT, r#"{"model":"m","messages":[]}"#));
        assert_eq!(got.status(), 200, "{}", got.text());
        let sent = gateway.sent();
        assert_eq!(sent.url, wanted);
        assert_eq!(sent.headers.get("authorization"), None);
    }
}

/// A key of its own goes there, and OpenAI's does not.
#[test]
fn its_key_is_its_own() {
    let gateway = upstream(&[("UPSTREAM_HOST", "tgi"), ("UPSTREAM_API_KEY", "its-key")])
        .meets(json(200, COMPLETION));
    gateway.send(post(CHAT, r#"{"model":"m"}"#));
    let sent = gateway.sent();
    assert_eq!(sent.url, "http://tgi:8080/v1/chat/completions");
    assert_eq!(sent.headers.get("authorization"), Some("Bearer its-key"));
    let both = [
        ("UPSTREAM_HOST", "tgi"),
        ("UPSTREAM_API_KEY", "its-key"),
        ("OPENAI_API_KEY", "openais-key"),
    ];
    for (model, host, key) in [
        ("m", "https://api.openai.com/", "Bearer openais-key"),
        ("upstream/m", "http://tgi:8080/", "Bearer its-key"),
    ] {
        let gateway = upstream(&both).meets(json(200, COMPLETION));
        gateway.send(post(CHAT, &format!(r#"{{"model":"{model}"}}"#)));
        let sent = gateway.sent();
        assert!(sent.url.starts_with(host), "{}", sent.url);
        assert_eq!(sent.headers.get("authorization"), Some(key));
    }
    let closed = gateway_of([("UPSTREAM_HOST", "tgi"), ("UPSTREAM_API_KEY", "its-key")]);
    let got = closed.send(post(CHAT, r#"{"model":"m"}"#));
    assert_eq!(refusal(&got).1, "gateway_closed");
}

#[test]
fn it_serves_what_nobody_else_is_there_for() {
    let gateway = upstream(&[
        ("UPSTREAM_HOST", "tgi"),
        ("OPENAI_BASE_URL", "https://up.test/v1"),
    ])
    .meets(json(200, COMPLETION));
    gateway.send(post(CHAT, r#"{"model":"m"}"#));
    assert_eq!(gateway.sent().url, "https://up.test/v1/chat/completions");
    let gateway = gateway.meets(json(200, COMPLETION));
    gateway.send(post(CHAT, r#"{"model":"upstream/m"}"#));
    assert_eq!(gateway.sent().url, "http://tgi:8080/v1/chat/completions");
}

/// What its list says -> the model that is asked for.
#[test]
fn its_only_model_need_not_be_named() {
    for (status, list, wanted) in [
        (200, r#"{"data":[{"id":"org/it"}]}"#, Some("org/it")),
        (200, r#"{"data":[{"id":"a"},{"id":"b"}]}"#, None),
        (404, "{}", None),
    ] {
        let gateway = upstream(&[("UPSTREAM_HOST", "tgi")])
            .meets(json(status, list))
            .meets(json(200, COMPLETION));
        let got = gateway.send(post(CHAT, r#"{"messages":[]}"#));
        assert_eq!(got.text(), COMPLETION);
        let sent = parsed(&gateway.sent().body);
        assert_eq!(
            sent.get("model").and_then(|it| it.as_str()),
            wanted,
            "{list}"
        );
    }
}

#[test]
fn the_other_path_is_not_there() {
    let embed = r#"{"model":"m","input":["a"]}"#;
    let chat = r#"{"model":"m","messages":[]}"#;
    for (kind, path, body, is_served, word) in [
        ("chat-completions", CHAT, chat, true, "chat_completion"),
        (
            "chat-completions",
            EMBEDDINGS,
            embed,
            false,
            "chat_completion",
        ),
        ("Embeddings", EMBEDDINGS, embed, true, "embeddings"),
        ("embeddings", CHAT, chat, false, "embeddings"),
    ] {
        let gateway =
            upstream(&[("UPSTREAM_HOST", "tgi"), ("UPSTREAM_TYPE", kind)]).meets(json(200, "{}"));
        let got = gateway.send(post(path, body));
        if is_served {
            assert_eq!(got.status(), 200, "{}", got.text());
        } else {
            assert_eq!(
                (refusal(&got).0, refusal(&got).1.as_str()),
                (404, "unsupported_operation")
            );
            assert!(gateway.asked_nobody());
            gateway.forget_scripts();
        }
        let gateway = gateway.meets(json(200, r#"{"data":[{"id":"m"}]}"#));
        assert_eq!(gateway.send(info("")).json()["model_type"], word);
    }
}

#[test]
fn what_makes_no_sense_is_told() {
    for (name, value) in [
        ("UPSTREAM_PORT", "0"),
        ("UPSTREAM_PORT", "80"),
        ("UPSTREAM_API_KEY", "k"),
        ("UPSTREAM_TYPE", "embeddings"),
        ("INFERENCE_API_VERSION", "2024-05-01-preview"),
        ("EXTRA_PARAMETERS_DEFAULT", "ignore"),
        ("UPSTREAM_HOST", "a b"),
    ] {
        let gateway = upstream(&[(name, value)]);
        let warnings = &gateway.config.warnings;
        assert!(
            warnings.iter().any(|it| it.contains(name)),
            "{name}: {warnings:?}"
        );
    }
    let settings = [
        ("UPSTREAM_HOST", "tgi"),
        ("UPSTREAM_PORT", "3000"),
        ("UPSTREAM_TYPE", "embeddings"),
        ("INFERENCE_API_VERSION", "Lenient"),
        ("EXTRA_PARAMETERS_DEFAULT", "Error"),
    ];
    let gateway = upstream(&settings);
    assert!(
        gateway.config.warnings.is_empty(),
        "{:?}",
        gateway.config.warnings
    );
}
