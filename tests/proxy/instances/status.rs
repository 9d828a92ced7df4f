//! `GET /v1/instances/status`.

use serde_json::Value;

use super::two;
use crate::fake::{Upstream, ask, chat, gateway, get, json};

const HELLO: &str = r#"{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}"#;
const PATH: &str = "/v1/instances/status";

/// What monitors of that proxy read, in its order, and what is new behind it.
#[test]
fn the_page_is_that_of_llm_router() {
    let gateway = two(&[("AZURE_INSTANCE_PRIMARY_MAX_TPM", "1000")]);
    let got = gateway.send(get(PATH));
    assert_eq!(got.status(), 200);
    assert_eq!(got.header("content-type"), Some("application/json"));
    let expected = concat!(
        r#"{"status":"success","timestamp":1700000000,"instances":["#,
        r#"{"name":"Primary","status":"healthy","current_tpm":0,"max_tpm":1000,"tpm_usage_percent":0.0,"#,
        r#""error_count":0,"last_error":null,"rate_limited_until":null,"priority":10,"weight":100,"last_used":0.0,"#,
        r#""deployments":[],"in_flight":0},"#,
        r#"{"name":"backup","status":"healthy","current_tpm":0,"max_tpm":240000,"tpm_usage_percent":0.0,"#,
        r#""error_count":0,"last_error":null,"rate_limited_until":null,"priority":20,"weight":100,"last_used":0.0,"#,
        r#""deployments":[],"in_flight":0}],"#,
        r#""total_instances":2,"healthy_instances":2,"routing_strategy":"failover","#,
        r#""state":"shared","pools":[]}"#,
    );
    assert_eq!(got.text(), expected);
}

#[test]
fn it_is_asked_for_as_a_list_is() {
    let gateway = two(&[]);
    for (request, status) in [
        (get(PATH), 200),
        (get("/instances/status"), 200),
        (get("/v1/instances/status/"), 200),
        (ask("HEAD", PATH).key("client-key"), 200),
        (ask("GET", PATH), 401),
        (ask("GET", PATH).key("wrong"), 401),
        (ask("POST", PATH).key("client-key"), 405),
    ] {
        assert_eq!(gateway.send(request).status(), status);
    }
    assert!(gateway.asked_nobody());
}

/// Whether there are shared objects, and whether they answer -> how far what is told holds.
#[test]
fn how_far_it_holds_is_told() {
    for (has_none, are_down, state) in [
        (false, false, "shared"),
        (false, true, "degraded"),
        (true, true, "isolate"),
    ] {
        let gateway = two(&[]);
        gateway.platform.has_no_objects.set(has_none);
        gateway.platform.objects_are_down.set(are_down);
        assert_eq!(gateway.send(get(PATH)).json()["state"], state);
        assert_eq!(gateway.platform.questions.get(), u32::from(!has_none));
    }
}

/// What one isolate has met another tells of, which has met nobody.
#[test]
fn isolates_tell_of_each_other() {
    let (one, mut other) = (two(&[]), two(&[]));
    other.platform.objects = one.platform.objects.clone();
    let busy = vec![("content-type", "application/json"), ("retry-after", "7")];
    one.script(Upstream::Answers(429, busy, "{}"));
    one.script(json(200, r#"{"object":"chat.completion","choices":[]}"#));
    assert_eq!(one.send(chat(HELLO)).status(), 200);
    // It tells the shared object.
    one.send(get(PATH));
    let page = other.send(get(PATH)).json();
    let statuses = [0, 1].map(|at| page["instances"][at]["status"].clone());
    assert_eq!(statuses, ["rate_limited", "healthy"]);
    assert_eq!(page["instances"][0]["deployments"][0]["name"], "gpt-4o");
}

/// What calls have met is told, for each model, and to a limited key of its models alone.
#[test]
fn calls_are_told_of() {
    let gateway = two(&[("AZURE_INSTANCE_PRIMARY_MAX_TPM", "1000")]);
    let usage = r#"{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":23,"total_tokens":123}}"#;
    gateway.script(json(200, usage));
    assert_eq!(gateway.send(chat(HELLO)).status(), 200);
    let page = gateway.send(get(PATH)).json();
    let primary = &page["instances"][0];
    assert_eq!(primary["current_tpm"], 123);
    assert_eq!(primary["tpm_usage_percent"].to_string(), "12.3");
    assert_eq!(primary["last_used"].to_string(), "1700000000.0");
    assert_eq!(primary["deployments"][0]["name"], "gpt-4o");
    assert_eq!(primary["deployments"][0]["current_tpm"], 123);
    gateway.script(json(200, usage));
    gateway.send(chat(&HELLO.replace("gpt-4o", "o3")));
    let of = |key: &str| {
        let page = gateway.send(ask("GET", PATH).key(key)).json();
        let primary = page["instances"][0].clone();
        let names = primary["deployments"].as_array().unwrap().iter();
        let names: Vec<String> = names
            .map(|it| it["name"].as_str().unwrap().to_owned())
            .collect();
        (primary["current_tpm"].as_u64().unwrap(), names.join(" "))
    };
    assert_eq!(of("client-key"), (246, "gpt-4o o3".to_owned()));
    assert_eq!(of("key-of-bob"), (123, "gpt-4o".to_owned()));
    gateway.platform.wait(61_000);
    assert_eq!(of("client-key").0, 0, "a minute later");
}

/// The same of a pool's target.
#[test]
fn isolates_tell_of_each_others_targets() {
    let document = r#"{
        "providers": {
            "east": {"kind": "openai", "endpoint": "https://east.test"},
            "west": {"kind": "openai", "endpoint": "https://west.test"}
        },
        "models": {"gpt-4o": ["east/a", "west/b"]}
    }"#;
    let isolate = || gateway([("GATEWAY", document), ("PROXY_API_KEYS", "client-key")]);
    let (one, mut other) = (isolate(), isolate());
    other.platform.objects = one.platform.objects.clone();
    let busy = vec![("content-type", "application/json"), ("retry-after", "7")];
    one.script(Upstream::Answers(429, busy, "{}"));
    one.script(json(200, r#"{"object":"chat.completion","choices":[]}"#));
    assert_eq!(one.send(chat(HELLO)).status(), 200);
    one.send(get(PATH));
    let page = other.send(get(PATH)).json();
    let statuses = [0, 1].map(|at| page["instances"][at]["status"].clone());
    assert_eq!(statuses, ["rate_limited", "healthy"]);
}

#[test]
fn without_instances_the_targets_of_pools_are_told_of() {
    let document = r#"{
        "providers": {
            "east": {"kind": "openai", "endpoint": "https://east.test", "tpm": 500, "rpm": 7},
            "west": {"kind": "openai", "endpoint": "https://west.test", "weight": 3}
        },
        "models": {
            "gpt-4o": {"targets": ["east/a", {"to": "west/b", "priority": 2}], "strategy": "weighted"},
            "secret": "east/a",
            "gpt-*": "west/*"
        }
    }"#;
    let gateway = gateway([
        ("GATEWAY", document),
        ("PROXY_API_KEYS", "alice:client-key,bob:key-of-bob:gpt-*"),
    ]);
    let page = gateway.send(get(PATH)).json();
    let names = |rows: &Value| -> Vec<String> {
        let rows = rows.as_array().unwrap().iter();
        rows.map(|it| it["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&page["instances"]), ["east/a", "west/b", "west/*"]);
    assert_eq!(page["instances"][0]["max_tpm"], 500);
    assert_eq!(page["instances"][0]["rpm"], 7);
    assert_eq!(page["instances"][1]["max_tpm"], Value::Null);
    assert_eq!(page["instances"][1]["tpm_usage_percent"], Value::Null);
    assert_eq!(
        (
            &page["instances"][1]["priority"],
            &page["instances"][1]["weight"]
        ),
        (&2.into(), &3.into())
    );
    let pools: Vec<_> = page["pools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["model"].to_string())
        .collect();
    assert_eq!(pools, [r#""gpt-4o""#, r#""secret""#, r#""gpt-*""#]);
    assert_eq!(page["pools"][0]["strategy"], "weighted");
    let page = gateway.send(ask("GET", PATH).key("key-of-bob")).json();
    assert_eq!(page["pools"].as_array().unwrap().len(), 2);
}
