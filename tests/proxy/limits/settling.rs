//! What a call takes is settled once, by what it really used.

use isthmus::limits::Mode;
use isthmus::report::Ending;

use super::{
    Bounds, ESTIMATE, HELLO, INPUT, MODES, end, hello, requests, send, tokens, tokens_left, took,
};
use crate::fake::{Ask, Gateway, Upstream, chat, json, leaked, post};

const LIMIT: u64 = 1000;

fn behind(mode: Mode) -> Gateway {
    Bounds::of_client(tokens(LIMIT), mode).gateway()
}

#[test]
fn an_answer_says_what_it_took() {
    for mode in MODES {
        for used in [10, 30, 500] {
            let gateway = behind(mode);
            gateway.serve("up.test", took(used));
            send(&gateway, hello());
            assert_eq!(tokens_left(&gateway), LIMIT - used, "{mode:?}");
        }
    }
}

#[test]
fn one_that_does_not_say_it_took_what_was_estimated() {
    for mode in MODES {
        for answer in [
            r#"{"choices":[]}"#,
            r#"{"usage":{"total_tokens":-7}}"#,
            r#"{"usage":{"total_tokens":"7"}}"#,
            r#"{"usage":{"total_tokens":9223372036854775808}}"#,
            r#"{"usage":{"prompt_tokens":18446744073709551615,"completion_tokens":1}}"#,
        ] {
            let gateway = behind(mode);
            gateway.serve("up.test", json(200, answer));
            send(&gateway, hello());
            let left = tokens_left(&gateway);
            assert_eq!(left, LIMIT - ESTIMATE, "{mode:?} {answer}");
        }
    }
}

#[test]
fn a_refused_call_gives_its_tokens_back() {
    for mode in MODES {
        for upstream in [
            || json(400, r#"{"error":{"message":"no"}}"#),
            || json(429, "{}"),
            || json(500, "{}"),
            || Upstream::Unreachable,
            || Upstream::TimesOut,
        ] {
            let gateway = behind(mode);
            gateway.serve("up.test", upstream());
            assert!(send(&gateway, hello()).status() >= 400);
            gateway.serve("up.test", took(30));
            assert_eq!(tokens_left(&gateway), LIMIT, "{mode:?}");
        }
    }
}

#[test]
fn but_it_counts_as_a_request() {
    for mode in MODES {
        let gateway = Bounds::of_client(requests(1), mode).gateway();
        gateway.serve("up.test", json(400, r#"{"error":{"message":"no"}}"#));
        assert_eq!(send(&gateway, hello()).status(), 400);
        assert_eq!(send(&gateway, hello()).status(), 429, "{mode:?}");
    }
}

#[test]
fn who_leaves_before_the_answer_pays_what_was_estimated() {
    for mode in MODES {
        let gateway = behind(mode);
        gateway.serve("up.test", Upstream::NeverAnswers);
        gateway.send_and_leave(hello());
        gateway.work();
        gateway.serve("up.test", took(30));
        assert_eq!(tokens_left(&gateway), LIMIT - ESTIMATE, "{mode:?}");
    }
}

fn streamed() -> Ask {
    chat(&HELLO.replace(r#""model""#, r#""stream":true,"model""#))
}

fn events(last: &str) -> Upstream {
    let delta = r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hello there"}}]}"#;
    let text = format!("data: {delta}\n\ndata: {delta}\n\n{last}");
    let headers = vec![("content-type", "text/event-stream")];
    Upstream::Answers(200, headers, leaked(&text))
}

#[test]
fn a_stream_is_settled_at_its_end_by_its_usage() {
    let usage = r#"{"object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":32,"total_tokens":42}}"#;
    for mode in MODES {
        let gateway = behind(mode);
        gateway.serve(
            "up.test",
            events(&format!("data: {usage}\n\ndata: [DONE]\n\n")),
        );
        let got = gateway.send(streamed());
        gateway.work();
        gateway.serve("up.test", took(30));
        assert_eq!(tokens_left(&gateway), LIMIT - ESTIMATE, "it goes on");
        gateway.work();
        end(&gateway, got, Ending::Complete);
        assert_eq!(tokens_left(&gateway), LIMIT - 30 - 42, "{mode:?}");
    }
}

#[test]
fn a_stream_whose_client_left_is_settled_by_what_went_by() {
    for mode in MODES {
        let gateway = behind(mode);
        gateway.serve("up.test", events(""));
        let got = gateway.send(streamed());
        let output = end(&gateway, got, Ending::HungUp).expect("somebody looked");
        assert!((1..90).contains(&output), "{output}");
        gateway.serve("up.test", took(30));
        assert_eq!(tokens_left(&gateway), LIMIT - INPUT - output, "{mode:?}");
    }
}

/// On an account of ours it counts by its usage; what goes on nobody's counts as a request.
#[test]
fn an_address_is_settled_where_its_account_is_ours() {
    for (address, used) in [("up.test/v1/rerank", 30), ("other.test/v1/rerank", 0)] {
        let gateway = behind(Mode::Exact);
        gateway.serve("other.test", took(30));
        let got = send(&gateway, post(&format!("/proxy/{address}"), "{}"));
        assert_eq!(got.status(), 200, "{}", got.text());
        assert_eq!(tokens_left(&gateway), LIMIT - used, "{address}");
    }
}
