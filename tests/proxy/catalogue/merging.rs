//! One list of many: names that can be sent as they stand.

use std::collections::HashSet;

use serde_json::Value;

use super::{KEYS, ids, list, lists, of};
use crate::fake::{Gateway, chat, gateway, json};

/// Everything at once.
const MIXED: &str = r#"{"providers": {
        "main": {"kind": "openai", "endpoint": "https://main.test", "key": "$A"},
        "google": {"kind": "openai", "endpoint": "https://market.test", "key": "$B"},
        "studio": {"kind": "google", "key": "$G"},
        "demo": {"kind": "demo"}},
    "models": {
        "Best": ["main/big", "google/x/big"],
        "claude-*": "google/*",
        "anthropic/claude-9": "main/c9",
        "pinned": "google/google/gemma"},
    "default": "main"}"#;

fn mixed() -> Gateway {
    let gateway = gateway([
        ("GATEWAY", MIXED),
        ("A", "key-a"),
        ("B", "key-b"),
        ("G", "key-g"),
        ("PROXY_API_KEYS", KEYS),
    ])
    .timed();
    let warnings = &gateway.config.warnings;
    assert!(warnings.is_empty(), "{warnings:?}");
    gateway
}

/// What the servers list; the market has hundreds besides.
const MAIN: [&str; 9] = [
    "big",
    "claude-mine",
    "main/odd",
    "google/gemini-2.5-pro",
    "gemini-2.5-pro",
    "BEST",
    "a b",
    "ü/é",
    "demo",
];
const MARKET: [&str; 7] = [
    "x/big",
    "google/gemma",
    "claude-x",
    "anthropic/claude-9",
    "big",
    "studio/y",
    "gemini-2.5-pro",
];
const STUDIO: &str = r#"{"models":[{"name":"models/gemini-2.5-pro","supportedGenerationMethods":["generateContent"]},
    {"name":"models/Gemma-3","supportedGenerationMethods":["generateContent"]},
    {"name":"tunedModels/mine","supportedGenerationMethods":["generateContent"]}]}"#;

fn market() -> Vec<String> {
    let few = MARKET.iter().map(|it| (*it).to_owned());
    let many = (0..300).map(|number| format!("maker{}/model-{number}", number % 7));
    few.chain(many).collect()
}

/// Asked for -> at which host, and under which name.
const REACHED: [(&str, &str, &str); 17] = [
    ("Best", "main.test", "big"),
    ("anthropic/claude-9", "main.test", "c9"),
    ("pinned", "market.test", "google/gemma"),
    ("big", "main.test", "big"),
    ("main/claude-mine", "main.test", "claude-mine"),
    ("main/main/odd", "main.test", "main/odd"),
    (
        "main/google/gemini-2.5-pro",
        "main.test",
        "google/gemini-2.5-pro",
    ),
    ("a b", "main.test", "a b"),
    ("ü/é", "main.test", "ü/é"),
    ("google/x/big", "market.test", "x/big"),
    ("google/google/gemma", "market.test", "google/gemma"),
    ("claude-x", "market.test", "claude-x"),
    (
        "google/anthropic/claude-9",
        "market.test",
        "anthropic/claude-9",
    ),
    ("google/big", "market.test", "big"),
    ("google/studio/y", "market.test", "studio/y"),
    ("google/maker3/model-3", "market.test", "maker3/model-3"),
    (
        "gemini-2.5-pro",
        "generativelanguage.googleapis.com",
        "gemini-2.5-pro",
    ),
];

#[test]
fn every_id_can_be_sent_as_it_stands() {
    let gateway = mixed();
    let market = market();
    gateway.serve("main.test", lists(&MAIN));
    gateway.serve("market.test", lists(&market));
    gateway.serve("generativelanguage", json(200, STUDIO));
    let ids = ids(&gateway.ask(list()));
    assert_eq!(&ids[..3], ["anthropic/claude-9", "pinned", "Best"]);
    let seen: HashSet<String> = ids.iter().map(|id| id.to_ascii_lowercase()).collect();
    assert_eq!(seen.len(), ids.len(), "each once");
    assert!(ids.len() > 300, "{ids:?}");

    for part in ["main.test", "market.test", "generativelanguage"] {
        gateway.serve(part, json(200, "{}"));
    }
    let asked = ids.iter().map(|id| (id.as_str(), reached(&gateway, id)));
    let reached: Vec<_> = asked.filter_map(|(id, at)| Some((id, at?))).collect();
    for (id, at, name) in REACHED {
        let expected = (id, (at.to_owned(), name.to_owned()));
        assert!(reached.contains(&expected), "{id} of {reached:?}");
    }
    // And nothing else: each reaches one of those it was listed by, under the name it has there.
    for (id, (at, name)) in &reached {
        let listed_there = match at.as_str() {
            "main.test" => MAIN.contains(&name.as_str()) || name == "c9",
            "market.test" => market.contains(name),
            _ => ["gemini-2.5-pro", "gemma-3", "tunedModels/mine"]
                .iter()
                .any(|it| it.eq_ignore_ascii_case(name)),
        };
        assert!(listed_there, "{id} reaches {name} of {at}");
    }
    assert!(
        reached.len() + 20 > ids.len(),
        "only the built-in ones go nowhere"
    );
}

/// Where a chat with a model goes, and under which name; None where no upstream is asked.
fn reached(gateway: &Gateway, id: &str) -> Option<(String, String)> {
    gateway.platform.sent.take();
    let body = serde_json::json!({"model": id, "messages": [{"role": "user", "content": "x"}]});
    gateway.ask(chat(&body.to_string()));
    let sent = gateway.platform.sent.take().into_iter().next()?;
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    let name = body["model"].as_str().unwrap_or_else(|| {
        let (_, name) = sent.url.split_once("/v1beta/").unwrap();
        let name = name.trim_start_matches("models/");
        name.trim_end_matches(":generateContent")
    });
    Some((host(&sent.url).to_owned(), name.to_owned()))
}

fn host(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap();
    rest.split('/').next().unwrap()
}

#[test]
fn a_configured_name_is_told_what_its_upstream_says_of_the_model() {
    let document = r#"{"providers": {"a": {"kind": "openai", "endpoint": "https://a.test", "key": "$A"}},
        "models": {"mine": "a/X", "other": "a/unknown"}}"#;
    let gateway = of(document);
    gateway.serve("a.test", json(200, r#"{"data":[{"id":"x","object":"model","created":5,"owned_by":"them","context_length":9}]}"#));
    let list = gateway.ask(list()).json();
    let item = |id: &str| {
        let mut items = list["data"].as_array().unwrap().iter();
        items.find(|item| item["id"] == id).unwrap().clone()
    };
    assert_eq!(item("mine")["context_length"], 9);
    assert_eq!(item("mine")["owned_by"], "them");
    assert_eq!(item("other").get("context_length"), None);
    assert_eq!(item("other")["object"], "model");
}

/// A name no call could be sent for is not offered.
#[test]
fn a_name_that_leads_nowhere_is_not_listed() {
    let document = r#"{"providers": {
        "a": {"kind": "openai", "endpoint": "https://a.test", "key": "$A"},
        "gone": {"kind": "openai", "endpoint": "ftp://gone"}},
        "models": {"lost": "gone/x", "saved": ["gone/x", "a/x"]}}"#;
    let gateway = of(document);
    gateway.serve("a.test", lists(&["x"]));
    assert_eq!(ids(&gateway.ask(list())), ["saved", "x"]);
}

/// What is no name, or none of one model alone.
#[test]
fn hostile_ids_are_no_names() {
    let gateway = of(super::TWO);
    let long = "x".repeat(600);
    let body = serde_json::json!({"data": [{"id": "ok"}, {"id": ""}, {"id": "a\nb"}, {"id": "a\u{0}b"}, {"id": 7}, {"id": " "},
        {"id": long}, {"id": "OK"}, "text", null, {"id": "\"},{\"id\":\"x"}, {"id": "tab\tbed"}]});
    gateway.serve("a.test", json(200, &body.to_string()));
    gateway.serve("b.test", json(200, r#"[{"id":"bare"}]"#));
    let got = gateway.ask(list());
    assert_eq!(ids(&got), ["ok", "\"},{\"id\":\"x", "b/bare"]);
}

#[test]
fn ten_thousand_models_are_a_list() {
    let gateway = of(super::TWO);
    let many: Vec<String> = (0..10_000)
        .map(|number| format!("maker/model-{number}"))
        .collect();
    gateway.serve("a.test", lists(&many));
    gateway.serve("b.test", lists(&many));
    let ids = ids(&gateway.ask(list()));
    assert_eq!((ids.len(), ids[0].as_str()), (20_000, "maker/model-0"));
    assert_eq!(ids[19_999], "b/maker/model-9999");
}

/// Whatever is asked for, a pasted address of one deployment answers: it is known by its own name.
#[test]
fn a_pasted_deployment_is_listed_by_its_name() {
    let address = "https://r.openai.azure.com/openai/deployments/prod/chat/completions?api-version=2024-10-21";
    let document = r#"{"providers": {"main": {"kind": "openai", "endpoint": "https://main.test"},
        "east": {"kind": "azure", "endpoint": "ADDRESS", "key": "$A"}}, "default": "main"}"#;
    let beside = document.replace("ADDRESS", address);
    for (settings, id) in [
        (
            [
                ("AZURE_OPENAI_ENDPOINT", address),
                ("AZURE_OPENAI_KEY", "k"),
            ],
            "prod",
        ),
        ([("GATEWAY", beside.as_str()), ("A", "k")], "east/prod"),
    ] {
        let keys = ("PROXY_API_KEYS", KEYS);
        let gateway = gateway([settings[0], settings[1], keys]).timed();
        gateway.serve("main.test", lists(&["m"]));
        gateway.serve(
            "r.openai.azure.com",
            json(200, r#"{"data":[{"id":"other"}]}"#),
        );
        let ids = ids(&gateway.ask(list()));
        assert!(
            ids.contains(&id.to_owned()) && !ids.contains(&"other".to_owned()),
            "{ids:?}"
        );
        let one = gateway.ask(crate::fake::get(&format!("/v1/models/{id}")));
        assert_eq!(one.json()["id"], id);
        gateway.ask(chat(&format!(r#"{{"model":"{id}","messages":[]}}"#)));
        assert!(gateway.sent().url.contains("/deployments/prod/"));
    }
}
