//! What a client reads that has come to a limit.

use isthmus::limits::{Limits, Mode};
use serde_json::{Value, json};

use super::{
    Bounds, ESTIMATE, HELLO, MODES, bobs_hello, daily, hello, monthly, requests, send, tokens,
};
use crate::fake::{Ask, Got, ask, get};

const AZURES: &str = "/openai/deployments/m/chat/completions?api-version=2024-10-21";
const INFERENCES: &str = "/models/chat/completions?api-version=2024-05-01-preview";

/// The second hello, which a limit of 120 tokens has no room for.
fn second(bounds: Bounds, again: Ask) -> Got {
    let gateway = bounds.gateway();
    gateway.serve("up.test", super::took(110));
    assert_eq!(send(&gateway, hello()).status(), 200);
    send(&gateway, again)
}

#[test]
fn each_limit_says_which_it_is() {
    for mode in MODES {
        for (limits, code, kind, words) in [
            (
                requests(1),
                "rate_limit_exceeded",
                "requests",
                "on requests per min (RPM): Limit 1,",
            ),
            (
                tokens(120),
                "rate_limit_exceeded",
                "tokens",
                "on tokens per min (TPM): Limit 120,",
            ),
            (
                daily(120),
                "insufficient_quota",
                "insufficient_quota",
                "on tokens per day (TPD): Limit 120,",
            ),
            (
                monthly(120),
                "insufficient_quota",
                "insufficient_quota",
                "on tokens per month: Limit 120,",
            ),
        ] {
            let asked = if kind == "requests" { 1 } else { ESTIMATE };
            for (bounds, whose) in [
                (Bounds::of_client(limits, mode), "this API key"),
                (Bounds::of_all(limits, mode), "this gateway"),
            ] {
                let got = second(bounds, hello());
                assert_eq!(got.status(), 429, "{mode:?} {words}: {}", got.text());
                let error = &got.json()["error"];
                assert_eq!(error["code"], code);
                assert_eq!(error["type"], kind);
                assert_eq!(error["param"], Value::Null);
                let message = error["message"].as_str().unwrap();
                let begins = format!("{whose} {words}");
                assert!(message.contains(&begins), "{message}");
                let requested = format!("Requested {asked}. Please try again in ");
                assert!(message.contains(&requested), "{message}");
                waits(&got);
            }
        }
    }
}

/// Both headers say the same, and never at once.
fn waits(got: &Got) {
    let seconds = super::number(got, "retry-after");
    let millis = super::number(got, "retry-after-ms");
    assert!(seconds >= 1 && millis >= 1);
    assert_eq!(seconds, millis.div_ceil(1000));
    let is_long = (millis > 60_000).then_some("false");
    assert_eq!(got.header("x-should-retry"), is_long, "{millis}");
}

#[test]
fn the_wait_is_what_it_says() {
    for mode in MODES {
        for limits in [requests(1), tokens(120)] {
            let gateway = Bounds::of_client(limits, mode).gateway();
            gateway.serve("up.test", super::took(110));
            assert_eq!(send(&gateway, hello()).status(), 200);
            let refused = send(&gateway, hello());
            let millis = super::number(&refused, "retry-after-ms");
            gateway.platform.wait(millis);
            assert_eq!(send(&gateway, hello()).status(), 200, "{mode:?} {millis}");
        }
    }
}

#[test]
fn what_is_left_is_said_with_a_refusal() {
    let got = second(Bounds::of_client(tokens(120), Mode::Exact), hello());
    assert_eq!(got.header("x-ratelimit-limit-tokens"), Some("120"));
    assert_eq!(got.header("x-ratelimit-remaining-tokens"), Some("10"));
    assert!(
        got.message()
            .contains("Limit 120, Used 110, Requested 101.")
    );
    assert!(got.header("x-ratelimit-reset-tokens").is_some());
    let got = second(Bounds::of_client(requests(1), Mode::Exact), hello());
    assert_eq!(got.header("x-ratelimit-remaining-requests"), Some("0"));
}

#[test]
fn each_surface_has_its_own_words_for_it() {
    let of = |path: &str, limits: Limits| {
        second(
            Bounds::of_client(limits, Mode::Exact),
            ask("POST", path).key("client-key").json(HELLO),
        )
    };
    for (limits, code, kind) in [
        (requests(1), "rate_limit_exceeded", "requests"),
        (daily(120), "insufficient_quota", "insufficient_quota"),
    ] {
        let got = of(AZURES, limits);
        assert_eq!(got.status(), 429);
        assert_eq!(got.json()["error"]["code"], code);
        assert_eq!(got.json()["error"]["type"], kind);
        waits(&got);
        let got = of(INFERENCES, limits);
        assert_eq!(got.status(), 429);
        assert_eq!(got.json()["error"]["code"], "too_many_requests");
        assert_eq!(got.json()["error"]["status"], 429);
        assert_eq!(got.header("x-ms-error-code"), Some("too_many_requests"));
        waits(&got);
    }
    let googles = get("/v1beta/models").header("cache-control", "no-cache");
    let got = second(Bounds::of_client(requests(1), Mode::Exact), googles);
    assert_eq!(got.status(), 429, "{}", got.text());
    assert_eq!(got.json()["error"]["code"], json!(429));
    assert_eq!(got.json()["error"]["status"], "RESOURCE_EXHAUSTED");
    waits(&got);
}

#[test]
fn what_can_never_be_is_no_matter_of_waiting() {
    for mode in MODES {
        for limits in [tokens(100), daily(100), monthly(100)] {
            for bounds in [
                Bounds::of_client(limits, mode),
                Bounds::of_all(limits, mode),
            ] {
                let gateway = bounds.gateway();
                let got = send(&gateway, hello());
                let refusal = (400, "request_too_large_for_limit".to_owned());
                assert_eq!(got.refusal(), refusal, "{mode:?}");
                assert_eq!(got.json()["error"]["type"], "invalid_request_error");
                assert!(got.message().contains("Limit 100, "), "{}", got.message());
                assert!(got.message().contains("Requested 101."));
                assert_eq!(got.header("retry-after"), None);
                assert!(gateway.asked_nobody());
                let small = HELLO.replace("90", "50");
                assert_eq!(send(&gateway, crate::fake::chat(&small)).status(), 200);
            }
        }
    }
}

#[test]
fn nor_is_it_on_other_surfaces() {
    for (path, header) in [
        (AZURES, None),
        (INFERENCES, Some("request_too_large_for_limit")),
    ] {
        let gateway = Bounds::of_client(tokens(100), Mode::Exact).gateway();
        let got = send(&gateway, ask("POST", path).key("client-key").json(HELLO));
        assert_eq!(got.status(), 400);
        assert_eq!(got.json()["error"]["code"], "request_too_large_for_limit");
        assert_eq!(got.header("x-ms-error-code"), header);
    }
}

#[test]
fn the_log_says_which_limit_it_was() {
    let gateway = Bounds::of_client(tokens(100), Mode::Exact).gateway();
    send(&gateway, hello());
    let line = gateway.line();
    assert_eq!(line["error"], "request_too_large_for_limit");
    assert_eq!(line["detail"], "this API key on tokens per min (TPM)");
}

#[test]
fn a_limit_is_one_clients() {
    for mode in MODES {
        let gateway = Bounds::of_client(requests(1), mode).gateway();
        assert_eq!(send(&gateway, hello()).status(), 200);
        assert_eq!(send(&gateway, hello()).status(), 429);
        assert_eq!(send(&gateway, bobs_hello()).status(), 200);
        let gateway = Bounds::of_all(requests(1), mode).gateway();
        assert_eq!(send(&gateway, hello()).status(), 200);
        assert_eq!(send(&gateway, bobs_hello()).status(), 429, "{mode:?}");
    }
}

#[test]
fn nothing_of_what_was_said_stands_in_a_refusal() {
    let got = second(Bounds::of_client(tokens(120), Mode::Leased), hello());
    assert_eq!(got.status(), 429);
    let all = got.text() + got.0.headers.as_packed();
    for secret in ["client-key", "upstream-key", "a-prompt-of", "alice"] {
        assert!(!all.contains(secret), "{secret}");
    }
}
