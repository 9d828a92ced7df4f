//! Streams: nothing but lines with data, and a break where there is no end.

use isthmus::answer::Body;

use super::{CHAT, COMPLETION, gateway, post, refusal};
use crate::fake::{Gateway, Got, Upstream, gateway_of, leaked};

const HEL: &str =
    r#"{"id":"c","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}"#;
const STOP: &str = r#"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
const USAGE: &str =
    r#"{"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#;

fn events(text: &str) -> Upstream {
    Upstream::Answers(
        200,
        vec![("content-type", "text/event-stream")],
        leaked(text),
    )
}

fn stream(gateway: Gateway, said: &str) -> Got {
    let gateway = gateway.meets(events(said));
    gateway.send(post(
        CHAT,
        r#"{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"x"}],"stream":true}"#,
    ))
}

fn breaks_off(got: &Got) -> bool {
    let Body::Changed(changed) = &got.0.body else {
        panic!("it is not looked at");
    };
    assert_eq!(changed.if_broken, "");
    changed.rewrite.breaks_off()
}

fn data(items: &[&str]) -> String {
    let events = items.iter().map(|item| ["data: ", item, "\n\n"].concat());
    events.collect()
}

/// What comes -> what goes on, and whether the connection breaks.
#[test]
fn streams_are_plain() {
    const DONE: &str = "[DONE]";
    const ERROR: &str =
        r#"{"error":{"message":"m","type":"server_error","param":null,"code":"c"}}"#;
    let whole = data(&[HEL, STOP, USAGE, DONE]);
    for (said, wanted, breaks) in [
        (whole.clone(), whole.clone(), false),
        (whole.replace('\n', "\r\n"), whole.clone(), false),
        (whole.replace('\n', "\r"), whole.clone(), false),
        (
            whole.replace("data: ", ": ping\n\nevent: x\nid: 7\nretry: 9\ndata:"),
            whole.clone(),
            false,
        ),
        (format!("\u{feff}{whole}"), whole.clone(), false),
        (
            whole.replace("},\"finish", "},\ndata: \"finish"),
            whole.replace("},\"finish", "}, \"finish"),
            false,
        ),
        (
            format!("{whole}data: more\n\n: bye\n\n"),
            whole.clone(),
            false,
        ),
        (data(&[HEL, STOP, USAGE]), whole.clone(), false),
        (data(&[HEL, STOP, USAGE, " [DONE] "]), whole.clone(), false),
        (
            data(&[HEL, "", "hello", "[]", STOP, USAGE, DONE]),
            whole.clone(),
            false,
        ),
        (
            format!("{}data: {USAGE}", data(&[HEL, STOP])),
            whole.clone(),
            false,
        ),
        (
            format!("{}data: [DONE]", data(&[HEL])),
            data(&[HEL, DONE]),
            false,
        ),
        (data(&[HEL]), data(&[HEL]), true),
        (format!("{}data: {{\"cho", data(&[HEL])), data(&[HEL]), true),
        (data(&[HEL, ERROR, STOP, DONE]), data(&[HEL]), true),
        (
            format!(
                "{}event: error\ndata: {{\"message\":\"m\"}}\n\n",
                data(&[HEL])
            ),
            data(&[HEL]),
            true,
        ),
        (
            data(&[HEL, r#"{"object":"error","message":"m","code":500}"#]),
            data(&[HEL]),
            true,
        ),
        (
            data(&[
                HEL,
                r#"{"choices":[{"finish_reason":"error"}],"error":{"code":502}}"#,
            ]),
            data(&[HEL]),
            true,
        ),
        (
            data(&[
                HEL,
                r#"{"choices":[{"delta":{"content":"error"}}],"error":null}"#,
                DONE,
            ]),
            data(&[
                HEL,
                r#"{"choices":[{"delta":{"content":"error"}}],"error":null}"#,
                DONE,
            ]),
            false,
        ),
    ] {
        let got = stream(gateway(&[]), &said);
        assert_eq!(got.text(), wanted, "{said}");
        assert_eq!(breaks_off(&got), breaks, "{said}");
    }
}

/// Nothing was given out: it still gets a status of its own.
#[test]
fn an_error_instead_of_a_stream_is_an_error() {
    for (said, status, code) in [
        (r#"{"error":{"message":"m","code":429}}"#, 429, "429"),
        (
            r#"{"error":{"message":"m","type":"invalid_request_error","code":"x"}}"#,
            400,
            "x",
        ),
        (r#"{"error":{"message":"m"}}"#, 500, "internal_server_error"),
    ] {
        let got = stream(
            gateway(&[]),
            &format!(": ping\n\ndata: {said}\n\ndata: [DONE]\n\n"),
        );
        assert_eq!((refusal(&got).0, refusal(&got).1.as_str()), (status, code));
    }
    let got = stream(gateway(&[]), ": ping\n\n");
    assert_eq!(
        (refusal(&got).0, refusal(&got).1.as_str()),
        (502, "UpstreamApi")
    );
}

/// A server that does not stream: its answer comes as the events that were asked for, with the usage.
#[test]
fn a_whole_answer_becomes_a_stream() {
    let upstream = Upstream::Answers(200, vec![("content-type", "application/json")], COMPLETION);
    let got = gateway(&[])
        .meets(upstream)
        .send(post(CHAT, r#"{"model":"m","stream":true}"#));
    let text = got.text();
    assert!(
        text.lines()
            .all(|line| line.is_empty() || line.starts_with("data: ")),
        "{text}"
    );
    assert!(
        text.contains(r#""total_tokens":2"#) && text.ends_with("data: [DONE]\n\n"),
        "{text}"
    );
}

/// What other rewrites give is plain, too, and broken off where they would tell of an error.
#[test]
fn streams_of_other_providers() {
    let azure = || {
        gateway_of([
            ("AZURE_OPENAI_ENDPOINT", "https://res.openai.azure.com"),
            ("AZURE_OPENAI_API_KEY", "k"),
            ("PROXY_API_KEYS", "client-key"),
        ])
    };
    let filtered = r#"{"choices":[],"prompt_filter_results":[{"prompt_index":0}]}"#;
    let hello = r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"},"finish_reason":null}]}"#;
    let stop = r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let got = stream(
        azure(),
        &format!(": x\r\n\r\n{}", data(&[filtered, hello, stop, "[DONE]"])),
    );
    assert_eq!(got.text(), data(&[hello, stop, "[DONE]"]));
    assert!(!breaks_off(&got));
    let got = stream(azure(), &data(&[hello]));
    assert_eq!(got.text(), data(&[hello]));
    assert!(breaks_off(&got));

    let google = || {
        gateway_of([
            ("GOOGLE_AI_STUDIO_API_KEY", "k"),
            ("PROXY_API_KEYS", "client-key"),
        ])
    };
    let part = |text: &str, end: &str| {
        format!(
            r#"{{"candidates":[{{"content":{{"role":"model","parts":[{{"text":"{text}"}}]}}{end}}}],"usageMetadata":{{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2}}}}"#
        )
    };
    let got = stream(
        google(),
        &data(&[&part("Hel", ""), &part("lo", r#","finishReason":"STOP""#)]),
    );
    let text = got.text();
    assert!(
        text.lines()
            .all(|line| line.is_empty() || line.starts_with("data: ")),
        "{text}"
    );
    assert!(
        text.contains(r#""total_tokens":2"#) && text.ends_with("data: [DONE]\n\n"),
        "{text}"
    );
    assert!(!breaks_off(&got));
    let got = stream(google(), &data(&[&part("Hel", "")]));
    assert!(
        got.text().contains("Hel") && !got.text().contains("error"),
        "{}",
        got.text()
    );
    assert!(breaks_off(&got));
}
