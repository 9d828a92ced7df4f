//! Every row of the table of failures, as a client and the next calls meet it.

use isthmus::report::Ending;
use serde_json::{Value, json};

use After::{Breaks, Fails, Nothing, Rests};
use Client::{Hears, Served};
use Extent::{All, One};

use crate::fake::{FETCH_MILLIS, Gateway, Got, Upstream, chat, gateway, json as answer, leaked};

const OPENAI: &str = r#"{"kind": "openai", "endpoint": "https://x.test/v1", "key": "ours"}"#;
/// The client's key goes there.
const OPEN: &str = r#"{"kind": "openai", "endpoint": "https://x.test/v1"}"#;
const AZURE: &str = r#"{"kind": "azure", "endpoint": "https://x.openai.azure.com", "key": "ours"}"#;
const GOOGLE: &str = r#"{"kind": "google", "key": "ours"}"#;
const CLAUDE: &str = r#"{"kind": "azure", "form": "anthropic", "endpoint": "https://x.services.ai.azure.com",
    "key": "ours"}"#;

const DONE: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n";

/// What an upstream answers, each time anew.
type Answers = fn() -> Upstream;

/// What a failure is of.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Extent {
    /// The model it was asked for.
    One,
    /// The provider.
    All,
}

/// What the client gets.
#[derive(Clone, Copy, Debug)]
enum Client {
    /// The other target's answer.
    Served,
    /// A refusal, with this code.
    Hears(u16, &'static str),
}

/// What is known of the target afterwards.
#[derive(Clone, Copy, Debug)]
enum After {
    Nothing,
    /// Three of those in a row are too many.
    Fails(Extent),
    /// It is passed over for so many milliseconds.
    Rests(Extent, u64),
    /// It is passed over, for a minute at first.
    Breaks(Extent),
}

struct Row {
    provider: &'static str,
    upstream: Answers,
    client: Client,
    after: After,
}

const fn row(provider: &'static str, upstream: Answers, client: Client, after: After) -> Row {
    Row {
        provider,
        upstream,
        client,
        after,
    }
}

/// Two models at a provider, each with another one behind.
fn pool(provider: &str) -> Gateway {
    let provider: Value = serde_json::from_str(provider).unwrap();
    let document = json!({
        "providers": {
            "x": provider,
            "b": {"kind": "openai", "endpoint": "https://b.test/v1", "key": "ours"},
        },
        "models": {"m": ["x/claude-one", "b/m"], "n": ["x/claude-two", "b/n"]},
    });
    gateway([
        ("GATEWAY", document.to_string().as_str()),
        ("ALLOW_ANONYMOUS", "true"),
    ])
}

struct Scene {
    gateway: Gateway,
    streams: bool,
    name: String,
}

impl Scene {
    fn send(&self, model: &str) -> Got {
        let body = json!({
            "model": model,
            "messages": [{"role": "user", "content": "Hi"}],
            "stream": self.streams,
        });
        self.gateway.send(chat(&body.to_string()))
    }

    /// Whether a call for a model is put to the provider first.
    fn is_asked(&self, model: &str) -> bool {
        self.gateway.platform.sent.borrow_mut().clear();
        self.send(model);
        let sent = self.gateway.platform.sent.borrow();
        sent.iter().any(|it| !it.url.contains("b.test"))
    }

    fn wait_until(&self, millis: u64) {
        let now = self.gateway.now();
        self.gateway.platform.wait(millis.saturating_sub(now));
    }

    #[track_caller]
    fn check(&self, client: Client, after: After) {
        let got = self.send("m");
        let sent = self.gateway.platform.sent.take();
        let urls: Vec<String> = sent.into_iter().map(|it| it.url).collect();
        let name = &self.name;
        assert!(!urls[0].contains("b.test"), "{name}");
        match client {
            Served => {
                assert_eq!(got.status(), 200, "{name}: {}", got.text());
                assert_eq!(got.header("x-isthmus-target"), Some("b/m"), "{name}");
            }
            Hears(status, code) => {
                assert_eq!(got.refusal(), (status, code.to_owned()), "{name}");
                assert!(!urls.iter().any(|url| url.contains("b.test")), "{name}");
            }
        }
        self.check_after(after);
    }

    #[track_caller]
    fn check_after(&self, after: After) {
        let name = &self.name;
        // The other target took so long.
        let judged_at = self.gateway.now() - FETCH_MILLIS;
        let check_other = |extent: Extent| {
            assert_eq!(self.is_asked("n"), extent == One, "{name}: the other model");
        };
        match after {
            Nothing => {
                for _ in 0..4 {
                    assert!(self.is_asked("m"), "{name}: it was no failure");
                }
                assert!(self.is_asked("n"), "{name}");
            }
            Fails(extent) => {
                assert!(self.is_asked("m"), "{name}: after one failure");
                assert!(self.is_asked("m"), "{name}: after two");
                assert!(!self.is_asked("m"), "{name}: after three");
                check_other(extent);
            }
            Rests(extent, millis) => {
                assert!(!self.is_asked("m"), "{name}: at rest");
                check_other(extent);
                self.wait_until(judged_at + millis - 1);
                assert!(!self.is_asked("m"), "{name}: still at rest");
                self.wait_until(judged_at + millis);
                assert!(self.is_asked("m"), "{name}: its rest is over");
            }
            Breaks(extent) => {
                assert!(!self.is_asked("m"), "{name}: broken");
                check_other(extent);
                self.wait_until(judged_at + 59_999);
                assert!(!self.is_asked("m"), "{name}: still broken");
                self.wait_until(judged_at + 60_000);
                assert!(self.is_asked("m"), "{name}: tried again");
            }
        }
    }
}

/// With streams and without.
#[track_caller]
fn check(rows: &[Row]) {
    for row in rows {
        for streams in [false, true] {
            check_in(row, streams);
        }
    }
}

#[track_caller]
fn check_in(row: &Row, streams: bool) {
    let gateway = pool(row.provider);
    let told = match (row.upstream)() {
        Upstream::Answers(status, headers, body) => format!("{status} {headers:?} {body}"),
        _ => "no answer".to_owned(),
    };
    gateway.serve("b.test", other(streams));
    gateway.serve("://", (row.upstream)());
    let scene = Scene {
        name: format!("{told} of {} (streams: {streams})", row.provider),
        gateway,
        streams,
    };
    scene.check(row.client, row.after);
}

/// What the other target answers.
fn other(streams: bool) -> Upstream {
    if streams {
        events(DONE)
    } else {
        answer(200, r#"{"choices":[]}"#)
    }
}

fn events(text: &'static str) -> Upstream {
    Upstream::Answers(200, vec![("content-type", "text/event-stream")], text)
}

fn bare(status: u16) -> Upstream {
    answer(status, "{}")
}

fn code(status: u16, code: &str) -> Upstream {
    said(status, code, "No.")
}

fn said(status: u16, code: &str, message: &str) -> Upstream {
    let error = json!({"message": message, "type": "t", "param": null, "code": code});
    answer(status, &json!({"error": error}).to_string())
}

fn words(status: u16, message: &str) -> Upstream {
    answer(status, &json!({"error": {"message": message}}).to_string())
}

fn header(status: u16, name: &'static str, value: &'static str) -> Upstream {
    Upstream::Answers(status, vec![(name, value)], "{}")
}

fn google(status: u16, word: &str, message: &str, details: &Value) -> Upstream {
    let error = json!({"code": status, "message": message, "status": word, "details": details});
    answer(status, &json!({"error": error}).to_string())
}

fn claude(status: u16, kind: &str, message: &str) -> Upstream {
    let error = json!({"type": kind, "message": message});
    answer(
        status,
        &json!({"type": "error", "error": error}).to_string(),
    )
}

#[test]
fn what_the_client_did_wrong() {
    check(&[
        row(OPENAI, || bare(400), Hears(400, ""), Nothing),
        row(OPENAI, || bare(405), Hears(405, ""), Nothing),
        row(OPENAI, || bare(409), Hears(409, ""), Nothing),
        row(OPENAI, || bare(413), Hears(413, ""), Nothing),
        row(OPENAI, || bare(415), Hears(415, ""), Nothing),
        row(OPENAI, || bare(422), Hears(422, ""), Nothing),
        row(
            OPENAI,
            || words(404, "No response with id 'r' was found."),
            Hears(404, ""),
            Nothing,
        ),
        row(
            OPENAI,
            || code(400, "context_length_exceeded"),
            Hears(400, "context_length_exceeded"),
            Nothing,
        ),
        row(
            AZURE,
            || code(400, "content_filter"),
            Hears(400, "content_filter"),
            Nothing,
        ),
        row(
            AZURE,
            || code(422, "parameter_not_supported"),
            Hears(422, "parameter_not_supported"),
            Nothing,
        ),
        row(
            AZURE,
            || said(404, "404", "Resource not found"),
            Hears(404, "not_found"),
            Nothing,
        ),
        row(
            GOOGLE,
            || google(400, "INVALID_ARGUMENT", "No.", &json!([])),
            Hears(400, ""),
            Nothing,
        ),
        row(
            GOOGLE,
            || {
                let message =
                    "You do not have permission to access the File x or it may not exist.";
                google(403, "PERMISSION_DENIED", message, &json!([]))
            },
            Hears(403, "permission_denied"),
            Nothing,
        ),
        row(
            CLAUDE,
            || claude(400, "invalid_request_error", "messages: too few"),
            Hears(400, "invalid_request_error"),
            Nothing,
        ),
    ]);
}

#[test]
fn who_is_busy() {
    let date = || header(429, "retry-after", "Thu, 01 Jan 1970 00:00:30 GMT");
    check(&[
        row(OPENAI, || bare(429), Served, Rests(One, 60_000)),
        row(
            OPENAI,
            || header(429, "retry-after", "20"),
            Served,
            Rests(One, 20_000),
        ),
        row(
            OPENAI,
            || header(429, "retry-after-ms", "1200"),
            Served,
            Rests(One, 1_200),
        ),
        // By the clock of the test, seven milliseconds after 1970 began.
        row(OPENAI, date, Served, Rests(One, 29_993)),
        row(
            OPENAI,
            || header(429, "retry-after", "0"),
            Served,
            Rests(One, 60_000),
        ),
        row(
            OPENAI,
            || header(429, "retry-after", "86400"),
            Served,
            Rests(One, 600_000),
        ),
        row(
            OPENAI,
            || header(429, "x-ratelimit-reset-tokens", "1m30.5s"),
            Served,
            Rests(One, 90_500),
        ),
        row(
            OPENAI,
            || header(429, "x-ratelimit-reset-requests", "120ms"),
            Served,
            Rests(One, 120),
        ),
        row(
            OPENAI,
            || words(429, "Rate limit reached for m. Please try again in 1.2s."),
            Served,
            Rests(One, 1_200),
        ),
        row(
            AZURE,
            || said(429, "429", "Please retry after 45 seconds."),
            Served,
            Rests(One, 45_000),
        ),
        row(
            AZURE,
            || header(429, "x-ms-retry-after-ms", "700"),
            Served,
            Rests(One, 700),
        ),
        row(
            AZURE,
            || {
                let message = "Out of call volume quota. Quota will be replenished in 00:05:00.";
                said(403, "403", message)
            },
            Served,
            Rests(One, 300_000),
        ),
        row(
            GOOGLE,
            || {
                let kind = "type.googleapis.com/google.rpc.RetryInfo";
                let details = json!([{"@type": kind, "retryDelay": "34.4s"}]);
                google(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", &details)
            },
            Served,
            Rests(One, 34_400),
        ),
        row(
            CLAUDE,
            || claude(429, "rate_limit_error", "Try again in 12 seconds."),
            Served,
            Rests(One, 12_000),
        ),
        row(
            OPENAI,
            || header(503, "retry-after", "20"),
            Served,
            Rests(One, 20_000),
        ),
        // Of what is not ours.
        row(OPEN, || header(429, "retry-after", "20"), Served, Nothing),
        // One request that no minute has room for.
        row(
            OPENAI,
            || said(429, "rate_limit_exceeded", "Request too large for m on TPM"),
            Served,
            Nothing,
        ),
    ]);
}

#[test]
fn whose_money_is_used_up() {
    check(&[
        row(
            OPENAI,
            || code(429, "insufficient_quota"),
            Served,
            Rests(All, 600_000),
        ),
        row(
            OPENAI,
            || code(400, "billing_hard_limit_reached"),
            Served,
            Rests(All, 600_000),
        ),
        row(OPENAI, || bare(402), Served, Rests(All, 600_000)),
        row(
            GOOGLE,
            || {
                let message =
                    "You exceeded your current quota. limit: 0, model: m. Please retry in 3s.";
                google(429, "RESOURCE_EXHAUSTED", message, &json!([]))
            },
            Served,
            Rests(One, 600_000),
        ),
        row(
            OPEN,
            || code(429, "insufficient_quota"),
            Hears(429, "insufficient_quota"),
            Nothing,
        ),
    ]);
}

#[test]
fn who_does_not_do_its_work() {
    check(&[
        row(OPENAI, || bare(408), Served, Fails(One)),
        row(OPENAI, || bare(500), Served, Fails(One)),
        row(OPENAI, || bare(502), Served, Fails(One)),
        row(OPENAI, || bare(503), Served, Fails(One)),
        row(OPENAI, || bare(504), Served, Fails(One)),
        row(OPENAI, || bare(524), Served, Fails(One)),
        row(OPENAI, || bare(529), Served, Fails(One)),
        row(OPENAI, || Upstream::TimesOut, Served, Fails(One)),
        row(OPENAI, || Upstream::Unreachable, Served, Fails(All)),
        row(OPENAI, || bare(302), Served, Fails(All)),
        row(OPENAI, || bare(522), Served, Fails(All)),
        row(OPENAI, || bare(530), Served, Fails(All)),
        row(OPENAI, || bare(600), Served, Fails(One)),
        row(OPENAI, || bare(424), Served, Nothing),
        row(OPENAI, || bare(501), Served, Nothing),
        row(
            AZURE,
            || code(500, "InternalServerError"),
            Served,
            Fails(One),
        ),
        row(
            GOOGLE,
            || google(503, "UNAVAILABLE", "Overloaded.", &json!([])),
            Served,
            Fails(One),
        ),
        row(
            GOOGLE,
            || Upstream::Answers(404, vec![("content-type", "text/html")], "<html>"),
            Served,
            Fails(One),
        ),
        row(
            CLAUDE,
            || claude(529, "overloaded_error", "Overloaded"),
            Served,
            Fails(One),
        ),
    ]);
}

#[test]
fn what_is_set_up_wrong() {
    check(&[
        row(OPENAI, || bare(401), Served, Breaks(All)),
        row(OPENAI, || bare(403), Served, Breaks(One)),
        row(OPEN, || bare(401), Hears(401, ""), Nothing),
        row(OPEN, || bare(403), Hears(403, ""), Nothing),
        row(OPENAI, || code(404, "model_not_found"), Served, Breaks(One)),
        row(OPEN, || code(404, "model_not_found"), Served, Nothing),
        row(
            OPENAI,
            || words(404, "model 'm' not found"),
            Served,
            Breaks(One),
        ),
        row(
            OPENAI,
            || code(403, "unsupported_country_region_territory"),
            Served,
            Breaks(All),
        ),
        row(
            AZURE,
            || said(401, "401", "Access denied due to invalid subscription key."),
            Served,
            Breaks(All),
        ),
        row(
            AZURE,
            || said(401, "PermissionDenied", "The principal lacks the action."),
            Served,
            Breaks(One),
        ),
        row(
            AZURE,
            || code(404, "DeploymentNotFound"),
            Served,
            Breaks(One),
        ),
        row(
            GOOGLE,
            || google(400, "INVALID_ARGUMENT", "API key not valid.", &json!([])),
            Served,
            Breaks(All),
        ),
        row(
            GOOGLE,
            || google(403, "PERMISSION_DENIED", "It is disabled.", &json!([])),
            Served,
            Breaks(One),
        ),
        row(
            GOOGLE,
            || google(404, "NOT_FOUND", "models/m is not found.", &json!([])),
            Served,
            Breaks(One),
        ),
        row(
            GOOGLE,
            || {
                let message = "User location is not supported for the API use.";
                google(400, "FAILED_PRECONDITION", message, &json!([]))
            },
            Served,
            Breaks(All),
        ),
        row(
            CLAUDE,
            || claude(401, "authentication_error", "invalid x-api-key"),
            Served,
            Breaks(All),
        ),
        row(
            CLAUDE,
            || claude(404, "not_found_error", "model: claude-one"),
            Served,
            Breaks(One),
        ),
    ]);
}

#[test]
fn errors_that_come_as_streams() {
    for (provider, text, client, after) in [
        (
            OPENAI,
            r#"data: {"error":{"message":"Busy.","type":"server_error","code":"overloaded"}}"#,
            Served,
            Fails(One),
        ),
        (
            OPENAI,
            r#"data: {"error":{"message":"Slow.","type":"requests","code":"rate_limit_exceeded"}}"#,
            Served,
            Rests(One, 60_000),
        ),
        (
            OPENAI,
            r#"data: {"error":{"message":"No.","type":"invalid_request_error","code":"content_filter"}}"#,
            Hears(400, "content_filter"),
            Nothing,
        ),
        (
            AZURE,
            r#"data: {"error":{"message":"Busy.","type":"server_error","code":null}}"#,
            Served,
            Fails(One),
        ),
        (
            GOOGLE,
            r#"data: {"error":{"code":429,"message":"Please retry in 20s.","status":"RESOURCE_EXHAUSTED"}}"#,
            Served,
            Rests(One, 20_000),
        ),
        (
            CLAUDE,
            r#"data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            Served,
            Fails(One),
        ),
        (OPENAI, "data: [DONE]", Served, Fails(One)),
        (OPENAI, "", Served, Fails(One)),
    ] {
        let gateway = pool(provider);
        gateway.serve("b.test", other(true));
        let text = leaked(&format!("{text}\n\n"));
        gateway.serve("://", events(text));
        let scene = Scene {
            gateway,
            streams: true,
            name: format!("{text} of {provider}"),
        };
        scene.check(client, after);
    }
}

#[test]
fn answers_that_break_off_or_mean_nothing() {
    for upstream in [
        || Upstream::BreaksOff,
        || answer(200, "<html>"),
        || answer(200, "[1"),
    ] {
        check_in(&row(GOOGLE, upstream, Served, Fails(One)), false);
    }
}

/// What one upstream's filter or model refuses goes to the model its owner names for that, and to no other target.
#[test]
fn what_another_model_may_do() {
    let (filtered, too_long) = ("https://f.test", "https://l.test");
    let rows: [(&str, Answers, &str); 8] = [
        (OPENAI, || code(400, "content_policy_violation"), filtered),
        (OPENAI, || code(400, "moderation_blocked"), filtered),
        (
            OPENAI,
            || words(400, "This model's maximum context length is 4096 tokens."),
            too_long,
        ),
        (
            AZURE,
            || {
                let inner = json!({"code": "ResponsibleAIPolicyViolation"});
                let error = json!({"message": "No.", "code": "400", "innererror": inner});
                answer(400, &json!({"error": error}).to_string())
            },
            filtered,
        ),
        (AZURE, || code(400, "context_length_exceeded"), too_long),
        (
            GOOGLE,
            || {
                let message =
                    "The input token count (9) exceeds the maximum number of tokens allowed (8).";
                google(400, "INVALID_ARGUMENT", message, &json!([]))
            },
            too_long,
        ),
        (GOOGLE, || code(400, "content_filter"), filtered),
        (
            CLAUDE,
            || {
                claude(
                    400,
                    "invalid_request_error",
                    "prompt is too long: 9 tokens > 8 maximum",
                )
            },
            too_long,
        ),
    ];
    for (provider, upstream, expected) in rows {
        for streams in [false, true] {
            let gateway = pool_with_fallbacks(provider);
            for part in ["f.test", "l.test"] {
                gateway.serve(part, other(streams));
            }
            gateway.serve("://", upstream());
            let scene = Scene {
                gateway,
                streams,
                name: provider.to_owned(),
            };
            for _ in 0..4 {
                scene.gateway.platform.sent.borrow_mut().clear();
                assert_eq!(scene.send("m").status(), 200, "{provider} {expected}");
                let sent = scene.gateway.platform.sent.borrow();
                assert_eq!(sent.len(), 2, "{provider} {expected}");
                assert!(sent[1].url.starts_with(expected), "{provider}");
            }
        }
    }
}

fn pool_with_fallbacks(provider: &str) -> Gateway {
    let provider: Value = serde_json::from_str(provider).unwrap();
    let open = |host: &str| json!({"kind": "openai", "endpoint": host, "key": "ours"});
    let document = json!({
        "providers": {
            "x": provider,
            "b": open("https://b.test/v1"),
            "f": open("https://f.test/v1"),
            "l": open("https://l.test/v1"),
        },
        "models": {
            "m": {
                "targets": ["x/claude-one", "b/m"],
                "fallback": {"content_filter": "safe", "context_length": "long"},
            },
            "safe": "f/m",
            "long": "l/m",
        },
    });
    gateway([
        ("GATEWAY", document.to_string().as_str()),
        ("ALLOW_ANONYMOUS", "true"),
    ])
}

/// The client is told the shortest of the times that were said.
#[test]
fn where_all_are_busy() {
    let rows: [(Answers, Answers, Option<&str>); 5] = [
        (
            || header(429, "retry-after", "20"),
            || header(429, "retry-after-ms", "7000"),
            Some("7"),
        ),
        (
            || header(429, "x-ratelimit-reset-tokens", "9s"),
            || bare(429),
            Some("9"),
        ),
        (
            || words(429, "try again in 2.5s"),
            || header(429, "retry-after", "20"),
            Some("3"),
        ),
        (|| header(429, "retry-after", "20"), || bare(500), None),
        (|| bare(429), || bare(429), None),
    ];
    for (at, (first, second, expected)) in rows.into_iter().enumerate() {
        let gateway = pool(AZURE);
        gateway.serve("b.test", second());
        gateway.serve("://", first());
        let scene = Scene {
            gateway,
            streams: false,
            name: String::new(),
        };
        let got = scene.send("m");
        assert_eq!(got.header("retry-after"), expected, "row {at}");
        let status = if at == 3 { 500 } else { 429 };
        assert_eq!(got.status(), status, "row {at}");
    }
}

/// Too late for another target, and a failure all the same: three that were under way together are three in a row.
#[test]
fn streams_that_break_late() {
    let gateway = pool(AZURE);
    gateway.serve("b.test", other(true));
    gateway.serve("://", other(true));
    let scene = Scene {
        gateway,
        streams: true,
        name: "a late break".to_owned(),
    };
    let mut under_way = [(); 3].map(|()| scene.send("m").0.unfinished);
    for unfinished in &mut under_way {
        assert!(scene.is_asked("m"));
        let unfinished = unfinished.take().expect("a stream");
        unfinished.end(Ending::Broken, None, scene.gateway.now());
    }
    // Each that began in between was well.
    assert!(scene.is_asked("m"));
    let under_way = [(); 3].map(|()| scene.send("m").0.unfinished);
    for unfinished in under_way.into_iter().flatten() {
        unfinished.end(Ending::Broken, None, scene.gateway.now());
    }
    assert!(!scene.is_asked("m"));
    assert!(scene.is_asked("n"));
}
