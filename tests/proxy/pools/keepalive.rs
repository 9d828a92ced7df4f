//! An answer that is kept alive: its head may go out before anybody has answered.

use serde_json::{Value, json};

use super::{asking, responding};
use crate::fake::{Close, Gateway, Upstream, chat, gateway, json as answer, post};

const EVENT_STREAM: &str = "text/event-stream; charset=utf-8";

/// Comments every second.
fn kept_alive() -> Gateway {
    let document = json!({
        "providers": {"a": {"kind": "openai", "endpoint": "https://a.test/v1"}},
        "models": {"m": {"targets": ["a/m"], "keep_alive": 1}},
    });
    let settings = [
        ("GATEWAY", document.to_string()),
        ("PROXY_API_KEYS", "alice:client-key".to_owned()),
        ("CORS_ALLOW_ORIGINS", "https://page.test".to_owned()),
    ];
    let settings = settings
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    gateway(settings).timed()
}

fn late(upstream: Upstream) -> Upstream {
    Upstream::Late(1500, Box::new(upstream))
}

/// The data of the events, and the names they have.
fn events(text: &str) -> Vec<(String, Value)> {
    let event = |block: &str| {
        let field = |name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().to_owned()
        };
        let data = field("data: ");
        let data = serde_json::from_str(&data).unwrap_or(Value::String(data));
        (field("event: "), data)
    };
    text.split_terminator("\n\n").map(event).collect()
}

#[test]
fn only_streams_are_kept_alive_whose_clients_skip_comments() {
    let inference = "/models/chat/completions?api-version=2024-05-01-preview";
    let cases = [
        (true, asking()),
        (true, responding()),
        (
            true,
            post(
                "/v1/completions",
                r#"{"model":"m","stream":true,"prompt":"x"}"#,
            ),
        ),
        (
            true,
            post(
                "/openai/deployments/m/chat/completions?api-version=2024-10-21",
                r#"{"stream":true,"messages":[]}"#,
            ),
        ),
        (false, chat(r#"{"model":"m","messages":[]}"#)),
        (
            false,
            post(inference, r#"{"model":"m","stream":true,"messages":[]}"#),
        ),
        (
            false,
            post(
                "/v1/audio/speech",
                r#"{"model":"m","stream":true,"input":"x"}"#,
            ),
        ),
    ];
    for (at, (is_kept, ask)) in cases.into_iter().enumerate() {
        let gateway = kept_alive();
        gateway.serve("a.test", answer(200, "{}"));
        gateway.ask(ask);
        let kept = gateway.platform.kept_alive.take();
        assert_eq!(kept.is_some(), is_kept, "{at}");
    }
}

#[test]
fn the_early_head_has_what_is_known_by_then() {
    let gateway = kept_alive();
    gateway.serve("a.test", answer(200, "{}"));
    gateway.ask(asking().header("origin", "https://page.test"));
    let (_, headers, _) = gateway.platform.kept_alive.take().unwrap();
    let expected = [
        ("content-type", EVENT_STREAM),
        ("cache-control", "no-cache, no-transform"),
        ("x-accel-buffering", "no"),
        ("vary", "origin"),
        ("access-control-allow-origin", "https://page.test"),
        ("access-control-expose-headers", "*"),
        ("x-isthmus-request-id", "id-of-the-request"),
    ];
    for (name, value) in expected {
        assert_eq!(headers.get(name), Some(value), "{name}");
    }
}

#[test]
fn azures_clients_find_their_names_in_the_early_head() {
    let gateway = kept_alive();
    gateway.serve("a.test", answer(200, "{}"));
    let path = "/openai/deployments/m/chat/completions?api-version=2024-10-21";
    let ask = post(path, r#"{"stream":true,"messages":[]}"#);
    gateway.ask(ask.header("x-ms-client-request-id", "theirs"));
    let (_, headers, _) = gateway.platform.kept_alive.take().unwrap();
    assert_eq!(headers.get("x-ms-client-request-id"), Some("theirs"));
    assert_eq!(headers.get("apim-request-id"), Some("id-of-the-request"));
}

#[test]
fn an_error_that_comes_too_late_is_an_event() {
    let refused = r#"{"error":{"message":"Busy.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#;
    let gateway = kept_alive();
    gateway.serve("a.test", late(answer(429, refused)));
    let got = gateway.ask(asking());
    // For the report: the client has had 200.
    assert_eq!(got.status(), 429);
    assert_eq!(gateway.line()["status"], 429);
    assert_eq!(gateway.line()["error"], "upstream_refused");
    assert_eq!(got.header("content-type"), Some(EVENT_STREAM));
    assert_eq!(got.text(), format!("data: {refused}\n\ndata: [DONE]\n\n"));

    gateway.serve("a.test", late(answer(429, refused)));
    let got = gateway.ask(responding());
    let error = json!({"type": "error", "code": "rate_limit_exceeded", "message": "Busy.", "param": null, "sequence_number": 0});
    let expected = [
        ("error".to_owned(), error),
        (String::new(), json!("[DONE]")),
    ];
    assert_eq!(events(&got.text()), expected);
}

#[test]
fn an_error_of_ours_that_comes_too_late_is_an_event() {
    let gateway = kept_alive();
    gateway.serve("a.test", late(Upstream::Unreachable));
    let got = gateway.ask(asking());
    let events = events(&got.text());
    assert_eq!(events[0].1["error"]["code"], "upstream_unreachable");
    assert_eq!(events[1].1, "[DONE]");
}

#[test]
fn an_error_in_time_has_a_status_of_its_own() {
    let gateway = kept_alive();
    gateway.serve(
        "a.test",
        answer(429, r#"{"error":{"message":"Busy.","code":"x"}}"#),
    );
    assert_eq!(gateway.ask(asking()).refusal(), (429, "x".to_owned()));
}

#[test]
fn a_stream_that_comes_late_passes_as_it_is() {
    let gateway = kept_alive();
    let text = "data: {\"choices\":[]}\n\n";
    gateway.serve(
        "a.test",
        late(Upstream::Streams(vec![(5, text)], Close::Ends)),
    );
    let got = gateway.ask(asking());
    assert_eq!((got.status(), got.text()), (200, text.to_owned()));
}

#[test]
fn a_whole_answer_that_comes_late_becomes_events() {
    let whole = r#"{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"total_tokens":1}}"#;
    let with_usage =
        r#"{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[]}"#;
    for (ask, count) in [(asking(), 3), (chat(with_usage), 4)] {
        let gateway = kept_alive();
        gateway.serve("a.test", late(answer(200, whole)));
        let got = gateway.ask(ask);
        let events = events(&got.text());
        assert_eq!(events.len(), count, "{events:?}");
        assert_eq!(events[0].1["choices"][0]["delta"]["content"], "Hi");
        assert_eq!(events.last().unwrap().1, "[DONE]");
    }
    let gateway = kept_alive();
    let response = json!({"id": "r", "object": "response", "status": "incomplete", "output": []});
    gateway.serve("a.test", late(answer(200, &response.to_string())));
    let got = gateway.ask(responding());
    let event = json!({"type": "response.incomplete", "sequence_number": 0, "response": response});
    assert_eq!(
        events(&got.text()),
        [("response.incomplete".to_owned(), event)]
    );
}

#[test]
fn what_could_be_no_stream_is_an_error() {
    for upstream in [answer(200, "[]"), answer(204, ""), answer(200, "{")] {
        let gateway = kept_alive();
        gateway.serve("a.test", late(upstream));
        let got = gateway.ask(asking());
        let events = events(&got.text());
        assert_eq!(
            events[0].1["error"]["code"], "upstream_nonsense",
            "{events:?}"
        );
        assert_eq!(events[1].1, "[DONE]");
    }
}

/// Some gateways answer without a content type.
#[test]
fn a_stream_without_a_type_is_a_stream_behind_an_early_head_too() {
    let text = "data: {\"object\":\"chat.completion.chunk\",\"choices\":[]}\n\ndata: [DONE]\n\n";
    let gateway = kept_alive();
    gateway.serve("a.test", late(Upstream::Answers(200, vec![], text)));
    let got = gateway.ask(asking());
    assert_eq!((got.status(), got.text()), (200, text.to_owned()));
    assert_eq!(got.header("content-type"), Some(EVENT_STREAM));
}

/// What the runtime's side says where this one has failed.
#[test]
fn the_last_words_are_of_the_kind_of_stream() {
    for (ask, name, at) in [
        (asking(), "", "/error/code"),
        (responding(), "error", "/code"),
    ] {
        let gateway = kept_alive();
        gateway.serve("a.test", answer(200, "{}"));
        gateway.ask(ask);
        let (.., words) = gateway.platform.kept_alive.take().unwrap();
        let events = events(&words);
        assert_eq!(events.len(), 2);
        assert_eq!(events[0].0, name);
        assert_eq!(events[0].1.pointer(at), Some(&json!("internal_error")));
    }
}
