//! Several upstreams behind one model name.

mod affinity;
mod course;
mod failures;
mod fallback;
mod gate;
mod hedge;
mod keepalive;

use std::rc::Rc;

use isthmus::condition::Condition;
use isthmus::platform::Platform;
use isthmus::pool::judgement::{Effect, Judgement, Scope};
use serde_json::{Value, json};

use crate::fake::{Ask, Gateway, chat, gateway, poll, post};

/// The providers `a`, `b` and `c`, each on a host of its own, and a pool of the targets `m` at each of so many. The clock
/// is the test's.
fn pool(count: usize, options: &Value) -> Gateway {
    let names = ["a", "b", "c"];
    let provider = |name: &str| json!({"kind": "openai", "endpoint": format!("https://{name}.test/v1"), "key": "k"});
    let mut model = options.clone();
    let targets: Vec<String> = names
        .iter()
        .take(count)
        .map(|it| format!("{it}/m"))
        .collect();
    model["targets"] = targets.into();
    let document = json!({
        "providers": {"a": provider("a"), "b": provider("b"), "c": provider("c")},
        "models": {"m": model, "other": {"targets": "c/other", "fallback": "more"}, "more": "b/more"},
    });
    gateway([
        ("GATEWAY", document.to_string().as_str()),
        ("PROXY_API_KEYS", "alice:client-key"),
    ])
    .timed()
}

/// For a stream of a chat, and of a response.
fn asking() -> Ask {
    chat(r#"{"model":"m","stream":true,"messages":[]}"#)
}

fn responding() -> Ask {
    post(
        "/v1/responses",
        r#"{"model":"m","stream":true,"input":"x"}"#,
    )
}

/// A call, to its end. When it has begun another one notes of `b` what has such an effect.
fn while_another_call_sees(gateway: &Gateway, ask: Ask, effect: Effect) {
    let mut call = gateway.begin(ask);
    assert!(poll(&mut call).is_pending());
    let judgement = Judgement {
        scope: Scope::Deployment,
        effect,
        goes_on: true,
        reason: None,
        wait_millis: None,
    };
    condition(gateway, "b").note(&judgement, "by another call", gateway.now());
    while poll(&mut call).is_pending() {
        gateway.platform.wait(1);
    }
}

/// What became of each target, in the log's words.
fn outcomes(gateway: &Gateway) -> Vec<String> {
    let lines = gateway.platform.lines.borrow();
    let outcomes = lines.last().expect("a line")["outcomes"].clone();
    serde_json::from_value(outcomes).unwrap_or_default()
}

/// How many calls are under way at the target `m` of a provider.
fn in_flight(gateway: &Gateway, provider: &str) -> u32 {
    let condition = condition(gateway, provider);
    condition.snapshot(gateway.now()).in_flight
}

fn condition(gateway: &Gateway, provider: &str) -> Rc<Condition> {
    let conditions = gateway.platform.memory().conditions();
    conditions.of(&format!("{provider}/m"), provider)
}
