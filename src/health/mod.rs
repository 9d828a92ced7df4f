//! How things are: the gateway's own state, and that of whoever serves a model.
//!
//! `GET /health` is 200 while the Worker runs, asks no upstream and wants no key. A provider is well if its settings
//! make sense and the last request to it, of this isolate and of the last five minutes, did not fail for the provider's
//! own reasons ([`standing`]), and nothing of it is left alone for failing again and again; an instance is not while it is
//! at its limits, either. All well is `healthy`, or `warning` where the configuration has warnings; some not is
//! `degraded`, all not `unhealthy`. Only who presents a key of ours sees names.
//!
//! `GET /health/{model}` asks every target of a model for a sign of life ([`model`], [`probe`], [`signs`]).

mod model;
mod probe;
mod signs;
mod standing;

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::catalogue::Catalogue;
use crate::clients::{self, Caller};
use crate::config::Config;
use crate::headers::Headers;
use crate::platform::Platform;

pub use model::Checkup;

use standing::{Standings, describe};

/// `GET /health`.
pub async fn answer<P: Platform>(
    platform: &P,
    config: &Config,
    headers: &Headers,
) -> Answer<P::UpstreamBody> {
    if wants_text(headers) {
        return Answer::bytes(200, "text/plain; charset=utf-8", "OK");
    }
    let standings = Standings {
        config,
        conditions: platform.memory().conditions(),
        now_millis: platform.now_millis(),
    };
    let mut body = summary(standings);
    if let (Some(caller), Some(body)) = (known(config, headers), body.as_object_mut()) {
        let catalogue = Catalogue {
            platform,
            config,
            caller: &caller,
        };
        let tallies = catalogue.tallies().await;
        let providers = config.providers().iter();
        let providers = providers.map(|provider| {
            let tally = tallies.iter().find(|(name, _)| *name == provider.name);
            describe(standings, provider, tally.map(|(_, tally)| *tally))
        });
        body.insert("providers".to_owned(), providers.collect());
        body.insert("warnings".to_owned(), config.warnings.clone().into());
    }
    Answer::json(200, body.to_string())
}

/// What strangers may read: no names.
fn summary(standings: Standings<'_>) -> Value {
    let config = standings.config;
    let total = config.providers().len();
    let providers = config.providers().iter();
    // What makes every call impossible makes no provider usable.
    let usable = providers.filter(|it| config.problem().is_none() && it.broken.is_none());
    let well = usable.clone().filter(|it| standings.is_well(it)).count();
    let usable = usable.count();
    let (health, message) = match well {
        _ if usable == 0 => ("unhealthy", "no provider can be used"),
        0 => ("unhealthy", "no provider did well when it was asked last"),
        _ if usable < total => ("degraded", "some providers cannot be used"),
        _ if well < total => (
            "degraded",
            "some providers did not do well when they were asked last",
        ),
        _ if !config.warnings.is_empty() => ("warning", "the configuration has warnings"),
        _ => ("healthy", "all providers are configured"),
    };
    json!({
        "status": "ok",
        "health": health,
        "message": message,
        "timestamp": standings.now_millis / 1000,
        "instance_summary": {"total": total, "healthy": well, "routing_strategy": config.strategy().word()},
        "version": env!("CARGO_PKG_VERSION"),
    })
}

fn wants_text(headers: &Headers) -> bool {
    let accept = headers.get("accept").unwrap_or_default();
    let first = accept.split([',', ';']).next().unwrap_or_default();
    first.trim().eq_ignore_ascii_case("text/plain")
}

/// Only who proved to be a client may read what names settings and providers; one that is limited to some models has its
/// word at [`Checkup`].
fn known(config: &Config, headers: &Headers) -> Option<Caller> {
    let caller = clients::authenticate(&config.access, headers).ok()?;
    (caller.has_key() && !caller.is_limited()).then_some(caller)
}
