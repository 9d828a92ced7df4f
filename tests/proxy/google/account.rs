//! Access tokens of a service account.

use isthmus::base64;
use serde_json::{Value, json};

use crate::fake::{Gateway, Upstream, chat, gateway_of, json as answers};

const KEY: [u8; 4] = [0x30, 0x82, 0, 1];

fn user() -> Gateway {
    let user = json!({
        "type": "authorized_user",
        "client_id": "id",
        "client_secret": "secret",
        "refresh_token": "refresh",
        "quota_project_id": "billed",
    });
    gateway_of([
        ("GOOGLE_APPLICATION_CREDENTIALS", user.to_string()),
        ("PROXY_API_KEYS", "alice:client-key".to_owned()),
    ])
}

fn vertex() -> Gateway {
    let key = base64::encode(&KEY);
    let account = json!({
        "type": "service_account",
        "project_id": "my-proj",
        "private_key_id": "k1",
        "private_key": format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n"),
        "client_email": "me@my-proj.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    });
    gateway_of([
        ("GOOGLE_APPLICATION_CREDENTIALS", account.to_string()),
        ("PROXY_API_KEYS", "alice:client-key".to_owned()),
    ])
}

fn token(text: &str) -> Upstream {
    let body = json!({"access_token": text, "expires_in": 3599, "token_type": "Bearer"});
    answers(200, &body.to_string())
}

fn answer() -> Upstream {
    answers(
        200,
        r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}"#,
    )
}

fn unauthenticated() -> Upstream {
    answers(
        401,
        r#"{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED"}}"#,
    )
}

fn ask(gateway: &Gateway) -> u16 {
    let body = r#"{"model":"gemini-3.8-flash","messages":[{"role":"user","content":"x"}]}"#;
    gateway.send(chat(body)).status()
}

fn bearer(gateway: &Gateway, at: usize) -> String {
    let sent = gateway.platform.sent.borrow();
    sent[at]
        .headers
        .get("authorization")
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn a_token_is_asked_for_with_a_signed_claim_and_kept() {
    let gateway = vertex();
    gateway.platform.wait(1_700_000_000_000);
    let gateway = gateway.meets(token("t1")).meets(answer()).meets(answer());
    assert_eq!([ask(&gateway), ask(&gateway)], [200, 200]);
    let sent = gateway.platform.sent.borrow();
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[0].url, "https://oauth2.googleapis.com/token");
    let (grant, assertion) = sent[0].body.split_once("&assertion=").unwrap();
    assert_eq!(
        grant,
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
    );
    let parts: Vec<Vec<u8>> = assertion
        .split('.')
        .map(|part| base64::decode(part.as_bytes()).unwrap())
        .collect();
    let read = |part: &[u8]| serde_json::from_slice::<Value>(part).unwrap();
    assert_eq!(
        read(&parts[0]),
        json!({"alg": "RS256", "typ": "JWT", "kid": "k1"})
    );
    let issued = 1_699_999_990;
    assert_eq!(
        read(&parts[1]),
        json!({
            "iss": "me@my-proj.iam.gserviceaccount.com",
            "scope": "https://www.googleapis.com/auth/cloud-platform",
            "aud": "https://oauth2.googleapis.com/token",
            "iat": issued,
            "exp": issued + 3600,
        })
    );
    let (signed, _) = assertion.rsplit_once('.').unwrap();
    assert_eq!(parts[2], [&KEY[..], signed.as_bytes()].concat());
    drop(sent);
    assert_eq!(
        [bearer(&gateway, 1), bearer(&gateway, 2)],
        ["Bearer t1", "Bearer t1"]
    );
    assert_eq!(gateway.platform.store.borrow().len(), 1);
}

#[test]
fn a_refused_token_is_replaced_once() {
    let gateway = vertex()
        .meets(token("t1"))
        .meets(unauthenticated())
        .meets(token("t2"))
        .meets(answer());
    assert_eq!(ask(&gateway), 200);
    assert_eq!(
        [bearer(&gateway, 1), bearer(&gateway, 3)],
        ["Bearer t1", "Bearer t2"]
    );
    let gateway = vertex()
        .meets(token("t1"))
        .meets(unauthenticated())
        .meets(token("t2"))
        .meets(unauthenticated());
    assert_eq!(ask(&gateway), 401);
}

#[test]
fn what_google_refuses_to_sign_in_is_said_without_its_words() {
    let gateway = vertex().meets(Upstream::Answers(
        400,
        vec![("content-type", "application/json")],
        r#"{"error":"invalid_grant","error_description":"Invalid JWT Signature for me@my-proj."}"#,
    ));
    let body = r#"{"model":"gemini-3.8-flash","messages":[{"role":"user","content":"x"}]}"#;
    let got = gateway.send(chat(body));
    assert_eq!(got.refusal(), (502, "upstream_auth_error".to_owned()));
    assert_eq!(
        got.message(),
        "The gateway could not sign in at Google (invalid_grant)."
    );
    let line = gateway.line();
    assert_eq!(line["detail"], "Invalid JWT Signature for me@my-proj.");
}

#[test]
fn a_user_says_who_pays() {
    let gateway = user().meets(token("t1")).meets(answer());
    assert_eq!(ask(&gateway), 200);
    let sent = gateway.platform.sent.borrow();
    assert!(
        sent[0].body.contains("grant_type=refresh_token"),
        "{}",
        sent[0].body
    );
    assert!(sent[1].url.contains("/projects/billed/"), "{}", sent[1].url);
    assert_eq!(sent[1].headers.get("x-goog-user-project"), Some("billed"));
}
