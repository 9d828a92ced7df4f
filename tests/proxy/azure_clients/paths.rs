//! Where Azure's clients ask.

use serde_json::{Value, json};

use super::{AT, GOOGLES, HELLO, UP, behind, call, post};
use crate::fake::json;

/// Typed -> asked of a server that speaks OpenAI's API, and the model it is asked for.
#[test]
fn every_way_to_an_operation_of_a_deployment() {
    for (typed, operation, model) in [
        (
            "/openai/deployments/d/chat/completions",
            "chat/completions",
            "d",
        ),
        ("/openai/deployments/d/completions", "completions", "d"),
        ("/openai/deployments/d/embeddings", "embeddings", "d"),
        (
            "/openai/deployments/d/images/generations",
            "images/generations",
            "d",
        ),
        ("/openai/deployments/d/audio/speech", "audio/speech", "d"),
        ("/openai/deployments/d/responses", "responses", "d"),
        (
            "/openai/deployments/d/chat/completions/",
            "chat/completions",
            "d",
        ),
        (
            "//openai//deployments/d/chat/completions",
            "chat/completions",
            "d",
        ),
        (
            "/OpenAI/Deployments/Prod-4o/Chat/Completions",
            "chat/completions",
            "Prod-4o",
        ),
        ("/openai/deployments/d/audio%2Fspeech", "audio/speech", "d"),
        ("/deployments/d/embeddings", "embeddings", "d"),
        ("/v1/deployments/d/embeddings", "embeddings", "d"),
        ("/v1/openai/deployments/d/embeddings", "embeddings", "d"),
        ("/openai/v1/deployments/d/embeddings", "embeddings", "d"),
        ("/openai/openai/deployments/d/embeddings", "embeddings", "d"),
        ("/PTU/deployments/d/embeddings", "embeddings", "d"),
        ("/a/b/openai/deployments/d/embeddings", "embeddings", "d"),
        (
            "/openai/deployments/open%20router%2Fm%252F/embeddings",
            "embeddings",
            "open router/m%2F",
        ),
        (
            "/openai/deployments/vendor/x/y/chat/completions",
            "chat/completions",
            "vendor/x/y",
        ),
        (
            "/openai/deployments/deployments/completions",
            "completions",
            "deployments",
        ),
        (
            "/openai/deployments/openai/chat/completions",
            "chat/completions",
            "openai",
        ),
        (
            "/openai/deployments/chat/completions",
            "completions",
            "chat",
        ),
        (
            "/openai/deployments/gr%C3%B6%C3%9Fe/embeddings",
            "embeddings",
            "größe",
        ),
    ] {
        for query in ["", "?", "?api-version=2024-10-21"] {
            let gateway = behind().meets(json(200, "{}"));
            let got = gateway.send(post(&format!("{typed}{query}"), r#"{"model":"ignored"}"#));
            assert_eq!(got.status(), 200, "{typed}: {}", got.text());
            let (sent, line) = (gateway.sent(), gateway.line());
            assert_eq!(sent.url, format!("{UP}/{operation}"), "{typed}{query}");
            assert_eq!(sent.headers.get("authorization"), Some("Bearer up-key"));
            let body: Value = serde_json::from_str(&sent.body).unwrap();
            assert_eq!(body, json!({"model": model}), "{typed}");
            assert_eq!(
                (&line["surface"], &line["model_asked"]),
                (&json!("azure"), &json!(model))
            );
        }
    }
}

/// What the body names beside the deployment does not matter.
#[test]
fn the_deployment_is_the_model_whatever_the_body_says() {
    for (body, sent) in [
        (r#"{"messages":[]}"#, r#"{"model":"gpt-4o","messages":[]}"#),
        ("{}", r#"{"model":"gpt-4o"}"#),
        (
            r#"{"model":null,"messages":[]}"#,
            r#"{"model":"gpt-4o","messages":[]}"#,
        ),
        (
            r#"{"messages":[],"model":"other"}"#,
            r#"{"messages":[],"model":"gpt-4o"}"#,
        ),
        (r#"{"model":"gpt-4o"}"#, r#"{"model":"gpt-4o"}"#),
        (r#"{"model":""}"#, r#"{"model":"gpt-4o"}"#),
    ] {
        let gateway = behind().meets(json(200, "{}"));
        gateway.send(post("/openai/deployments/prod/chat/completions", body));
        assert_eq!(gateway.sent().body, sent, "{body}");
        assert_eq!(gateway.line()["target"], "up/gpt-4o");
    }
}

#[test]
fn a_form_gets_the_deployment_too() {
    let form = |model: &str| {
        format!(
            "--BB\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\nsound\r\n{model}--BB--\r\n"
        )
    };
    let named = |model: &str| {
        format!("--BB\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n")
    };
    let path = |deployment: &str| {
        format!("/openai/deployments/{deployment}/audio/transcriptions?api-version=2024-06-01")
    };
    let send = |deployment: &str, form: &str| {
        let gateway = behind().meets(json(200, r#"{"text":"x"}"#));
        let asked = call("POST", &path(deployment))
            .header("content-type", "multipart/form-data; boundary=BB");
        let got = gateway.send(asked.body(form.as_bytes(), 7));
        assert_eq!(got.status(), 200, "{}", got.text());
        gateway.sent()
    };
    assert_eq!(
        send("prod", &form(&named("whisper-1"))).body,
        form(&named("gpt-4o"))
    );
    let whole = send("prod", &form("")).body;
    assert!(
        whole.starts_with(&named("gpt-4o")) && whole.ends_with(&form("")),
        "{whole}"
    );
    let classic = send("east", &form(&named("other")));
    assert_eq!(classic.url, format!("{AT}{}", path("east-4o")));
    assert_eq!(classic.body, form(&named("east-4o")));
}

/// Typed -> asked of each kind of provider.
#[test]
fn a_deployment_is_whatever_the_owner_calls_by_that_name() {
    let version = "?api-version=2024-10-21";
    for (deployment, asked, key) in [
        (
            "prod",
            format!("{UP}/chat/completions"),
            ("authorization", "Bearer up-key"),
        ),
        (
            "east",
            format!("{AT}/openai/deployments/east-4o/chat/completions{version}"),
            ("api-key", "az-key"),
        ),
        (
            "gemini",
            format!("{GOOGLES}/models/gemini-2.5-flash:generateContent"),
            ("x-goog-api-key", "go-key"),
        ),
        (
            "vendor%2Fm",
            format!("{UP}/chat/completions"),
            ("authorization", "Bearer up-key"),
        ),
        (
            "vendor/m",
            format!("{UP}/chat/completions"),
            ("authorization", "Bearer up-key"),
        ),
        (
            "az%2Fany",
            format!("{AT}/openai/deployments/any/chat/completions{version}"),
            ("api-key", "az-key"),
        ),
    ] {
        let gateway = behind().meets(json(200, "{}"));
        gateway.send(post(
            &format!("/openai/deployments/{deployment}/chat/completions{version}"),
            HELLO,
        ));
        let sent = gateway.sent();
        assert_eq!(sent.url, asked);
        assert_eq!(sent.headers.get(key.0), Some(key.1), "{deployment}");
    }
}

/// Typed -> what OpenAI's API calls it. Of the query only what is Azure's falls.
#[test]
fn what_belongs_to_no_deployment() {
    for (method, typed, asked) in [
        (
            "GET",
            "/openai/files?api-version=2024-10-21&purpose=batch",
            "files?purpose=batch",
        ),
        (
            "GET",
            "/openai/files/File-A/content?API-Version=x&api%2Dversion=y",
            "files/File-A/content",
        ),
        (
            "DELETE",
            "/OpenAI/Files/File-A?api-version=preview",
            "files/File-A",
        ),
        ("POST", "/openai/batches?api-version=", "batches"),
        (
            "POST",
            "/openai/deployments/d/batches?api-version=v1",
            "batches",
        ),
        (
            "GET",
            "/openai/deployments/d/files?api-version=2024-10-21&after=a%20b",
            "files?after=a%20b",
        ),
        ("GET", "/openai/deployments/d/assistants", "assistants"),
        (
            "POST",
            "/openai/fine_tuning/jobs/ft-1/cancel",
            "fine_tuning/jobs/ft-1/cancel",
        ),
        ("GET", "/openai/fine-tunes", "fine-tunes"),
        (
            "GET",
            "/openai/responses/r-1/input_items?api-version=2025-04-01-preview",
            "responses/r-1/input_items",
        ),
        (
            "POST",
            "/openai/threads/t-1/runs?api-version=2024-05-01-preview",
            "threads/t-1/runs",
        ),
        (
            "GET",
            "/openai/vector_stores?limit=1",
            "vector_stores?limit=1",
        ),
        (
            "POST",
            "/openai/uploads%2Fu-1%2fparts?api-version=2025-04-01-preview",
            "uploads/u-1/parts",
        ),
        (
            "GET",
            "/PTU/openai/evals?api-version=2025-04-01-preview",
            "evals",
        ),
        (
            "GET",
            "/openai/v1/files?api-version=preview&limit=2",
            "files?limit=2",
        ),
        ("GET", "/OpenAI/V1/something/New", "something/New"),
        (
            "GET",
            "/api/projects/p/openai/v1/conversations/c",
            "conversations/c",
        ),
        (
            "GET",
            "/openai/v1/videos/v/content?variant=video",
            "videos/v/content?variant=video",
        ),
    ] {
        let gateway = behind().meets(json(200, "{}"));
        let got = gateway.send(call(method, typed));
        assert_eq!(got.status(), 200, "{typed}: {}", got.text());
        assert_eq!(gateway.sent().url, format!("{UP}/{asked}"), "{typed}");
        assert_eq!(gateway.line()["operation"], "relay");
    }
}

/// `@ai-sdk/azure` in front of another host than Azure's, and OpenAI's own clients at `/openai/v1`.
#[test]
fn a_model_in_the_body_where_no_deployment_is_in_the_path() {
    for (typed, operation, surface) in [
        ("/openai/chat/completions", "chat/completions", "azure"),
        ("/openai/completions", "completions", "azure"),
        ("/openai/embeddings?api-version=v1", "embeddings", "azure"),
        (
            "/openai/responses?api-version=2025-03-01-preview",
            "responses",
            "azure",
        ),
        ("/openai/images/generations", "images/generations", "azure"),
        ("/openai/audio/speech", "audio/speech", "azure"),
        ("/PTU/openai/chat/completions", "chat/completions", "azure"),
        ("/openai/v1/chat/completions", "chat/completions", "openai"),
        ("/openai/v1/responses?api-version=v1", "responses", "openai"),
        (
            "/openai/v1/embeddings?api-version=preview",
            "embeddings",
            "openai",
        ),
        ("/api/projects/p/openai/v1/responses", "responses", "openai"),
    ] {
        let gateway = behind().meets(json(200, "{}"));
        gateway.send(post(typed, r#"{"model":"prod"}"#));
        let (sent, line) = (gateway.sent(), gateway.line());
        assert_eq!(sent.url, format!("{UP}/{operation}"), "{typed}");
        assert_eq!(sent.body, r#"{"model":"gpt-4o"}"#);
        assert_eq!(
            (&line["surface"], &line["model_asked"]),
            (&json!(surface), &json!("prod"))
        );
    }
}

/// Lists: of the resource in Azure's shape, elsewhere in OpenAI's.
#[test]
fn lists_below_any_prefix() {
    for (path, object, has_status) in [
        ("/PTU/openai/models?api-version=2024-10-21", "model", true),
        ("/OpenAI/Models?api-version=2024-10-21", "model", true),
        ("/PTU/openai/v1/models", "model", false),
        ("/api/projects/p/openai/v1/models", "model", false),
        (
            "/openai/deployments/d/models?api-version=2024-10-21",
            "model",
            false,
        ),
        (
            "/PTU/openai/deployments?api-version=2022-12-01",
            "deployment",
            true,
        ),
    ] {
        let gateway = behind();
        for _ in 0..3 {
            gateway.script(json(200, r#"{"object":"list","data":[]}"#));
        }
        let got = gateway.send(call("GET", path)).json();
        let first = &got["data"][0];
        assert_eq!(
            (&first["object"], first["status"].is_string()),
            (&json!(object), has_status),
            "{path}: {got}"
        );
    }
}
