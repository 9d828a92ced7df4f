//! One line per request, and the same in headers.

use isthmus::report::Ending;
use serde_json::Value;

use crate::fake::{FETCH_MILLIS, Upstream, ask, chat, gateway, get, json, usual};

const HELLO: &str = r#"{"model":"m","messages":["words of a prompt"]}"#;

#[test]
fn a_line_says_what_happened() {
    let gateway = usual().meets(json(200, r#"{"words":"of a completion"}"#));
    let got = gateway.send(chat(HELLO));
    let line = gateway.line();
    for (field, value) in [
        ("time", "1970-01-01T00:00:00.000Z".into()),
        ("level", "info".into()),
        ("request_id", "id-of-the-request".into()),
        ("method", "POST".into()),
        ("path", "/v1/chat/completions".into()),
        ("client", "alice".into()),
        ("surface", "openai".into()),
        ("operation", "chat".into()),
        ("model_asked", "m".into()),
        ("model_used", "m".into()),
        ("provider", "openai".into()),
        ("target", "openai/m".into()),
        ("attempts", 1.into()),
        ("status", 200.into()),
        ("stream", false.into()),
        ("upstream_status", 200.into()),
        ("ttfb_ms", FETCH_MILLIS.into()),
        ("duration_ms", FETCH_MILLIS.into()),
        ("bytes_in", HELLO.len().into()),
    ] {
        let value: Value = value;
        assert_eq!(line[field], value, "{field}");
    }
    assert!(line.get("error").is_none());
    assert_eq!(
        got.header("x-isthmus-request-id"),
        Some("id-of-the-request")
    );
    assert_eq!(got.header("x-isthmus-provider"), Some("openai"));
    assert_eq!(got.header("x-isthmus-target"), Some("openai/m"));
    assert_eq!(got.header("x-isthmus-attempts"), Some("1"));
    assert_eq!(
        got.header("server-timing"),
        Some("upstream;dur=7, isthmus;dur=0")
    );
}

#[test]
fn nothing_secret_is_in_a_line() {
    let refused = Upstream::Answers(
        400,
        vec![],
        r#"{"error":{"message":"words of a completion"}}"#,
    );
    for (gateway, request) in [
        (
            usual().meets(json(200, r#"{"words":"of a completion"}"#)),
            chat(HELLO),
        ),
        (usual().meets(refused), chat(HELLO)),
        (
            usual().meets(Upstream::Unreachable),
            get("/v1/files?secret=word-of-a-query"),
        ),
        (
            usual(),
            ask("GET", "/v1/files?secret=word-of-a-query").key("wrong-client-key"),
        ),
        (usual(), chat("{ words of a prompt")),
    ] {
        gateway.send(request);
        let line = gateway.line().to_string();
        for secret in ["client-key", "upstream-key", "words of", "word-of"] {
            assert!(!line.contains(secret), "{line}");
        }
    }
}

#[test]
fn an_error_has_its_code_and_our_request_id() {
    let gateway = usual();
    let got = gateway.send(ask("POST", "/v1/chat/completions"));
    assert_eq!(gateway.line()["error"], "missing_api_key");
    assert_eq!(gateway.line()["level"], "warn");
    assert_eq!(got.header("x-request-id"), Some("id-of-the-request"));
    assert_eq!(
        got.header("x-isthmus-request-id"),
        Some("id-of-the-request")
    );
    assert_eq!(got.header("www-authenticate"), Some("Bearer"));
}

#[test]
fn a_client_that_leaves_is_reported_and_leaves_nothing_behind() {
    let gateway = usual().meets(Upstream::NeverAnswers);
    gateway.send_and_leave(chat(HELLO));
    let line = gateway.line();
    assert_eq!(
        (&line["status"], &line["error"]),
        (&499.into(), &"client_closed".into())
    );
    assert_eq!(line["target"], "openai/m");
}

#[test]
fn a_stream_is_reported_at_its_end() {
    for (ending, level, error) in [
        (Ending::Complete, "info", Value::Null),
        (Ending::Broken, "error", "upstream_stream_broken".into()),
        (Ending::HungUp, "info", "client_closed".into()),
    ] {
        let stream = Upstream::Answers(200, vec![("content-type", "text/event-stream")], "");
        let gateway = usual().meets(stream);
        let got = gateway.send(chat(r#"{"model":"m","stream":true}"#));
        assert!(
            gateway.platform.lines.borrow().is_empty(),
            "it is not over yet"
        );
        let unfinished = got.0.unfinished.expect("a report to be ended");
        let mut report = unfinished.end(ending, None, 50);
        let (_, line) = report.line(50, isthmus::platform::Level::Info).unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["duration_ms"], 50);
        assert_eq!(line["stream"], true);
        assert_eq!(line["level"], level);
        assert_eq!(line.get("error").cloned().unwrap_or_default(), error);
    }
}

#[test]
fn the_level_decides_what_is_written() {
    for (level, written) in [
        ("debug", 3),
        ("INFO", 3),
        ("Warning", 2),
        ("error", 1),
        ("nonsense", 3),
    ] {
        let gateway = gateway([
            ("OPENAI_BASE_URL", "https://up.test"),
            ("ALLOW_ANONYMOUS", "true"),
            ("LOG_LEVEL", level),
        ])
        .meets(json(200, "{}"))
        .meets(json(400, "{}"))
        .meets(json(500, "{}"));
        for _ in 0..3 {
            gateway.send(chat(HELLO));
        }
        assert_eq!(gateway.platform.lines.borrow().len(), written, "{level}");
    }
}

#[test]
fn hostile_text_stays_inside_its_header_and_its_line() {
    let gateway = usual().meets(json(200, "{}"));
    let got = gateway.send(chat("{\"model\":\"m\\\"é\\u4e2d\"}"));
    assert_eq!(got.header("x-isthmus-target"), Some("openai/m\"é?"));
    assert_eq!(gateway.line()["model_asked"], "m\"é中");
    let got = usual().send(chat("{\"model\":\"m\\r\\nset-cookie: x\"}"));
    assert_eq!(got.refusal(), (400, "invalid_model".to_owned()));
}

#[test]
fn a_line_tells_whose_answer_it_was_and_what_became_of_each_attempt() {
    let document = r#"{"providers": {"a": {"kind": "openai"}, "b": {"kind": "openai"}}, "models": {"m": ["a/m", "b/m"]}}"#;
    let gateway = gateway([("GATEWAY", document), ("ALLOW_ANONYMOUS", "true")]);
    let gateway = gateway.meets(json(500, "{}")).meets(Upstream::Unreachable);
    gateway.send(chat(HELLO));
    let line = gateway.line();
    assert_eq!(
        (&line["attempts"], &line["target"]),
        (&2.into(), &"a/m".into())
    );
    assert_eq!(line["upstream_status"], 500);
    assert_eq!(
        line["outcomes"],
        serde_json::json!(["a/m 500", "b/m upstream_unreachable"])
    );
}
