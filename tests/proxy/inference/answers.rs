//! Whole answers: chats pass unread, embeddings get a name.

use super::{CHAT, COMPLETION, EMBEDDINGS, gateway, post};
use crate::fake::{gateway_of, json, usual};

#[test]
fn a_chat_passes_unread() {
    let gateway = gateway(&[]).meets(json(200, COMPLETION));
    let got = gateway.send(post(CHAT, r#"{"model":"m","messages":[]}"#));
    assert_eq!(got.text(), COMPLETION);
    assert_eq!(gateway.platform.reads.get(), 0);
}

#[test]
fn embeddings_get_a_name() {
    for (said, wanted) in [
        (
            r#"{"object":"list","data":[{"embedding":[0.10]}]}"#,
            r#"{"id":"embd-id-of-the-request","object":"list","data":[{"embedding":[0.10]}]}"#,
        ),
        (
            r#"{"data":[],"id":"theirs"}"#,
            r#"{"data":[],"id":"theirs"}"#,
        ),
        ("no JSON", "no JSON"),
    ] {
        let gateway = gateway(&[]).meets(json(200, said));
        let got = gateway.send(post(EMBEDDINGS, r#"{"model":"m","input":["a"]}"#));
        assert_eq!((got.status(), got.text().as_str()), (200, wanted));
    }
    let azure = gateway_of([
        ("AZURE_OPENAI_ENDPOINT", "https://res.openai.azure.com"),
        ("AZURE_OPENAI_API_KEY", "k"),
        ("PROXY_API_KEYS", "client-key"),
    ])
    .meets(json(200, r#"{"object":"list","data":[],"model":"m"}"#));
    let got = azure.send(post(
        EMBEDDINGS,
        r#"{"model":"m","input":["a"],"input_type":"text"}"#,
    ));
    assert_eq!(got.json()["id"], "embd-id-of-the-request");
    assert_eq!(azure.sent().body, r#"{"model":"m","input":["a"]}"#);
    let demo = gateway_of([("PROXY_API_KEYS", "client-key")]);
    let got = demo.send(post(EMBEDDINGS, r#"{"model":"m","input":["a"]}"#));
    assert_eq!(got.json()["id"], "embd-id-of-the-request");
}

#[test]
fn openais_embeddings_are_left_alone() {
    let gateway = usual().meets(json(200, r#"{"data":[]}"#));
    let got = gateway.send(crate::fake::post(
        "/v1/embeddings",
        r#"{"model":"m","input":"a","input_type":"query"}"#,
    ));
    assert_eq!(got.text(), r#"{"data":[]}"#);
    assert!(gateway.sent().body.contains("input_type"));
    assert_eq!(gateway.platform.reads.get(), 0);
}
