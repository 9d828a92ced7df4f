//! Forms and files on their way to Azure.

use super::azure;
use crate::fake::{Ask, ask, json, post};

fn upload(path: &str, form: &str) -> Ask {
    ask("POST", path)
        .key("client-key")
        .header("content-type", "multipart/form-data; boundary=BB")
        .body(form.as_bytes(), 17)
}

fn part(disposition: &str, content: &str) -> String {
    format!("--BB\r\nContent-Disposition: form-data; name={disposition}\r\n\r\n{content}\r\n")
}

#[test]
fn a_deployment_of_images_gets_no_model_in_its_form() {
    let (model, rest) = (
        part("\"model\"", "gpt-image-1"),
        part("\"image\"; filename=\"a.png\"", "bytes") + &part("\"prompt\"", "a cat"),
    );
    for form in [
        format!("{model}{rest}--BB--\r\n"),
        format!("{rest}{model}--BB--\r\n"),
    ] {
        let gateway = azure(&[("AZURE_OPENAI_APIVERSION", "2025-04-01-preview")])
            .meets(json(200, r#"{"created":1,"data":[{"b64_json":"aW1n"}]}"#));
        assert_eq!(
            gateway.send(upload("/v1/images/edits", &form)).status(),
            200
        );
        let sent = gateway.sent();
        assert!(
            sent.url.contains("/deployments/gpt-image-1/images/edits?"),
            "{}",
            sent.url
        );
        assert_eq!(sent.body, format!("{rest}--BB--\r\n"));
    }
}

#[test]
fn without_a_date_the_form_names_the_deployment() {
    let form = |model| {
        let file = part("\"file\"; filename=\"a.mp3\"", "sound");
        format!("{file}{}--BB--\r\n", part("\"model\"", model))
    };
    let gateway = azure(&[
        ("AZURE_OPENAI_APIVERSION", "v1"),
        ("AZURE_OPENAI_MODEL_MAPPER", "whisper-1=heard"),
    ])
    .meets(json(200, r#"{"text":"t"}"#));
    assert_eq!(
        gateway
            .send(upload("/v1/audio/transcriptions", &form("whisper-1")))
            .status(),
        200
    );
    assert_eq!(gateway.sent().body, form("heard"));
}

#[test]
fn a_batch_file_names_deployments_and_azures_paths() {
    let line = |model: &str, url: &str| {
        format!(
            r#"{{"custom_id":"1","method":"POST","url":"{url}","body":{{"model":"{model}","messages":[]}}}}"#
        )
    };
    let form = |model, url| {
        let lines = format!("{}\n{}", line(model, url), line("other", url));
        let purpose = part("\"purpose\"", "batch");
        let file = part("\"file\"; filename=\"b.jsonl\"", &lines);
        format!("{purpose}{file}--BB--\r\n")
    };
    let gateway = azure(&[("AZURE_OPENAI_MODEL_MAPPER", "gpt-4o=prod-batch")]).meets(json(
        201,
        r#"{"id":"file-1","object":"file","purpose":"batch","status":"pending"}"#,
    ));
    let got = gateway.send(upload("/v1/files", &form("gpt-4o", "/v1/chat/completions")));
    assert_eq!(got.status(), 200);
    let sent = gateway.sent();
    assert_eq!(
        sent.url,
        "https://res.openai.azure.com/openai/files?api-version=2024-10-21"
    );
    assert_eq!(sent.body, form("prod-batch", "/chat/completions"));
}

#[test]
fn a_file_for_anything_else_passes_as_it_is() {
    let purpose = part("\"purpose\"", "fine-tune");
    let file = part(
        "\"file\"; filename=\"b.jsonl\"",
        r#"{"url":"/v1/chat/completions","body":{"model":"gpt-4o"}}"#,
    );
    let form = format!("{purpose}{file}--BB--\r\n");
    let gateway = azure(&[("AZURE_OPENAI_MODEL_MAPPER", "gpt-4o=prod")])
        .meets(json(201, r#"{"id":"file-1","object":"file"}"#));
    gateway.send(upload("/v1/files", &form));
    assert_eq!(gateway.sent().body, form);
}

#[test]
fn a_batch_names_azures_path() {
    let body = |endpoint: &str| {
        format!(r#"{{"input_file_id":"file-1","endpoint":"{endpoint}","completion_window":"24h"}}"#)
    };
    let gateway = azure(&[]).meets(json(201, r#"{"id":"batch_1","object":"batch"}"#));
    let got = gateway.send(post("/v1/batches", &body("/v1/chat/completions")));
    assert_eq!(got.status(), 200);
    assert_eq!(gateway.sent().body, body("/chat/completions"));
}

#[test]
fn a_fine_tuning_job_keeps_its_base_model() {
    let gateway = azure(&[
        ("AZURE_OPENAI_MODEL_MAPPER", "gpt-4o=prod"),
        ("MODEL_FALLBACK", "error"),
    ])
    .meets(json(
        201,
        r#"{"id":"ftjob-1","object":"fine_tuning.job","status":"pending"}"#,
    ));
    let body = r#"{"model":"gpt-4o","training_file":"file-1"}"#;
    let got = gateway.send(post("/v1/fine_tuning/jobs", body));
    assert_eq!(got.json()["status"], "queued");
    let sent = gateway.sent();
    assert_eq!(
        sent.url,
        "https://res.openai.azure.com/openai/fine_tuning/jobs?api-version=2024-10-21"
    );
    assert_eq!(sent.body, body);
}

#[test]
fn a_base_model_is_the_providers_that_was_selected() {
    let document = r#"{"providers":{"openai":{"kind":"openai","key":"$K"},
        "azure":{"kind":"azure","endpoint":"https://res.openai.azure.com","key":"$K","deployments":{"gpt-4o":"prod"}}},
        "models":{"tune":"openai/gpt-4o-mini"}}"#;
    for (asked, host, named) in [
        ("openai/gpt-4o", "https://api.openai.com/", "gpt-4o"),
        ("tune", "https://api.openai.com/", "gpt-4o-mini"),
        ("azure/gpt-4o", "https://res.openai.azure.com/", "gpt-4o"),
        ("gpt-4o", "https://res.openai.azure.com/", "gpt-4o"),
    ] {
        let gateway = crate::fake::gateway([
            ("GATEWAY", document),
            ("K", "key"),
            ("PROXY_API_KEYS", "client-key"),
        ])
        .meets(json(200, r#"{"id":"ftjob-1","object":"fine_tuning.job"}"#));
        let body = |model: &str| format!(r#"{{"model":"{model}","training_file":"file-1"}}"#);
        gateway.send(post("/v1/fine_tuning/jobs", &body(asked)));
        let sent = gateway.sent();
        assert!(sent.url.starts_with(host), "{asked}: {}", sent.url);
        assert_eq!(sent.body, body(named), "{asked}");
    }
}
