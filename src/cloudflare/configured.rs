//! The configuration of this isolate: read from the settings at the first request, and, where the owner keeps
//! the GATEWAY document in KV, read again in the background at most once a minute.

use std::cell::RefCell;
use std::rc::Rc;

use crate::cloudflare::bridge::Call;
use crate::cloudflare::platform::Workers;
use crate::cloudflare::runtime::now_millis;
use crate::config::{Config, Settings};

/// KV itself is up to a minute behind.
const AGE_MILLIS: u64 = 60_000;
/// What KV did not have, or what cannot be read, is asked for again soon.
const AGE_OF_NONE_MILLIS: u64 = 1_000;
const KEY: &str = "gateway";
/// Without the document nothing can be served.
const PATIENCE_MILLIS: u32 = 2_000;

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
pub(super) async fn config(workers: &Workers) -> Rc<Config> {
    let now = now_millis();
    let Some(loaded) = LOADED.with_borrow(Clone::clone) else {
        return load(workers, now).await;
    };
    let age = if loaded.config.problem().is_some() {
        AGE_OF_NONE_MILLIS
    } else {
        AGE_MILLIS
    };
    if loaded
        .asked_at
        .is_some_and(|at| now.saturating_sub(at) >= age)
    {
        // One at a time: the time of asking is set before the asking.
        let asked_at = Some(now);
        let config = loaded.config.clone();
        LOADED.set(Some(Loaded { config, asked_at }));
        workers.call().refresh(KEY);
    }
    loaded.config
}

async fn load(workers: &Workers, now: u64) -> Rc<Config> {
    let settings = settings(workers.call());
    if !settings.document_is_stored() {
        return keep(Config::read(&settings), None);
    }
    let stored = workers
        .outcome(workers.call().stored(KEY, PATIENCE_MILLIS))
        .await;
    let document = stored.ok().and_then(|document| document.as_string());
    keep(Config::read(&settings.with_document(document)), Some(now))
}

/// The document, read again in the background of a call. One that is gone or out of reach never comes here: the
/// last one stays in force.
pub(super) fn reconfigure(call: &Call, document: String) {
    let settings = settings(call).with_document(Some(document));
    keep(Config::read(&settings), Some(now_millis()));
}

fn keep(config: Config, asked_at: Option<u64>) -> Rc<Config> {
    let config = Rc::new(config);
    LOADED.set(Some(Loaded {
        config: config.clone(),
        asked_at,
    }));
    config
}

fn settings(call: &Call) -> Settings {
    let pairs: Vec<(String, String)> = serde_json::from_str(&call.settings()).unwrap_or_default();
    pairs.into_iter().collect()
}
