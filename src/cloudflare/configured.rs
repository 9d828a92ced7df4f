//! The configuration of this isolate: read from the settings at the first request, and, where the owner keeps
//! the GATEWAY document in KV, read again in the background at most once a minute.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use crate::cloudflare::bridge::Call;
use crate::cloudflare::platform::now_millis;
use crate::config::{Config, Settings};

/// KV itself is up to a minute behind.
const AGE_MILLIS: u64 = 60_000;
const KEY: &str = "gateway";

#[derive(Clone)]
struct Loaded {
    config: Rc<Config>,
    /// When the document was last asked for; None where there is none in KV.
    asked_at: Option<u64>,
}

thread_local! {
    static LOADED: RefCell<Option<Loaded>> = const { RefCell::new(None) };
}

/// The configuration to serve a call with. Only an isolate's first requests ever wait for KV.
pub(super) async fn config(call: &Rc<Call>) -> Rc<Config> {
    let now = now_millis();
    let Some(loaded) = LOADED.with_borrow(Clone::clone) else {
        return load(call, now).await;
    };
    if loaded
        .asked_at
        .is_some_and(|at| now.saturating_sub(at) >= AGE_MILLIS)
    {
        refresh(call, loaded.config.clone(), now);
    }
    loaded.config
}

async fn load(call: &Call, now: u64) -> Rc<Config> {
    let settings = settings(call);
    if !settings.document_is_stored() {
        return keep(Config::read(&settings), None);
    }
    let document = stored(call).await;
    // What KV did not answer is asked again soon.
    let asked_at = if document.is_some() { now } else { 0 };
    keep(
        Config::read(&settings.with_document(document)),
        Some(asked_at),
    )
}

/// One at a time: the time of asking is set before the asking. A document that is gone or out of reach leaves
/// the last one in force.
fn refresh(call: &Rc<Call>, config: Rc<Config>, now: u64) {
    let asked_at = Some(now);
    LOADED.set(Some(Loaded { config, asked_at }));
    let task = {
        let call = call.clone();
        async move {
            if let Some(document) = stored(&call).await {
                keep(
                    Config::read(&settings(&call).with_document(Some(document))),
                    asked_at,
                );
            }
            Ok(JsValue::UNDEFINED)
        }
    };
    call.wait_until(&future_to_promise(std::panic::AssertUnwindSafe(task)));
}

fn keep(config: Config, asked_at: Option<u64>) -> Rc<Config> {
    let config = Rc::new(config);
    LOADED.set(Some(Loaded {
        config: config.clone(),
        asked_at,
    }));
    config
}

async fn stored(call: &Call) -> Option<String> {
    JsFuture::from(call.stored(KEY)).await.ok()?.as_string()
}

fn settings(call: &Call) -> Settings {
    let pairs: Vec<(String, String)> = serde_json::from_str(&call.settings()).unwrap_or_default();
    pairs.into_iter().collect()
}
