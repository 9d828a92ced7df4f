//! Event streams, in every dialect.

use std::rc::Rc;

use isthmus::answer::Body;
use isthmus::pool::{Pool, Rules, Target};
use isthmus::providers::openai::BaseUrl;
use isthmus::providers::{Kind, Provider};
use isthmus::report::Ending;
use isthmus::secret::Secret;
use isthmus::usage::Usage;
use serde_json::{Value, json};

use super::{Outcome, events, provider, run, run_at, usage};
use crate::fake::gateway_of;

const CHAT: &str = "/v1/chat/completions";
const COMPLETIONS: &str = "/v1/completions";

/// A chat of `OpenAI`'s as it is without having been asked for the usage.
const PLAIN: &str = concat!(
    r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
    "\n\n",
    "data: [DONE]\n\n"
);

const LEGACY: &str = concat!(
    r#"data: {"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"a","finish_reason":null}]}"#,
    "\n\n",
    r#"data: {"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"","finish_reason":"stop"}]}"#,
    "\n\ndata: [DONE]\n\n"
);

const TOLD: Usage = usage(9, 4, 13);

/// The same for who asked.
fn asked(plain: &str) -> String {
    let told = concat!(
        r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}"#,
        "\n\ndata: [DONE]"
    );
    plain
        .replace("}]}\n\n", "}],\"usage\":null}\n\n")
        .replace("data: [DONE]", told)
}

fn openai() -> Value {
    json!({"kind": "openai", "endpoint": "https://up.test/v1", "key": "$KEY"})
}

fn azure(version: &str) -> Value {
    json!({"kind": "azure", "endpoint": "https://r.openai.azure.com", "key": "$KEY", "api_version": version})
}

fn foundry() -> Value {
    json!({"kind": "foundry", "endpoint": "https://r.services.ai.azure.com", "key": "$KEY"})
}

fn body(members: &str) -> String {
    format!(
        r#"{{"model":"gpt-4o","stream":true{members},"messages":[{{"role":"user","content":"a"}}],"prompt":"a"}}"#
    )
}

fn options(sent: &str) -> Value {
    serde_json::from_str::<Value>(sent).unwrap()["stream_options"].clone()
}

/// Who speaks `OpenAI`'s API is asked for the usage; the client gets the stream that it would have got without.
#[test]
fn what_is_asked_for_is_hidden() {
    let with_options = r#","stream_options":{"include_obfuscation":false}"#;
    for (options_of, path, members, plain) in [
        (openai(), CHAT, "", PLAIN),
        (openai(), CHAT, with_options, PLAIN),
        (openai(), CHAT, r#","stream_options":null"#, PLAIN),
        (openai(), COMPLETIONS, "", LEGACY),
        (azure("v1"), CHAT, "", PLAIN),
        (azure("v1"), COMPLETIONS, "", LEGACY),
        (azure("2024-10-21"), CHAT, with_options, PLAIN),
        (foundry(), CHAT, "", PLAIN),
    ] {
        let gateway = provider(&options_of);
        let body = body(members);
        gateway.script(events(plain));
        let before = run(&gateway, path, &body, false);
        gateway.script(events(&asked(plain)));
        let Outcome { got, usage, sent } = run(&gateway, path, &body, true);
        assert_eq!(got.text(), before.got.text(), "{options_of}");
        assert_eq!(usage, Some(TOLD), "{options_of}");
        let mut expected = options(&before.sent[0]);
        if expected.is_null() {
            expected = json!({});
        }
        expected["include_usage"] = true.into();
        assert_eq!(options(&sent[0]), expected, "{options_of}");
        assert_eq!(
            got.header("content-type"),
            Some("text/event-stream; charset=utf-8")
        );
    }
}

/// What the client asked for itself it gets, to the byte, and the request is not touched for it.
#[test]
fn what_the_client_asked_for_stays() {
    let members = r#","stream_options":{"include_usage":true}"#;
    for (options, path, plain) in [
        (openai(), CHAT, PLAIN),
        (openai(), COMPLETIONS, LEGACY),
        (azure("v1"), CHAT, PLAIN),
    ] {
        let gateway = provider(&options);
        gateway.script(events(&asked(plain)));
        let before = run(&gateway, path, &body(members), false);
        gateway.script(events(&asked(plain)));
        let Outcome { got, usage, sent } = run(&gateway, path, &body(members), true);
        assert_eq!(got.text(), asked(plain));
        assert_eq!((sent, usage), (before.sent, Some(TOLD)));
    }
}

/// Nothing is added where it would be refused; and then nothing is hidden either.
#[test]
fn who_may_not_be_asked_is_not() {
    let data = r#","data_sources":[{"type":"azure_search"}]"#;
    for (options_of, path, body) in [
        (azure("2024-02-01"), CHAT, body("")),
        (azure("2025-01-01-preview"), CHAT, body(data)),
        (
            openai(),
            "/v1/responses",
            r#"{"model":"m","stream":true,"input":"a"}"#.to_owned(),
        ),
        (openai(), CHAT, body("").replace("true", "false")),
    ] {
        let gateway = provider(&options_of);
        gateway.script(events(PLAIN));
        let before = run(&gateway, path, &body, false);
        gateway.script(events(PLAIN));
        let counted = run(&gateway, path, &body, true);
        assert_eq!(counted.sent, before.sent);
        assert_eq!(counted.got.text(), before.got.text());
        assert_eq!(counted.usage, None);
    }
}

/// A server that refuses to be asked, by its owner's word: what it tells unasked is counted, and not hidden.
#[test]
fn a_server_that_knows_no_options_is_not_asked() {
    let shy = Rc::new(Provider {
        name: "it".to_owned(),
        kind: Kind::OpenAi(BaseUrl::default()),
        key: Secret::new("key"),
        asks_usage: false,
        ..Provider::demo()
    });
    let gateway = provider(&openai());
    for (stream, told) in [(PLAIN.to_owned(), None), (asked(PLAIN), Some(TOLD))] {
        gateway.script(events(&stream));
        let pool = Pool::of(Target::as_asked(shy.clone()), Rc::new(Rules::default()));
        let Outcome { got, usage, sent } = run_at(&gateway, Some(pool), CHAT, &body(""), true);
        assert_eq!(sent, [body("")]);
        assert_eq!((got.text(), usage), (stream, told));
    }
}

/// A client of Azure AI Model Inference is told the usage of every stream.
#[test]
fn clients_that_are_always_told_are_told() {
    let path = "/chat/completions?api-version=2024-05-01-preview";
    let gateway = provider(&openai());
    for (members, is_told) in [
        ("", true),
        (r#","stream_options":{"include_usage":false}"#, false),
    ] {
        gateway.script(events(&asked(PLAIN)));
        let Outcome { got, usage, sent } = run(&gateway, path, &body(members), true);
        assert_eq!(options(&sent[0])["include_usage"], true);
        let expected = if is_told {
            asked(PLAIN)
        } else {
            PLAIN.to_owned()
        };
        assert_eq!(got.text(), expected);
        assert_eq!(usage, Some(TOLD));
    }
}

/// Translations count themselves; their clients get what they asked for.
#[test]
fn translated_streams_tell_their_usage() {
    let gemini = |text: &str, finish: &str, output: u64| {
        let event = format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"text":"{text}"}}],"role":"model"}}{finish}}}],"usageMetadata":{{"promptTokenCount":9,"candidatesTokenCount":{output},"totalTokenCount":{}}},"modelVersion":"m","responseId":"r"}}"#,
            9 + output
        );
        format!("data: {event}\r\n\r\n")
    };
    let gemini = gemini("a", "", 2) + &gemini("b", r#","finishReason":"STOP""#, 4);
    let claude = [
        r#"{"type":"message_start","message":{"id":"i","model":"claude-sonnet-4-5","usage":{"input_tokens":7,"cache_read_input_tokens":2,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let claude = claude.map(|it| format!("data: {it}\n\n")).concat();
    let compat = PLAIN.replace(
        "}]}\n\n",
        "}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,\"total_tokens\":13}}\n\n",
    );
    let google = json!({"kind": "google", "key": "$KEY"});
    let mut claudes = foundry();
    claudes["form"] = "anthropic".into();
    let google_compat = json!({"kind": "google", "key": "$KEY", "dialect": "openai"});
    for (options_of, model, stream, is_asked) in [
        (google, "gemini-3.8-flash", gemini, false),
        (claudes, "claude-sonnet-4-5", claude, false),
        (google_compat, "gemini-3.8-flash", compat, true),
    ] {
        for members in ["", r#","stream_options":{"include_usage":true}"#] {
            let gateway = provider(&options_of);
            let body = body(members).replace("gpt-4o", model);
            gateway.script(events(&stream));
            let before = run(&gateway, CHAT, &body, false);
            gateway.script(events(&stream));
            let counted = run(&gateway, CHAT, &body, true);
            assert_eq!(counted.usage, Some(TOLD), "{model}");
            assert_eq!(before.usage, Some(TOLD), "{model}, told for nothing");
            assert_eq!(counted.got.text(), before.got.text(), "{model}");
            if is_asked {
                assert_eq!(options(&counted.sent[0])["include_usage"], true);
            } else {
                assert_eq!(counted.sent, before.sent, "{model}");
            }
        }
    }
}

/// Streams of several requests, which come as one.
#[test]
fn several_streams_are_counted_together() {
    let gateway = provider(&json!({"kind": "google", "key": "$KEY"}));
    let one = r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5}}"#;
    for _ in 0..3 {
        gateway.script(events(&format!("data: {one}\n\n")));
    }
    let body = body(r#","n":3"#).replace("gpt-4o", "gemini-3.8-flash");
    let Outcome {
        got,
        usage: told,
        sent,
    } = run(&gateway, CHAT, &body, true);
    assert_eq!(sent.len(), 3);
    assert_eq!(told, Some(usage(9, 6, 15)));
    assert!(!got.text().contains("usage"));
}

/// The stream of a response has its usage unasked, and passes as it is.
#[test]
fn the_stream_of_a_response_passes_and_is_counted() {
    let stream = concat!(
        "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"usage\":null}}\n\n",
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\n",
        "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"usage\":",
        "{\"input_tokens\":9,\"output_tokens\":4,\"total_tokens\":13},\"metadata\":{}}}\n\n"
    );
    for options in [openai(), azure("v1")] {
        let gateway = provider(&options);
        gateway.script(events(stream));
        let body = r#"{"model":"m","stream":true,"input":"a"}"#;
        let Outcome { got, usage, .. } = run(&gateway, "/v1/responses", body, true);
        assert_eq!(got.text(), stream);
        assert_eq!(usage, Some(TOLD));
    }
}

/// All of it at once: a client with a limit asks for a stream, sees nothing of the counting, and the line tells it.
#[test]
fn a_client_with_a_limit_is_counted() {
    for options in [openai(), azure("v1")] {
        let document = json!({
            "providers": {"it": options},
            "clients": {"alice": {"key": "$CLIENT", "tpm": 1000}},
        });
        let gateway = gateway_of([
            ("CLIENT", "client-key".to_owned()),
            ("KEY", "key".to_owned()),
            ("GATEWAY", document.to_string()),
        ]);
        gateway.script(events(&asked(PLAIN)));
        let got = gateway.send(crate::fake::chat(&body("")));
        assert_eq!(got.text(), PLAIN);
        let Body::Changed(changed) = &got.0.body else {
            panic!("a stream");
        };
        let mut unfinished = got.0.unfinished.unwrap();
        unfinished.tab.note(changed.rewrite.usage().unwrap());
        let report = unfinished.end(Ending::Complete, None, 0);
        assert_eq!((report.tokens_in, report.tokens_out), (Some(9), Some(4)));
    }
}
