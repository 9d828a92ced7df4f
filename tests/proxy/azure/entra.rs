//! Access tokens of Microsoft Entra ID.

use super::{ask_for, azure, done};
use crate::fake::{Gateway, Upstream, json};

fn with_application() -> Gateway {
    azure(&[
        ("AZURE_OPENAI_API_KEY", ""),
        ("AZURE_TENANT_ID", "T"),
        ("AZURE_CLIENT_ID", "CID"),
        ("AZURE_CLIENT_SECRET", "S&S"),
        ("MODEL_FALLBACK", "passthrough"),
    ])
}

fn token(text: &'static str) -> Upstream {
    json(200, text)
}

const FIRST: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"first"}"#;
const SECOND: &str = r#"{"token_type":"Bearer","expires_in":"3599","access_token":"second"}"#;
const REFUSED: &str = r#"{"statusCode":401,"message":"Unauthorized. Access token is missing, invalid, or have expired."}"#;

/// What the upstreams since the last look were sent: a token's request, or the token that went along.
fn sent(gateway: &Gateway) -> Vec<String> {
    let sent = gateway.platform.sent.take();
    let what = |it: &crate::fake::Sent| match it.headers.get("authorization") {
        Some(credential) => credential.to_owned(),
        None => it.url.split('/').nth(2).unwrap().to_owned(),
    };
    sent.iter().map(what).collect()
}

#[test]
fn a_token_is_minted_once_and_renewed_before_it_expires() {
    let gateway = with_application()
        .meets(token(FIRST))
        .meets(done())
        .meets(done());
    for _ in 0..2 {
        assert_eq!(gateway.send(ask_for("m")).status(), 200);
    }
    assert_eq!(
        sent(&gateway),
        ["login.microsoftonline.com", "Bearer first", "Bearer first"]
    );
    gateway.platform.wait(3_400_000);
    gateway.script(token(SECOND));
    gateway.script(done());
    assert_eq!(gateway.send(ask_for("m")).status(), 200);
    assert_eq!(
        sent(&gateway),
        ["login.microsoftonline.com", "Bearer second"]
    );
}

#[test]
fn a_token_that_still_holds_is_used_when_there_is_no_new_one() {
    let gateway = with_application().meets(token(FIRST)).meets(done());
    gateway.send(ask_for("m"));
    sent(&gateway);
    gateway.platform.wait(3_400_000);
    gateway.script(json(503, "{}"));
    gateway.script(done());
    assert_eq!(gateway.send(ask_for("m")).status(), 200);
    assert_eq!(
        sent(&gateway),
        ["login.microsoftonline.com", "Bearer first"]
    );
}

#[test]
fn another_isolate_finds_it_in_the_store() {
    let first = with_application().meets(token(FIRST)).meets(done());
    first.send(ask_for("m"));
    let second = with_application().meets(done());
    second.platform.store.replace(first.platform.store.take());
    assert_eq!(second.send(ask_for("m")).status(), 200);
    assert_eq!(sent(&second), ["Bearer first"]);
}

#[test]
fn a_refused_token_is_replaced_once() {
    let gateway = with_application()
        .meets(token(FIRST))
        .meets(json(401, REFUSED))
        .meets(token(SECOND))
        .meets(done());
    assert_eq!(gateway.send(ask_for("m")).status(), 200);
    let minted = "login.microsoftonline.com";
    assert_eq!(
        sent(&gateway),
        [minted, "Bearer first", minted, "Bearer second"]
    );
    let gateway = with_application()
        .meets(token(FIRST))
        .meets(json(401, REFUSED))
        .meets(token(SECOND))
        .meets(json(401, REFUSED));
    let got = gateway.send(ask_for("m"));
    assert_eq!(got.refusal(), (502, "upstream_auth_error".to_owned()));
    assert_eq!(sent(&gateway).len(), 4);
}

#[test]
fn no_token_is_a_502_that_says_why_and_nothing_of_the_secret() {
    let refusal = r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided for app 'CID'.","error_codes":[7000215]}"#;
    let gateway = with_application().meets(json(401, refusal));
    let got = gateway.send(ask_for("m"));
    assert_eq!(got.refusal(), (502, "upstream_auth_error".to_owned()));
    assert!(got.message().contains("AADSTS7000215"), "{}", got.message());
    assert!(!got.message().contains("CID"));
    let line = gateway.line().to_string();
    assert!(line.contains("Invalid client secret provided"), "{line}");
    assert!(!line.contains("S&S"));
    for upstream in [
        Upstream::Unreachable,
        Upstream::TimesOut,
        json(200, "<html>"),
    ] {
        let gateway = with_application().meets(upstream);
        let got = gateway.send(ask_for("m"));
        assert_eq!(got.refusal(), (502, "upstream_auth_error".to_owned()));
    }
}

/// With an expired secret all calls would queue for an answer that is known.
#[test]
fn a_refusal_is_every_calls_for_a_moment() {
    let gateway = with_application().meets(json(401, r#"{"error":"invalid_client"}"#));
    for _ in 0..2 {
        let got = gateway.send(ask_for("m"));
        assert_eq!(got.refusal(), (502, "upstream_auth_error".to_owned()));
    }
    assert_eq!(sent(&gateway).len(), 1);
    gateway.platform.wait(2_000);
    gateway.script(token(FIRST));
    gateway.script(done());
    assert_eq!(gateway.send(ask_for("m")).status(), 200);
}

/// A failure that may pass is not remembered: the next call may have more luck.
#[test]
fn a_failure_of_the_token_endpoint_is_the_calls_own() {
    for failure in [json(503, "{}"), Upstream::Unreachable] {
        let gateway = with_application().meets(failure);
        assert_eq!(gateway.send(ask_for("m")).status(), 502);
        gateway.script(token(FIRST));
        gateway.script(done());
        assert_eq!(gateway.send(ask_for("m")).status(), 200);
    }
}

#[test]
fn a_token_that_says_no_time_to_live_is_kept_for_a_while() {
    let gateway = with_application()
        .meets(token(r#"{"token_type":"Bearer","access_token":"first"}"#))
        .meets(done())
        .meets(done());
    for _ in 0..2 {
        assert_eq!(gateway.send(ask_for("m")).status(), 200);
    }
    assert_eq!(
        sent(&gateway),
        ["login.microsoftonline.com", "Bearer first", "Bearer first"]
    );
    gateway.platform.wait(600_000);
    gateway.script(token(SECOND));
    gateway.script(done());
    assert_eq!(gateway.send(ask_for("m")).status(), 200);
    assert_eq!(sent(&gateway).last().unwrap(), "Bearer second");
}

/// A client that leaves while its call mints lets the next one mint.
#[test]
fn a_call_that_is_given_up_keeps_nobody_waiting() {
    let gateway = with_application().meets(Upstream::NeverAnswers);
    gateway.send_and_leave(ask_for("m"));
    gateway.script(token(FIRST));
    gateway.script(done());
    assert_eq!(gateway.send(ask_for("m")).status(), 200);
}

#[test]
fn a_strange_time_to_live_breaks_nothing() {
    for strange in [
        r#"{"expires_in":18446744073709551615,"access_token":"first"}"#,
        r#"{"expires_in":"18446744073709551615","access_token":"first"}"#,
        r#"{"expires_in":0,"access_token":"first"}"#,
    ] {
        let gateway = with_application().meets(token(strange)).meets(done());
        gateway.platform.wait(1_700_000_000_000);
        assert_eq!(gateway.send(ask_for("m")).status(), 200, "{strange}");
    }
    for none in [
        r#"{"expires_in":-1,"access_token":"first"}"#,
        r#"{"expires_in":3599,"access_token":""}"#,
    ] {
        let gateway = with_application().meets(token(none));
        assert_eq!(gateway.send(ask_for("m")).status(), 502, "{none}");
    }
}

/// What goes to the resource, such as a gateway's own subscription key, is nobody else's.
#[test]
fn the_owners_headers_do_not_go_to_the_resource_manager() {
    let document = r#"{"providers":{"azure":{"kind":"azure","endpoint":"https://apim.test/x/openai","headers":{"ocp-apim-subscription-key":"$APIM"},
        "entra":{"tenant":"T","client_id":"C","client_secret":"$S"},"arm":{"subscription":"s","resource_group":"g","account":"a"}}}}"#;
    let gateway = crate::fake::gateway([
        ("GATEWAY", document),
        ("APIM", "apim-key"),
        ("S", "secret"),
        ("PROXY_API_KEYS", "client-key"),
    ])
    .meets(token(FIRST))
    .meets(super::missing())
    .meets(super::missing())
    .meets(token(SECOND))
    .meets(json(200, r#"{"value":[]}"#));
    assert_eq!(gateway.send(ask_for("m")).status(), 404);
    for sent in gateway.platform.sent.take() {
        let is_resource = sent.url.starts_with("https://apim.test/");
        let has_key = sent.headers.get("ocp-apim-subscription-key").is_some();
        assert_eq!(has_key, is_resource, "{}", sent.url);
    }
}

/// Each call would ask for another token, for as long as the role is missing.
#[test]
fn no_new_token_makes_up_for_a_missing_role() {
    let denied = r#"{"error":{"code":"PermissionDenied","message":"The principal `p` lacks the required data action `a` to perform `o` operation."}}"#;
    let gateway = with_application()
        .meets(token(FIRST))
        .meets(json(401, denied));
    let got = gateway.send(ask_for("m"));
    assert_eq!(got.refusal(), (502, "upstream_auth_error".to_owned()));
    assert_eq!(sent(&gateway).len(), 2);
}

/// What was streamed cannot be sent again, but the next upload can go with another token.
#[test]
fn a_token_refused_to_an_upload_is_not_used_again() {
    let form = "--BB\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--BB\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nsound\r\n--BB--\r\n";
    let upload = || {
        crate::fake::ask("POST", "/v1/audio/transcriptions")
            .key("client-key")
            .header("content-type", "multipart/form-data; boundary=BB")
            .body(form.as_bytes(), 60)
    };
    let gateway = with_application()
        .meets(token(FIRST))
        .meets(json(401, REFUSED));
    gateway.send(upload());
    sent(&gateway);
    gateway.script(token(SECOND));
    gateway.script(json(200, r#"{"text":"t"}"#));
    gateway.send(upload());
    assert_eq!(
        sent(&gateway),
        ["login.microsoftonline.com", "Bearer second"]
    );
}

/// While one call waits for a token in vain, the others wait no longer than it, and do not ask too.
#[test]
fn a_silent_entra_id_is_waited_for_once() {
    let gateway = with_application().meets(Upstream::NeverAnswers);
    let waiting = gateway.send_and_wait(ask_for("m"));
    let got = gateway.send(ask_for("m"));
    assert_eq!(got.refusal(), (502, "upstream_auth_error".to_owned()));
    assert_eq!(sent(&gateway).len(), 1);
    drop(waiting);
}
