//! The configuration of this isolate: read from the settings at the first request, and, where the owner keeps the
//! GATEWAY document or provider files in KV, read again in the background at most once a minute.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Array;

use crate::cloudflare::bridge::Call;
use crate::cloudflare::platform::Workers;
use crate::cloudflare::runtime::now_millis;
use crate::config::{Config, Settings};

/// KV itself is up to a minute behind.
const AGE_MILLIS: u64 = 60_000;
/// What KV did not have, or what cannot be read, is asked for again soon.
const AGE_OF_NONE_MILLIS: u64 = 1_000;
const KEY: &str = "gateway";
/// Without what is there nothing can be served.
const PATIENCE_MILLIS: u32 = 2_000;

#[derive(Clone)]
struct Loaded {
    config: Rc<Config>,
    /// When KV was last asked; None where nothing of it is there.
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
        let settings = settings(workers.call());
        let Stored { key, prefix } = Stored::of(&settings);
        workers.call().refresh(key, prefix.as_deref());
    }
    loaded.config
}

/// What of the configuration is in KV.
struct Stored {
    /// Of the document.
    key: Option<&'static str>,
    /// Of the files' keys.
    prefix: Option<String>,
}

impl Stored {
    fn of(settings: &Settings) -> Self {
        Self {
            key: settings.document_is_stored().then_some(KEY),
            prefix: settings.stored_files(),
        }
    }
}

async fn load(workers: &Workers, now: u64) -> Rc<Config> {
    let settings = settings(workers.call());
    let Stored { key, prefix } = Stored::of(&settings);
    if key.is_none() && prefix.is_none() {
        return keep(Config::read(&settings), None);
    }
    let ticket = workers.call().kept(key, prefix.as_deref(), PATIENCE_MILLIS);
    let kept = workers.outcome(ticket).await.ok();
    let kept = kept.map(|kept| Array::from(&kept));
    let at = |index| kept.as_ref()?.get(index).as_string();
    let (document, files) = (at(0), at(1));
    let settings = with(settings, document, files);
    keep(Config::read(&settings), Some(now))
}

/// What is there, read again in the background of a call. What is gone or out of reach never comes here: the last one
/// stays in force.
pub(super) fn reconfigure(call: &Call, document: Option<String>, files: Option<String>) {
    let settings = with(settings(call), document, files);
    keep(Config::read(&settings), Some(now_millis()));
}

fn with(settings: Settings, document: Option<String>, files: Option<String>) -> Settings {
    let files = files.and_then(|files| serde_json::from_str(&files).ok());
    settings.with_document(document).with_files(files)
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
