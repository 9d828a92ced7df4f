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
    assert_eq!(
        call["targets"],
        json!([{"provider": "east", "models": ["gpt-4o"]}, {"provider": "west", "models": ["prod"]}])
    );
    let first = json!({
        "method": "POST",
        "url": "https://east.test/v1/chat/completions",
        "headers": {"authorization": "Bearer ***", "content-type": "application/json", "x-team": "***"},
        "body": {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]},
        "changes": ["model: \"two\" -> \"gpt-4o\""],
    });
    assert_eq!(call["requests"][0], first);
    let url = "https://west.openai.azure.com/openai/deployments/prod/chat/completions?api-version=2024-10-21";
    assert_eq!(call["requests"][1]["url"], url);
    assert_eq!(call["requests"][1]["headers"]["api-key"], "***");
    assert_eq!(call["requests"].as_array().unwrap().len(), 2);
    assert_eq!(call["answer"], Value::Null);
}

#[test]
fn tokens_are_not_asked_for() {
    for (model, header) in [("o", "Bearer ***"), ("c", "Bearer ***")] {
        let call = call(&format!("--model {model}"));
        let requests = call["requests"].as_array().unwrap();
        assert_eq!(requests.len(), 1, "{call:#}");
        assert_eq!(requests[0]["headers"]["authorization"], header, "{model}");
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
    ] {
        let call = call(&format!("--model east/m {options}"));
        let request = &call["requests"][0];
        assert_eq!(
            request["url"],
            format!("https://east.test/v1/{url}"),
            "{call:#}"
        );
        assert!(!request["body"].to_string().contains("east/m"), "{call:#}");
    }
}

#[test]
fn what_is_written_anew() {
    let call = call("--model gemini-2.5-pro");
    let request = &call["requests"][0];
    assert!(
        request["url"]
            .as_str()
            .unwrap()
            .ends_with("/models/gemini-2.5-pro:generateContent")
    );
    assert_eq!(request["headers"]["x-goog-api-key"], "***");
    assert_eq!(request["body"]["contents"][0]["parts"][0]["text"], "Hello");
}

#[test]
fn what_is_refused_here() {
    let call = call("--model gemini-2.5-pro --operation responses");
    assert_eq!(call["requests"], json!([]));
    assert_eq!(call["answer"]["status"], 400);
    let message = call["answer"]["message"].as_str().unwrap();
    assert!(
        message.contains("does not serve the operation `responses`"),
        "{message}"
    );
}

#[test]
fn in_plain_lines() {
    let said =
        gateway().check("--model two --secret EAST --secret WEST --secret TEAM --secret ACCOUNT");
    assert_eq!(said.code, 0, "{}", said.out);
    let head = said.below("POST /v1/chat/completions for two");
    assert_eq!(head, ["goes to east gpt-4o", "goes to west prod"]);
    let mut lines = said.below("1. POST https://east.test/v1/chat/completions");
    lines.sort();
    let mut wanted = [
        "authorization Bearer ***",
        "changed: model: \"two\" -> \"gpt-4o\"",
        "content-type application/json",
        "x-team ***",
        "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}",
    ];
    wanted.sort_unstable();
    assert_eq!(lines, wanted);
    let demo = vars("").check("--model demo");
    demo.says("nothing is sent: 200, the Worker itself answers");
    // The client's own credential goes along where there is none of ours.
    let own = vars("OPENAI_BASE_URL = 'http://a.test'").check("--model m");
    own.says("authorization Bearer ***");
}
