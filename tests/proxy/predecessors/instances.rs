//! What two instances of `llm_router` come to: answers of both -> what the client gets, who was asked, how they stand.

use isthmus::platform::Platform;
use serde_json::Value;

use crate::fake::{Gateway, Got, Upstream, chat, gateway_of, get, json, leaked};

const HELLO: &str = r#"{"model":"gpt-4o","messages":[{"role":"user","content":"Hello!"}]}"#;
const STREAMED: &str =
    r#"{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Hello!"}]}"#;
const ANSWER: &str = r#"{"id":"c","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#;
const EVENTS: &str = "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hi\"},\"finish_reason\":null}]}\n\ndata: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
const FILTERED: &str = r#"{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400}}"#;
const BUSY: &str = r#"{"error":{"code":"429","message":"Requests to the deployment have exceeded the rate limit."}}"#;

fn instances(first: [(&str, &str); 2]) -> Gateway {
    let gateway = gateway_of(
        [
            ("AZURE_INSTANCES", "primary,backup"),
            ("AZURE_INSTANCE_PRIMARY_API_KEY", "key-of-primary"),
            (
                "AZURE_INSTANCE_PRIMARY_API_BASE",
                "https://primary.openai.azure.com",
            ),
            ("AZURE_INSTANCE_PRIMARY_PRIORITY", "10"),
            ("AZURE_INSTANCE_BACKUP_API_KEY", "key-of-backup"),
            (
                "AZURE_INSTANCE_BACKUP_API_BASE",
                "https://backup.openai.azure.com",
            ),
            ("AZURE_INSTANCE_BACKUP_PRIORITY", "20"),
            ("PROXY_API_KEYS", "client-key"),
        ]
        .into_iter()
        .chain(first),
    );
    gateway.platform.wait(1_700_000_000_000);
    gateway
}

fn failing_over() -> Gateway {
    instances([
        ("AZURE_ROUTING_STRATEGY", "failover"),
        ("LOG_LEVEL", "INFO"),
    ])
}

fn busy(seconds: &'static str) -> Upstream {
    let headers = vec![
        ("content-type", "application/json"),
        ("retry-after", seconds),
    ];
    Upstream::Answers(429, headers, BUSY)
}

fn answer(body: &str) -> Upstream {
    if body == STREAMED {
        return Upstream::Answers(
            200,
            vec![("content-type", "text/event-stream")],
            leaked(EVENTS),
        );
    }
    json(200, ANSWER)
}

/// Who was asked, in order.
fn asked(gateway: &Gateway) -> Vec<&'static str> {
    let sent = gateway.platform.sent.take();
    let names = sent.iter().map(|it| {
        if it.url.starts_with("https://primary.") {
            "primary"
        } else {
            "backup"
        }
    });
    names.collect()
}

fn status(gateway: &Gateway, place: usize) -> Value {
    gateway.send(get("/v1/instances/status")).json()["instances"][place].clone()
}

fn send(gateway: &Gateway, body: &str) -> Got {
    gateway.send(chat(body))
}

#[test]
fn who_is_busy_hands_over_and_rests() {
    for body in [HELLO, STREAMED] {
        let gateway = failing_over().meets(busy("7")).meets(answer(body));
        let now = gateway.platform.now_millis();
        let got = send(&gateway, body);
        assert_eq!(got.status(), 200, "{}", got.text());
        assert_eq!(asked(&gateway), ["primary", "backup"]);
        let primary = status(&gateway, 0);
        assert_eq!(primary["status"], "rate_limited");
        let until = primary["rate_limited_until"].as_f64().unwrap();
        let expected = f64::from(u32::try_from(now / 1000 + 7).unwrap());
        assert!((until - expected).abs() < 0.1, "{until}");
        assert_eq!(primary["error_count"], 0);
        gateway.script(answer(body));
        assert_eq!(send(&gateway, body).status(), 200);
        assert_eq!(asked(&gateway), ["backup"], "while the other rests");
        gateway.platform.wait(7_100);
        assert_eq!(status(&gateway, 0)["status"], "healthy");
        gateway.script(answer(body));
        assert_eq!(send(&gateway, body).status(), 200);
        assert_eq!(asked(&gateway), ["primary"]);
    }
}

#[test]
fn when_all_are_busy_the_shortest_wait_is_told() {
    for body in [HELLO, STREAMED] {
        let gateway = failing_over().meets(busy("7")).meets(busy("3"));
        let got = send(&gateway, body);
        assert_eq!((got.status(), got.header("retry-after")), (429, Some("3")));
        assert_eq!(asked(&gateway), ["primary", "backup"]);
        assert_eq!(send(&gateway, body).status(), 429);
        assert_eq!(asked(&gateway).len(), 0, "while both rest");
    }
}

#[test]
fn a_clients_own_mistake_counts_for_nothing() {
    let gateway = failing_over();
    for _ in 0..5 {
        gateway.script(json(400, FILTERED));
        let got = send(&gateway, HELLO);
        assert_eq!(got.refusal(), (400, "content_filter".to_owned()));
        assert_eq!(asked(&gateway), ["primary"]);
    }
    for place in [0, 1] {
        let instance = status(&gateway, place);
        assert_eq!(
            (&instance["status"], &instance["error_count"]),
            (&"healthy".into(), &0.into())
        );
    }
}

#[test]
fn who_fails_three_times_is_left_alone_and_tried_again() {
    let gateway = failing_over();
    for count in 1..=3 {
        gateway.script(json(500, r#"{"error":{"message":"down"}}"#));
        gateway.script(answer(HELLO));
        assert_eq!(send(&gateway, HELLO).status(), 200);
        assert_eq!(asked(&gateway), ["primary", "backup"]);
        let primary = status(&gateway, 0);
        let word = if count < 3 { "healthy" } else { "error" };
        assert_eq!(
            (&primary["status"], &primary["error_count"]),
            (&word.into(), &count.into())
        );
        assert!(primary["last_error"].is_string());
    }
    gateway.script(answer(HELLO));
    send(&gateway, HELLO);
    assert_eq!(asked(&gateway), ["backup"]);
    assert_eq!(gateway.send(get("/health")).json()["health"], "degraded");
    gateway.platform.wait(120_000);
    gateway.script(answer(HELLO));
    send(&gateway, HELLO);
    assert_eq!(asked(&gateway), ["primary"]);
    let primary = status(&gateway, 0);
    assert_eq!(
        (&primary["status"], &primary["last_error"]),
        (&"healthy".into(), &Value::Null)
    );
}

#[test]
fn weights_say_how_many_get_what() {
    const WEIGHTED: (&str, &str) = ("AZURE_ROUTING_STRATEGY", "weighted");
    for (first, second, primary) in [("100", "0", 20), ("0", "0", 10)] {
        let gateway = gateway_of([
            WEIGHTED,
            ("AZURE_INSTANCES", "primary,backup"),
            ("AZURE_INSTANCE_PRIMARY_API_KEY", "key-of-primary"),
            (
                "AZURE_INSTANCE_PRIMARY_API_BASE",
                "https://primary.openai.azure.com",
            ),
            ("AZURE_INSTANCE_PRIMARY_WEIGHT", first),
            ("AZURE_INSTANCE_BACKUP_API_KEY", "key-of-backup"),
            (
                "AZURE_INSTANCE_BACKUP_API_BASE",
                "https://backup.openai.azure.com",
            ),
            ("AZURE_INSTANCE_BACKUP_WEIGHT", second),
            ("PROXY_API_KEYS", "client-key"),
        ]);
        gateway.platform.wait(1_700_000_000_000);
        let mut all = Vec::new();
        for _ in 0..20 {
            gateway.script(answer(HELLO));
            assert_eq!(send(&gateway, HELLO).status(), 200);
            all.extend(asked(&gateway));
        }
        let count = all.iter().filter(|it| **it == "primary").count();
        assert_eq!(count, primary, "{all:?}");
        if second == first {
            assert!(all.windows(2).all(|two| two[0] != two[1]), "{all:?}");
        }
    }
}
