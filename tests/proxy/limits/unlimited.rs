//! Who has no limit pays for none.

use isthmus::limits::Mode;

use super::{Bounds, MODES, NONE, bobs_hello, daily, hello, requests, send, tokens};
use crate::fake::{Gateway, ask, get, json, post};

/// How often an object was asked, and an answer read for its usage.
fn costs(gateway: &Gateway) -> (u32, usize) {
    (
        gateway.platform.questions.get(),
        gateway.platform.reads.get(),
    )
}

#[test]
fn nobody_is_asked_and_nothing_read() {
    for mode in MODES {
        let gateway = Bounds::of_client(NONE, mode).gateway();
        send(&gateway, hello());
        send(&gateway, bobs_hello());
        assert_eq!(costs(&gateway), (0, 0));
        let gateway = Bounds::of_client(tokens(1000), mode).gateway();
        let got = send(&gateway, bobs_hello());
        assert_eq!(costs(&gateway), (0, 0), "a limit of another's");
        assert_eq!(got.header("x-ratelimit-limit-tokens"), None);
    }
}

#[test]
fn where_only_requests_count_no_answer_is_read() {
    let gateway = Bounds::of_client(requests(5), Mode::Exact).gateway();
    send(&gateway, hello());
    assert_eq!(gateway.platform.reads.get(), 0);
    let gateway = Bounds::of_client(daily(500), Mode::Exact).gateway();
    send(&gateway, hello());
    assert_eq!(gateway.platform.reads.get(), 1);
}

#[test]
fn what_has_no_tokens_takes_none() {
    for (request, taken) in [
        (get("/v1/responses/resp_1"), 0),
        (get("/v1/files/file-1/content"), 0),
        (ask("DELETE", "/v1/files/file-1").key("client-key"), 0),
        (get("/v1/models"), 0),
        (
            get("/v1/realtime?model=m").header("upgrade", "websocket"),
            100,
        ),
        (
            post("/v1/chat/completions/chatcmpl-1", r#"{"metadata":{}}"#),
            100,
        ),
        (post("/v1/batches", "{}"), 100),
        (
            post(
                "/v1/audio/speech",
                r#"{"model":"m","input":"hi","voice":"v"}"#,
            ),
            100,
        ),
    ] {
        let gateway = Bounds::of_client(tokens(1000), Mode::Exact).gateway();
        gateway.serve("up.test", json(200, r#"{"data":[],"choices":[]}"#));
        assert_eq!(send(&gateway, request).status(), 200);
        gateway.serve("up.test", super::took(30));
        assert_eq!(super::tokens_left(&gateway), 1000 - taken);
    }
}

/// A response that is only looked at has told its usage when it was made.
#[test]
fn what_is_stored_is_not_counted_again() {
    let usage = r#"{"usage":{"prompt_tokens":1,"completion_tokens":800,"total_tokens":801}}"#;
    for request in [
        get("/v1/responses/resp_1"),
        post("/v1/responses/resp_1/cancel", "{}"),
        post("/v1/chat/completions/chatcmpl-1", r#"{"metadata":{}}"#),
    ] {
        let gateway = Bounds::of_client(tokens(1000), Mode::Exact).gateway();
        gateway.serve("up.test", json(200, usage));
        assert_eq!(send(&gateway, request).status(), 200);
        gateway.serve("up.test", super::took(30));
        assert!(super::tokens_left(&gateway) >= 900);
    }
}
