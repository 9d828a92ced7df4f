//! Where a call would go, and what would be sent.

use serde_json::{Value, json};

use crate::folder::{Folder, vars};

fn gateway() -> Folder {
    vars(
        r#"
GEMINI_API_KEY = "key-of-gemini"
PROXY_API_KEYS = "key-of-a-client"
[vars.GATEWAY.providers.east]
kind = "openai"
endpoint = "https://east.test/v1"
key = "$EAST"
headers = { x-team = "$TEAM" }
[vars.GATEWAY.providers.west]
kind = "azure"
endpoint = "https://west.openai.azure.com"
key = "$WEST"
[vars.GATEWAY.providers.entra]
kind = "azure"
endpoint = "https://e.openai.azure.com"
entra = { tenant = "t", client_id = "c", client_secret = "$WEST" }
[vars.GATEWAY.providers.cloud]
kind = "vertex"
credentials = "$ACCOUNT"
[vars.GATEWAY.models]
"two" = ["east/gpt-4o", "west/prod"]
"thinks" = { targets = [{ to = "west/deep", family = "o3" }] }
"o" = "entra/prod"
"c" = "cloud/gemini-3.5-flash-lite"
"#,
    )
}

fn call(options: &str) -> Value {
    let assumed = "--json --secret EAST --secret WEST --secret TEAM --secret ACCOUNT";
    gateway().check(&format!("{assumed} {options}")).json()["call"].clone()
}

#[test]
fn each_target_in_its_turn() {
    let call = call("--model two");
    assert_eq!(call["asked"], "POST /v1/chat/completions for two");
    assert_eq!(call["route"], "GATEWAY.models.two");
    let [first, second] = call["targets"].as_array().unwrap().as_slice() else {
        panic!("{call:#}");
    };
    assert_eq!(
        (&first["target"], &second["target"]),
        (&"east/gpt-4o".into(), &"west/prod".into())
    );
    let request = json!([{
        "method": "POST",
        "url": "https://east.test/v1/chat/completions",
        "headers": {
            "content-type": "application/json",
            "authorization": "Bearer <key of the provider `east`>",
            "x-team": "<header of the provider `east`>",
        },
        "changes": [{"at": [9, 14], "from": "\"two\"", "to": "\"gpt-4o\""}],
    }]);
    assert_eq!(first["requests"], request);
    let url = "https://west.openai.azure.com/openai/deployments/prod/chat/completions?api-version=2024-10-21";
    assert_eq!(second["requests"][0]["url"], url);
}

#[test]
fn tokens_are_not_asked_for() {
    for model in ["o", "c"] {
        let call = call(&format!("--model {model}"));
        let header = &call["targets"][0]["requests"][0]["headers"]["authorization"];
        let header = header.as_str().unwrap_or_default();
        assert!(header.starts_with("Bearer <token of "), "{call:#}");
    }
}

#[test]
fn every_operation() {
    for (options, url) in [
        ("--operation chat", "chat/completions"),
        ("--operation completions", "completions"),
        ("--operation embeddings", "embeddings"),
        ("--operation responses", "responses"),
        ("--operation images", "images/generations"),
        ("--operation speech", "audio/speech"),
        ("--operation moderations", "moderations"),
        ("--operation transcriptions", "audio/transcriptions"),
        ("--operation translations", "audio/translations"),
        ("--path /v1/embeddings", "embeddings"),
        ("--path embeddings", "embeddings"),
        ("--path /v1/rerank?a=b", "rerank?a=b"),
        ("--path /v1/embeddings?a=b", "embeddings?a=b"),
    ] {
        let call = call(&format!("--model east/m {options}"));
        let request = &call["targets"][0]["requests"][0];
        assert_eq!(
            request["url"],
            format!("https://east.test/v1/{url}"),
            "{call:#}"
        );
        let to = request["changes"][0]["to"].as_str().unwrap_or_default();
        assert_eq!(to.trim_matches('"'), "m", "{call:#}");
    }
}

#[test]
fn what_is_written_anew() {
    let call = call("--model gemini-2.5-pro");
    let request = &call["targets"][0]["requests"][0];
    let url = request["url"].as_str().unwrap();
    assert!(
        url.ends_with("/models/gemini-2.5-pro:generateContent"),
        "{url}"
    );
    assert_eq!(
        request["headers"]["x-goog-api-key"],
        "<key of the provider `google`>"
    );
    assert_eq!(request["body"]["contents"][0]["parts"][0]["text"], "Hello");
}

#[test]
fn what_is_refused() {
    for (options, pointer, problem) in [
        (
            "--model gemini-x --operation responses",
            "/targets/0/problem",
            "does not serve the operation `responses`",
        ),
        (
            "--model m --path /v1/chat/../x",
            "/problem",
            "a segment that is only dots",
        ),
        (
            "--model m --path /health",
            "/problem",
            "This path takes GET, HEAD, not POST.",
        ),
        (
            "--model m --path /nothing",
            "/problem",
            "Nothing is served at /nothing.",
        ),
    ] {
        let call = call(options);
        let found = call
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default();
        assert!(found.contains(problem), "{options}: {call:#}");
    }
}

#[test]
fn in_plain_lines() {
    let said =
        gateway().check("--model two --secret EAST --secret WEST --secret TEAM --secret ACCOUNT");
    assert_eq!(said.code, 0, "{}", said.out);
    let head = said.below("POST /v1/chat/completions for two");
    let sample = r#"{"model":"two","messages":[{"role":"user","content":"Hello"}]}"#;
    assert_eq!(
        head,
        [
            "by GATEWAY.models.two".to_owned(),
            "strategy: failover".to_owned(),
            format!("sample: {sample}")
        ]
    );
    let mut lines = said.below("1. east/gpt-4o");
    lines.sort();
    let wanted = [
        "POST https://east.test/v1/chat/completions",
        "authorization Bearer <key of the provider `east`>",
        "changed: \"two\" -> \"gpt-4o\"",
        "content-type application/json",
        "x-team <header of the provider `east`>",
    ];
    assert_eq!(lines, wanted);
    said.says("2. west/prod");
    vars("").check("--model demo").says("note: answered here");
    // The client's own credential goes along where there is none of ours.
    let own = vars("OPENAI_BASE_URL = 'http://a.test'").check("--model m");
    own.says("authorization Bearer <the caller's own key>");
    own.says("the body as the client sends it");
}
