//! Upstreams that would be more than they are: other providers, configured names, whole lists.

use serde_json::{Value, json as value};

use super::{anew, ids, list, lists, of, told};
use crate::fake::{chat, get, json};

const SECOND: u64 = 1000;

/// A marketplace beside the owner's own servers.
const DOCUMENT: &str = r#"{"providers": {
        "main": {"kind": "openai", "endpoint": "https://main.test", "key": "$A"},
        "evil": {"kind": "openai", "endpoint": "https://evil.test", "key": "$B"}},
    "models": {"fast": "main/small", "team-*": "main/*", "told": {"targets": "main/big", "about": {"context_length": 7}}},
    "default": "main"}"#;

/// Names an upstream has no right to: a call for any of them goes where it went before.
#[test]
fn a_name_of_anothers_cannot_be_taken() {
    let gateway = of(DOCUMENT);
    gateway.serve("main.test", lists(&["small", "big", "own"]));
    let names = [
        "fast",
        "FAST",
        "told",
        "team-x",
        "own",
        "main/own",
        "main/new",
        "evil/own",
        "models/own",
        "../own",
        "a/../b",
        "%2e%2e",
        "own?x=1",
        "own#x",
        "*",
        "small",
    ];
    gateway.serve("evil.test", lists(&names));
    let got = gateway.ask(list());
    let list = got.json();
    let theirs = list["data"].as_array().unwrap().iter();
    let theirs = theirs.filter(|it| {
        !["fast", "told", "small", "big", "own"].contains(&it["id"].as_str().unwrap())
    });
    for item in theirs {
        assert!(item["id"].as_str().unwrap().starts_with("evil/"), "{item}");
    }
    for (id, host, model) in [
        ("fast", "main.test", "small"),
        ("Told", "main.test", "big"),
        ("team-x", "main.test", "team-x"),
        ("own", "main.test", "own"),
        ("main/new", "main.test", "new"),
    ] {
        gateway.serve("/chat/completions", json(200, "{}"));
        gateway.ask(chat(&value!({"model": id, "messages": []}).to_string()));
        let sent = gateway.sent();
        let body: Value = serde_json::from_str(&sent.body).unwrap();
        assert!(
            sent.url.contains(host) && body["model"] == model,
            "{id}: {}",
            sent.url
        );
    }
    let told = gateway.ask(get("/v1/models/told")).json();
    assert_eq!(told["context_length"], 7, "the owner's word counts");
}

/// Answers that are no honest list: each is a failure of that provider, and of nobody else.
#[test]
fn what_is_no_sound_json_is_no_list() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    // What no client could read is left out, and nothing else.
    let gateway = of(super::TWO);
    let item = format!(r#"{{"id":"m","x":{deep},"owned_by":"a"}}"#);
    gateway.serve("a.test", json(200, &format!("\u{feff}[{item}]")));
    gateway.serve("b.test", lists(&["n1"]));
    let got = gateway.ask(list());
    assert_eq!(
        (ids(&got), told(&got).1),
        (vec!["m".to_owned(), "b/n1".to_owned()], None)
    );
    let shown = &got.json()["data"][0];
    assert_eq!(
        (&shown["owned_by"], shown.get("x")),
        (&Value::from("a"), None)
    );
    for body in [
        r#"{"data":[{"id":"m"}]"#,
        r#"{"data":[{"id":"m"}]}{}"#,
        r#"{"data":{"id":"m"}}"#,
        r#"{"data":"m"}"#,
        r#"{"data":[{"id":"m",}]}"#,
        "7",
        "null",
        "",
    ] {
        let gateway = of(super::TWO);
        gateway.serve("a.test", json(200, body));
        gateway.serve("b.test", lists(&["n1"]));
        let got = gateway.ask(list());
        let begin = body.get(..40).unwrap_or(body);
        assert_eq!(
            (ids(&got), told(&got).1),
            (vec!["b/n1".to_owned()], Some("a")),
            "{begin}"
        );
    }
}

/// Members that are twice there, or no such thing as they should be, harm nobody who reads the list.
#[test]
fn hostile_members_stay_members() {
    let gateway = of(super::TWO);
    let item = r#"{"id":"x","id":"m","\u0069d":"n","object":"list","created":"soon","created":1e400,"owned_by":{},
        "context_length":123456789012345678901234567890,"data":[{"id":"inner"}],"__proto__":{"a":1},"x":"\ud800",
        "capabilities":7,"deprecation":[],"status":{"a":[]},"supported_operations":"chat"}"#;
    gateway.serve(
        "a.test",
        json(200, &format!(r#"{{"data":[{item}],"data":[{item}]}}"#)),
    );
    gateway.serve("b.test", lists(&["n1"]));
    for path in [
        "/v1/models",
        "/openai/models",
        "/v1beta/models",
        "/deployments",
    ] {
        let got = gateway.ask(get(path));
        assert_eq!(got.status(), 200, "{path}");
        assert!(std::str::from_utf8(got.bytes()).is_ok());
    }
    let text = gateway.ask(list()).text();
    assert_eq!(
        text.matches(r#""id":"n""#).count(),
        1,
        "the last of several counts: {text}"
    );
    assert!(!text.contains(r#""id":"x""#) && !text.contains(r#""object":"list","created""#));
    for path in [
        "/v1/models/n/capabilities",
        "/openai/models/n",
        "/v1beta/models/n",
    ] {
        let one = gateway.ask(get(path));
        assert_eq!(one.status(), 200, "{path}");
        assert!(one.json().is_object());
    }
}

/// One that breaks off, and has others each time, fills no memory.
#[test]
fn a_list_that_is_always_another_does_not_grow() {
    let google = r#""kind": "google""#;
    let gateway = of(&DOCUMENT.replace(
        r#""kind": "openai", "endpoint": "https://evil.test""#,
        google,
    ));
    gateway.serve("main.test", lists(&["small"]));
    gateway.serve("pageToken", json(500, "{}"));
    let page = |turn: usize| {
        let model = |number| value!({"name": format!("models/gemini-{turn}-{number}")});
        let models: Vec<Value> = (0..9000).map(model).collect();
        json(
            200,
            &value!({"models": models, "nextPageToken": "t"}).to_string(),
        )
    };
    let others = 3;
    for (turn, count) in [9000, 18_000, 20_000, 20_000].into_iter().enumerate() {
        gateway.serve("googleapis", page(turn));
        gateway.platform.wait(SECOND);
        let got = gateway.ask(anew());
        assert_eq!(
            (ids(&got).len(), told(&got).1),
            (others + count, Some("evil"))
        );
    }
}
