//! Pictures behind addresses, fetched for AI Studio.

use serde_json::{Value, json};

use crate::fake::{Gateway, Got, Upstream, chat, gateway_of, json as answers, leaked};

fn google(fetches: bool) -> Gateway {
    let document =
        json!({"providers": {"google": {"kind": "google", "key": "k", "fetch_media": fetches}}});
    gateway_of([
        ("GATEWAY", document.to_string()),
        ("PROXY_API_KEYS", "alice:client-key".to_owned()),
    ])
}

fn shown(gateway: &Gateway, url: &str) -> Got {
    let body = json!({"model": "gemini-3.8-flash", "messages": [{"role": "user", "content": [
        {"type": "text", "text": "What?"},
        {"type": "image_url", "image_url": {"url": url}},
    ]}]});
    gateway.send(chat(&body.to_string()))
}

fn stands_there(content_type: &'static str, body: &'static str) -> Upstream {
    Upstream::Answers(200, vec![("content-type", content_type)], body)
}

fn leads_to(location: &'static str) -> Upstream {
    Upstream::Answers(302, vec![("location", location)], "")
}

fn answer() -> Upstream {
    answers(
        200,
        r#"{"candidates":[{"content":{"parts":[{"text":"A dog."}]},"finishReason":"STOP"}]}"#,
    )
}

#[test]
fn a_picture_is_fetched_and_sent_along() {
    let gateway = google(true)
        .meets(leads_to("/there"))
        .meets(leads_to("https://cdn.example.net/dog"))
        .meets(stands_there("image/png; charset=x", "picture"))
        .meets(answer());
    let got = shown(&gateway, "https://example.com/dog.jpg?signature=s");
    assert_eq!(got.status(), 200);
    let sent = gateway.platform.sent.take();
    let urls: Vec<&str> = sent.iter().map(|it| it.url.as_str()).collect();
    assert_eq!(
        urls[..3],
        [
            "https://example.com/dog.jpg?signature=s",
            "https://example.com/there",
            "https://cdn.example.net/dog"
        ]
    );
    for fetched in &sent[..3] {
        assert_eq!(fetched.method, "GET");
        assert!(fetched.headers.get("x-goog-api-key").is_none());
        assert!(fetched.headers.get("authorization").is_none());
        let agent = fetched.headers.get("user-agent").unwrap_or_default();
        assert!(agent.starts_with("isthmus/"), "{agent}");
    }
    let body: Value = serde_json::from_str(&sent[3].body).unwrap();
    let part = &body["contents"][0]["parts"][1];
    assert_eq!(
        part["inlineData"],
        json!({"mimeType": "image/png", "data": "cGljdHVyZQ=="})
    );
}

#[test]
fn what_is_too_large_together_is_left_to_google() {
    let large: &str = leaked(&"x".repeat(9 << 20));
    let gateway = google(true)
        .meets(stands_there("image/png", large))
        .meets(stands_there("image/png", large))
        .meets(stands_there("image/png", "small"))
        .meets(answer());
    let pictures = ["a", "b", "c"].map(|name| {
        json!({"type": "image_url", "image_url": {"url": format!("https://example.com/{name}")}})
    });
    let body =
        json!({"model": "gemini-3.8-flash", "messages": [{"role": "user", "content": pictures}]});
    let got = gateway.send(chat(&body.to_string()));
    assert_eq!(got.status(), 200);
    let body: Value = serde_json::from_str(&gateway.sent().body).unwrap();
    let parts = body["contents"][0]["parts"].as_array().unwrap();
    let sent_along = |at: usize| parts[at].get("inlineData").is_some();
    assert_eq!([0, 1, 2].map(sent_along), [true, false, true]);
    assert_eq!(parts[1]["fileData"]["fileUri"], "https://example.com/b");
}

#[test]
fn without_the_owners_leave_google_gets_the_address() {
    let gateway = google(false).meets(answer());
    assert_eq!(shown(&gateway, "https://example.com/dog.jpg").status(), 200);
    let body: Value = serde_json::from_str(&gateway.sent().body).unwrap();
    let part = &body["contents"][0]["parts"][1];
    assert_eq!(part["fileData"]["fileUri"], "https://example.com/dog.jpg");
}

#[test]
fn what_may_not_or_cannot_be_fetched_is_refused() {
    for (url, upstreams, problem) in [
        ("https://127.0.0.1/x", vec![], "no public https address"),
        ("http://example.com/x", vec![], "no public https address"),
        (
            "https://metadata.internal/x",
            vec![],
            "no public https address",
        ),
        (
            "https://example.com/x",
            vec![leads_to("https://10.0.0.1/")],
            "no public https address",
        ),
        (
            "https://example.com/x",
            vec![leads_to("http://example.com/")],
            "no public https address",
        ),
        (
            "https://example.com/x",
            vec![stands_there("text/css", "p{}"), answer()],
            "",
        ),
        (
            "https://example.com/x",
            vec![stands_there("application/zip", "PK")],
            "no picture",
        ),
        (
            "https://example.com/x",
            vec![Upstream::Answers(404, vec![], "")],
            "the status 404",
        ),
        (
            "https://example.com/x",
            vec![Upstream::Unreachable],
            "could not be reached",
        ),
        (
            "https://example.com/x",
            vec![
                leads_to("/a"),
                leads_to("/b"),
                leads_to("/c"),
                leads_to("/d"),
            ],
            "on and on",
        ),
    ] {
        let gateway = google(true);
        let told_nothing = problem.is_empty();
        for upstream in upstreams {
            gateway.script(upstream);
        }
        let got = shown(&gateway, url);
        if told_nothing {
            assert_eq!(got.status(), 200);
            continue;
        }
        assert_eq!(
            got.refusal(),
            (400, "invalid_image_url".to_owned()),
            "{url}"
        );
        assert!(got.message().contains(problem), "{url}: {}", got.message());
        assert!(!got.message().contains("example.com"));
        assert_eq!(gateway.platform.abandoned.get(), 1, "{url}");
    }
}
