//! Azure's settings, and where calls go under them.

use crate::fake::{Ask, Gateway, Got, Sent, ask, chat, gateway, get, json, post};

const HELLO: &str = r#"{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}"#;
const AT: &str = "https://r.openai.azure.com";
const KEYS: (&str, &str) = ("PROXY_API_KEYS", "client-key");

/// The document's provider `azure`, with these options beside its key, and its only one.
fn native(options: &str) -> Gateway {
    let document = format!(r#"{{"providers": {{"it": {{"key": "$IT_KEY", {options}}}}}}}"#);
    gateway([
        ("GATEWAY", document.as_str()),
        ("IT_KEY", "azure-key"),
        KEYS,
    ])
}

/// One resource by flat settings, and these besides.
fn flat<const N: usize>(settings: [(&str, &str); N]) -> Gateway {
    let mut all = vec![
        ("AZURE_OPENAI_ENDPOINT", AT),
        ("AZURE_OPENAI_API_KEY", "azure-key"),
        KEYS,
    ];
    all.extend(settings);
    crate::fake::gateway_of(all)
}

fn naming(model: &str) -> Ask {
    chat(&HELLO.replace("gpt-4o", model))
}

/// Sends a call that is to arrive.
fn sent(gateway: Gateway, ask: Ask) -> Sent {
    let gateway = gateway.meets(json(200, "{}"));
    let got = gateway.send(ask);
    assert_eq!(got.status(), 200, "{}", got.text());
    gateway.sent()
}

/// Sends a call that nobody is to hear of.
fn refused(gateway: &Gateway, ask: Ask) -> Got {
    let got = gateway.send(ask);
    assert!(gateway.asked_nobody());
    got
}
